"""Floor 0, pure. YAML that people write, read strictly, with every complaint at its line.

A complaint reads `FILE:LINE: what was found, what was expected; how to mend it`. It names keys and types and never a value: the file may
hold a secret in the wrong place.
"""

import datetime as dt
import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml
from msgspec import inspect

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

from controlmon.core.errors import ConfigError

T = TypeVar("T")
Step = str | int  # a key of a mapping, or an index of a list

MAX_BYTES = 10_000_000
MAX_DEPTH = 100  # libyaml's composer recurses on the C stack: some 20,000 brackets would end the process, not raise
MAX_NODES = 1_000_000  # once every alias is written out

_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing"}
_WORDS |= {"array": "a list", "object": "a mapping", "date": "a date", "datetime": "a date and time"}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class Duration(dt.timedelta):
    """A span of time, written as a whole number and a unit: `30s`, `15m`, `26h`, `2d`."""


@dataclass(frozen=True)
class Document:
    """One YAML file as it was read: `data` is its content, `sha256` the hex digest of its bytes."""

    path: Path
    sha256: str
    data: Any = field(repr=False)
    node: yaml.Node = field(repr=False)

    def convert(self, into: type[T]) -> T:
        """The content as `into`, a msgspec type; nothing is coerced but dates and `Duration`.

        Raises:
            ConfigError: at the line of the first thing that does not fit.
        """
        try:
            return msgspec.convert(self.data, into, dec_hook=_decode)
        except msgspec.ValidationError as error:
            raise self._explained(error, into) from None

    def error(self, place: Iterable[Step], message: str) -> ConfigError:
        """The error to raise about `place`, such as `("controls", 3, "checks")`: at its line, or that of its nearest parent."""
        return _error(self.path, self.line(place), message)

    def line(self, place: Iterable[Step]) -> int:
        """The line (from 1) of the key or list item at `place`, or of its nearest parent that exists."""
        node, mark = self.node, self.node.start_mark
        for step in place:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                mark = node.start_mark
            elif isinstance(node, yaml.MappingNode) and (pairs := [pair for pair in node.value if pair[0].value == step]):
                key, node = pairs[-1]  # merged keys come first, and the mapping's own keys override them
                mark = key.start_mark
            else:
                break
        return mark.line + 1

    def _explained(self, error: msgspec.ValidationError, into: type[Any]) -> ConfigError:
        message, path = [*str(error).rsplit(" - at `", 1), ""][:2]
        place = tuple(_place(deepcopy(self.data), path, str(error), into))
        typed, found = place, reduce(getitem, place, self.data)
        if path.startswith("key`"):  # a key of a mapping is wrong: what is known is in the type of the mapping
            typed, found = place[:-1], place[-1]
        known = list(_known(_types([inspect.type_info(into)], typed), found))
        if unknown := re.fullmatch("Object contains unknown field `(.*)`", message, re.DOTALL):
            return self.error((*place, unknown[1]), f"found the unknown key `{unknown[1]}`, {_one_of(known, unknown[1])}")
        where = f"in `{'.'.join(map(str, place))}` " if place else ""
        if missing := re.fullmatch("Object missing required field `(.*)`", message):
            return self.error(place, f"{where}found no key `{missing[1]}`, expected it in this mapping; add `{missing[1]}: ...`")
        if message.startswith("Invalid ") and " value " in message:
            return self.error(place, f"{where}found another value, {_one_of(known, str(found))}")
        if wrong := re.fullmatch("Expected `(.*)`, got `(.*)`", message):
            return self.error(place, where + _mismatch(wrong[1].split(" | "), wrong[2]))
        said = re.sub("`([a-z]+)`", lambda word: _WORDS.get(word[1], word[1]), message)
        return self.error(place, where + re.sub("^(Expected|Invalid)", "found another value, expected", said))


