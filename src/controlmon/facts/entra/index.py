"""What is looked up in a whole population for each of many subjects: found once, and kept as long as the population is."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from controlmon.facts.base import All, Kind

K = TypeVar("K", bound=Kind)
V = TypeVar("V")


def once(build: Callable[[All[K]], V]) -> Callable[[All[K]], V]:
    """Have a function of a population run once for each population. What it raises is not kept."""
    known: WeakKeyDictionary[All[K], V] = WeakKeyDictionary()

    @wraps(build)
    def kept(population: All[K]) -> V:
        if population not in known:
            known[population] = build(population)
        return known[population]

    return kept
