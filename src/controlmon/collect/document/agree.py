"""Pure. Whether registers agree with each other and with the clock: nobody whom nobody knows, and no past that is yet to come."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import inspect

from controlmon.collect.document.read import Content
from controlmon.core.yamltext import nearest
from controlmon.facts.document.schema import Row

Marked = tuple[dict[str, Any], Any, str]
"""What the schema says of a value beyond its type, the value, and its place in the row."""


def agree(contents: Mapping[str, Content], now: datetime) -> None:
    """Note in each row what cannot be: it then has no value. A register that is not there refutes nobody.

    Args:
        contents: the registers that there are, by name.
        now: the clock (UTC).

    """
    known = {name: _ids(content) for name, content in contents.items()}
    for content in contents.values():
        if told := _told(content.about, known, now):
            content.problems.append(f"{content.path}:1: in the head, {told}")
        for row in content.rows:
            if row.value is not None and (told := _told(row.value, known, now)):
                row.problem, row.value = f"{content.path}:{row.line}: {told}", None


def _told(row: Row, known: Mapping[str, set[str]], now: datetime) -> str:
    return next((said for mark in _marked(inspect.type_info(type(row)), row, "") if (said := _wrong(mark, known, now))), "")


def _ids(content: Content) -> set[str]:
    if content.register.name == "documents":
        return {str(row.plain.get("document")) for row in content.rows}
    return {row.key for row in content.rows}


def _wrong(mark: Marked, known: Mapping[str, set[str]], now: datetime) -> str:
    extra, value, place = mark
    name = str(extra.get("register"))
    if name in known and value not in known[name]:
        near = nearest(str(value), known[name])
        mend = f"did you mean `{near}`?" if near else f"add it to {name}"
        return f"in `{place}` found `{value}`, which is not in {name}; {mend}"
    if extra.get("past") and (value > now if isinstance(value, datetime) else isinstance(value, date) and value > now.date()):
        return f"in `{place}` found {value}, which is yet to come, expected a day that is over; correct it"
    return ""


def _marked(kind: inspect.Type, value: Any, place: str) -> Iterator[Marked]:  # noqa: ANN401 - a value of that type
    """Every value of a row of which the schema says more than its type."""
    if value is None:
        return
    if isinstance(kind, inspect.Metadata):
        if kind.extra:
            yield kind.extra, value, place
        yield from _marked(kind.type, value, place)
    for part, inner, where in _parts(kind, value, place):
        yield from _marked(part, inner, where)


def _parts(kind: inspect.Type, value: Any, place: str) -> list[tuple[inspect.Type, Any, str]]:  # noqa: ANN401
    """What a value is made of, each with its type and place."""
    match kind:
        case inspect.StructType():
            return [(part.type, getattr(value, part.name), f"{place}.{part.encode_name}".lstrip(".")) for part in kind.fields]
        case inspect.VarTupleType():
            return [(kind.item_type, one, place) for one in value]
        case inspect.DictType():
            return [(kind.value_type, one, place) for one in value.values()]
        case inspect.UnionType():
            return [
                (one, value, place)
                for one in kind.types
                if isinstance(one, inspect.Metadata) or (isinstance(one, inspect.StructType) and isinstance(value, one.cls))
            ]
        case _:
            return []
