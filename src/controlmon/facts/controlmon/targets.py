"""The targets that are declared, and what each check saw of them before the run that asks."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.schema import converted


class Hole(View, frozen=True):
    """A check that did not see a target, and why."""

    check: str
    why: str


class Reached(View, frozen=True):
    """What became of a target.

    Attributes:
        asked: whether any run logged in to it, or tried to.
        refused: why the last login failed; empty if it did not.
        seen: the checks that saw subjects there.
        empty: those that found nothing of their kind there, in a listing that came to its end: the service is not used.
        disabled: those that found nothing because a region is disabled.
        holes: those that did not see all of it.
        pending: those that have not run yet, and are not late.

    """

    asked: bool
    refused: str = ""
    seen: int = 0
    empty: int = 0
    disabled: int = 0
    holes: tuple[Hole, ...] = ()
    pending: tuple[str, ...] = ()


class Declared(Kind, name="controlmon.target"):
    """A target that the configuration declares."""

    @aspect()
    def reached(raw: Raw) -> Reached:
        """What the enabled checks saw of it."""
        return converted(raw, Reached)
