"""The four answers that a check can give, and how much each failure matters."""

from enum import StrEnum


class Outcome(StrEnum):
    """What one check says of one subject. `UNKNOWN` means that it could not be seen: it is never folded into another."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a failure matters, in rising order: `low`, `medium`, `high`, `critical`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical, so that severities compare by weight and not by spelling."""
        return list(Severity).index(self)
