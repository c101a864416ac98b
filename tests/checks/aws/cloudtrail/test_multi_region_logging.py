"""aws.cloudtrail.multi_region_logging on raw answers of CloudTrail. The clock stands at 12:00."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import Trail
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.cloudtrail.multi_region_logging"
BOTH = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
STATUS = {"IsLogging": True, "LatestDeliveryTime": "2026-11-23T11:55:00Z", "StartLoggingTime": "2025-01-01T00:00:00Z"}
KMS, RDS, EC2 = "kms.amazonaws.com", "rdsdata.amazonaws.com", "ec2.amazonaws.com"


def settings(multi_region: object = True, custom: object = True) -> dict[str, Any]:
    return {"IsMultiRegionTrail": multi_region, "LogFileValidationEnabled": True, "HasCustomEventSelectors": custom}


def basic(*selectors: dict[str, Any]) -> dict[str, Any]:
    return {"TrailARN": "arn", "EventSelectors": [BOTH | s for s in selectors]}


def advanced(*selectors: dict[str, dict[str, list[str]]], category: str = "Management") -> dict[str, Any]:
    """Advanced selectors, each given as its fields beside the category."""
    return {
        "TrailARN": "arn",
        "AdvancedEventSelectors": [
            {
                "Name": "n",
                "FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *({"Field": f, **how} for f, how in s.items())],
            }
            for s in selectors
        ],
    }


def trail(name: str = "main", **change: Any) -> Given:
    given = {"settings": settings(), "status": STATUS, "management_events": basic({})} | change
    return Given(Trail, f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{name}", name=name, **given)


ONE_REGION = {
    "settings": settings(multi_region=False),
    "status": not_asked("it is a trail of one region"),
    "management_events": not_asked("it is a trail of one region"),
}


def judged(*trails: Given, **parameters: Any) -> Finding:
    return verdict(CHECK, Given(Account, ACCOUNT), *trails, empty=(Trail,), **parameters)


def assert_said(found: Finding, outcome: str, because: str) -> None:
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


READ, WRITE = {"readOnly": {"Equals": ["true"]}}, {"readOnly": {"Equals": ["false"]}}


@pytest.mark.parametrize(
    ("selectors", "outcome", "because"),
    [
        pytest.param(basic({}), "pass", "main logs all reads and writes", id="all management events"),
        pytest.param(basic({"ReadWriteType": "WriteOnly"}), "fail", "does not log all reads", id="writes alone"),
        pytest.param(basic({"ReadWriteType": "ReadOnly"}), "fail", "does not log all writes", id="reads alone"),
        pytest.param(basic({"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}), "pass", "", id="two selectors add up"),
        pytest.param(basic({"IncludeManagementEvents": False}), "fail", "all reads and writes", id="data events alone"),
        pytest.param(basic({"IncludeManagementEvents": False}, {}), "pass", "", id="data events beside"),
        pytest.param(
            basic({"ExcludeManagementEventSources": [KMS]}), "fail", f"all reads of {KMS} and writes of {KMS}", id="without KMS is a part"
        ),
        pytest.param(
            basic({"ExcludeManagementEventSources": [RDS, KMS]}), "fail", f"reads of {KMS}, {RDS}", id="without the RDS Data API too"
        ),
        pytest.param({"EventSelectors": [{"DataResources": []}]}, "pass", "", id="members that are missing have the documented defaults"),
        pytest.param(basic({"IncludeManagementEvents": "no"}), "unknown", "not true or false", id="a word is not false"),
        pytest.param(basic({"ReadWriteType": "Some"}), "unknown", "shape", id="a type that nobody knows"),
        pytest.param(advanced({}), "pass", "", id="an advanced selector of the category"),
        pytest.param(advanced({}, category="Data"), "fail", "all reads and writes", id="of another category"),
        pytest.param(advanced({}) | {"EventSelectors": []}, "pass", "", id="an empty list beside it says nothing"),
        pytest.param(advanced(READ), "fail", "all writes", id="a filter for reads is a part"),
        pytest.param(advanced(WRITE), "fail", "all reads", id="one for writes is a part"),
        pytest.param(advanced(READ, WRITE), "pass", "", id="both together are all"),
        pytest.param(advanced({"readOnly": {"Equals": ["true", "false"]}}), "pass", "", id="either is all"),
        pytest.param(advanced({"eventSource": {"NotEquals": [KMS]}}), "fail", f"writes of {KMS}", id="all sources but one are a part"),
        pytest.param(advanced({"eventSource": {"Equals": [EC2]}}), "fail", "all reads and writes", id="one source is a part"),
        pytest.param(
            advanced({"eventSource": {"NotEquals": [KMS]}}, {"eventSource": {"Equals": [KMS]}}),
            "pass",
            "",
            id="all but one, and that one, are all",
        ),
        pytest.param(
            advanced({"eventSource": {"NotEquals": [KMS]}}, {"eventSource": {"Equals": [KMS]}} | WRITE),
            "fail",
            f"all reads of {KMS}",
            id="all but one, and its writes, are a part",
        ),
        pytest.param(
            advanced({"eventSource": {"NotEquals": [KMS]}}, {"eventSource": {"NotEquals": [RDS]}}),
            "pass",
            "",
            id="each has what the other has not",
        ),
        pytest.param(
            advanced({"eventSource": {"NotEquals": [KMS], "Equals": [KMS]}}),
            "fail",
            "all reads and writes",
            id="a source that is also left out",
        ),
        pytest.param(
            advanced({"eventSource": {"NotStartsWith": ["k"]}}), "fail", "all reads", id="an operator that cuts out more is a part"
        ),
        pytest.param(advanced({"eventName": {"NotEquals": ["Decrypt"]}}), "fail", "all reads", id="any other filter is a part"),
        pytest.param(advanced({"eventSource": {"NotEquals": [KMS], "Equals": []}}, {}), "pass", "", id="an empty operator says nothing"),
        pytest.param(
            {"TrailARN": "arn", "AdvancedEventSelectors": [{"Name": "n"}]}, "unknown", "FieldSelectors", id="no fields are no answer"
        ),
        pytest.param({"TrailARN": "arn", "EventSelectors": []}, "unknown", "shows none", id="selectors of its own that are not shown"),
        pytest.param({"TrailARN": "arn"}, "unknown", "EventSelectors", id="neither kind of selectors is no answer"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="denied"),
    ],
)
def test_management_events(selectors: Any, outcome: str, because: str) -> None:
    assert_said(judged(trail(management_events=selectors)), outcome, because)


def test_without_selectors_of_its_own_it_logs_them_all() -> None:
    """CloudTrail's documented default; it answers it as a selector, moto as none."""
    assert_said(judged(trail(management_events={"EventSelectors": []}, settings=settings(custom=False))), "pass", "")
    without = {k: v for k, v in settings().items() if k != "HasCustomEventSelectors"}
    assert_said(judged(trail(management_events={"EventSelectors": []}, settings=without)), "unknown", "shows none")


