"""Whoever can get at production is somebody who was named for it, until a day.

What can be activated is access: looking at active assignments alone hides most of it. One that was activated shows up as active for some
hours, and is no second grant. Roles on data count as much as roles on resources.
"""

from datetime import date, datetime

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import EligibleAssignment, RoleAssignment
from controlmon.facts.azure.subscription import Subscription

PROD = Subscription.example(listed={"state": "Enabled", "tags": {"environment": "production"}})
ROSTER = {"roster": {"ann@artemis.example": "", "bob@artemis.example": "2026-01-31"}}


def person(name: str) -> dict[str, str]:
    return {"id": name, "kind": "user", "name": f"{name}@artemis.example"}


def assigned(*people: str) -> RoleAssignment:
    group = len(people) > 1
    settings = {"role": "r", "principal": people[0], "type": "Group" if group else "User", "scope": "/"}
    return RoleAssignment.example(settings=settings, principal=person(people[0]), members=[person(p) for p in people] if group else [])


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
    ],
    remediation="Remove the assignment, or add the person to the roster with the day on which the engagement ends.",
    proves="That each person with a role in production, active or eligible, direct, by group or inherited, is on the roster. Not accounts "
    "inside of systems (SQL administrators, Kubernetes roles), which are no role assignments. Without a roster nothing is proved.",
    passes=[Example((assigned("ann"), PROD), ROSTER)],
    fails=[
        Example((assigned("eve"), PROD), ROSTER),
        Example((assigned("bob"), PROD), ROSTER),
        Example((assigned("ann", "eve"), PROD), ROSTER),
    ],
)
def judge(
    assignment: RoleAssignment | EligibleAssignment,
    subscription: Subscription,
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
    if not roster:
        return unknown("no roster of engagements is declared")
    ends = {name.lower(): end for name, end in roster.items()}
    wrong = []
    for one in people:
        end = next((ends[name] for name in (one.id, one.name.lower()) if name in ends), None)
        if end is None:
            wrong.append(f"{one.name} is not on the roster")
        elif end and date.fromisoformat(end) < now.date():
            wrong.append(f"the engagement of {one.name} ended on {end}")
    return failed("; ".join(wrong)) if wrong else passed(f"{', '.join(one.name for one in people)}: on the roster")
