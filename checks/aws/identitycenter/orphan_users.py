"""Nobody who left can get in by Identity Center, and nothing is assigned to who is gone.

A user that is deleted leaves its assignments behind, to an id that is nobody's: residue that lets nobody in, and must go all the same. What
was opened before a user was disabled stays open for as long as the session lasts, up to twelve hours.
"""

from datetime import UTC, datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.aws import CENTER
from controlmon.facts.aws.identitycenter import Assignment, User
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import owner, standing

ROSTER = {"roster": {"ann@a.example": "active", "gone@a.example": "2020-01-31T17:00:00+00:00"}}
STORE = "arn:aws:identitystore:::user/"


def user(name: str, *access: str, enabled: bool = True) -> User:
    return User.example(id=f"{STORE}{name}", name=f"{name}@a.example", settings={"enabled": enabled}, access=access)


def case(subject: User | Assignment, *users: User) -> Example:
    return Example((subject, All.of(*users), Everywhere[Person].of()), ROSTER)


def person(name: str, **row: object) -> Person:
    about = {"id": name, "name": name, "email": f"{name}@a.example", "role": "engineer", "start": "2020-01-01"}
    return Person.example(id=name, row=about | row)


def registered(subject: User) -> Example:
    return Example((subject, All.of(subject), Everywhere.of(person("ann"), person("gone", end="2020-01-31"))))


def assignment(principal: str) -> Assignment:
    return Assignment.example(settings={"account": "123456789012", "permission_set": "ps-1", "type": "USER", "principal": principal})


@check(
    title="No Identity Center user or assignment survives the person",
    severity="critical",
    frequency="hourly",
    reads=[User.settings, User.access, Assignment.settings, Person.row],
    remediation="Deprovision by SCIM, delete the assignments, and revoke sessions where it is urgent.",
    proves="That whoever the roster (or else the register of people) says has left is disabled, or deleted, and has nothing assigned. Not "
    "that the roster is right, nor that the directory disabled the person: that is judged there.",
    passes=[
        case(user("ann", "ps-1 in 1")),
        case(user("gone", enabled=False)),
        case(assignment("ann"), user("ann")),
        registered(user("ann")),
    ],
    fails=[
        case(user("gone")),
        case(user("gone", "ps-1 in 1", enabled=False)),
        case(user("eve")),
        case(assignment("eve"), user("ann")),
        registered(user("gone")),
        registered(user("eve")),
    ],
)
def judge(
    subject: User | Assignment,
    users: All[User],
    people: Everywhere[Person],
    now: datetime,
    *,
    roster: dict[str, str] | None = None,
    aliases: dict[str, str] | None = None,
    removal_hours: int = 24,
) -> Verdict:
    if isinstance(subject, Assignment):
        return _residue(subject, users)
    name = subject.name.lower()
    names = [name, *(to.lower() for alias, to in (aliases or {}).items() if alias.lower() == name)]
    if roster:
        listed = {who.lower(): state for who, state in roster.items()}
        state = next((listed[one] for one in names if listed.get(one)), "")
    else:
        state = standing(owner(people, CENTER, names), now)
    if state == "active":
        return passed(f"{subject.name} is an active person")
    left = _time(state) if state else None
    if state and left is None:
        return unknown(f"the roster says {state!r} of {subject.name}, which is neither `active` nor a time")
    if left and now - left <= timedelta(hours=removal_hours):
        return passed(f"the person leaves or has just left ({state}); {removal_hours} h are allowed")
    gone = "it is nobody on the roster who is here, or was"
    if left:
        gone = f"the person left {(now - left) // timedelta(hours=1)} h ago; {removal_hours} h allowed"
    if subject.settings.enabled is not False:
        return failed(f"{gone}, and it is enabled: once it is not, open sessions live on for up to 12 h")
    if subject.access:
        return failed(f"{gone}; it is disabled, and still has {', '.join(subject.access)}")
    return passed("it is disabled, and has nothing assigned")


def _residue(assignment: Assignment, users: All[User]) -> Verdict:
    given = assignment.settings
    if given.type != "USER":
        return not_applicable("it is of a group, which no person leaves behind")
    if users.some(lambda user: user.key == given.principal):
        return passed("its user exists")
    return failed(f"its user {given.principal} is gone: residue of {given.permission_set} in {given.account}", severity="low")


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
