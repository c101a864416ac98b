"""Every enabled member has registered a method with which MFA can be done.

Registered is not the same as capable: what policy does not allow does not count. And capable is not made to: this never proves by itself
that MFA is required. The report lags behind the directory; whom it leaves out is unknown and not fine.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.users import User


def user(*, capable: bool, registered: bool = True, created: str = "2024-01-01T00:00:00+00:00") -> User:
    return User.example(
        name="ada", profile={"enabled": True, "created": created}, registration={"capable": capable, "registered": registered}
    )


@check(
    title="Every enabled member has a method registered that is good for MFA",
    severity="high",
    reads=[User.profile, User.registration],
    remediation="Start a registration campaign, and have those who do not answer register at their next sign-in.",
    proves="That MFA could be done. Not that it is demanded: conditionalaccess.mfa_all_users tells that.",
    passes=user(capable=True),
    fails=[user(capable=False), user(capable=False, registered=False)],
)
def judge(user: User, now: datetime, *, grace_days: int = 7, service_accounts: tuple[str, ...] = ()) -> Verdict:
    profile = user.profile
    if not profile.enabled:
        return not_applicable("it is disabled: nobody can sign in")
    if not profile.member:
        return not_applicable("it is a guest, whose home tenant asks for MFA")
    if {user.id, user.name} & {*service_accounts}:
        return not_applicable("it is a declared service or break-glass identity")
    registration = user.registration
    if registration.capable:
        return passed("a method is registered that is good for MFA")
    if profile.created is not None and now - profile.created <= timedelta(days=grace_days):
        return not_applicable(f"it was created on {profile.created:%Y-%m-%d}, and has {grace_days} days")
    return failed("only methods are registered that policy does not allow" if registration.registered else "no method is registered")
