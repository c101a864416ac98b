"""aws.backup.restore_test on raw answers of Backup. The clock stands at 2026-11-23."""

from typing import Any

import pytest

from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.backup import Protected, RestoreJob
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.backup.restore_test"
NONE = {"empty": (Protected, RestoreJob)}


def protected(kind: str = "EBS") -> Given:
    return Given(Protected, f"arn:{kind}", protection={"ResourceArn": "a", "ResourceType": kind})


def job(kind: str = "EBS", day: str = "2026-06-01", minutes: int = 59, validation: str | None = "SUCCESSFUL", **more: Any) -> Given:
    raw = {"ResourceType": kind, "Status": "COMPLETED", "CreationDate": f"{day}T00:00:00Z", "CompletionDate": f"{day}T00:{minutes:02}:00Z"}
    return Given(RestoreJob, f"{kind}-{day}", restore=raw | ({"ValidationStatus": validation} if validation else {}) | more)


def judged(*others: Given, **more: Any) -> Finding:
    return verdict(CHECK, Given(Account, ACCOUNT), *others, **{**NONE, **more})


BY_HAND = {"validated_by_hand": {"EBS": "2026-03-01"}}


@pytest.mark.parametrize(
    ("others", "more", "outcome", "because"),
    [
        pytest.param([protected(), job()], {}, "pass", "restore of EBS", id="a validated restore"),
        pytest.param([protected(), job(validation=None)], {}, "fail", "validation is missing", id="completed is not validated"),
        pytest.param([protected(), job(validation="FAILED")], {}, "fail", "validation is FAILED", id="found bad"),
        pytest.param([protected(), job(validation="TIMED_OUT")], {}, "fail", "TIMED_OUT", id="not found in time"),
        pytest.param([protected(), job(Status="FAILED")], {}, "fail", "is FAILED", id="failed"),
        pytest.param([protected(), job(day="2025-06-01")], {}, "fail", "no restore of EBS", id="too long ago"),
        pytest.param([protected(), job(day="2025-06-01")], {"max_age_days": 900}, "pass", "EBS", id="or not"),
        pytest.param([protected(), job(minutes=59)], {"rto_minutes": 30}, "fail", "took 59 minutes", id="too slow"),
        pytest.param([protected(), job(Status="RUNNING", CompletionDate=None)], {}, "fail", "RUNNING", id="not yet"),
        pytest.param([protected(), job(day="2026-07-01", validation=None), job()], {}, "pass", "EBS", id="one good one is enough"),
        pytest.param([protected(), protected("RDS"), job()], {}, "fail", "no restore of RDS", id="of one type of two"),
        pytest.param([protected(), protected("RDS"), job()], {"critical_types": ["EBS"]}, "pass", "EBS", id="of the critical one"),
        pytest.param([job()], {"critical_types": ["RDS"]}, "fail", "RDS", id="a critical type that is not protected"),
        pytest.param([protected()], BY_HAND, "pass", "EBS", id="validated by hand"),
        pytest.param([protected()], {"validated_by_hand": {"EBS": "2025-01-01"}}, "fail", "no restore", id="long ago"),
        pytest.param([protected()], {"validated_by_hand": {"EBS": "soon"}}, "unknown", "broke", id="at no date"),
        pytest.param([], {}, "not_applicable", "nothing", id="nothing is protected"),
        pytest.param([], {"gaps": {Protected: DENIED}}, "unknown", "grant svc:Permission", id="denied protection"),
        pytest.param([protected()], {"gaps": {RestoreJob: DENIED}}, "unknown", "grant", id="denied restores"),
        pytest.param([protected(), job()], {"gaps": {RestoreJob: DENIED}}, "pass", "EBS", id="of which one is enough"),
        pytest.param([protected(), Given(RestoreJob, restore={})], {}, "unknown", "CreationDate", id="an empty answer"),
    ],
)
def test_account(others: list[Given], more: Any, outcome: str, because: str) -> None:
    found = judged(*others, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
