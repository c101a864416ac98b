"""Populations over a period: the first and the last statement about each, and who came and went between them."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from controlmon.core.errors import LedgerError
from controlmon.engine.deviations import Fetch, leaves
from controlmon.engine.dossier import PopulationSeen

Key = tuple[str, str]
"""Kind and scope."""


class Teller(Struct, frozen=True):
    """The entry that makes a statement: its position and time, its run, who asked the provider, and the provider's clock from ours."""

    position: int
    at: str
    run: str
    identity: str
    skew: int


class _Track(Struct):
    start_at: str
    start: Mapping[str, Any]
    end: Mapping[str, Any]
    teller: Teller
    incomplete: int = 0
    told: str = ""
    """The last run that was counted as incomplete."""


class Populations:
    """Follows every population of a period."""

    def __init__(self) -> None:
        self._tracks: dict[Key, _Track] = {}

    def state(self, key: Key, statement: Mapping[str, Any], teller: Teller) -> None:
        """The next statement about a population, in the order of the log. A run may make it many times."""
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = _Track(teller.at, statement, statement, teller)
        track.end, track.teller = statement, teller
        if not _whole(statement) and track.told != teller.run:
            track.incomplete += 1
            track.told = teller.run

    def seen(self, fetch: Fetch) -> tuple[PopulationSeen, ...]:
        """All of them, in the order of kind and scope. Raises `LedgerError` for one that cannot be read."""
        return tuple(self._seen(key, self._tracks[key], fetch) for key in sorted(self._tracks))

    def _seen(self, key: Key, track: _Track, fetch: Fetch) -> PopulationSeen:
        try:
            removed, added = differ(track.start["root"], track.end["root"], fetch)
        except (KeyError, TypeError) as error:
            raise LedgerError(f"the population {key[0]} in {key[1]} cannot be read ({error!r}): verify the record") from error
        return PopulationSeen(
            kind=key[0],
            scope=key[1],
            start_at=track.start_at,
            start_root=track.start["root"],
            start_count=track.start["count"],
            end_at=track.teller.at,
            end_root=track.end["root"],
            end_count=track.end["count"],
            complete=not track.incomplete,
            incomplete_runs=track.incomplete,
            added=added,
            removed=removed,
            source=dict(track.end),
            identity=track.teller.identity,
            skew=track.teller.skew,
            run=track.teller.run,
            position=track.teller.position,
        )


def differ(first: str, second: str, fetch: Fetch) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids that only the first of two lists has, and those that only the second has. Pieces that both share are not read."""
    if first == second:
        return (), ()
    ours, theirs = list(leaves(first, fetch)), list(leaves(second, fetch))
    both = frozenset(ours) & frozenset(theirs)
    one, other = (_ids((p for p in pieces if p not in both), fetch) for pieces in (ours, theirs))
    return tuple(sorted(one - other)), tuple(sorted(other - one))


def _ids(pieces: Iterable[str], fetch: Fetch) -> set[str]:
    return {row["id"] for piece in pieces for row in fetch(piece)["rows"]}


def _whole(statement: Mapping[str, Any]) -> bool:
    """Whether every listing came to its end: `complete` speaks of the one that defines the population alone."""
    return bool(statement["complete"]) and not any("gap" in one for one in statement["operations"])
