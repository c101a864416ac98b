"""A bucket refuses whoever comes without TLS.

S3 answers plain HTTP unless it is told not to. The denial has to speak of the bucket and of what is in it: one of the two is the usual
mistake. A resource control policy of the organization may say it for every bucket; where it cannot be read, a bucket without a denial of
its own is unknown, and not failed.
"""

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.aws.transport import refuses_plain

ARN = "arn:aws:s3:::b"
NONE = Account.example(resource_controls=[])


def deny(*resources: str, action: str = "s3:*", **condition: dict[str, str]) -> tuple[Statement, ...]:
    when = condition or {"Bool": {"aws:SecureTransport": "false"}}
    return statements({"Statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": list(resources), "Condition": when}})


def bucket(policy: tuple[Statement, ...] = ()) -> Bucket:
    return Bucket.example(id=ARN, policy=policy)


@check(
    title="Buckets refuse plain HTTP",
    severity="medium",
    reads=[Bucket.policy, Account.resource_controls.when("organization_policies")],
    remediation='Deny s3:* to principal "*" on the bucket and on its objects where aws:SecureTransport is false.',
    proves="That every data action by plain HTTP is denied to everybody. S3's endpoints refuse TLS older than 1.2 by themselves.",
    passes=[
        (bucket(deny(ARN, f"{ARN}/*")), NONE),
        (bucket(deny("*", BoolIfExists={"aws:SecureTransport": "false"})), NONE),
        (bucket(), Account.example(resource_controls=deny("*"))),
    ],
    fails=[
        (bucket(), NONE),
        (bucket(deny(f"{ARN}/*")), NONE),
        (bucket(deny(ARN)), NONE),
        (bucket(deny("*", action="s3:PutObject")), NONE),
        Example((bucket(), Account.example(resource_controls=deny("*"))), {"organization_policies": False}),
    ],
)
def judge(bucket: Bucket, account: Account, *, organization_policies: bool = True) -> Verdict:
    own = refuses_plain(bucket.policy, bucket.id)
    if own:
        return passed("its policy denies plain HTTP for the bucket and its objects")
    if organization_policies:
        above = refuses_plain((*bucket.policy, *account.resource_controls), bucket.id)
        if above:
            return passed("a resource control policy of the organization denies plain HTTP")
        own = own if above is False else None
    if own is None:
        return unknown("it denies TLS below a version only: whether S3 counts plain HTTP as below any is not documented")
    has = "it has no policy" if not bucket.policy else "its policy does not deny plain HTTP to everybody for the bucket and all its objects"
    return failed(has)
