"""Signed documents, as the registers of vendors and customers tell of them."""

from datetime import date, datetime

from controlmon.facts.document.schema import Past, Row, Sha256, day_of


class Agreement(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed agreement, or none.

    Attributes:
        until: the last day on which it holds, where it ends by itself.
        sha256: the digest of the signed document; `location` is where it is kept.
        plan: the plan that it was signed for, where it holds for some plans only.
        services: the services that it covers; `*` for all of them.

    """

    signed_at: Past | None = None
    until: date | None = None
    sha256: Sha256 | None = None
    location: str = ""
    plan: str = ""
    services: tuple[str, ...] = ()

    def lacking(self, now: date | datetime) -> str:
        """Why it does not hold on a day; empty if it does."""
        if self.signed_at is None:
            return "is not signed"
        if self.until is not None and self.until < day_of(now):
            return f"ended on {self.until.isoformat()}"
        return "" if self.sha256 else "is registered without the digest of the signed document"

    def uncovered(self, services: tuple[str, ...]) -> list[str]:
        """Those of some services that it does not cover, whatever their case."""
        covered = {one.casefold() for one in self.services}
        return [] if "*" in covered else [one for one in services if one.casefold() not in covered]


def lacks(**told: object) -> list[str]:
    """The names of what a row does not tell: nothing, blank text, an empty list. No and zero are answers."""
    return [name.replace("_", " ") for name, value in told.items() if value is None or (not value and value is not False and value != 0)]
