"""No bucket is replicated into the other class of environment.

A rule may name the account of the bucket that it copies to, and need not. Whose it is, is looked up among all buckets that were seen:
production that is copied to a bucket of nobody's that we know of has failed, if all of ours were seen.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.replication import replicated
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared"}}


def case(*replicas: dict[str, str]) -> Example:
    bucket = Bucket.example(id="ours", replicas=replicas)
    return Example((bucket, Everywhere.of(Account.example(id="123456789012")), Everywhere.of(bucket)), MAP)


@check(
    title="Buckets do not replicate production data to non-production",
    severity="critical",
    reads=[*WHERE, Bucket.replicas],
    remediation="Remove the replication rule.",
    proves="That no rule that is enabled copies to the other class. Not Batch Operations jobs, DataSync tasks, or copies that people make.",
    passes=[case(), case({"bucket": "ours"}), case({"bucket": "archive", "account": "333333333333"})],
    fails=[case({"bucket": "theirs", "account": "222222222222"}), case({"bucket": "nobody-s"})],
)
def judge(
    bucket: Bucket,
    accounts: Everywhere[Account],
    buckets: Everywhere[Bucket],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    if not bucket.replicas:
        return passed("no rule that is enabled replicates it")
    estate = Estate(accounts, environment_map, synonyms)
    own = estate.of(bucket.target)
    found = replicated(bucket, buckets, own, estate)
    if found.crossed:
        return failed(f"its account is {own.name}, and it is replicated to {', '.join(found.crossed)}")
    if found.unsure:
        return unknown(found.unsure)
    return passed(f"its account is {own.name}, and it is replicated to {len(bucket.replicas)} of its own class or shared")
