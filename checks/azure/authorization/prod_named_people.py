"""Whoever can get at production is somebody who was named for it, until a day.

What can be activated is access: looking at active assignments alone hides most of it. One that was activated shows up as active for some
hours, and is no second grant. Roles on data count as much as roles on resources.
"""

from datetime import date, datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.access.microsoft import AZURE
from controlmon.facts.azure.authorization import EligibleAssignment, Principal, RoleAssignment
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import owner, unengaged

PROD = Subscription.example(listed={"state": "Enabled", "tags": {"environment": "production"}})
ROSTER = {"roster": {"ann@artemis.example": "", "bob@artemis.example": "2026-01-31"}}


def person(name: str) -> dict[str, str]:
    return {"id": name, "kind": "user", "name": f"{name}@artemis.example"}


def assigned(*people: str) -> RoleAssignment:
    group = len(people) > 1
    settings = {"role": "r", "principal": people[0], "type": "Group" if group else "User", "scope": "/"}
    return RoleAssignment.example(settings=settings, principal=person(people[0]), members=[person(p) for p in people] if group else [])


def case(*people: str) -> Example:
    return Example((assigned(*people), PROD, Everywhere[Person].of(), Everywhere[Engagement].of()), ROSTER)


def registered(*people: str, **deal: object) -> tuple[object, ...]:
    """The same by the registers, in which ann is engaged."""
    ann = {"id": "ann", "name": "Ann", "email": "ann@artemis.example", "role": "engineer", "start": "2020-01-01"}
    row = {"id": "acme-1", "customer": "acme", "accounts": [PROD.target], "people": ["ann"], "start": "2020-01-01", "end": "2099-12-31"}
    return assigned(*people), PROD, Everywhere.of(Person.example(id="ann", row=ann)), Everywhere.of(Engagement.example(row=row | deal))


@check(
    title="People with access to production subscriptions match the engagement roster",
    severity="critical",
    reads=[
        RoleAssignment.settings,
        RoleAssignment.principal,
        RoleAssignment.members,
        EligibleAssignment.settings,
        EligibleAssignment.principal,
        EligibleAssignment.members,
        Subscription.listed,
        Person.row,
        Engagement.row,
    ],
    remediation="Remove the assignment, or add the person to the roster with the day on which the engagement ends.",
    proves="That each person with a role in production, active or eligible, direct, by group or inherited, is on the roster, or else is "
    "named for the subscription by an engagement of the register. Not accounts inside of systems (SQL administrators, Kubernetes roles), "
    "which are no role assignments. Without a roster or registers nothing is proved.",
    passes=[case("ann"), registered("ann")],
    fails=[case("eve"), case("bob"), case("ann", "eve"), registered("ann", "eve"), registered("ann", end="2020-01-31")],
)
def judge(
    assignment: RoleAssignment | EligibleAssignment,
    subscription: Subscription,
    registered_people: Everywhere[Person],
    engagements: Everywhere[Engagement],
    now: datetime,
    *,
    roster: dict[str, str] = {},  # noqa: B006 - a parameter is never written to
    environment_tags: tuple[str, ...] = ("environment", "env"),
    production: tuple[str, ...] = ("production", "prod", "prd"),
) -> Verdict:
    environment = subscription.listed.tag(environment_tags)
    if environment and environment.lower() not in production:
        return not_applicable(f"the subscription's environment is {environment}")
    settings = assignment.settings
    if settings.type not in ("User", "Group"):
        return not_applicable(f"its principal is a {settings.type or 'principal of no kind that is told'}, and no person")
    found = assignment.members if settings.type == "Group" else (assignment.principal,)
    people = [one for one in found if one is not None and (one.kind == "user" or settings.type == "User")]
    if not people:
        return not_applicable("there is nobody behind it")
    wrong = []
    for one in people:
        if roster:
            why = _unlisted(one, {name.lower(): end for name, end in roster.items()}, now.date())
        else:
            why = unengaged(owner(registered_people, AZURE, (one.id, one.name)), subscription.target, engagements, now)
            why = why and f"{one.name} {why}"
        if why:
            wrong.append(why)
    return failed("; ".join(wrong)) if wrong else passed(f"{', '.join(one.name for one in people)}: on the roster")


def _unlisted(person: Principal, ends: dict[str, str], today: date) -> str:
    """Why the roster that is given does not name somebody; "" if it does."""
    end = next((ends[name] for name in (person.id, person.name.lower()) if name in ends), None)
    if end is None:
        return f"{person.name} is not on the roster"
    return f"the engagement of {person.name} ended on {end}" if end and date.fromisoformat(end) < today else ""
