"""Amazon GuardDuty: the detector of each region."""

from typing import Literal

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect

Frequency = Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"]
MINUTES = {"FIFTEEN_MINUTES": 15, "ONE_HOUR": 60, "SIX_HOURS": 360}


class Detection(View, frozen=True):
    """A detector: whether it works or is suspended, and how often it publishes what it finds anew (empty if GuardDuty does not say)."""

    on: bool
    frequency: str = ""

    @property
    def minutes(self) -> int | None:
        """Minutes between two publications; None if that is not known."""
        return MINUTES.get(self.frequency)


class Detector(Kind, name="aws.guardduty.detector"):
    """A GuardDuty detector."""

    @aspect()
    def settings(raw: Raw) -> Detection:
        """Whether it works (GetDetector)."""
        status = text(raw, "Status")
        if status not in ("ENABLED", "DISABLED"):
            raise ValueError(f"Status is {status}")
        return Detection(on=status == "ENABLED", frequency=optional(raw, "FindingPublishingFrequency"))
