"""What entries say of populations: how each was listed, how many there are, whether that is all, and the roots of its lists."""

from collections.abc import Iterable
from typing import Any

from msgspec import to_builtins

from controlmon.check import Check
from controlmon.core.buckets import ListRef, ListWriter
from controlmon.core.fact import Listing, Population, Scope
from controlmon.core.times import text_numbers
from controlmon.ledger.record import PieceKeeper, Recorded, SeenWriter


class Statements:
    """Seals the populations of one run, each when it is first spoken of."""

    def __init__(self, evidence: Recorded, keeper: PieceKeeper, seen: SeenWriter) -> None:
        self._evidence, self._keeper, self._seen = evidence, keeper, seen
        self._sealed: dict[tuple[str, Scope], dict[str, Any]] = {}

    def of(self, population: Population) -> dict[str, Any]:
        """The statement about one population."""
        key = (population.kind, population.scope)
        if key not in self._sealed:
            self._sealed[key] = self._seal(population)
        return self._sealed[key]

    def every(self) -> ListRef:
        """A statement about each population of the run."""
        return self._list(self._evidence.every_population())

    def for_check(self, check: Check, scope: Scope) -> tuple[list[dict[str, Any]], ListRef | None]:
        """What a judgement in `scope` looked at: its own scope and the account-wide one; and the rest, if it looks at whole populations."""
        read = {kind.kind for kind in check.kinds} | {argument.kind.kind for argument in check.arguments}
        whole = {argument.kind.kind for argument in check.arguments if argument.everything}
        near = [p for p in self._evidence.every_population() if p.kind in read and p.scope in (scope, scope.wide())]
        anywhere = {argument.kind.kind for argument in check.arguments if argument.everywhere}
        far = (p for p in self._evidence.every_population() if p.kind in whole and p.scope not in (scope, scope.wide()))
        others = (p for p in far if p.kind in anywhere or p.scope.wide() == scope.wide())
        return [self.of(p) for p in near], self._list(others) if whole else None

    def _list(self, populations: Iterable[Population]) -> ListRef:
        rows = ListWriter(self._keeper)
        for population in populations:
            rows.add(f"{population.kind}|{population.scope}", self.of(population))
        return rows.close()

    def _seal(self, population: Population) -> dict[str, Any]:
        kind, scope = population.kind, population.scope
        rows, how = self._evidence.seal(kind, scope, self._keeper, self._seen)
        listings = self._evidence.listings(kind, scope)
        return {
            "kind": kind,
            "scope": to_builtins(scope),
            "root": rows.root,
            "count": rows.count,
            "complete": bool(listings) and listings[0].complete,
            "how": how.root,
            "operations": [_operation(one) for one in listings],
        }


def _operation(one: Listing) -> dict[str, Any]:
    said = {"operation": one.operation, "parameters": text_numbers(one.parameters), "pages": one.pages, "count": one.count}
    return said if one.gap is None else {**said, "gap": to_builtins(one.gap), "aspects": list(one.aspects)}
