"""Whoever left cannot log in any more, and could not a day after.

The roster is the truth: the directory alone can never show a leaver whom nobody disabled. People are found by employee id, mail or login
and not by name. The audit log proves when it was done, as long as it goes back; what an earlier run saw is in the record.
"""

from datetime import UTC, datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.microsoft import ENTRA
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import ended, names_of, owner, roster
from controlmon.facts.entra.tenant import Deed, Tenant
from controlmon.facts.entra.users import User

Leaver = tuple[str, datetime, set[str], list[User]]
"""Who it is, when access ends, the names that a deleted login may end with, and the accounts."""
LEFT = {"leavers": [{"id": "E7", "end": "2026-11-20T17:00:00+00:00"}]}


def tenant(at: str = "2026-11-20T18:00:00+00:00") -> Tenant:
    return Tenant.example(departures=[{"at": at, "what": "Disable account", "user": "ada"}])


def users(*, enabled: bool) -> All[User]:
    return All.of(User.example(id="ada", name="ada@artemis.example", profile={"enabled": enabled, "employee": "E7"}))


def case(tenant: Tenant, users: All[User]) -> Example:
    return Example((tenant, users, Everywhere[Person].of()), LEFT)


def registered(tenant: Tenant, users: All[User]) -> tuple[object, ...]:
    row = {"id": "E7", "name": "Ada", "email": "ada@artemis.example", "role": "engineer", "start": "2020-01-01", "end": "2026-11-19"}
    return tenant, users, Everywhere.of(Person.example(id="E7", row=row))


@check(
    title="Whoever left is disabled or deleted in time",
    severity="critical",
    frequency="hourly",
    reads=[Tenant.departures, User.profile, Person.row],
    remediation="Disable the account and revoke its sessions (revokeSignInSessions); have the roster drive that by itself.",
    proves="That the accounts of the roster's leavers (or else of the register's) were shut in time; of those of the register who "
    "left before the audit log begins (`log_days`), that they are shut. Not that earlier tokens are void, or that the roster is whole.",
    passes=[case(tenant(), users(enabled=False)), registered(tenant(), users(enabled=False))],
    fails=[
        case(tenant(), users(enabled=True)),
        case(tenant("2026-11-22T18:00:00+00:00"), users(enabled=False)),
        registered(tenant(), users(enabled=True)),
        registered(tenant("2026-11-22T18:00:00+00:00"), users(enabled=False)),
    ],
)
def judge(
    tenant: Tenant,
    users: All[User],
    people: Everywhere[Person],
    now: datetime,
    *,
    removal_hours: int = 24,
    leavers: tuple[dict[str, str], ...] = (),
    log_days: int = 30,
) -> Verdict:
    gone = _listed(leavers, users) if leavers else _registered(people, users)
    if not gone:
        return not_applicable("nobody of the register of people has left, or is to leave")
    late, unclear, done, before = [], [], 0, 0
    for who, end, keys, theirs in gone:
        open_ones = [user.name for user in theirs if user.profile.enabled]
        limit = end + timedelta(hours=removal_hours)
        shut = _shut(keys, {user.id for user in theirs}, tenant.departures)
        if open_ones and now > limit:
            late.append(f"{open_ones[0]} is enabled, {_hours(now - end)} after the end")
        elif shut and not open_ones and shut > limit:
            late.append(f"{who} was shut {_hours(shut - end)} after the end")
        elif not shut and not open_ones and now > end:
            if leavers or now <= end + timedelta(days=log_days):
                unclear.append(who)
            else:
                before += 1
        else:
            done += 1
    if late:
        return failed(f"{late[0]}; {removal_hours} h are allowed" + (f" (and {len(late) - 1} more)" if len(late) > 1 else ""))
    if unclear:
        return unknown(f"the audit log does not tell when {unclear[0]} was shut: take those off the roster whom earlier runs have seen off")
    said = f"; {before} left more than {log_days} days ago, and nothing of theirs is enabled" if before else ""
    return passed(f"{done} of {len(gone)} leavers are shut out in time, or have not left yet{said}")


def _listed(leavers: tuple[dict[str, str], ...], users: All[User]) -> list[Leaver]:
    """The leavers that are given."""
    everyone = list(users)
    keys = [(one["id"], _moment(one["end"]), one["id"].lower()) for one in leavers]
    return [(who, end, {key}, [user for user in everyone if key in user.names]) for who, end, key in keys]


def _registered(people: Everywhere[Person], users: All[User]) -> list[Leaver]:
    """Those of the register whose access has an end."""
    rows = {row.id: (row, end) for row in roster(people).rows.values() if (end := ended(row))}
    theirs: dict[str, list[User]] = {who: [] for who in rows}
    for user in users:
        person = owner(people, ENTRA, sorted(user.names), user.profile.employee)
        if person is not None and person.id in theirs:
            theirs[person.id].append(user)
    # A deleted login ends with the old one: an id or a short name would fit others' as well.
    return [(who, end, {name for name in names_of(row, ENTRA) if "@" in name}, theirs[who]) for who, (row, end) in rows.items()]


def _shut(keys: set[str], ids: set[str], deeds: tuple[Deed, ...]) -> datetime | None:
    """When the last of someone's accounts was shut. The login of a deleted one has its id before it."""
    times = [deed.at for deed in deeds if deed.user in ids or (deed.login and deed.login.lower().endswith(tuple(keys)))]
    return max(times, default=None)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f} h"
