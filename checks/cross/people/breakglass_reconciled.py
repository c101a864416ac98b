"""Each use of break-glass has a ticket of its own, raised an alert within minutes, and was reviewed by somebody else within days.

A ticket that covers a month covers whatever is done in it, so uses and tickets are matched one with one, both ways: a use without a ticket
is an intrusion until somebody shows otherwise, and a ticket without a use tells of a log that is blind. No use at all is good news only
where the log was awake the whole time.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown, waiting
from controlmon.facts.access.uses import SLACK, Use, joined, matched, of_aws, of_entra, of_logs, once_each
from controlmon.facts.aws import iam
from controlmon.facts.aws.events import HISTORY
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.breakglass import BreakGlassUse, BreakGlassUseRow
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import in_force
from controlmon.facts.entra.users import User as EntraUser
from controlmon.facts.inventory import listed

GLASS, AT = "arn:aws:iam::123456789012:role/break-glass", "2026-11-10T03:00:00+00:00"
TICKET: dict[str, object] = {
    "id": "bg-1", "principal": GLASS, "person": "ada", "started": AT, "ended": "2026-11-10T04:00:00Z", "reason": "no sign-in",
    "approver": "bob", "ticket": "OPS-9", "alerted_at": "2026-11-10T03:02:00Z", "reviewed_at": "2026-11-11T09:00:00Z", "reviewer": "bob",
}  # fmt: skip
PEOPLE = All.of(*(
    Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
    for who in ("ada", "bob")
))  # fmt: skip


def case(*used: str, company: bool = False, filed: bool = True, **ticket: object) -> Example:
    role = iam.Role.example(id=GLASS, name="break-glass", uses={"seen": [{"at": at, "event": "AssumeRole"} for at in used]})
    one = BreakGlassUse.example(id="bg-1", row=TICKET | ticket)
    clouds = (Everywhere.of(role), Everywhere[iam.User].of(), Everywhere[EntraUser].of(), Everywhere[Organization].of())
    subject = Company.example() if company else one
    return Example((subject, All.of(*([one] if filed else [])), PEOPLE, *clouds), {"principals": [GLASS]})


@check(
    title="Every break-glass use has ticket, alert and review",
    severity="critical",
    frequency="hourly",
    reads=[
        *(BreakGlassUse.row, Person.row, iam.Role.uses, iam.User.uses),
        *(EntraUser.profile, EntraUser.activity, Organization.breakglass.when("logs")),
    ],
    remediation="File the ticket (the register `breakglass_uses`) with reason, approver and times, mend the alert, have it reviewed.",
    proves="That each use that AWS tells of the last 90 days, the last sign-in of each Entra account, and each event of the last 14 "
    "days that a declared source of logs (Azure, vaults) tags `breakglass:true` has a ticket of its own, which tells alert and review. Not "
    "that the tags are complete, nor that the ticket is true.",
    passes=[case(AT), case(AT, company=True)],
    fails=[
        case(AT, company=True, filed=False),
        case(AT, "2026-11-10T03:30:00+00:00", company=True),
        case(),
        case(AT, alerted_at=None),
        case(AT, alerted_at="2026-11-10T03:16:00Z"),
        case(AT, approver="ada"),
        case(AT, reviewer="ada"),
        case(AT, reviewed_at="2026-11-16T09:00:00Z"),
        case(AT, reviewed_at=None),
    ],
)
def judge(
    subject: BreakGlassUse | Company,
    tickets: All[BreakGlassUse],
    people: All[Person],
    roles: Everywhere[iam.Role],
    users: Everywhere[iam.User],
    entra_users: Everywhere[EntraUser],
    organizations: Everywhere[Organization],
    now: datetime,
    *,
    principals: tuple[str, ...] = (),
    accounts: tuple[str, ...] = (),
    logs: bool = False,
    log_sources: tuple[str, ...] = ("azure.activity_logs", "azure.keyvault"),
    alert_minutes: int = 15,
    review_days: int = 5,
    filing_hours: int = 24,
) -> Verdict:
    sources = log_sources if logs else ()
    if not principals and not accounts and not sources:
        return unknown("no break-glass is declared (`principals`: ARNs, `accounts` of Entra, `logs` and `log_sources` of the rest)")
    rows = {one.row.id: one.row for one in in_force(tickets)}
    uses = joined(of_aws(principals, roles, users, now), of_entra(accounts, entra_users, now), of_logs(sources, organizations, now))
    taken, bare = matched(once_each(uses.seen), rows.values())
    if isinstance(subject, BreakGlassUse):
        row = subject.row
        if row.id not in rows:
            return not_applicable("another record supersedes it")
        since = uses.since.get(row.principal.lower())
        if row.id not in taken and since is not None and row.started > since:
            return failed(f"no use of {row.principal.rpartition('/')[2]} was seen in its time, or it is of another ticket")
        return of_ticket(row, taken.get(row.id), people, now, timedelta(minutes=alert_minutes), timedelta(days=review_days))
    late = [use.words for use in bare if now - use.at > timedelta(hours=filing_hours)]
    if late:
        return failed(f"no ticket of its own for {listed(late, 3)}")
    if bare:
        return unknown(f"{bare[0].words} has no ticket yet; it may be filed within {filing_hours} h")
    if uses.gaps:
        return unknown(uses.gaps[0])
    if not uses.seen:
        told = [f"AWS of {HISTORY.days} days"] * bool(principals) + ["Entra"] * bool(accounts) + [*sources]
        return not_applicable(f"it was not used, as logs that spoke all the time tell: {', '.join(told)}")
    return passed(f"each of {len(taken)} uses has a ticket of its own")


def of_ticket(row: BreakGlassUseRow, use: Use | None, people: All[Person], now: datetime, alert: timedelta, review: timedelta) -> Verdict:
    """Whether a ticket tells all that it has to, of a use as it was seen, or else of the time that it names itself."""
    began = use.at if use else row.started
    if row.ended < row.started:
        return failed("it ended before it began")
    if absent := lacks(reason=row.reason.strip(), approver=row.approver, ticket=row.ticket.strip()):
        return failed(f"its row does not tell {', '.join(absent)}")
    if row.approver == row.person or not worked_here(people, row.approver, row.started):
        return failed(f"{row.approver} approved it, who used it or did not work here")
    if row.alerted_at is None or not -SLACK <= row.alerted_at - began <= alert:
        after = f"{(row.alerted_at - began) // timedelta(minutes=1)} min after it began" if row.alerted_at else "at no time"
        return failed(f"it raised an alert {after}; {alert // timedelta(minutes=1)} min are allowed")
    due = row.ended + review
    if row.reviewed_at is None and now <= due:
        return waiting("it has ticket and alert, and was not reviewed yet", due=due.date())
    if row.reviewed_at is None or not row.ended <= row.reviewed_at <= due:
        said = f"reviewed on {row.reviewed_at:%Y-%m-%d}" if row.reviewed_at else "not reviewed"
        return failed(f"it was {said}; due after it ended, by {due:%Y-%m-%d}")
    if row.reviewer in (None, row.person) or not worked_here(people, row.reviewer, row.reviewed_at):
        return failed(f"{row.reviewer or 'nobody that is told'} reviewed it, who used it or did not work here")
    seen = f"{use.words} has" if use else "no log tells of its time, and it has"
    return passed(f"{seen} ticket {row.ticket}, an alert and a review by {row.reviewer}")
