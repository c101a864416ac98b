"""Roles trust accounts that we know, and third parties only with an external id.

A condition limits "*" only if it names something: StringLike with "*" names nothing, and IfExists lets through who brings no key. What
stands where a trusted principal was deleted is dead, and better removed.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import Role
from controlmon.facts.aws.policy import Statement, account_of, is_deleted, statements

VENDORS = {"464622532012": "Datadog"}
LIMITS = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount", "aws:PrincipalArn", "aws:PrincipalAccount")
ACCOUNT = Account.example(organization_accounts=["123456789012"])


def role(principal: object, **condition: dict[str, str]) -> Role:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    return Role.example(trust={"path": "/", "statements": statements({"Statement": statement})})


@check(
    title="Roles trust only known external accounts, and third parties only with an external id",
    severity="critical",
    reads=[Role.trust, Account.organization_accounts],
    remediation="Remove the trust, or add sts:ExternalId and list the vendor's account.",
    proves="Whom the trust policy lets in. Not what they do once inside, nor who trusts whom by federation.",
    passes=[
        (role({"Service": "ec2.amazonaws.com"}), ACCOUNT),
        (role({"AWS": "123456789012"}), ACCOUNT),
        (role("*", StringEquals={"aws:PrincipalOrgID": "o-1"}), ACCOUNT),
        (role({"AWS": "464622532012"}, StringEquals={"sts:ExternalId": "x"}), ACCOUNT),
        Example(
            (role({"AWS": "999999999999"}, StringEquals={"sts:ExternalId": "x"}), ACCOUNT),
            {"known_external_accounts": {"999999999999": "v"}},
        ),
    ],
    fails=[
        (role("*"), ACCOUNT),
        (role("*", StringLike={"aws:PrincipalArn": "*"}), ACCOUNT),
        (role({"AWS": "464622532012"}), ACCOUNT),
        (role({"AWS": "arn:aws:iam::999999999999:root"}), ACCOUNT),
    ],
)
def judge(
    role: Role,
    account: Account,
    *,
    known_external_accounts: dict[str, str] = {},  # noqa: B006 - never changed
    own_accounts: tuple[str, ...] = (),
) -> Verdict:
    trust = role.trust
    if trust.path.startswith("/aws-service-role/"):
        return not_applicable("it is a role that an AWS service made for itself")
    vendors = VENDORS | known_external_accounts
    named: list[tuple[Statement, str]] = [(s, p) for s in trust.statements if s.allow for p in s.principals.get("AWS", ())]
    if any(principal == "*" and not statement.limited_by(*LIMITS) for statement, principal in named):
        return failed("it trusts everybody: no condition limits who")
    outside: dict[str, Statement] = {}
    for statement, principal in named:
        accounts = statement.limited_by("aws:SourceAccount", "aws:PrincipalAccount") if principal == "*" else (account_of(principal) or "",)
        outside |= {other: statement for other in accounts if other and other != role.target}
    for other, statement in outside.items():
        if other in vendors and not statement.limited_by("sts:ExternalId", "aws:PrincipalOrgID"):
            return failed(f"it trusts {vendors[other]} ({other}) without an external id: anybody may have the vendor use it")
    strangers = sorted(other for other in outside if other not in vendors and other not in own_accounts)
    strangers = [other for other in strangers if other not in account.organization_accounts] if strangers else []
    if strangers:
        return failed(f"it trusts {', '.join(strangers)}, which is neither of the organization nor known")
    dead = [principal for _, principal in named if is_deleted(principal)]
    if dead:
        return failed(f"it trusts {dead[0]}, which is what is left of a principal that was deleted", severity="low")
    return passed(f"it trusts {', '.join(sorted(vendors.get(o, o) for o in outside)) or 'nobody outside the account'}")
