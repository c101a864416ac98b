"""What decides an outcome besides the clouds: software, configuration, catalog, checks and their parameters. Logged when it changes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, to_builtins

from controlmon.core.canonical import canonical, digest
from controlmon.core.times import text_numbers
from controlmon.engine.catalog import Catalog
from controlmon.engine.plan import Selected
from controlmon.service.software import agent_digest

Change = tuple[str, dict[str, Any]]
STREAM = "changes"


class Known(Struct, frozen=True):
    """One of those, by the digest of its content. `content` is None where it must not be recorded."""

    digest: str
    content: bytes | None = None

    @classmethod
    def of(cls, content: bytes) -> "Known":
        """What is recorded as it is."""
        return cls(digest(content), content)


def known_of(config_digest: str, catalog: Catalog) -> dict[str, Known]:
    """The configuration (by its digest alone: it may hold secrets) and the catalog."""
    return {"configuration": Known(config_digest), "catalog": Known.of(canonical(to_builtins(catalog)))}


def resting_on(selected: Iterable[Selected], known: Mapping[str, Known], *, adhoc: bool) -> dict[str, Known]:
    """All that a run rests on."""
    several = list(selected)
    checks = {f"check {one.check.id}": Known(one.check.digest, one.check.source) for one in several}
    tuned = {} if adhoc else {f"parameters {one.check.id}": Known.of(canonical(text_numbers(one.parameters))) for one in several}
    return {"software": Known(agent_digest()), **known, **checks, **tuned}


def changes(now: Mapping[str, Known], before: Callable[[str], str], at: str) -> list[Change]:
    """An entry for each that is not what it was when it was last recorded.

    Args:
        now: what is.
        before: the digest that was recorded last, or an empty string.
        at: the time (UTC, RFC 3339).

    """
    told = []
    for what, one in now.items():
        if (was := before(what)) != one.digest:
            content = one.digest if one.content is not None else None
            told.append((STREAM, {"type": "change", "what": what, "from": was or None, "to": one.digest, "content": content, "at": at}))
    return told


def contents_of(told: Iterable[Change], now: Mapping[str, Known]) -> list[bytes]:
    """What those entries name."""
    return [content for _, entry in told if (content := now[entry["what"]].content) is not None]
