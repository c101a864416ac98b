"""Where people log in with IAM passwords, these must be long and new.

No policy is not "no rule": AWS's default of eight characters holds. Forced expiry is not asked for: NIST advises against it.
"""

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import User

PERSON = User.example(
    credentials={"generated": "2026-01-01T00:00:00+00:00", "mfa": True, "credentials": [{"name": "the password", "enabled": True}]}
)


@check(
    title="The account's password policy meets the standard",
    severity="medium",
    reads=[Account.password_policy, User.credentials],
    remediation="Set the account's password policy, or leave passwords to single sign-on.",
    proves="What new passwords must be. Those set before may be weaker.",
    passes=(Account.example(password_policy={"minimum_length": 14, "remembered": 24}), All.of(PERSON)),
    fails=[
        (Account.example(password_policy={"minimum_length": 12, "remembered": 24}), All.of(PERSON)),
        (Account.example(password_policy={"minimum_length": 14, "remembered": 5}), All.of(PERSON)),
        (Account.example(password_policy={"default": True}), All.of(PERSON)),
    ],
)
def judge(account: Account, users: All[User], *, min_length: int = 14, reuse: int = 24) -> Verdict:
    policy = account.password_policy
    if policy.minimum_length >= min_length and policy.remembered >= reuse:
        return passed(f"passwords have {policy.minimum_length} characters at least, and differ from the last {policy.remembered}")
    if not users.some(lambda user: user.credentials.password):
        return not_applicable("no user has a password")
    said = f"passwords may have {policy.minimum_length} characters ({min_length} required) and repeat the {policy.remembered + 1}th last"
    return failed(f"{said} ({reuse} remembered required)" + ("; none is set, so AWS's default holds" if policy.default else ""))
