"""No key is opened to the other class of environment, by its policy or by a grant.

To share a snapshot or an image with another account takes a share of its key: this finding often comes before that of the data. Conditions
on the caller's account, and on the organization, count as whom they let in. Grants do not show in the policy.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.policy import account_of, statements
from controlmon.facts.aws.reach import crossed_by
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared", "444444444444": "prod"}}


def case(principal: str, grantee: str = "", **condition: dict[str, str]) -> Example:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*", "Condition": condition}
    grants = [{"grantee": grantee}] if grantee else []
    key = Key.example(settings={}, policy=statements({"Statement": statement}), grants=grants)
    return Example((key, Everywhere.of(Account.example(id="123456789012"))), MAP)


@check(
    title="Keys are not shared between production and non-production",
    severity="critical",
    reads=[*WHERE, Key.settings, Key.policy, Key.grants],
    remediation="Copy the data under a key of its environment, and take the principal out of the policy or retire the grant.",
    proves="Whom the key's policy and grants name. Not what those principals are allowed in their own accounts.",
    passes=[
        case("arn:aws:iam::123456789012:root"),
        case("444444444444"),
        case("123456789012", "arn:aws:iam::333333333333:role/backup"),
        case("*", StringEquals={"kms:CallerAccount": "123456789012", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    ],
    fails=[
        case("arn:aws:iam::222222222222:root"),
        case("*", StringEquals={"kms:CallerAccount": "222222222222"}),
        case("123456789012", "arn:aws:iam::222222222222:role/x"),
    ],
)
def judge(
    key: Key,
    accounts: Everywhere[Account],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    if key.settings.manager != "CUSTOMER":
        return not_applicable(f"it is managed by {key.settings.manager}, and cannot be shared")
    estate = Estate(accounts, environment_map, synonyms)
    own = estate.of(key.target)
    if own.cls == "shared":
        return not_applicable(f"its account is shared ({own.why})")
    by_policy = crossed_by(key.policy, own, key.target, estate)
    if by_policy.crossed:
        return failed(f"its account is {own.name or 'not known'}, and its policy opens it to {', '.join(by_policy.crossed)}")
    named = [(account, who) for grant in key.grants for who in (grant.grantee, grant.retiring) if (account := account_of(who))]
    by_grant = estate.crossing(own, [one for one in named if one[0] != key.target])
    if by_grant.crossed:
        return failed(f"its account is {own.name}, and a grant opens it to {', '.join(by_grant.crossed)}")
    unsure = by_policy.unsure or by_grant.unsure
    return unknown(unsure) if unsure else passed(f"its account is {own.name or 'not known'}, and it is open to nobody that is not")
