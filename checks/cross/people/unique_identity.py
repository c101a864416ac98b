"""Each person has one identity in each system, and each account is one person's.

An entry of a log tells who it was only where an account is one person. A second account for an administrator's work is fine where the
roster declares it. A name such as `admin` or `support` is a login that several people know, whoever it is listed for. Sessions from places
far apart at the same time are a sign of sharing and no proof: nothing here is judged by them.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.across import across
from controlmon.facts.access.credentials import ACCOUNTS, Holdings
from controlmon.facts.access.grant import ALIASES, Grant
from controlmon.facts.access.live import GRANTS, NOBODY
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure import authorization as azure
from controlmon.facts.controlmon.reviews import SYSTEMS
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.registers import Company
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser
from controlmon.facts.inventory import listed

GENERIC = (
    *(
        "admin",
        "administrator",
        "root",
        "test",
        "tester",
        "shared",
        "support",
        "info",
        "user",
        "guest",
        "demo",
        "temp",
        "generic",
        "service",
    ),
    *(
        "team",
        "ops",
        "dev",
        "devops",
        "developer",
        "engineer",
        "engineering",
        "it",
        "hr",
        "sales",
        "office",
        "helpdesk",
        "contact",
        "hello",
    ),
)
"""Words of which the names of nobody are made."""


def person(who: str, *accounts: str) -> Person:
    row = {"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"}
    return Person.example(id=who, row=row | {"accounts": {"kubernetes": accounts}})


def case(subject: Person | Company, people: Iterable[Person], *accounts: str, whose: str | None = None) -> Example:
    row = {"system": "kubernetes", "role": "view", "listed_at": "2026-11-20", "person": whose}
    rows = [row | {"id": one, "account": one} for one in accounts]
    lists = Everywhere.of(*(Access.example(id=str(row["id"]), row=row) for row in rows))
    there = (*NOBODY[:13], lists, Everywhere[AccessRequest].of(), Everywhere.of(*people), Everywhere[center.User].of())
    return Example((subject, *there), {"systems": ("kubernetes",)})


ADA, TWO, THREE = person("ada", "ada"), person("ada", "ada", "adm-ada"), person("ada", "ada", "adm-ada", "ada3")


@check(
    title="Each person has one identity per system and no account is shared",
    severity="high",
    reads=[*GRANTS, *ACCOUNTS],
    remediation="Give each person an account of their own, list it in the register of personnel, and remove what is nobody's.",
    proves="That each account of a person in the systems named is that of one active person, and that nobody has more than the second one "
    "that the roster declares. Not that nobody else knows its password.",
    passes=[case(ADA, [ADA], "ada"), case(TWO, [TWO], "ada", "adm-ada"), case(Company.example(), [ADA], "ada")],
    fails=[
        case(ADA, [ADA], "ada1", "ada2", whose="ada"),
        case(THREE, [THREE], "ada", "adm-ada", "ada3"),
        case(Company.example(), [ADA, person("bob", "ada")], "ada"),
        case(Company.example(), [person("ada", "support")], "support"),
        case(Company.example(), [ADA], "eve"),
    ],
)
def judge(
    subject: Person | Company,
    iam_users: Everywhere[iam.User],
    iam_groups: Everywhere[iam.Group],
    iam_roles: Everywhere[iam.Role],
    iam_policies: Everywhere[iam.Policy],
    assignments: Everywhere[center.Assignment],
    permission_sets: Everywhere[center.PermissionSet],
    azure_roles: Everywhere[azure.RoleAssignment],
    azure_eligible: Everywhere[azure.EligibleAssignment],
    entra_roles: Everywhere[entra.Assignment],
    entra_eligible: Everywhere[entra.Eligibility],
    entra_users: Everywhere[EntraUser],
    datadog_users: Everywhere[dd.User],
    datadog_roles: Everywhere[dd.Role],
    uploads: Everywhere[Access],
    requests: Everywhere[AccessRequest],
    people: Everywhere[Person],
    center_users: Everywhere[center.User],
    now: datetime,
    *,
    systems: tuple[str, ...] = SYSTEMS,
    max_accounts: int = 2,
    generic: tuple[str, ...] = GENERIC,
    declared: tuple[str, ...] = (),
) -> Verdict:
    if not systems:
        return unknown("no system is named (`systems`)")
    if isinstance(subject, Person) and not subject.row.is_active(now):
        return not_applicable("they do not work here")
    live = (
        iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    seen = across(Holdings.over(now, live, (center.User, center_users)).accounts, systems, uploads)
    exempt = {name.lower() for name in declared}
    humans = [one for one in seen.all if one.kind != "service" and not exempt & names_of(one)]
    if isinstance(subject, Company):
        active = [one.row for one in people if one.row.is_active(now)]
        wrong = not_personal(humans, active, {word.lower() for word in generic})
    else:
        wrong = too_many(subject.row, [one for one in humans if one.person == subject.id], max_accounts)
    if wrong:
        return failed(listed(wrong, 3))
    if seen.gap:
        return unknown(seen.gap)
    if isinstance(subject, Company):
        return passed(f"{len({key_of(one) for one in humans})} accounts of people in {len(systems)} systems are one active person's each")
    return passed(f"they have one account in each system, or a second that is declared: {listed(systems)}")


def key_of(grant: Grant) -> tuple[str, str, str]:
    """An account: the system, the directory in it that the account is of, and its id there."""
    account = grant.principal.split(":")[4] if grant.principal.startswith("arn:") else ""
    return grant.system, account, grant.principal.lower()


def names_of(grant: Grant) -> set[str]:
    """All that an account goes by, in lower case."""
    return {name.lower() for name in (grant.principal, grant.name, *grant.names) if name}


def listed_for(row: PersonRow, grant: Grant) -> bool:
    """Whether the roster lists an account for somebody, under any name of the system."""
    said = {name.lower() for system in (grant.system, *ALIASES.get(grant.system, ())) for name in row.accounts.get(system, ())}
    return bool(said & names_of(grant))


def too_many(row: PersonRow, mine: Iterable[Grant], max_accounts: int) -> list[str]:
    """The systems in which somebody has several accounts, more than are declared, in words."""
    places: dict[tuple[str, str], dict[str, Grant]] = {}
    for one in mine:
        system, account, who = key_of(one)
        places.setdefault((system, account), {})[who] = one
    wrong = []
    for (system, account), accounts in places.items():
        bare = [one for one in accounts.values() if not listed_for(row, one)]
        if len(accounts) > max_accounts or len(bare) > 1:
            where = f"{system} {account}".strip()
            wrong.append(f"{len(accounts)} accounts in {where}: {listed(sorted(one.name or one.principal for one in accounts.values()))}")
    return wrong


def not_personal(humans: Iterable[Grant], active: Iterable[PersonRow], generic: set[str]) -> list[str]:
    """Accounts that are several people's, nobody's, or named as nobody's, in words. A guest is of another company's roster."""
    rows, wrong = [*active], dict[tuple[str, str, str], str]()
    for one in humans:
        called = f"{one.name or one.principal} in {one.system}"
        owners = sorted(row.id for row in rows if listed_for(row, one) or row.email.lower() in names_of(one))
        words = [word for word in re.split(r"[^a-z]+", one.name.lower().partition("@")[0]) if word]
        if words and generic.issuperset(words):
            wrong[key_of(one)] = f"{called} is the name of nobody"
        elif len(owners) > 1:
            wrong[key_of(one)] = f"{called} is the account of {' and '.join(owners)}"
        elif not one.person and one.kind != "guest":
            wrong[key_of(one)] = f"{called} is nobody's on the roster"
    return [*wrong.values()]
