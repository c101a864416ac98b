"""People who can sign in to Datadog with a password have a second factor.

`mfa_enabled` is Datadog's own factor: whoever signs in by SAML shows false, and that is fine only where strict SAML is proved.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.datadog.organization import SignInSettings
from controlmon.facts.datadog.users import User

STRICT = SignInSettings.example(id="123456789012", saml={"saml": True, "strict": True})
OPEN = SignInSettings.example(id="123456789012", saml={"saml": True, "strict": False})


def user(**profile: object) -> User:
    return User.example(profile={"email": "ann@example.com", **profile})


@check(
    title="Users who can log in by password have MFA",
    severity="high",
    reads=[User.profile, SignInSettings.saml],
    remediation="Make SAML strict, or have the user turn on MFA in the personal settings. Withdraw invitations that nobody accepts.",
    proves="That Datadog's own second factor is on, or that strict SAML shuts the password out. Not what the identity provider asks for.",
    passes=[
        (user(mfa=True), All.of(OPEN)),
        (user(), All.of(STRICT)),
    ],
    fails=[
        (user(), All.of(OPEN)),
        (user(methods=["standard"]), All.of(STRICT)),
        Example((user(status="Pending", created="2026-01-01T00:00:00Z"), All.of(STRICT)), {"pending_days": 14}),
    ],
)
def judge(user: User, organizations: All[SignInSettings], now: datetime, *, pending_days: int = 14) -> Verdict:
    profile = user.profile
    if profile.service_account:
        return not_applicable("it is a service account, which nobody signs in as")
    if profile.disabled:
        return not_applicable("it is disabled")
    if profile.status == "Pending":
        if profile.created is not None and now - profile.created > timedelta(days=pending_days):
            age = (now - profile.created).days
            return failed(f"the invitation has been open for {age} days; {pending_days} allowed", severity="low")
        return not_applicable("the invitation is not accepted yet")
    if profile.mfa:
        return passed("MFA is on")
    if profile.other_methods:
        return failed(f"MFA is off, and {' and '.join(profile.other_methods)} lets in beside SAML")
    if organizations.some(lambda one: one.ours and one.saml.saml and one.saml.strict):
        return passed("only SAML lets in: strict mode is on")
    return failed("MFA is off, and SAML is not strict: a password alone lets in")
