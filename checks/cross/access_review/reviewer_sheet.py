"""Each system's reviewer got a sheet with every row that was frozen, and owns the system.

A sheet that somebody made by hand leaves out what he did not think of. This one is made of the snapshot and names its digest, so that
nothing slips in or out afterwards; next to each last use stands the day as of which it is known.
"""

from datetime import datetime

from controlmon.check import Everywhere, Verdict, check, failed, passed, waiting
from controlmon.facts.controlmon.reviews import Review, due
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import Role, SystemOwner, holders

SNAPSHOT = "sha256:" + "0" * 64


def case(
    rows: int = 3, owner: str = "bob", snapshot: str = SNAPSHOT, since: str = "2026-01-01T00:00:00Z", **more: object
) -> tuple[object, ...]:
    campaign = {
        "id": "2026-Q4", "taken_at": "2026-11-20T10:00:00Z", "opened_at": "2026-11-20T10:01:00Z", "snapshot": SNAPSHOT, "rows": 3,
        "reviewers": ["bob"], "exported": [{"reviewer": "bob", "rows": rows, "snapshot": snapshot, "at": "2026-11-20T11:00:00Z"}],
    } | more  # fmt: skip
    standing = {"since": since, "newest": campaign if rows else None}
    owners = Everywhere.of(SystemOwner.example(id="datadog", row={"id": "datadog", "name": "Datadog", "owner": owner}))
    who = {"id": "bob", "name": "Bob", "email": "bob@x.io", "role": "lead", "start": "2020-01-01"}
    return (
        Review.example(id="datadog", standing=standing),
        owners,
        Everywhere[Role].of(),
        Everywhere.of(Person.example(id="bob", row=who)),
    )


@check(
    title="A reviewer who owns the system has a sheet of every row that was frozen",
    severity="high",
    frequency="quarterly",
    reads=[Review.standing, SystemOwner.row, Role.row, Person.row],
    remediation="Run `controlmon review open` and `controlmon review export`; name the system's owner in the register `system_owners`.",
    proves="That each reviewer's sheet was made of the snapshot, row by row. Not that it was read.",
    passes=[case()],
    fails=[case(rows=2), case(owner="eve"), case(exported=[]), case(rows=0), case(snapshot="sha256:" + "1" * 64)],
)
def judge(
    review: Review,
    owners: Everywhere[SystemOwner],
    roles: Everywhere[Role],
    people: Everywhere[Person],
    now: datetime,
    *,
    first_days: int = 90,
    second_roles: tuple[str, ...] = ("executive", "board"),
) -> Verdict:
    campaign = review.standing.newest
    if campaign is None:
        day = due(review.standing, now, "rolling", first_days)
        return waiting("no review of it was opened yet", due=day) if now.date() <= day else failed("no review of it was ever opened")
    active = {person.id for person in people if person.row.is_active(now)}
    allowed = {one for owner in owners if owner.id == review.id for one in (owner.row.owner, owner.row.deputy)}
    if any(one not in allowed for one in campaign.reviewers):
        allowed |= holders(roles, second_roles, now)
    if strangers := [one for one in campaign.reviewers if one not in allowed]:
        return failed(f"{strangers[0]} reviews it, and is neither its owner nor their deputy by the register system_owners")
    if left := [one for one in campaign.reviewers if one not in active]:
        return failed(f"{left[0]} is to review it, and does not work here")
    made = {one.reviewer: one for one in campaign.exported}
    if missing := [one for one in campaign.reviewers if one not in made]:
        return failed(f"{campaign.id} was opened, and no sheet was made for {', '.join(missing)}")
    if any(one.snapshot != campaign.snapshot for one in made.values()):
        return failed(f"a sheet is bound to another snapshot than that of {campaign.id}")
    rows = sum(made[one].rows for one in campaign.reviewers)
    if rows != campaign.rows:
        return failed(f"the sheets have {rows} rows, and {campaign.rows} were frozen")
    return passed(f"{rows} rows of {campaign.id} were given to {', '.join(campaign.reviewers)}, as of {campaign.taken_at:%d %b %Y}")
