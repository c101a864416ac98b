"""aws.s3.account_public_block on raw answers of S3 Control."""

from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.aws.account import Account
from tests.support import DENIED, Given, verdict

CHECK = "aws.s3.account_public_block"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def block(*off: str) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {flag: flag not in off for flag in FLAGS}}


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        pytest.param(block(), "pass", "all four", id="four flags pass, whoever set them: the answer is the effective one"),
        pytest.param(absent("NoSuchPublicAccessBlockConfiguration"), "fail", "no flag is on", id="never configured is all off"),
        pytest.param(block(*FLAGS), "fail", "no flag is on", id="so is all off"),
        *(pytest.param(block(flag), "fail", f"{flag} is off", id=f"{flag} alone is missed and named") for flag in FLAGS),
        pytest.param(block(FLAGS[0], FLAGS[3]), "fail", "BlockPublicAcls and RestrictPublicBuckets are off", id="two are named"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied call is unknown"),
        pytest.param({}, "unknown", "shape", id="an answer without flags is unknown"),
        pytest.param({"PublicAccessBlockConfiguration": {FLAGS[0]: True}}, "unknown", "shape", id="a flag that is missing is not off"),
        pytest.param(
            {"PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, "false")},
            "unknown",
            "not true or false",
            id="the word false is not true",
        ),
    ],
)
def test_account(answer: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Account, "123456789012", s3_public_access_block=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