def at(**change: Any) -> dict[str, Any]:
    return {k: v for k, v in (STATUS | change).items() if v is not None}


ERROR = {"LatestDeliveryError": "AccessDenied"}
EARLY = at(LatestDeliveryTime=None, StartLoggingTime="2026-11-23T11:30:00Z")


@pytest.mark.parametrize(
    ("status", "outcome", "because"),
    [
        pytest.param(at(IsLogging=False), "fail", "main is stopped", id="a stopped trail"),
        pytest.param(at(IsLogging="false"), "unknown", "not true or false", id="a word is not false"),
        pytest.param({"LatestDeliveryTime": "2026-11-23T11:55:00Z"}, "unknown", "IsLogging", id="a status that does not say"),
        pytest.param(at(LatestDeliveryTime="2026-11-23T11:00:00Z"), "pass", "11:00 UTC", id="an hour ago is in time"),
        pytest.param(at(LatestDeliveryTime="2026-11-23T10:59:00Z"), "fail", "61 minutes ago; 60 allowed", id="more is late"),
        pytest.param(at(LatestDeliveryTime="2026-11-20T12:00:00Z", **ERROR), "fail", "allowed (AccessDenied)", id="late, and why"),
        pytest.param(at(LatestDeliveryTime="2026-11-23T13:55:00+02:00"), "pass", "", id="in any time zone"),
        pytest.param(at(LatestDeliveryTime="2026-11-23T11:55:00"), "unknown", "no time zone", id="but not in none"),
        pytest.param(at(LatestDeliveryTime=None), "fail", "never delivered", id="logging for long without a delivery"),
        pytest.param(at(LatestDeliveryTime=None, StartLoggingTime=None), "fail", "never delivered", id="nor any start"),
        pytest.param(
            at(LatestDeliveryTime=None, StartLoggingTime="2026-11-23T11:30:00Z"),
            "unknown",
            "only just begun",
            id="too early to tell",
        ),
        pytest.param(
            at(LatestDeliveryTime=None, StartLoggingTime="2026-11-23T10:59:00Z"), "fail", "never delivered", id="no longer too early"
        ),
        pytest.param(
            at(LatestDeliveryTime="2026-11-01T00:00:00Z", StartLoggingTime="2026-11-23T11:30:00Z"),
            "unknown",
            "only just begun",
            id="restarted",
        ),
        pytest.param(at(StartLoggingTime="2026-11-23T11:30:00Z"), "pass", "", id="restarted, and delivered since"),
        pytest.param(
            at(**ERROR), "pass", "last error stays written: AccessDenied", id="an error of which no time is told, and a delivery in time"
        ),
        pytest.param(
            at(**ERROR, LatestDeliveryAttemptTime="2026-11-23T11:58:00Z", LatestDeliveryAttemptSucceeded="2026-11-23T11:58:00Z"),
            "pass",
            "",
            id="an error that the last attempt has overcome",
        ),
        pytest.param(
            at(**ERROR, LatestDeliveryAttemptTime="2026-11-23T11:58:00Z", LatestDeliveryAttemptSucceeded="2026-11-23T11:55:00Z"),
            "fail",
            "fails to deliver (AccessDenied)",
            id="an error of the last attempt",
        ),
        pytest.param(
            at(**ERROR, LatestDeliveryAttemptTime="2026-11-23T11:58:00Z", LatestDeliveryAttemptSucceeded=""),
            "pass",
            "",
            id="an empty time of success, beside a delivery, is a member that is not kept",
        ),
        pytest.param(
            at(**ERROR, LatestDeliveryAttemptTime="2026-11-23T11:55:00Z", LatestDeliveryAttemptSucceeded="2026-11-23T11:00:00Z"),
            "pass",
            "",
            id="an attempt that the delivery has answered",
        ),
        pytest.param(
            at(**ERROR, LatestDeliveryAttemptTime="2019-01-02T00:00:00Z", LatestDeliveryAttemptSucceeded="2019-01-01T00:00:00Z"),
            "pass",
            "",
            id="an attempt that is older than the delivery tells nothing",
        ),
        pytest.param(
            at(LatestDeliveryAttemptTime="2026-11-23T11:58:00Z", LatestDeliveryAttemptSucceeded="2026-11-23T11:55:00Z"),
            "pass",
            "11:55 UTC",
            id="no error, no failure",
        ),
        pytest.param(
            at(LatestDeliveryAttemptTime="soon", LatestDeliveryError=""), "pass", "", id="without an error, attempts do not matter"
        ),
        pytest.param(at(**ERROR, LatestDeliveryAttemptTime="soon"), "unknown", "shape", id="with one they have to be readable"),
        pytest.param(
            at(LatestDeliveryTime=None, StartLoggingTime="2026-11-23T11:00:00Z"), "unknown", "only just", id="an hour is still too early"
        ),
        pytest.param(
            at(LatestDeliveryTime="2026-11-23T11:30:00Z", StartLoggingTime="2026-11-23T11:30:00Z"), "pass", "", id="delivered as it began"
        ),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="denied"),
    ],
)
def test_status(status: Any, outcome: str, because: str) -> None:
    assert_said(judged(trail(status=status)), outcome, because)


