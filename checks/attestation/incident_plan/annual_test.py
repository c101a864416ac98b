"""The incident response plan was tried within the year, with the response team there, and what was learned was acted upon.

"Tested annually" fits on a calendar. A test has a scenario, those who will have to do it, a timeline and findings, and its actions do not
stay open. A real incident with a full review is a harder test, and counts where the plan in force says that it does.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.exercises import Exercise, ExerciseRow
from controlmon.facts.document.governance import late
from controlmon.facts.document.policies import Policy, current
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between, in_force

ACTION = {"what": "update the list", "owner": "bob", "due": "2026-10-01", "closed_at": "2026-09-20"}
GOOD: dict[str, object] = {
    "id": "ttx-1", "type": "incident_response", "held_at": "2026-09-01", "scenario": "ransomware", "participants": ["ada", "cleo"],
    "timeline": ["09:00 alert"], "findings": ["list was old"], "actions": [ACTION], "report": "https://wiki/ttx-1",
    "sha256": "sha256:" + "0" * 64,
}  # fmt: skip
PLAN: dict[str, object] = {"id": "irp-1", "document": "incident_response_plan", "version": "1", "owner": "ada", "approved_at": "2026-01-01"}
SAYS_SO = PLAN | {"facts": {"real_incident_counts": "section 9"}}


def case(row: dict[str, object], plan: dict[str, object] = PLAN) -> tuple[Company, All[Exercise], All[Role], All[Policy]]:
    team = [
        {"id": "r1", "role": "incident_lead", "holder": "ada", "deputy": "bob"},
        {"id": "r2", "role": "incident_team", "holder": "bob", "deputy": "cleo"},
    ]
    roles = [Role.example(id=str(r["id"]), row=r) for r in team]
    policy = Policy.example(id="incident_response_plan", versions=[plan])
    return Company.example(), All.of(Exercise.example(id="ttx-1", row=row)), All.of(*roles), All.of(policy)


@check(
    title="Incident response plan was tested in the last year",
    severity="high",
    frequency="weekly",
    reads=[Exercise.row, Role.row, Policy.versions],
    remediation="Run a table-top with the response team, and register its scenario, timeline, findings and actions.",
    proves="That the register has an exercise with the team of that day, no action of which is overdue. Not that they would do well.",
    passes=[case(GOOD), case(GOOD | {"real": True}, SAYS_SO)],
    fails=[
        case(GOOD | {"held_at": "2025-09-01"}),
        case(GOOD | {"participants": ["ada"]}),
        case(GOOD | {"timeline": []}),
        case(GOOD | {"actions": [ACTION | {"closed_at": None}]}),
        case(GOOD | {"real": True}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    exercises: All[Exercise],
    roles: All[Role],
    policies: All[Policy],
    now: datetime,
    *,
    types: tuple[str, ...] = ("incident_response",),
    team: tuple[str, ...] = ("incident_lead", "incident_team"),
    plan: str = "incident_response_plan",
    closing_days: int = 90,
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = [one.row for one in in_force(exercises) if one.row.type in types and days_between(one.row.held_at, now) <= max_age_days]
    if not rows:
        why = f"no exercise was held within {max_age_days} days"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    holders = [one.row for one in roles if one.row.role in team and one.row.holder]
    held = policies.first(lambda one: one.id == plan)
    real_counts = held is not None and any(v.facts.get("real_incident_counts", "").strip() for v in current(held.versions, now))
    wrong = []
    for row in sorted(rows, key=lambda one: one.held_at, reverse=True):
        there = set(row.participants)
        standing = [r for r in holders if r.is_held(row.held_at)]
        absent = sorted({str(r.holder) for r in standing if not there & {r.holder, r.deputy}})
        if row.real and not real_counts:
            wrong.append(f"{row.id} was a real incident, and {plan} does not say that one counts (`facts.real_incident_counts`)")
        elif told := lacking(row):
            wrong.append(f"{row.id} has no {', no '.join(told)}")
        elif not standing or absent:
            wrong.append(f"at {row.id} neither they nor their deputies were there: {', '.join(absent) or ' or '.join(team)}")
        elif overdue := late(row.actions, row.held_at, now, closing_days):
            wrong.append(f"of {row.id} is still open: {'; '.join(overdue)}")
        else:
            waits = sum(action.closed_at is None for action in row.actions)
            return passed(f"{row.id} was held on {row.held_at}{f', and {waits} of its actions are open and not yet due' if waits else ''}")
    return failed("; ".join(wrong))


def lacking(row: ExerciseRow) -> list[str]:
    told = {
        "scenario": row.scenario,
        "two participants": len(set(row.participants)) > 1,
        "timeline": row.timeline,
        "findings": row.findings,
    }
    return [name for name, value in {**told, "report with a digest": row.report and row.sha256}.items() if not value]
