"""What joins production with something that is not, whatever the provider: what does for certain, and what cannot be told."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from controlmon.core.fact import Gap
from controlmon.facts.base import All, Kind, Unseen, View
from controlmon.facts.environment import Environment, crosses

K = TypeVar("K", bound=Kind)


class Crossing(View, frozen=True):
    """What joins production with something that is not: what does for certain, and what cannot be told ("" if all can)."""

    crossed: tuple[str, ...] = ()
    unsure: str = ""


def crossing(own: Environment, others: Iterable[tuple[str, Callable[[], Environment]]]) -> Crossing:
    """What of some others crosses, each given with what to say of it and where it belongs."""
    crossed: list[str] = []
    unsure = ""
    for said, where in others:
        try:
            there = where()
        except Unseen as error:
            unsure = unsure or f"whether {said} crosses is not known: {error}"
            continue
        verdict = crosses(own, there)
        if verdict:
            crossed.append(f"{said} ({there.name})")
        elif verdict is None and not unsure:
            unsure = f"whether {said} crosses is not known: {own.why if own.cls is None else there.why}"
    return Crossing(crossed=tuple(crossed), unsure=unsure)


def together(*found: Crossing) -> Crossing:
    """Several as one: each crossing once, and the first thing that cannot be told."""
    crossed = dict.fromkeys(said for one in found for said in one.crossed)
    return Crossing(crossed=tuple(crossed), unsure=next((one.unsure for one in found if one.unsure), ""))


def whole(population: All[K]) -> tuple[list[K], Gap | None]:
    """What was seen of a population, and why that is not all of it."""
    seen: list[K] = []

    def keep(member: K) -> bool:
        seen.append(member)
        return False

    try:
        population.some(keep)
    except Unseen as error:
        return seen, error.gap
    return seen, None
