"""There are few global administrators, all of them people of our own cloud.

One is too few to recover with, and five are four too many to watch. Whoever may activate the role (PIM) counts, and so does each member
of a group that has it. A service principal with this role can do all that a person can, day and night, and is critical.
"""

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.entra.roles import GLOBAL_ADMINISTRATOR, Assignment, Eligibility, people, robots_of
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User


def active(who: str, sort: str = "user", users: tuple[str, ...] = (), robots: tuple[str, ...] = ()) -> Assignment:
    holding = {"role": GLOBAL_ADMINISTRATOR, "principal": who, "sort": sort, "name": who}
    return Assignment.example(id=who, holding=holding, members={"users": users, "robots": robots})


def eligible(who: str) -> Eligibility:
    return Eligibility.example(id=who, holding={"role": GLOBAL_ADMINISTRATOR, "principal": who, "sort": "user", "name": who})


def users(*ids: str, synced: bool = False) -> All[User]:
    return All.of(*(User.example(id=one, profile={"enabled": True, "synced": synced}) for one in ids))


TENANT = Tenant.example()
NONE = All[Eligibility].of()
TWO = (All.of(active("ada")), All.of(eligible("bob")))


@check(
    title="Global administrators are between two and four people, in the cloud only",
    severity="high",
    reads=[Assignment.holding, Assignment.members, Eligibility.holding, Eligibility.members, User.profile],
    remediation="Give narrower roles for the job, make the rest eligible through PIM, and keep two to four cloud-only accounts.",
    proves="Who has or may take the role, through groups too. Not who may join such a group (PIM for Groups), or could grant the role to "
    "themselves by another one or by an app's permission.",
    passes=[
        (TENANT, *TWO, users("ada", "bob")),
        (TENANT, All.of(active("team", "group", users=("ada", "bob"))), NONE, users("ada", "bob")),
    ],
    fails=[
        (TENANT, All.of(active("ada")), NONE, users("ada")),
        (TENANT, All.of(active("ada"), active("bob"), active("robot", "servicePrincipal")), NONE, users("ada", "bob")),
        (TENANT, All.of(active("team", "group", users=("ada", "bob"), robots=("robot",))), NONE, users("ada", "bob")),
        (TENANT, *TWO, users("ada", "bob", synced=True)),
        Example((TENANT, *TWO, users("ada", "bob")), {"administrators": ["ada"]}),
    ],
)
def judge(
    tenant: Tenant,  # noqa: ARG001 - it is the tenant that is judged
    active: All[Assignment],
    eligible: All[Eligibility],
    users: All[User],
    *,
    min: int = 2,  # noqa: A002 - the name that the parameter has for people
    max: int = 4,  # noqa: A002
    administrators: tuple[str, ...] = (),
) -> Verdict:
    held = [one for one in [*active, *eligible] if one.holding.role == GLOBAL_ADMINISTRATOR and one.holding.sort]
    robots = sorted({robot for one in held for robot in robots_of(one)})
    if robots:
        return failed(f"the service principal {robots[0]} is a global administrator", severity="critical")
    found = {person for one in held for person in people(one)}
    known = {user.id: user for user in users if user.id in found}
    names = sorted(known[one].name if one in known else one for one in found)
    synced = sorted(user.name for user in known.values() if user.profile.synced)
    if synced:
        return failed(f"{synced[0]} comes from a directory on our premises: whoever rules that, rules the tenant")
    if not min <= len(found) <= max:
        return failed(f"{len(found)} have or may take the role; {min} to {max} should: {', '.join(names[:10]) or 'nobody'}")
    strangers = sorted(name for one in found for name in [known[one].name if one in known else one] if not {one, name} & {*administrators})
    if administrators and strangers:
        return failed(f"{strangers[0]} is none of the declared administrators")
    return passed(f"{len(found)} have or may take the role: {', '.join(names)}")
