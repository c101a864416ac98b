"""Every row of the last review has a decision, by somebody who may decide and is not its subject.

A reviewer who decides about his own access has reviewed nothing, and in a small company the only administrator is tempted to: then the
deputy decides, or the board. A sheet that was kept whole within seconds is told of, since nobody reads that fast.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from controlmon.check import Everywhere, Verdict, check, failed, passed, waiting
from controlmon.facts.controlmon.reviews import Decision, Review, Reviewed, due
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import Role, SystemOwner, holders

SNAPSHOT = "sha256:" + "0" * 64


def case(by: str = "bob", reason: str = "on call", flags: tuple[str, ...] = ("admin",), **said: object) -> tuple[object, ...]:
    grant = {"system": "datadog", "scope": "o", "principal": "1", "name": "ada@x.io", "role": "admin", "person": "ada", "flags": flags}
    campaign = {"id": "2026-Q4", "taken_at": "2026-11-01T12:00:00Z", "opened_at": "2026-11-01T12:00:00Z", "snapshot": SNAPSHOT, "rows": 1,
                "seconds": 3600, "signed_at": "2026-11-02T12:00:00Z"}  # fmt: skip
    one = {"row": "r", "decision": "keep", "reason": reason, "by": by, "at": "2026-11-02T11:00:00Z"} | said
    reviewed = {"campaign": "2026-Q4", "signed": True, "rows": [{"id": "r", "grant": grant}], "decisions": [one] if one["row"] else []}
    about = Review.example(
        id="datadog", standing={"since": "2026-01-01T00:00:00Z", "newest": campaign, "signed": campaign}, reviewed=reviewed
    )
    owners = Everywhere.of(SystemOwner.example(id="datadog", row={"id": "datadog", "name": "D", "owner": "bob", "deputy": "ada"}))
    many = [{"id": one, "name": one, "email": f"{one}@x.io", "role": "lead", "start": "2020-01-01"} for one in ("bob", "ada", "eve")]
    people = Everywhere.of(*(Person.example(id=str(one["id"]), row=one) for one in many))
    return about, owners, Everywhere[Role].of(), people


@check(
    title="Every row of an access review was decided by an independent, authorised reviewer",
    severity="critical",
    reads=[Review.standing, Review.reviewed, SystemOwner.row, Role.row, Person.row],
    remediation="Have the missing rows decided by the system's owner, their deputy or the board, in a new review.",
    proves="That the record has a decision for each frozen row, by whom and when. Not that it was a good one.",
    passes=[case(), case(reason="", flags=())],
    fails=[case(row=""), case(by="ada"), case(by="eve"), case(reason="")],
)
def judge(
    review: Review,
    owners: Everywhere[SystemOwner],
    roles: Everywhere[Role],
    people: Everywhere[Person],
    now: datetime,
    *,
    first_days: int = 90,
    open_days: int = 14,
    second_roles: tuple[str, ...] = ("executive", "board"),
) -> Verdict:
    standing, said = review.standing, review.reviewed
    campaign = standing.signed or standing.newest
    if campaign is None:
        day = due(standing, now, "rolling", first_days)
        return waiting("no review of it was opened yet", due=day) if now.date() <= day else failed("no review of it was ever opened")
    until = (campaign.opened_at + timedelta(days=open_days)).date()
    decided = {one.row: one for one in said.decisions}
    left = sum(row.id not in decided for row in said.rows)
    if not said.signed and now.date() <= until:
        return waiting(f"{campaign.id} is open, and {left} of {len(said.rows)} rows are not decided", due=until)
    if left or len(said.rows) != campaign.rows:
        return failed(f"{campaign.rows - len(said.rows) + left} of {campaign.rows} rows of {campaign.id} have no decision")
    if not said.signed:
        return failed(f"{campaign.id} was decided, and not signed within {open_days} days")
    allowed = {one for owner in owners if owner.id == review.id for one in (owner.row.owner, owner.row.deputy)}
    if any(one.by not in allowed for one in decided.values()):
        allowed |= holders(roles, second_roles, campaign.signed_at or now)
    here = {person.id for person in people if person.row.is_active(campaign.signed_at or now)}
    wrong = next(_wrong(said, decided, allowed & here), None)
    if wrong:
        return failed(wrong)
    counts = ", ".join(f"{sum(one.decision == choice for one in decided.values())} {choice}" for choice in ("keep", "revoke", "modify"))
    return passed(f"{len(said.rows)} rows of {campaign.id} were decided: {counts}{_haste(said, campaign.seconds, campaign.spread)}")


def _wrong(said: Reviewed, decided: dict[str, Decision], allowed: set[str | None]) -> Iterator[str]:
    for row in said.rows:
        one = decided[row.id]
        if row.grant.kind != "service" and row.grant.person == one.by:
            yield f"{one.by} decided about their own access ({row.grant.words}): a second person or the board has to"
        if one.by not in allowed:
            yield f"{one.by} decided about {row.grant.words}, and is neither its owner, nor their deputy, nor of the board"
        if row.needs_reason and not one.reason:
            yield f"{row.grant.words} was decided without a reason, and it is flagged ({', '.join(row.grant.flags)})"
        if one.decision == "modify" and not one.change_to:
            yield f"{row.grant.words} is to be modified, and nobody said to what"


def _haste(said: Reviewed, seconds: int | None, spread: int | None) -> str:
    """How long it took: keeping everything takes time too, if somebody reads."""
    took = f"; within {seconds} seconds of the sheet's export" if seconds is not None else ""
    between = f", the first and the last {spread} seconds apart" if spread else ""
    alike = said.rows and len({one.decision for one in said.decisions}) == 1
    hasty = took and alike and seconds is not None and seconds < len(said.rows)
    return f"{took}{between}{': all alike, in less than a second each, which is no reading' if hasty else ''}"
