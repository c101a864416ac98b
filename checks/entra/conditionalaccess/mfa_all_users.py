"""Every enabled member must present MFA in every app, whatever the circumstances.

That there is a policy named "Require MFA" proves nothing. It may report only, forget a client, a platform or an app, let a compliant
device in instead, or spare a group that holds half of the company. So the question is put to all enabled policies at once, for each
member and each app that some policy names, over every combination of client, platform, place, flow, risk and device that the policies
tell apart.
"""

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.conditional_access.coverage import Judged
from controlmon.facts.entra.conditional_access.grants import Want
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.roles import Assignment, Eligibility
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User

ADA = User.example(id="ada", name="ada@artemis.example", profile={"enabled": True})
NOBODY = (All[Assignment].of(), All[Eligibility].of())
BASE = {"name": "MFA for all", "state": "enabled", "include": {"users": ["All"]}, "apps": {"include": ["All"]}}
MFA = {"controls": ["mfa"]}
EITHER = {"controls": ["mfa", "compliantDevice"]}


def tenant(*, defaults: bool = False) -> Tenant:
    return Tenant.example(security_defaults=defaults, strengths=[], locations=[])


def policies(**changed: object) -> All[Policy]:
    return All.of(Policy.example(settings={**BASE, "grant": MFA, **changed}))


@check(
    title="Conditional Access makes every enabled member present MFA in every app",
    severity="critical",
    frequency="hourly",
    reads=[
        Tenant.security_defaults,
        Tenant.strengths,
        Tenant.locations,
        Policy.settings,
        PolicyGroup.members,
        User.profile,
        User.per_user_mfa.when("count_per_user_mfa"),
        Assignment.holding,
        Assignment.members,
        Eligibility.holding,
        Eligibility.members,
    ],
    remediation="Enable one baseline policy: all users, all resources, any client, require MFA; exclude the break-glass accounts only.",
    proves="That no combination of client, platform, place, flow, risk and device that a policy knows lets an enabled member in without "
    "MFA. Not: what guests do, that everybody has registered, the trusted addresses of per-user MFA (Graph does not show them), or tokens "
    "given before.",
    passes=[
        (tenant(), policies(), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        (tenant(defaults=True), All[Policy].of(), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        (tenant(), policies(exclude={"users": ["ada"]}), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        Example((tenant(), policies(grant=EITHER), All[PolicyGroup].of(), All.of(ADA), *NOBODY), {"allow_compliant_device_instead": True}),
    ],
    fails=[
        (tenant(), policies(state="enabledForReportingButNotEnforced"), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        (tenant(), policies(grant=EITHER), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        (tenant(), policies(clients=["browser"]), All[PolicyGroup].of(), All.of(ADA), *NOBODY),
        Example((tenant(), policies(exclude={"users": ["ada"]}), All[PolicyGroup].of(), All.of(ADA), *NOBODY), {"max_excluded_users": 0}),
    ],
)
def judge(
    tenant: Tenant,
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    active: All[Assignment],
    eligible: All[Eligibility],
    *,
    allow_compliant_device_instead: bool = False,
    count_per_user_mfa: bool = False,
    max_excluded_users: int = 4,
) -> Verdict:
    if tenant.security_defaults:
        return passed("security defaults are on")
    judged = Judged(policies, groups, active, eligible, locations=tenant.locations, strengths=tenant.strengths, security_defaults=False)
    want = Want.MFA_OR_DEVICE if allow_compliant_device_instead else Want.MFA
    members = (
        (user.name, user.who(per_user=user.per_user_mfa if count_per_user_mfa else ""))
        for user in users
        if user.profile.enabled and user.profile.member
    )
    found = judged.over(members, want, most=max_excluded_users)
    if not found.total:
        return not_applicable("there is no enabled member")
    if found.hole:
        return failed(f"{want} is not demanded of {found.hole}")
    if len(found.excluded) > max_excluded_users:
        return failed(f"{len(found.excluded)} are excluded; at most {max_excluded_users} may be: {', '.join(found.excluded[:10])}")
    left = f"; excluded: {', '.join(found.excluded)}" if found.excluded else ""
    return passed(f"{want} is demanded of {found.total - len(found.excluded)} of {found.total} enabled members in every app{left}")
