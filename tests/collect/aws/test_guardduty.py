"""The collector of GuardDuty over HTTP."""

import pytest

from controlmon.collect.aws.guardduty import guardduty
from controlmon.facts.aws.guardduty import Detector
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin


@pytest.mark.parametrize("on", [True, False])
def test_the_detector_and_its_status(twin: AwsTwin, collect: Collect, on: bool) -> None:
    name = twin.client("guardduty").create_detector(Enable=on, FindingPublishingFrequency="ONE_HOUR")["DetectorId"]
    found = collect(guardduty, Detector.settings)
    [(detector, view)] = found.views(Detector.settings).items()
    assert (detector, view.on, view.minutes) == (name, on, 60)
    assert found.ids(Detector) == {f"arn:aws:guardduty:us-east-1:123456789012:detector/{name}"}


def test_no_detector_is_an_answer(twin: AwsTwin, collect: Collect) -> None:
    listing = collect(guardduty, Detector.settings).listings[Detector.kind]
    assert (listing.count, listing.complete) == (0, True)


def test_a_denied_list_is_not_no_detector(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("guardduty", "ListDetectors", AwsError("AccessDeniedException", 403)):
        listing = collect(guardduty, Detector.settings).listings[Detector.kind]
    assert not listing.complete
