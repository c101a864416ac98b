"""What was handed out: the views that go into a bundle, and the dossier that anyone makes of one."""

from collections.abc import Iterator, Sequence
from itertools import chain

from controlmon.core.times import moment
from controlmon.engine.dossier import Dossier
from controlmon.ledger.bundle.in_force import in_force
from controlmon.ledger.bundle.layout import Stretch
from controlmon.ledger.bundle.read import Bundle
from controlmon.ledger.bundle.write import Period, View, Views
from controlmon.ledger.history import Head, Placed
from controlmon.ledger.ledger import Ledger
from controlmon.report import folders, standards
from controlmon.service.checks import Registry
from controlmon.service.dossier import dossier_of


def dossier_of_bundle(bundle: Bundle, registry: Registry, controls: Sequence[str] = ()) -> Dossier:
    """What the period of a bundle came to, made of the bundle alone. Raises as `dossier_of` does."""
    said = bundle.manifest
    chosen = tuple(controls) or said.controls or ()
    begin, end, made_at = moment(said.begin), moment(said.end), moment(said.exported_at)
    return dossier_of(bundle, begin, end, made_at, registry, key=said.key, controls=chosen, before=bundle.in_force())


def views_of(ledger: Ledger, period: Period, registry: Registry) -> Views:
    """What makes the views of a bundle that is being written: those that a reader would make of it."""
    return lambda span: _views(ledger, period, registry, span)


def _views(ledger: Ledger, period: Period, registry: Registry, span: Stretch) -> Iterator[View]:
    shown = None if period.controls is None else period.checks
    begin, end, made_at = moment(period.begin), moment(period.end), moment(period.exported_at)
    dossier = dossier_of(
        _Shown(ledger, span.start, span.size, shown),
        begin,
        end,
        made_at,
        registry,
        key=ledger.verifier_key,
        controls=period.controls or (),
        before=in_force(ledger, span.start, shown),
    )
    yield from chain(folders.members(dossier), standards.members(dossier, ledger.signer))


class _Shown:
    """The stretch of a ledger that a bundle is of, as the bundle will show it: a `History`."""

    def __init__(self, ledger: Ledger, start: int, size: int, checks: frozenset[str] | None) -> None:
        self._ledger, self.start, self.size, self._checks = ledger, start, size, checks
        self.origin = ledger.origin

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        """Those of the stretch; what the bundle withholds has no body."""
        last = self.size if end is None else min(end, self.size)
        for placed in self._ledger.entries(max(start or 0, self.start), last):
            body = placed.decoded() if self._checks is not None else None
            hidden = body is not None and body["type"] == "check" and body["check"]["id"] not in (self._checks or ())
            yield Placed(placed.position, placed.leaf, None) if hidden else placed

    def heads(self) -> Iterator[Head]:
        """Those that sign entries of it."""
        return (head for head in self._ledger.heads() if self.start < head.size <= self.size)

    def blob(self, digest: str) -> bytes:
        """The content of a digest."""
        return self._ledger.blob(digest)
