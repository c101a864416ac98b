"""What one tour saw, held in memory: evidence to judge by where nothing is recorded."""

from collections.abc import Collection, Iterator
from typing import Any

from controlmon.core.canonical import canonical, digest
from controlmon.core.fact import Fact, Gap, GapKind, Listing, Population, Raw, Scope, Subject


class _Subject:
    """One subject and its answers."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.facts: dict[str, Fact] = {}

    def answer(self, aspect: str) -> Raw | Gap:
        """The answer, or the gap where there is none."""
        fact = self.facts.get(aspect)
        return fact.answer if fact else Gap(GapKind.UNAVAILABLE, f"{self.subject.kind}.{aspect}", "it was not asked for")

    def seen(self, aspect: str) -> tuple[str, str]:
        """The digest and the time of an answer."""
        fact = self.facts.get(aspect)
        return ("", "") if fact is None or isinstance(fact.answer, Gap) else (digest(canonical(fact.answer)), fact.seen.at)


class Gathered:
    """The subjects of some kinds (`controlmon.engine.evaluate.Evidence`)."""

    def __init__(self, kinds: Collection[str]) -> None:
        self._kinds = frozenset(kinds)
        self._subjects: dict[tuple[str, Scope], dict[str, _Subject]] = {}
        self._listings: dict[tuple[str, Scope], Listing] = {}

    def take(self, seen: Any) -> None:  # noqa: ANN401 - whatever a tour gives
        """Keep a fact or the end of a listing, if it is of a kind that is wanted."""
        if isinstance(seen, Fact) and seen.subject.kind in self._kinds:
            here = self._subjects.setdefault((seen.subject.kind, seen.subject.scope), {})
            one = here.setdefault(seen.subject.id, _Subject(seen.subject))
            if seen.aspect:
                one.facts[seen.aspect] = seen
        elif isinstance(seen, Listing) and seen.kind in self._kinds:
            known = self._listings.get((seen.kind, seen.scope))
            if known is None or seen.order < known.order:
                self._listings[seen.kind, seen.scope] = seen

    def scopes(self, kinds: Collection[str]) -> list[Scope]:
        """Where subjects of these kinds are, or should be."""
        return sorted({scope for kind, scope in self._listings if kind in kinds})

    def population(self, kind: str, scope: Scope) -> Population | None:
        """The population of `kind` in `scope`, or None if it was not asked for there."""
        listing = self._listings.get((kind, scope))
        return None if listing is None else Population.of(listing, len(self._subjects.get((kind, scope), {})))

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        """Every population of `kind` that belongs to a target; of all targets, if that is None."""
        here = [scope for k, scope in self._listings if k == kind and (target is None or scope.wide() == target.wide())]
        return [found for scope in sorted(here) if (found := self.population(kind, scope)) is not None]

    def subjects(self, kind: str, scope: Scope) -> Iterator[_Subject]:
        """The subjects of one population, in the order of their ids."""
        several = self._subjects.get((kind, scope), {})
        return iter(several[name] for name in sorted(several))