def test_the_delay_is_a_parameter() -> None:
    late = trail(status=at(LatestDeliveryTime="2026-11-23T10:30:00Z"))
    assert_said(judged(late, max_delay_minutes=90), "pass", "")
    assert_said(judged(late, max_delay_minutes=89), "fail", "90 minutes ago; 89 allowed")


@pytest.mark.parametrize(
    ("trails", "outcome", "because"),
    [
        pytest.param([], "fail", "there is no trail", id="no trail at all"),
        pytest.param(
            [trail("a", **ONE_REGION), trail("b", **ONE_REGION)], "fail", "a is a trail of one region; b is", id="one in each region"
        ),
        pytest.param([trail("a", **ONE_REGION), trail("b")], "pass", "b logs", id="one of every region beside it"),
        pytest.param([trail("a", status=at(IsLogging=False)), trail("b")], "pass", "b logs", id="one good trail is enough"),
        pytest.param([trail("a", status=DENIED), trail("b")], "pass", "b logs", id="whatever was not seen of others"),
        pytest.param([trail("a", settings=DENIED), trail("b")], "pass", "b logs", id="even if nothing was"),
        pytest.param(
            [trail("a", status=at(IsLogging=False)), trail("b", status=DENIED)], "unknown", "grant", id="the other may have been good"
        ),
        pytest.param(
            [trail("a", status=at(IsLogging=False)), trail("b", management_events=basic({"ReadWriteType": "WriteOnly"}))],
            "fail",
            "a is stopped; b does not log all reads",
            id="what is wrong with each",
        ),
        pytest.param(
            [trail("a", status=at(IsLogging=False), management_events=basic({"ReadWriteType": "WriteOnly"}))],
            "fail",
            "a is stopped and does not log all reads",
            id="all that is wrong with one",
        ),
        pytest.param(
            [trail("a", status=at(IsLogging=False), management_events=DENIED)], "fail", "a is stopped", id="certain without selectors"
        ),
        pytest.param(
            [trail("a", status=DENIED, management_events=basic({"ReadWriteType": "WriteOnly"}))],
            "fail",
            "a does not log",
            id="or without status",
        ),
        pytest.param(
            [trail("a", status=EARLY), trail("b", **ONE_REGION)], "unknown", "a has only just begun", id="a doubt is not a failure"
        ),
        pytest.param([trail("a", status=EARLY), trail("b")], "pass", "b logs", id="nor in the way of a good one"),
        pytest.param([trail("a", settings=settings(multi_region="no"))], "unknown", "not true or false", id="a word is not false"),
    ],
)
def test_account(trails: list[Given], outcome: str, because: str) -> None:
    assert_said(judged(*trails), outcome, because)


def test_a_list_that_was_denied_is_unknown_unless_one_good_trail_was_seen() -> None:
    account = Given(Account, ACCOUNT)
    assert_said(verdict(CHECK, account, gaps={Trail: DENIED}), "unknown", "grant svc:Permission")
    assert_said(verdict(CHECK, account, trail("a", **ONE_REGION), gaps={Trail: DENIED}), "unknown", "grant svc:Permission")
    assert_said(verdict(CHECK, account, trail("a"), gaps={Trail: DENIED}), "pass", "a logs")