def parse(path: Path, raw: bytes) -> Document:
    """The bytes of the file at `path`: UTF-8, at most `MAX_BYTES`, plain YAML 1.1 with text keys, none of them twice, and no tags.

    Raises:
        ConfigError: they are not that.
    """
    if len(raw) > MAX_BYTES:
        raise _error(path, 1, f"found more than {MAX_BYTES:,} bytes, expected at most that; split the file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _error(path, line, "found bytes that are not UTF-8, expected UTF-8 text; save the file in that encoding") from None
    if odd := _UNPRINTABLE.search(text):
        raise _error(path, text.count("\n", 0, odd.start()) + 1, "found a control character, expected printable text; remove it")
    try:
        _guard(path, text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise _error(path, 1, "found an empty file, expected YAML; write it, or remove the file")
        _weigh(path, node, {})
        return Document(path, hashlib.sha256(raw).hexdigest(), loader.construct_document(node), node)
    except yaml.MarkedYAMLError as error:
        raise _syntax(path, text, error) from None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be, if any is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


class _Loader(_Base):
    """The safe loader, except that a date or number that does not exist is an error with a line."""


def _scalar(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return _Base.yaml_constructors[node.tag](loader, node)
    except (ValueError, ArithmeticError):
        raise yaml.MarkedYAMLError(problem="found a date or number that does not exist", problem_mark=node.start_mark) from None


for _tag in ("int", "float", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _scalar)


def _guard(path: Path, text: str) -> None:
    """Refuse, from the flat stream of events, what is not safe or not meant to be composed: deep nesting, and tags."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _error(path, event, f"found more than {MAX_DEPTH} levels, expected fewer; flatten the file")
        if getattr(event, "tag", None):
            raise _error(path, event, "found a tag (`!...`), expected plain YAML; remove it, or quote the text")


def _weigh(path: Path, node: yaml.Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many nodes and levels `node` is once its aliases are written out; its keys are text, and differ."""
    if isinstance(node, yaml.ScalarNode):
        return 1, 0
    if id(node) not in known:
        known[id(node)] = MAX_NODES, 0  # what a node that holds itself meets
        if isinstance(node, yaml.MappingNode):
            _keys(path, node)
        parts = [_weigh(path, part[1] if isinstance(part, tuple) else part, known) for part in node.value]
        size, depth = 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)
        if size > MAX_NODES or depth > MAX_DEPTH:
            raise _error(path, node, "found aliases that grow without bound, expected few; write them out")
        known[id(node)] = size, depth
    return known[id(node)]


def _keys(path: Path, node: yaml.MappingNode) -> None:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if key.tag not in (_TEXT, _MERGE):
            found = key.tag.rpartition(":")[2]
            raise _error(path, key, f"found a key that YAML reads as {found}, expected text; put it between quotes")
        if key.value in seen:
            raise _error(path, key, f"found the key `{key.value}` again (first on line {seen[key.value]}), expected it once; remove one")
        seen[key.value] = key.start_mark.line + 1


def _syntax(path: Path, text: str, error: yaml.MarkedYAMLError) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    line = min(mark.line + 1 if mark else 1, len(lines))
    if re.match(r" *\t", lines[line - 1]):
        return _error(path, line, "found a tab in the indentation, expected spaces; replace it")
    begun = f"{error.context} (begun on line {error.context_mark.line + 1}), " if error.context and error.context_mark else ""
    problem = re.sub(r"'[^' ]{2,}'", "...", error.problem or "found a syntax error")  # libyaml quotes none, but PyYAML names of aliases
    return _error(path, line, f"{begun}{problem}; mend the syntax, or put the text between quotes")


def _error(path: Path, at: int | yaml.Node | yaml.Event, message: str) -> ConfigError:
    line = at if isinstance(at, int) else at.start_mark.line + 1  # type: ignore[union-attr]  # what was parsed has a place
    return ConfigError(f"{path}:{line}: {message}")


def _decode(into: type[Any], found: object) -> object:
    if into is not Duration:
        raise NotImplementedError(into)
    if not (isinstance(found, str) and (match := re.fullmatch(r"([1-9]\d{0,5})([smhd])", found))):
        raise ValueError("found no span of time, expected a whole number and a unit; write it as `30s`, `15m`, `26h` or `2d`")
    return Duration(**{_UNITS[match[2]]: int(match[1])})


def _place(data: object, path: str, complaint: str, into: type[Any]) -> Iterator[Step]:
    """The steps that msgspec's `path` means; for `[...]`, some key, the one that alone earns the same `complaint`. Spoils `data`."""
    here: Any = data
    for name, index in re.findall(r"\.([^.\[`]+)|\[([^]]+)\]", path + ("[...]" if path.startswith("key` in") else "")):
        step: Step = name or (int(index) if index.isdigit() else index)
        if index == "...":
            for step, value in list(here.items()):
                here.clear()
                here[step] = value
                try:
                    msgspec.convert(data, into, dec_hook=_decode)
                except msgspec.ValidationError as error:
                    if str(error) == complaint:
                        break
        if not (step in here if isinstance(here, dict) else isinstance(here, list) and step in range(len(here))):
            return  # a key that looks like a path of msgspec's
        yield step
        here = here[step]


def _types(types: Iterable[inspect.Type], place: tuple[Step, ...]) -> Iterator[inspect.Type]:
    """The types that may stand at `place` below `types`."""
    for one in types:
        match one:
            case inspect.UnionType():
                yield from _types(one.types, place)
            case inspect.Metadata():
                yield from _types([one.type], place)
            case _ if not place:
                yield one
            case inspect.StructType():
                tags = [inspect.LiteralType((one.tag,))] if one.tag_field == place[0] else []
                yield from _types([*tags, *(f.type for f in one.fields if f.encode_name == place[0])], place[1:])
            case inspect.DictType():
                yield from _types([one.value_type], place[1:])
            case inspect.CollectionType():
                yield from _types([one.item_type], place[1:])
            case inspect.TupleType():
                yield from _types(one.item_types[int(place[0]) :][:1], place[1:])


def _known(types: Iterable[inspect.Type], found: object) -> Iterator[str]:
    """The keys of the structs, and the words of the enums, among `types`; of tagged structs, the one that `found` names."""
    for one in types:
        match one:
            case inspect.StructType() if isinstance(found, dict) and (not one.tag_field or found.get(one.tag_field) == one.tag):
                yield from (part.encode_name for part in one.fields)
            case inspect.DictType():
                yield from _known([one.key_type], found)
            case inspect.EnumType():
                yield from (str(member.value) for member in one.cls)
            case inspect.LiteralType():
                yield from map(str, one.values)


def _mismatch(wanted: list[str], got: str) -> str:
    mends = (
        (got == "null", "write a value after it"),
        ("str" in wanted and got not in ("array", "object"), "put it between quotes"),
        ("array" in wanted, "start each item with `- `"),
        ("object" in wanted, "write lines of `key: value`"),
        (True, "write that, without quotes"),
    )
    *words, found = [_WORDS.get(word, word) for word in [*wanted, got]]
    return f"found {found}, expected {' or '.join(words)}; {next(mend for fits, mend in mends if fits)}"


def _one_of(known: list[str], word: str) -> str:
    near = nearest(word, known)
    mend = f"did you mean `{near}`?" if near else "use one of those"
    return f"expected one of {', '.join(f'`{one}`' for one in known)}; {mend}"
