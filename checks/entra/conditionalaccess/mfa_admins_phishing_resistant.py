"""Whoever acts as an administrator has to present what cannot be phished.

A strength is judged by the combinations that it allows and not by its name: a custom one may be called "Phishing-resistant" and allow a
text message. A policy that includes roles means roles of the whole tenant: it does not reach an administrator of one administrative unit,
who is asked about in person.
"""

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.entra.conditional_access.coverage import Judged
from controlmon.facts.entra.conditional_access.grants import Want
from controlmon.facts.entra.conditional_access.who import Who
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.roles import ROLES, Assignment, Eligibility, people
from controlmon.facts.entra.tenant import Tenant

TENANT = Tenant.example(strengths=[], locations=[])
NOBODY = (All[PolicyGroup].of(), All[Assignment].of(), All[Eligibility].of())
DEFAULT = (
    "Global Administrator", "Privileged Role Administrator", "Security Administrator", "Conditional Access Administrator",
    "Application Administrator", "Cloud Application Administrator", "User Administrator", "Exchange Administrator",
    "SharePoint Administrator", "Privileged Authentication Administrator", "Authentication Administrator",
)  # fmt: skip


def policies(*combinations: str, roles: tuple[str, ...] = DEFAULT) -> All[Policy]:
    strength = {"id": "s", "name": "Phishing-resistant", "combinations": combinations}
    include = {"roles": [ROLES[role] for role in roles]}
    settings = {"name": "Admins", "state": "enabled", "include": include, "apps": {"include": ["All"]}, "grant": {"strength": strength}}
    return All.of(Policy.example(settings=settings))


@check(
    title="Administrators must present phishing-resistant MFA",
    severity="high",
    reads=[
        Tenant.strengths,
        Tenant.locations,
        Policy.settings,
        PolicyGroup.members,
        Assignment.holding,
        Assignment.members,
        Eligibility.holding,
        Eligibility.members,
    ],
    remediation="Add a policy that includes these roles, for all resources, with the built-in strength Phishing-resistant MFA.",
    proves="That whoever has one of these roles for the whole tenant, and is excluded by no policy, cannot get in with less. Who is "
    "excluded is the matter of exclusions_justified; custom roles are not covered by policies about roles.",
    passes=(TENANT, policies("fido2", "windowsHelloForBusiness"), *NOBODY),
    fails=[
        (TENANT, policies("fido2", "password,sms"), *NOBODY),
        (TENANT, policies("fido2", roles=("Global Administrator",)), *NOBODY),
    ],
)
def judge(
    tenant: Tenant,
    policies: All[Policy],
    groups: All[PolicyGroup],
    active: All[Assignment],
    eligible: All[Eligibility],
    *,
    roles: tuple[str, ...] = DEFAULT,
) -> Verdict:
    strange = [role for role in roles if role not in ROLES and role.count("-") != 4]
    if strange:
        return unknown(f"{strange[0]} is no role that is known here by name: give the id of its template")
    judged = Judged(policies, groups, active, eligible, locations=tenant.locations, strengths=tenant.strengths, security_defaults=False)
    wanted = {ROLES.get(role, role): role for role in roles}
    for role, name in wanted.items():
        answer = judged.of(Who(id="", acting=(role,)), Want.RESISTANT)
        if not answer.demanded:
            return failed(f"{Want.RESISTANT} is not demanded of a {name} {answer.why}")
    parts = [
        held for held in [*active, *eligible] if held.holding.role in wanted and held.holding.where.startswith("/administrativeUnits/")
    ]
    for held in parts:
        for person in sorted(people(held)):
            answer = judged.of(Who(id=person), Want.RESISTANT)
            if not answer.demanded:
                where = f"{wanted[held.holding.role]} of {held.holding.where}"
                return failed(f"policies about roles do not reach {held.holding.name}, {where}, {answer.why}")
    return passed(f"{Want.RESISTANT} is demanded of whoever acts in one of {len(wanted)} roles")
