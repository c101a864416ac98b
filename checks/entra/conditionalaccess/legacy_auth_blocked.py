"""Clients that know no modern authentication get in nowhere: they can present a password and nothing else.

A policy that blocks them has to name both kinds (Exchange ActiveSync, and the rest), for everyone and every app; and the log must agree,
the non-interactive sign-ins included, which it leaves out unless asked.
"""

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.conditional_access.coverage import Judged
from controlmon.facts.entra.conditional_access.grants import Want
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.roles import Assignment, Eligibility
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User

ADA = All.of(User.example(id="ada", profile={"enabled": True}))
NOBODY = (All[Assignment].of(), All[Eligibility].of())
BLOCK = {
    "name": "No legacy",
    "state": "enabled",
    "include": {"users": ["All"]},
    "apps": {"include": ["All"]},
    "grant": {"controls": ["block"]},
}
SEEN = {"at": "2026-11-20T10:00:00+00:00", "user": "ada", "app": "Exchange", "client": "IMAP4"}


def tenant(*sign_ins: object, defaults: bool = False) -> Tenant:
    return Tenant.example(security_defaults=defaults, strengths=[], locations=[], legacy_sign_ins=sign_ins)


def policies(*clients: str) -> All[Policy]:
    return All.of(Policy.example(settings={**BLOCK, "clients": clients}))


@check(
    title="Legacy authentication is blocked, and nobody got in with it in thirty days",
    severity="high",
    reads=[
        Tenant.security_defaults,
        Tenant.strengths,
        Tenant.locations,
        Tenant.legacy_sign_ins,
        Policy.settings,
        PolicyGroup.members,
        User.profile,
        Assignment.holding,
        Assignment.members,
        Eligibility.holding,
        Eligibility.members,
    ],
    remediation="Block the client apps Exchange ActiveSync and Other clients for all users and all resources.",
    proves="That such clients are refused for every enabled user, and that the log has no success of theirs in thirty days. "
    "The log takes a P1 licence.",
    passes=[
        (tenant(), policies("exchangeActiveSync", "other"), All[PolicyGroup].of(), ADA, *NOBODY),
        (tenant(defaults=True), All[Policy].of(), All[PolicyGroup].of(), ADA, *NOBODY),
    ],
    fails=[
        (tenant(), policies("exchangeActiveSync"), All[PolicyGroup].of(), ADA, *NOBODY),
        (tenant(SEEN), policies("exchangeActiveSync", "other"), All[PolicyGroup].of(), ADA, *NOBODY),
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
    max_excluded_users: int = 4,
) -> Verdict:
    how = "security defaults refuse legacy clients"
    if not tenant.security_defaults:
        judged = Judged(policies, groups, active, eligible, locations=tenant.locations, strengths=tenant.strengths, security_defaults=False)
        people = ((user.name, user.who()) for user in users if user.profile.enabled)
        found = judged.over(people, Want.BLOCK, most=max_excluded_users, legacy=True)
        if not found.total:
            return not_applicable("there is no enabled user")
        if found.hole:
            return failed(f"legacy clients are not refused for {found.hole}")
        if len(found.excluded) > max_excluded_users:
            return failed(f"{len(found.excluded)} are excluded; at most {max_excluded_users} may be: {', '.join(found.excluded[:10])}")
        how = f"legacy clients are refused for {found.total - len(found.excluded)} of {found.total} enabled users"
    got_in = sorted(tenant.legacy_sign_ins, key=lambda one: one.at)
    if got_in:
        last = got_in[-1]
        return failed(
            f"{len(got_in)} sign-ins by legacy clients succeeded, the last by {last.user} with {last.client} on {last.at:%Y-%m-%d}"
        )
    return passed(f"{how}, and none got in during thirty days")
