"""Whoever left cannot log in any more, and could not a day after.

The roster is the truth: the directory alone can never show a leaver whom nobody disabled. People are found by employee id, mail or login
and not by name. The audit log proves when it was done, as long as it goes back; what an earlier run saw is in the record.
"""

from datetime import UTC, datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.entra.tenant import Deed, Tenant
from controlmon.facts.entra.users import User

LEFT = {"leavers": [{"id": "E7", "end": "2026-11-20T17:00:00+00:00"}]}


def tenant(at: str = "2026-11-20T18:00:00+00:00") -> Tenant:
    return Tenant.example(departures=[{"at": at, "what": "Disable account", "user": "ada"}])


def users(*, enabled: bool) -> All[User]:
    return All.of(User.example(id="ada", name="ada@artemis.example", profile={"enabled": enabled, "employee": "E7"}))


@check(
    title="Whoever left is disabled or deleted in time",
    severity="critical",
    frequency="hourly",
    reads=[Tenant.departures, User.profile],
    remediation="Disable the account and revoke its sessions (revokeSignInSessions); have the roster drive that by itself.",
    proves="That the accounts of the roster's leavers were shut in time. Not that earlier tokens are void, or that the roster is whole.",
    passes=Example((tenant(), users(enabled=False)), LEFT),
    fails=[
        Example((tenant(), users(enabled=True)), LEFT),
        Example((tenant("2026-11-22T18:00:00+00:00"), users(enabled=False)), LEFT),
    ],
)
def judge(tenant: Tenant, users: All[User], now: datetime, *, removal_hours: int = 24, leavers: tuple[dict[str, str], ...] = ()) -> Verdict:
    if not leavers:
        return unknown("no roster of leavers is given (`leavers`: id and end of each)")
    everyone = list(users)
    late, unclear, done = [], [], 0
    for leaver in leavers:
        key, end = leaver["id"].lower(), _moment(leaver["end"])
        theirs = [user for user in everyone if key in user.names]
        open_ones = [user.name for user in theirs if user.profile.enabled]
        limit = end + timedelta(hours=removal_hours)
        shut = _shut(key, {user.id for user in theirs}, tenant.departures)
        if open_ones and now > limit:
            late.append(f"{open_ones[0]} is enabled, {_hours(now - end)} after the end")
        elif shut and not open_ones and shut > limit:
            late.append(f"{leaver['id']} was shut {_hours(shut - end)} after the end")
        elif not shut and not open_ones and now > end:
            unclear.append(leaver["id"])
        else:
            done += 1
    if late:
        return failed(f"{late[0]}; {removal_hours} h are allowed" + (f" (and {len(late) - 1} more)" if len(late) > 1 else ""))
    if unclear:
        return unknown(f"the audit log does not tell when {unclear[0]} was shut: take those off the roster whom earlier runs have seen off")
    return passed(f"{done} of {len(leavers)} leavers are shut out in time, or have not left yet")


def _shut(key: str, ids: set[str], deeds: tuple[Deed, ...]) -> datetime | None:
    """When the last of someone's accounts was shut. The login of a deleted one has its id before it."""
    times = [deed.at for deed in deeds if deed.user in ids or (deed.login and deed.login.lower().endswith(key))]
    return max(times, default=None)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f} h"
