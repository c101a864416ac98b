"""aws.s3.bucket_encryption on raw answers of S3 and KMS."""

from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.facts.aws.s3 import Bucket
from tests.support import DENIED, Given, verdict

CHECK = "aws.s3.bucket_encryption"
ARN = "arn:aws:kms:eu-west-1:123456789012:key/1"
NO_KEY = not_asked("the default encryption names no KMS key")


def rule(algorithm: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    found = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True} | more
    return {"ServerSideEncryptionConfiguration": {"Rules": [found]}}


BLOCKED = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}


def key(state: str = "Enabled", manager: str = "CUSTOMER", account: str = "123456789012") -> dict[str, Any]:
    return {
        "KeyMetadata": {"Arn": f"arn:aws:kms:eu-west-1:{account}:key/1", "KeyState": state, "KeyManager": manager, "AWSAccountId": account}
    }


@pytest.mark.parametrize(
    ("encryption", "encryption_key", "parameters", "outcome", "because"),
    [
        pytest.param(rule("aws:kms", ARN), key(), {}, "pass", ARN, id="an enabled key of our own passes"),
        pytest.param(rule("aws:kms:dsse", ARN), key(), {}, "pass", "dsse", id="two layers of KMS pass too"),
        pytest.param(rule("aws:kms"), NO_KEY, {}, "pass", "aws/s3", id="no key id means the AWS managed key"),
        pytest.param(
            rule("aws:kms"), NO_KEY, {"require_customer_key": True}, "fail", "customer managed", id="which is not a customer's key"
        ),
        pytest.param(
            rule("aws:kms", "alias/aws/s3"),
            key(manager="AWS"),
            {"require_customer_key": True},
            "fail",
            "managed by AWS",
            id="nor is its alias",
        ),
        pytest.param(rule("AES256"), NO_KEY, {}, "fail", "AES256", id="S3's own keys are not KMS keys"),
        pytest.param(rule("AES256"), NO_KEY, {"allowed_algorithms": ["AES256"]}, "pass", "AES256", id="unless the promise is read so"),
        pytest.param(
            absent("ServerSideEncryptionConfigurationNotFoundError"), NO_KEY, {}, "fail", "own default", id="nothing configured is AES256"
        ),
        pytest.param(rule("aws:kms", ARN), key("PendingDeletion"), {}, "fail", "PendingDeletion", id="a key about to be deleted fails"),
        pytest.param(rule("aws:kms", ARN), key("Disabled"), {}, "fail", "Disabled", id="a disabled key fails"),
        pytest.param(rule("aws:kms", ARN), key(account="999999999999"), {}, "fail", "999999999999", id="a stranger's key fails"),
        pytest.param(
            rule("aws:kms", ARN),
            key(account="999999999999"),
            {"trusted_accounts": ["999999999999"]},
            "pass",
            "999",
            id="a known account's passes",
        ),
        pytest.param(
            rule("aws:kms", ARN, **BLOCKED), key(), {}, "pass", f"{ARN}; SSE-C is refused", id="a method that is refused is named"
        ),
        pytest.param(rule("aws:kms", **BLOCKED), NO_KEY, {}, "pass", "aws/s3; SSE-C is refused", id="with any key"),
        pytest.param(
            rule("AES256", **BLOCKED),
            NO_KEY,
            {"allowed_algorithms": ["AES256"]},
            "pass",
            "AES256; SSE-C is refused",
            id="and any algorithm",
        ),
        pytest.param(
            rule("aws:kms", ARN, BlockedEncryptionTypes={"EncryptionType": ["NONE"]}),
            key(),
            {},
            "pass",
            f"with {ARN}",
            id="NONE refuses none",
        ),
        pytest.param(rule("AES256", **BLOCKED), NO_KEY, {}, "fail", "kms:dsse required", id="refusing others makes no default better"),
        pytest.param(DENIED, NO_KEY, {}, "unknown", "grant svc:Permission", id="a denied bucket is unknown"),
        pytest.param(rule("aws:kms", ARN), DENIED, {}, "unknown", "grant svc:Permission", id="a key that may not be seen is unknown"),
        pytest.param(rule("AES256"), DENIED, {}, "fail", "AES256", id="what decides was seen, whatever else was not"),
        pytest.param(
            {"ServerSideEncryptionConfiguration": {"Rules": []}}, NO_KEY, {}, "unknown", "shape", id="an answer without its rule is unknown"
        ),
    ],
)
def test_bucket(encryption: Any, encryption_key: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Bucket, "arn:aws:s3:::b", encryption=encryption, encryption_key=encryption_key), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(("given", "said"), [(["NONE"], False), ([], False), (["SSE-C"], True)])
def test_only_methods_that_are_refused_are_named(given: list[str], said: bool) -> None:
    encryption = rule("aws:kms", ARN, BlockedEncryptionTypes={"EncryptionType": given})
    found = verdict(CHECK, Given(Bucket, "arn:aws:s3:::b", encryption=encryption, encryption_key=key()))
    assert ("refused" in found.reason) is said
