"""aws.ebs.volume_encryption on raw answers of EC2 and KMS."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.ec2 import Volume
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.ebs.volume_encryption"
OURS = "arn:aws:kms:eu-west-1:123456789012:key/1"
THEIRS = "arn:aws:kms:eu-west-1:999999999999:key/1"
NO_KEY = not_asked("the volume names no key")


def volume(arn: str | None = OURS, state: str = "in-use", **more: Any) -> dict[str, Any]:
    return {"VolumeId": "vol-1", "State": state, "Encrypted": arn is not None} | ({"KmsKeyId": arn} if arn else {}) | more


def key(state: str = "Enabled", arn: str = OURS) -> dict[str, Any]:
    return {"KeyMetadata": {"Arn": arn, "KeyState": state, "KeyManager": "AWS"}}


@pytest.mark.parametrize(
    ("settings", "described", "parameters", "outcome", "because"),
    [
        pytest.param(volume(), key(), {}, "pass", OURS, id="a key of our own that works"),
        pytest.param(volume(state="available"), key(), {}, "pass", OURS, id="on a detached volume as well"),
        pytest.param(volume(None), NO_KEY, {}, "fail", "(in-use) is not encrypted", id="no encryption"),
        pytest.param(volume(None, "available"), NO_KEY, {}, "fail", "(available) is not encrypted", id="nor on a detached volume"),
        pytest.param(volume(None, "error"), NO_KEY, {}, "fail", "not encrypted", id="nor on a broken one"),
        pytest.param(volume(None, "deleting"), NO_KEY, {}, "not_applicable", "deleting", id="one being deleted does not count"),
        pytest.param(volume(None, "deleted"), NO_KEY, {}, "not_applicable", "deleted", id="nor one that is gone"),
        pytest.param(volume(THEIRS), key(arn=THEIRS), {}, "fail", "999999999999", id="a key of another environment"),
        pytest.param(volume(THEIRS), DENIED, {}, "fail", "999999999999", id="which need not be seen"),
        pytest.param(
            volume(THEIRS), key(arn=THEIRS), {"trusted_accounts": ["999999999999"]}, "pass", "999", id="unless that is a known account"
        ),
        pytest.param(volume(), key("Disabled"), {}, "fail", "Disabled", id="a disabled key"),
        pytest.param(volume(), key("PendingDeletion"), {}, "fail", "PendingDeletion", id="a key about to be deleted"),
        pytest.param(volume(), DENIED, {}, "unknown", "grant svc:Permission", id="a key that may not be seen is unknown"),
        pytest.param(volume(), NO_KEY, {}, "unknown", "not looked at", id="a key that was not looked at is unknown"),
        pytest.param(volume(Encrypted=True, KmsKeyId=None), NO_KEY, {}, "unknown", "does not name", id="a key without a name is unknown"),
        pytest.param(volume("alias/mine"), NO_KEY, {}, "unknown", "does not name", id="one without an account is unknown"),
        pytest.param(DENIED, NO_KEY, {}, "unknown", "grant svc:Permission", id="a denied volume is unknown"),
        pytest.param(volume(Encrypted="true"), key(), {}, "unknown", "true or false", id="a text is no answer"),
        pytest.param({"State": "in-use"}, key(), {}, "unknown", "Encrypted", id="a missing member is none"),
    ],
)
def test_volume(settings: Any, described: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Volume, "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1", settings=settings, key=described), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_volumes_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Volume: DENIED}))] == ["unknown"]
