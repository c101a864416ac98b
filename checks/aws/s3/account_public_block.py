"""The account as a whole blocks public access to S3.

It is set once for the account and holds in every Region, for buckets that do not exist yet and for access points, which a block on each
bucket does not promise. An account that never set it has none of the four flags, and so has one whose answer is "not configured".
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.aws.account import Account

ON = {"block_public_acls": True, "ignore_public_acls": True, "block_public_policy": True, "restrict_public_buckets": True}


@check(
    title="The account blocks public access to S3 with all four flags",
    severity="high",
    reads=[Account.s3_public_access_block],
    remediation="Turn on all four flags of the account's S3 public access block, or enforce them with an S3 policy of the organization.",
    proves="The flags that are in force for the account, whoever set them. Not that they were before, nor what buckets contain.",
    passes=Account.example(s3_public_access_block=ON),
    fails=[Account.example(s3_public_access_block={}), Account.example(s3_public_access_block=ON | {"restrict_public_buckets": False})],
)
def judge(account: Account) -> Verdict:
    block = account.s3_public_access_block
    if block.full:
        return passed("all four flags are on")
    return failed("no flag is on" if len(block.off) == 4 else f"{' and '.join(block.off)} {'is' if len(block.off) == 1 else 'are'} off")
