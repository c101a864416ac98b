"""People sign in to Datadog by SAML, and by nothing else.

SAML that is only enabled leaves the password open beside it: strict mode closes it. A user may still have methods of its own, and a child
organization has settings of its own.
"""

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.organization import SignInSettings
from controlmon.facts.datadog.users import User

OURS = SignInSettings.example(id="123456789012", saml={"saml": True, "strict": True}, other_methods=(), provider=True)
ANN = User.example(id="u-1", name="ann", profile={"email": "ann@example.com"})
OVERRIDE = User.example(id="u-2", name="bob", profile={"email": "bob@example.com", "methods": ["google_oidc"]})


@check(
    title="Datadog sign-in is SAML only",
    severity="critical",
    reads=[SignInSettings.saml, SignInSettings.other_methods, SignInSettings.provider, User.profile],
    remediation="Turn on SAML and its strict mode in the organization's login methods, and take away the users' own login methods.",
    proves="That SAML is enabled and strict, and that no enabled person has another method by override. Where org_management, which also "
    "allows writing, is not granted, an attestation has to stand in. Not how the identity provider checks people.",
    passes=(OURS, All.of(ANN)),
    fails=[
        (SignInSettings.example(saml={"saml": False, "strict": False}), All.of(ANN)),
        (SignInSettings.example(saml={"saml": True, "strict": False}), All.of(ANN)),
        (SignInSettings.example(id="123456789012", saml={"saml": True, "strict": True}, other_methods=["google_login"]), All.of(ANN)),
        (OURS, All.of(ANN, OVERRIDE)),
    ],
)
def judge(organization: SignInSettings, users: All[User]) -> Verdict:
    saml = organization.saml
    if not saml.saml:
        return failed("SAML is not enabled")
    if not saml.strict:
        return failed("SAML is enabled but not strict: a password still opens it")
    if not organization.ours:
        return unknown("SAML is enabled and strict, but its users' own methods are told only within it: name it among the organizations")
    if organization.other_methods:
        return failed(f"{' and '.join(organization.other_methods)} lets in by another way")
    if not organization.provider:
        return unknown("SAML is enabled and strict, but no identity provider is set up that people could sign in by")
    if user := users.first(lambda user: bool(user.profile.other_methods)):
        return failed(f"{user.name} may also sign in by {' and '.join(user.profile.other_methods)}")
    if user := users.first(lambda user: user.profile.may_sign_in and user.profile.methods is None):
        return unknown(f"SAML is enabled and strict, but Datadog does not say which methods {user.name} has")
    return passed("SAML is enabled and strict, and nobody has another method")
