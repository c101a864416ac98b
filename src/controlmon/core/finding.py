"""One outcome for one subject by one check."""

from msgspec import Struct

from controlmon.core.fact import Subject
from controlmon.core.outcome import Outcome, Severity


class Finding(Struct, frozen=True):
    """One outcome for one subject by one check, with the reason and the digests of the facts behind it.

    `subject` is the scope itself (kind `scope`) when what could not be seen is the population. `observed_at` is when the oldest of the
    facts behind it was seen (UTC, RFC 3339). `due` is the day until which nothing is asked for yet, if there is one.
    """

    check: str
    subject: Subject
    outcome: Outcome
    severity: Severity
    reason: str
    facts: tuple[str, ...] = ()
    observed_at: str = ""
    due: str = ""

    def row(self) -> dict[str, object]:
        """The finding as the record keeps it: what was judged and from what, without when (so that an unchanged one costs nothing)."""
        told: dict[str, object] = {
            "subject": self.subject.id,
            "kind": self.subject.kind,
            "name": self.subject.name,
            "region": self.subject.region,
            "outcome": self.outcome.value,
            "severity": self.severity.value,
            "reason": self.reason,
            "facts": list(self.facts),
        }
        return {**told, "due": self.due} if self.due else told
