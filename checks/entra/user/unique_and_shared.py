"""Each account is one person's, and what is nobody's cannot be logged in to.

An administrator has a second account for that work, by its name. A shared mailbox that is enabled is a login that several people know.
"""

import re
from datetime import datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.access.microsoft import ENTRA
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.roster import ended, names_of, owner, standing
from controlmon.facts.entra.users import User, by_name

ROSTER = {"people": ["E7"]}


def user(login: str, employee: str = "E7", *, enabled: bool = True) -> User:
    return User.example(id=login, name=login, profile={"enabled": enabled, "login": login, "employee": employee})


def case(subject: User, *users: User, **parameters: object) -> Example:
    return Example((subject, All.of(*users), Everywhere[Person].of()), parameters or ROSTER)


def registered(subject: User, *users: User, **more: object) -> tuple[object, ...]:
    row = {"id": "E7", "name": "Ada", "email": "ada@a.example", "role": "engineer", "start": "2020-01-01"}
    return subject, All.of(*users), Everywhere.of(Person.example(id="E7", row=row | more))


ADA, ADMIN, AGAIN, INFO = user("ada@a.example"), user("adm-ada@a.example"), user("ada2@a.example"), user("info@a.example", "")


@check(
    title="Accounts are personal, and shared mailboxes cannot be logged in to",
    severity="high",
    reads=[User.profile, Person.row],
    remediation="Give a person one account (administrators a second, by its name), declare service identities, disable shared mailboxes.",
    proves="That each enabled member is one person of the roster (or else of the register of people), or a declared "
    "service identity. Not that nobody else knows the password.",
    passes=[case(ADA, ADA, ADMIN), case(ADMIN, ADA, ADMIN), registered(ADA, ADA, ADMIN)],
    fails=[
        case(ADA, ADA, AGAIN),
        case(INFO, INFO),
        case(INFO, INFO, shared_mailboxes=["info@a.example"]),
        registered(ADA, ADA, AGAIN),
        registered(INFO, INFO),
        registered(ADA, ADA, end="2020-12-31"),
    ],
)
def judge(
    user: User,
    users: All[User],
    registered_people: Everywhere[Person],
    now: datetime,
    *,
    admin_pattern: str = "^adm-",
    people: tuple[str, ...] = (),
    service_identities: tuple[str, ...] = (),
    shared_mailboxes: tuple[str, ...] = (),
    removal_hours: int = 24,
) -> Verdict:
    profile = user.profile
    names = user.names
    if names & {one.lower() for one in shared_mailboxes}:
        return failed("it is a shared mailbox, and enabled") if profile.enabled else passed("it is a shared mailbox, and disabled")
    if not profile.enabled:
        return not_applicable("it is disabled")
    if not profile.member:
        return not_applicable("it is a guest")
    if names & {one.lower() for one in service_identities}:
        return passed("it is a declared service identity")
    if people:
        mine = names & {one.lower() for one in people}
        if not mine:
            return failed("it is nobody's: neither on the roster, nor a declared service identity")
        whose = min(mine)
    else:
        person = _owner(user, registered_people)
        if person is None or not standing(person, now):
            return failed("it is nobody's: neither on the roster of people who are here, or were, nor a declared service identity")
        end = ended(person)
        if end and now > end + timedelta(hours=removal_hours):
            return failed(f"it is of {person.id}, whose access ended at {end:%Y-%m-%d %H:%M} UTC; {removal_hours} h are allowed")
        mine, whose = names_of(person, ENTRA), person.id
    admin = re.compile(admin_pattern, re.IGNORECASE)
    if admin.search(profile.login):
        return passed(f"it is the administrator's account of {whose}")
    others = [o for name in mine for o in by_name(users).get(name, ()) if o.id != user.id and not admin.search(o.profile.login)]
    twins = sorted(o.name for o in others if people or _owner(o, registered_people) == person)
    return failed(f"{whose} has another account, {twins[0]}") if twins else passed(f"it is the account of {whose}")


def _owner(user: User, people: Everywhere[Person]) -> PersonRow | None:
    return owner(people, ENTRA, sorted(user.names), user.profile.employee)
