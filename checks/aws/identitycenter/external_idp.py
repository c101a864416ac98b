"""Every user of Identity Center was provisioned by the company's identity provider.

No API tells where Identity Center takes its users from. Each user tells who issued its external id, and one that was made by hand has none.
Which issuer is the company's has to be declared: until then, a user that has one is unknown.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.identitycenter import User

ISSUER = "https://scim.example/entra"


@check(
    title="IAM Identity Center users come from the corporate identity provider",
    severity="high",
    reads=[User.settings],
    remediation="Delete users that were made by hand, and provision by SCIM.",
    proves="Who issued the external id of each enabled user. Not that the same person is enabled there, nor the setting of the identity "
    "source itself, which is attested yearly.",
    passes=Example((User.example(settings={"enabled": True, "issuers": [ISSUER]}),), {"expected_issuer": ISSUER}),
    fails=[
        User.example(settings={"enabled": True}),
        Example((User.example(settings={"enabled": True, "issuers": ["other"]}),), {"expected_issuer": ISSUER}),
    ],
)
def judge(user: User, *, expected_issuer: str | None = None) -> Verdict:
    it = user.settings
    if it.enabled is False:
        return not_applicable("it is disabled")
    if not it.issuers:
        return failed("it has no external id: it was made by hand")
    said = f"its external id is of {', '.join(it.issuers)}"
    if not expected_issuer:
        return unknown(f"{said}, and which issuer is the company's is not declared: set expected_issuer")
    return passed(said) if expected_issuer in it.issuers else failed(f"{said}; {expected_issuer} required")
