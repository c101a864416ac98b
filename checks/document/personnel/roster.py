"""The roster of people is kept by HR, is fresh, and agrees with itself.

Every check that asks whether an account belongs to somebody rests on it, so a stale one makes all of them wrong at once. It may not come
from the identity provider alone: a leaver who is deleted there would vanish here too, and the test of leavers would test itself.
"""

from datetime import UTC, datetime, timedelta

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.registers import Company, File, Provenance, RegisterFile
from controlmon.facts.document.schema import days_between

FED: dict[str, object] = {"source": "feed", "fed_by": "payroll", "fed_at": "2026-11-23T06:00:00Z"}
UPLOADED: dict[str, object] = {"source": "upload", "updated_at": "2026-11-01", "approved_by": "ada", "approved_at": "2026-11-02"}


def person(who: str, **more: object) -> Person:
    row = {"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "manager": "ada", "start": "2020-01-01"} | more
    return Person.example(id=who, row=row)


def case(about: dict[str, object], *more: Person, rows: int = 2) -> tuple[Company, All[RegisterFile], All[Person]]:
    held = RegisterFile.example(id="personnel", file={"path": "personnel.csv", "rows": rows, "about": about}, provenance={})
    return Company.example(), All.of(held), All.of(person("ada", manager=None, head=True), person("bob"), *more)


@check(
    title="The roster of active people is fed from HR or the directory and fresh",
    severity="critical",
    reads=[RegisterFile.file, RegisterFile.provenance, Person.row],
    remediation="Repair the feed, or bring the register up to date and have it approved.",
    proves=(
        "That the register says it is fresh, that its rows agree, and that a jump was confirmed. Rows that vanish without a leaving "
        "date show only against `expected_rows`, and in the list of people that each run records: one run does not know the last. Not "
        "that HR's own list is right."
    ),
    passes=[case(FED), case(UPLOADED)],
    fails=[case({}), case(FED | {"fed_by": "Entra"}), case(FED | {"expected_rows": 3}), case(FED, person("eve", manager=None))],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    files: All[RegisterFile],
    people: All[Person],
    now: datetime,
    *,
    max_age_hours: int = 26,
    upload_days: int = 31,
    jump_percent: int = 20,
    not_fed_by: tuple[str, ...] = ("entra", "azure ad", "auth0", "okta", "aws", "google"),
) -> Verdict:
    found = files.first(lambda one: one.id == "personnel")
    if found is None:
        return unknown("there is no register of personnel: begin it with `controlmon registers init personnel`")
    held = found.file
    if held.problems:
        more = f" (and {len(held.problems) - 1} more)" if len(held.problems) > 1 else ""
        return failed(f"it is inconsistent: {held.problems[0]}{more}")
    if told := (
        stale_feed(held, now, max_age_hours, not_fed_by)
        if held.about.source == "feed"
        else stale_upload(held, found.provenance, now, upload_days)
    ):
        return failed(f"{told}: every check of identities rests on it")
    working = {one.id: one.row for one in people if one.row.is_active(now)}
    if not working:
        return failed("it names nobody who works here")
    if lost := unmanaged(working):
        return failed(f"no active manager for {', '.join(lost)}")
    before = sum(one.row.is_active(now - timedelta(days=upload_days)) for one in people)
    was, count = (before, len(working)) if held.about.expected_rows is None else (held.about.expected_rows, held.rows)
    if abs(count - was) * 100 > jump_percent * was and (was or held.about.expected_rows is not None):
        than = f"and {was} did {upload_days} days ago" if held.about.expected_rows is None else f"and {was} were confirmed"
        return failed(f"it has {count}, {than}: more than {jump_percent} % apart; confirm it with `expected_rows`")
    return passed(f"it names {len(working)} who work here, and is fresh")


def stale_feed(held: File, now: datetime, hours: int, refused: tuple[str, ...]) -> str:
    about = held.about
    if not about.fed_by:
        return "it says that a feed keeps it, and not of which system"
    if about.fed_by.casefold() in refused:
        return f"it is fed by {about.fed_by}, from which a leaver vanishes with the account"
    # A day without a time may have begun at midnight.
    at = about.fed_at or (
        datetime(about.updated_at.year, about.updated_at.month, about.updated_at.day, tzinfo=UTC) if about.updated_at else None
    )
    if at is None:
        return "its feed does not say when it last ran"
    age = (now - at) / timedelta(hours=1)
    return f"its feed last ran {age:.0f} hours ago; {hours} are allowed" if age > hours else ""


def stale_upload(held: File, provenance: Provenance, now: datetime, days: int) -> str:
    about = held.about
    if about.updated_at is None:
        return "it does not say when it was brought up to date (`updated_at`)"
    if (age := days_between(about.updated_at, now)) > days:
        return f"it was brought up to date {age} days ago; {days} are allowed"
    signed = provenance.signature in ("G", "U") and not provenance.dirty
    approved = about.approved_by and about.approved_at and about.approved_at >= about.updated_at
    return "" if signed or approved else "nobody signed the upload: neither its commit in git, nor `approved_by` on or after that day"


def unmanaged(working: dict[str, PersonRow]) -> list[str]:
    return sorted(who for who, row in working.items() if not row.head and (row.manager not in working or row.manager == who))
