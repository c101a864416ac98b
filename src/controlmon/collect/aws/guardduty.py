"""Amazon GuardDuty: the detector of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.guardduty import Detector

guardduty = Service("aws", "guardduty")


@guardduty.lists(Detector, Operation("guardduty", "ListDetectors", needs=("guardduty:ListDetectors",)))
def detectors(ask: Ask) -> Iterator[Found]:
    """The detector of the region, if there is one."""
    for name in ask.items("DetectorIds"):
        yield Found(Detector, f"arn:{ask.partition}:guardduty:{ask.scope.region}:{ask.scope.target}:detector/{name}", name)


@guardduty.answers(Detector.settings, Operation("guardduty", "GetDetector", needs=("guardduty:GetDetector",)))
def settings(ask: Ask, detector: Met) -> Raw:
    """Its status: a suspended detector exists, and does nothing."""
    return ask(DetectorId=detector.name)
