"""Controls as their checks have them, as of before the run that asks; and what managers were told."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.controlmon.runs import Time
from controlmon.facts.document.schema import converted


class Derived(View, frozen=True):
    """The status of a control: its state, why, and whether anything that decides it was ever seen."""

    state: str
    reasons: tuple[str, ...] = ()
    seen: bool = False


class Shown(Kind, name="controlmon.control"):
    """A control of the catalog."""

    @aspect(volatile=("reasons",))
    def derived(raw: Raw) -> Derived:
        """What its checks make of it."""
        return converted(raw, Derived)


class Delivery(View, frozen=True):
    """A report that was delivered: when, to whom, and its digest."""

    at: Time
    to: tuple[str, ...]
    digest: str


class Acknowledged(View, frozen=True):
    """Somebody said to have read a report, named by its digest."""

    at: Time
    by: str
    digest: str


class Deliveries(View, frozen=True):
    """The reports of the last quarter, and since when there is anything to report (None: nothing ran yet)."""

    begun: Time | None = None
    delivered: tuple[Delivery, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()


class Report(Kind, name="controlmon.report"):
    """The report to management."""

    @aspect()
    def deliveries(raw: Raw) -> Deliveries:
        """When it was delivered, and who acknowledged it."""
        return converted(raw, Deliveries)
