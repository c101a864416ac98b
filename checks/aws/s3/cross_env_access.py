"""A bucket lets in nobody of the other class of environment, by its policy, its ACL, or an access point.

A condition on the organization lets in all of it, development too; one on a path of it can separate. A bucket policy that delegates to
access points of its own account is as good as the policies of those, which are judged too. A canonical user is the account whose buckets
he owns; one who owns none that was seen is a stranger. Buckets of a shared account (log archives) serve both classes.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.policy import statements
from controlmon.facts.aws.reach import crossed_by
from controlmon.facts.aws.replication import LOG_DELIVERY, canonical_crossing
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared", "444444444444": "prod"}}


def case(principal: object = None, *grantees: str, **condition: dict[str, str]) -> Example:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition}
    policy = statements({"Statement": statement}) if principal else ()
    bucket = Bucket.example(policy=policy, acl={"owner": "us", "grantees": grantees})
    return Example((bucket, Everywhere.of(Account.example(id="123456789012")), Everywhere.of(bucket)), MAP)


@check(
    title="Production buckets grant no access to non-production principals",
    severity="high",
    reads=[*WHERE, Bucket.policy, Bucket.acl, AccessPoint.policy],
    remediation="Remove the grant, or limit it to paths of the organization of the same class.",
    proves="Whom the bucket's policy and ACL and its access points' policies let in. Not Multi-Region access points, nor ACLs of objects.",
    passes=[
        case(),
        case({"AWS": "444444444444"}),
        case({"AWS": "arn:aws:iam::333333333333:role/scanner"}),
        case("*", StringEquals={"s3:DataAccessPointAccount": "123456789012"}),
    ],
    fails=[
        case({"AWS": "arn:aws:iam::222222222222:root"}),
        case("*"),
        case("*", StringEquals={"aws:PrincipalAccount": "222222222222"}),
        case(None, "a-stranger"),
        case({"CanonicalUser": "a-stranger"}),
    ],
)
def judge(
    place: Bucket | AccessPoint,
    accounts: Everywhere[Account],
    buckets: Everywhere[Bucket],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    known_canonical_users: tuple[str, ...] = (LOG_DELIVERY,),
) -> Verdict:
    estate = Estate(accounts, environment_map, synonyms)
    own = estate.of(place.target)
    if own.cls == "shared":
        return not_applicable(f"its account is shared ({own.why})")
    found = crossed_by(place.policy, own, place.target, estate)
    if found.crossed:
        return failed(f"its account is {own.name or 'not known'}, and it lets in {', '.join(found.crossed)}")
    if isinstance(place, Bucket):
        users = canonical_crossing(place, buckets, own, estate, known_canonical_users)
        if users.crossed:
            return failed(f"its account is {own.name or 'not known'}, and it grants access to {', '.join(users.crossed)}")
        found = found if found.unsure else users
    return unknown(found.unsure) if found.unsure else passed(f"its account is {own.name or 'not known'}, and it lets in nobody that is not")
