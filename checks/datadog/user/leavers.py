"""Every enabled Datadog user is somebody who works here.

Users are made just in time and never removed: without SCIM a leaver stays Active, cannot sign in by SAML, and keeps application keys that
work. Users cannot be deleted, so a disabled one is no access.
"""

from datetime import UTC, datetime, timedelta

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.datadog import DATADOG
from controlmon.facts.datadog.users import User
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import owner, standing

ROSTER = {"ann@example.com": "active", "gone@example.com": "2026-11-01T17:00:00Z"}


def user(email: str, **profile: object) -> User:
    return User.example(profile={"email": email, "handle": email, **profile})


def person(name: str, **row: object) -> Person:
    about = {"id": name, "name": name, "email": f"{name}@example.com", "role": "engineer", "start": "2020-01-01"}
    return Person.example(id=name, row=about | row)


NOT_READ = Everywhere[Person].of()
REGISTER = Everywhere.of(person("ann", accounts={"datadog": ["annie"]}), person("gone", end="2020-12-31"))


@check(
    title="Datadog users map to active people",
    severity="critical",
    frequency="hourly",
    reads=[User.profile, Person.row],
    remediation="Disable the user, revoke its application keys, and provision by SCIM so that leavers are disabled by themselves.",
    proves="That an enabled user's e-mail or handle is that of an active person of the roster that is given, "
    "or else of the register of people. Not that the roster is right.",
    passes=[
        Example((user("ann@example.com"), NOT_READ), {"roster": ROSTER}),
        Example((user("gone@example.com", disabled=True), NOT_READ), {"roster": ROSTER}),
        Example((user("a.lias@example.com"), NOT_READ), {"roster": ROSTER, "aliases": {"a.lias@example.com": "ann@example.com"}}),
        (user("Annie"), REGISTER),
    ],
    fails=[
        Example((user("gone@example.com"), NOT_READ), {"roster": ROSTER}),
        Example((user("stranger@example.com"), NOT_READ), {"roster": ROSTER}),
        (user("gone@example.com"), REGISTER),
        (user("stranger@example.com"), REGISTER),
    ],
)
def judge(
    user: User,
    people: Everywhere[Person],
    now: datetime,
    *,
    roster: dict[str, str] | None = None,
    aliases: dict[str, str] | None = None,
    removal_hours: int = 24,
) -> Verdict:
    profile = user.profile
    if profile.service_account:
        return not_applicable("it is a service account, not a person")
    if profile.disabled:
        return passed("it is disabled, which is no access")
    known = {alias.lower(): email.lower() for alias, email in (aliases or {}).items()}
    names = [name for own in (profile.email.lower(), profile.handle.lower()) if own for name in (own, known.get(own, own))]
    if roster:
        listed = {email.lower(): state for email, state in roster.items()}
        states = [listed[name] for name in names if name in listed]
    else:
        states = [state for state in (standing(owner(people, DATADOG, names), now),) if state]
    if not states:
        return failed(f"{profile.email or profile.handle} is nobody on the roster who is here, or was, and the user is {profile.status}")
    if "active" in states:
        return passed(f"{profile.email or profile.handle} is an active person")
    left = _time(states[0])
    if left is None:
        return unknown(f"the roster says {states[0]!r} of {profile.email}, which is neither `active` nor a time")
    since = now - left
    if since <= timedelta(hours=removal_hours):
        return passed(f"the person leaves or has just left ({states[0]}); {removal_hours} h are allowed")
    hours = int(since.total_seconds() // 3600)
    return failed(f"the person left {hours} h ago; {removal_hours} h allowed. Its application keys still work")


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
