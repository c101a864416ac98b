"""Who and what a baseline policy spares is on a list, with an owner and a date.

The policy object does not change when somebody joins a group that it excludes, so groups are expanded at each run. Roles, guests, apps,
places and platforms that are left out are exclusions as well. What was deleted excludes nobody.
"""

from collections.abc import Iterator
from datetime import date, datetime

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.conditional_access.grants import Want, demands
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User

TENANT = Tenant.example(strengths=[])
ADA = All.of(User.example(id="ada", name="ada@artemis.example", profile={"enabled": True}))
BASE = {"name": "MFA", "state": "enabled", "include": {"users": ["All"]}, "apps": {"include": ["All"]}, "grant": {"controls": ["mfa"]}}
TEAM = All.of(PolicyGroup.example(id="team", members=["ada"]))
LISTED = ({"id": "ada", "owner": "ciso@artemis.example", "until": "2099-12-31", "reason": "break-glass"},)


def policy(**exclude: object) -> Policy:
    return Policy.example(settings={**BASE, "exclude": exclude})


@check(
    title="Whoever and whatever is excluded from MFA policies is justified",
    severity="high",
    reads=[Tenant.strengths, Policy.settings, PolicyGroup.members, User.profile],
    remediation="Take it out of the policy, or put it on the list `allowed_exclusions` with an owner, a reason and a date.",
    proves="That each exclusion of an enabled policy that demands MFA of all users is listed with an owner and a date to come.",
    passes=[
        (policy(), TENANT, All[PolicyGroup].of(), ADA),
        Example((policy(groups=["team"]), TENANT, TEAM, ADA), {"allowed_exclusions": LISTED}),
        (policy(users=["deleted"]), TENANT, All[PolicyGroup].of(), ADA),
    ],
    fails=[(policy(groups=["team"]), TENANT, TEAM, ADA), (policy(roles=["62e9"]), TENANT, All[PolicyGroup].of(), ADA)],
)
def judge(
    policy: Policy,
    tenant: Tenant,
    groups: All[PolicyGroup],
    users: All[User],
    now: datetime,
    *,
    allowed_exclusions: tuple[dict[str, str], ...] = (),
) -> Verdict:
    said = policy.settings
    if not said.enabled or said.workload or "All" not in said.include.users:
        return not_applicable("it is no enabled policy for all users")
    known = {one.id: one for one in tenant.strengths}
    if said.grant is None or "block" in said.grant.controls or not demands(said.grant, Want.MFA, known):
        return not_applicable("it does not demand MFA")
    listed = {one.get("id", ""): one for one in allowed_exclusions}
    found = list(_exclusions(policy, groups, users))
    for thing, called in found:
        entry = listed.get(thing)
        if entry is None:
            return failed(f"{called} is excluded, and not on the list")
        if not entry.get("owner"):
            return failed(f"{called} is excluded, and has no owner on the list")
        if not entry.get("until") or date.fromisoformat(entry["until"]) < now.date():
            return failed(f"{called} is excluded, and its time on the list is over ({entry.get('until') or 'it has no date'})")
    reasons = [f"{called} ({listed[thing].get('reason') or 'no reason'}, {listed[thing]['owner']})" for thing, called in found]
    return passed(f"what is excluded is listed: {', '.join(reasons)}" if reasons else "nothing is excluded")


def _exclusions(policy: Policy, groups: All[PolicyGroup], users: All[User]) -> Iterator[tuple[str, str]]:
    """What is excluded: the id under which it has to be listed, and what to call it."""
    said = policy.settings
    out = said.exclude
    through = {member: group.id for group in groups if group.id in out.groups for member in group.members} if out.groups else {}
    if out.users or through:
        for user in users:  # an id that is no user's is one that was deleted
            if user.id in out.users or user.id in through:
                yield user.id, f"{user.name}{' (through the group ' + through[user.id] + ')' if user.id in through else ''}"
    if "GuestsOrExternalUsers" in out.users:
        yield "GuestsOrExternalUsers", "every guest"
    yield from ((role, f"the role {role}") for role in out.roles)
    yield from ((kind, f"every {kind}") for kind in (out.guests.types if out.guests else ()))
    yield from ((app, f"the app {app}") for app in said.apps.exclude)
    yield from ((place, f"the location {place}") for place in (said.locations.exclude if said.locations else ()))
    yield from ((platform, f"the platform {platform}") for platform in (said.platforms.exclude if said.platforms else ()))
