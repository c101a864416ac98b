"""The account refuses public access to any of its buckets, whatever a bucket says.

The four flags do different things; three of four leave a way open. The answer is the effective one: an organization's policy shows in it.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.aws.account import Account

ON = {"block_public_acls": True, "ignore_public_acls": True, "block_public_policy": True, "restrict_public_buckets": True}


@check(
    title="The account's S3 public access block is fully on",
    severity="high",
    reads=[Account.s3_public_access_block],
    remediation="Turn on all four flags of the account's S3 public access block.",
    proves="That no bucket or access point of the account can be public, now or by a later mistake.",
    passes=Account.example(s3_public_access_block=ON),
    fails=[Account.example(s3_public_access_block=ON | {"restrict_public_buckets": False}), Account.example(s3_public_access_block={})],
)
def judge(account: Account) -> Verdict:
    block = account.s3_public_access_block
    off = [name for name in ON if not getattr(block, name)]
    if off:
        return failed("nothing is configured, so nothing is blocked" if len(off) == len(ON) else f"{', '.join(off)} is off")
    return passed("all four flags are on")
