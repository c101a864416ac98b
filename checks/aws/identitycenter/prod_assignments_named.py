"""Whoever can get into a production account was named for an engagement that uses it, until a day.

A permission set that only reads is access too. A group is its direct members: those of a group within it are given nothing by it. An
account that serves production and the rest (management, logs, network) counts as production unless `classes` says otherwise.
"""

from datetime import date, datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.aws import CENTER
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.identitycenter import Assignment
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import owner, unengaged
from controlmon.facts.environment import SYNONYMS, UNDECLARED, Class

OURS = "123456789012"
MAP = {"environment_map": {OURS: "prod", "222222222222": "dev"}}


def case(*people: str, account: str = OURS, until: str = "2099-12-31") -> Example:
    given = {"account": account, "permission_set": "ps-1", "type": "GROUP", "principal": "g"}
    one = Assignment.example(settings=given, people=[{"id": name, "name": f"{name}@a.example"} for name in people])
    roster = [{"person": "ann@a.example", "account": OURS, "until": until}]
    registers = (Everywhere[Person].of(), Everywhere[Engagement].of())
    return Example((one, Everywhere.of(Account.example(id=OURS)), *registers), MAP | {"roster": roster})


def registered(example: Example, **deal: object) -> Example:
    """The same by the registers, in which ann is engaged."""
    ann = {"id": "ann", "name": "Ann", "email": "ann@a.example", "role": "engineer", "start": "2020-01-01"}
    row = {"id": "acme-1", "customer": "acme", "accounts": [OURS], "people": ["ann"], "start": "2020-01-01", "end": "2099-12-31"}
    registers = (Everywhere.of(Person.example(id="ann", row=ann)), Everywhere.of(Engagement.example(row=row | deal)))
    return Example((*example.arguments[:2], *registers), MAP)


@check(
    title="Assignments to production accounts match the engagement roster",
    severity="critical",
    reads=[*WHERE, Assignment.settings, Assignment.people, Person.row, Engagement.row],
    remediation="Remove the assignment, or add the person to the roster with the account and the day on which the engagement ends.",
    proves="That each person whom Identity Center lets into a production account is on the roster that is given, or else is named for it "
    "by an engagement of the register. Not IAM users and roles that people assume otherwise, nor that the roster is right.",
    passes=[case("ann"), registered(case("ann"))],
    fails=[
        case("eve"),
        case("ann", "eve"),
        case("ann", until="2020-01-31"),
        registered(case("eve")),
        registered(case("ann"), end="2020-01-31"),
    ],
)
def judge(
    assignment: Assignment,
    accounts: Everywhere[Account],
    registered_people: Everywhere[Person],
    engagements: Everywhere[Engagement],
    now: datetime,
    *,
    roster: tuple[dict[str, str], ...] = (),
    classes: tuple[Class, ...] = ("prod", "shared"),
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    given = assignment.settings
    where = Estate(accounts, environment_map, synonyms).of(given.account)
    if where.cls is None:
        return unknown(f"whether account {given.account} is of production is not known: {where.why}")
    if where.cls not in classes:
        return not_applicable(f"account {given.account} is {where.name}")
    said = f"{given.permission_set} in {given.account} ({where.name})" + ("" if given.provisioned else ", which was not brought there,")
    people = [one for one in assignment.people or () if one.name]
    if not people:
        return not_applicable(f"there is nobody behind {said}")
    wrong = []
    for one in people:
        if roster:
            why = _unnamed({one.id, one.name.lower()}, given.account, roster, now.date())
        else:
            why = unengaged(owner(registered_people, CENTER, (one.id, one.name)), given.account, engagements, now)
        if why:
            wrong.append(f"{one.name} {why}")
    if wrong:
        return failed(f"{'; '.join(wrong)}, and has {said}")
    return passed(f"{', '.join(one.name for one in people)}: on the roster for {said}")


def _unnamed(names: set[str], account: str, roster: tuple[dict[str, str], ...], today: date) -> str:
    """Why the roster does not let a person into an account; "" if it does."""
    entries = [entry for entry in roster if {entry["person"], entry["person"].lower()} & names]
    there = [entry for entry in entries if entry["account"] == account]
    if not there:
        return f"is on the roster for {entries[0]['account']} only" if entries else "is not on the roster"
    ends = [entry.get("until") for entry in there]
    if any(end and date.fromisoformat(end) >= today for end in ends):
        return ""
    last = max((end for end in ends if end), default="")
    return f"was on the roster until {last}" if last else "is on the roster without an end"
