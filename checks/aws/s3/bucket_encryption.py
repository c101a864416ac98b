"""New objects in S3 are encrypted with a KMS key that works.

S3 has encrypted every new object since January 2023, so "is there any encryption?" always passes and proves nothing.
The question worth asking is whose key it is, and whether it can still be used.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.aws.s3 import Bucket

KMS = {"algorithm": "aws:kms", "key": "arn:aws:kms:eu-west-1:123456789012:key/1"}


def key(state: str = "Enabled", manager: str = "CUSTOMER", account: str = "123456789012") -> dict[str, str]:
    return {"arn": f"arn:aws:kms:eu-west-1:{account}:key/1", "state": state, "manager": manager, "account": account}


@check(
    title="S3 buckets encrypt new objects with an approved, usable key",
    severity="high",
    reads=[Bucket.encryption, Bucket.encryption_key],
    remediation="Set the bucket's default encryption to SSE-KMS with an enabled key, and turn on bucket keys.",
    proves="The default for new objects. Not that old objects were re-encrypted, nor that no writer chose another method (the reason names "
    "the methods that the bucket refuses, such as SSE-C), nor anything of directory buckets (S3 Express One Zone).",
    passes=[
        Bucket.example(encryption=KMS, encryption_key=key()),
        Bucket.example(encryption={"algorithm": "aws:kms"}, encryption_key=None),
        Example((Bucket.example(encryption=KMS, encryption_key=key(account="999999999999")),), {"trusted_accounts": ["999999999999"]}),
    ],
    fails=[
        Bucket.example(encryption={"algorithm": "AES256"}, encryption_key=None),
        Bucket.example(encryption=KMS, encryption_key=key(state="PendingDeletion")),
        Bucket.example(encryption=KMS, encryption_key=key(account="999999999999")),
        Example((Bucket.example(encryption={"algorithm": "aws:kms"}, encryption_key=None),), {"require_customer_key": True}),
    ],
)
def judge(
    bucket: Bucket,
    *,
    allowed_algorithms: tuple[str, ...] = ("aws:kms", "aws:kms:dsse"),
    require_customer_key: bool = False,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    encryption = bucket.encryption
    how = encryption.algorithm + (" (S3's own default: nothing is configured)" if encryption.assumed else "")
    refused = f"; {' and '.join(encryption.blocked)} is refused" if encryption.blocked else ""
    if encryption.algorithm not in allowed_algorithms:
        return failed(f"new objects use {how}; {' or '.join(allowed_algorithms)} required")
    if not encryption.algorithm.startswith("aws:kms"):
        return passed(f"new objects use {how}{refused}")
    kms = bucket.encryption_key
    if kms is None:
        managed = f"new objects use {how} with the AWS managed key aws/s3"
        return failed(f"{managed}; a customer managed key is required") if require_customer_key else passed(managed + refused)
    if kms.account != bucket.target and kms.account not in trusted_accounts:
        return failed(f"new objects use a key of account {kms.account}, which is not one that is trusted")
    if kms.state != "Enabled":
        return failed(f"the key of new objects is {kms.state}: {kms.arn}")
    if require_customer_key and kms.manager != "CUSTOMER":
        return failed(f"new objects use a key managed by {kms.manager}; a customer managed key is required")
    return passed(f"new objects use {how} with {kms.arn}{refused}")
