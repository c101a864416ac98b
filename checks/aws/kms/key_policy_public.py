"""No key policy or grant opens a key to everybody, or to an account that we do not know.

"*" limited to callers of this account through one service is how AWS's own keys are written, and is not public. Grants do not show in the
policy, and let in just as well.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.policy import account_of, statements

ACCOUNT = Account.example(organization_accounts=["123456789012"])
ACCOUNTS = ("kms:CallerAccount", "aws:PrincipalAccount", "aws:SourceAccount")
LIMITS = (*ACCOUNTS, "kms:ViaService", "aws:PrincipalOrgID", "aws:PrincipalArn")


def key(principal: str, grantee: str = "", **condition: dict[str, str]) -> Key:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*", "Condition": condition}
    return Key.example(policy=statements({"Statement": statement}), grants=[{"grantee": grantee}] if grantee else [])


@check(
    title="No key policy or grant opens a key to everybody or to unknown accounts",
    severity="critical",
    reads=[Key.policy, Key.grants, Account.organization_accounts],
    remediation="Limit the policy to accounts that you know, and retire the grant.",
    proves="Whom the policy and the grants name. Not what those principals are allowed in their own accounts.",
    passes=[
        (key("arn:aws:iam::123456789012:root"), ACCOUNT),
        (key("*", StringEquals={"kms:CallerAccount": "123456789012"}), ACCOUNT),
        Example((key("arn:aws:iam::999999999999:root"), ACCOUNT), {"known_accounts": ["999999999999"]}),
    ],
    fails=[
        (key("*"), ACCOUNT),
        (key("*", StringLike={"aws:PrincipalArn": "*"}), ACCOUNT),
        (key("*", StringEquals={"kms:CallerAccount": "999999999999"}), ACCOUNT),
        (key("arn:aws:iam::999999999999:root"), ACCOUNT),
        (key("123456789012", "arn:aws:iam::999999999999:role/x"), ACCOUNT),
    ],
)
def judge(key: Key, account: Account, *, known_accounts: tuple[str, ...] = ()) -> Verdict:
    named: list[str] = []
    for statement in key.policy:
        for principal in statement.principals.get("AWS", ()) if statement.allow else ():
            if principal == "*" and not statement.limited_by(*LIMITS):
                return failed("its policy opens it to everybody")
            named += statement.limited_by(*ACCOUNTS) if principal == "*" else [principal]
    named += [who for grant in key.grants for who in (grant.grantee, grant.retiring) if who]
    outside = sorted({other for name in named if (other := account_of(name)) and other != key.target and other not in known_accounts})
    if outside:
        strangers = [other for other in outside if other not in account.organization_accounts]
        if strangers:
            return failed(f"it is open to {', '.join(strangers)}, which is not a known account")
    return passed(
        "its policy and grants name nobody outside" if not outside else f"it is open to {', '.join(outside)} of the organization only"
    )
