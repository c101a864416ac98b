"""Whoever left is gone from every system a day later: with accounts, roles, groups, keys and tokens, and what they knew was changed.

Each system alone looks clean: a disabled Datadog user keeps application keys that work, an access key outlives the password, and the list
of a system that nothing is connected to may be older than the leaving. It starts at the roster; the last day of access counts, which garden
leave sets apart from the last day of work, and it ends at midnight UTC, unless `utc_offset` (hours) says otherwise. A mover is judged by a
map of what each role may have.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.across import across
from controlmon.facts.access.aws import IAM
from controlmon.facts.access.credentials import ACCOUNTS, KEYS, Holdings
from controlmon.facts.access.grant import NOTHING, Grant
from controlmon.facts.access.live import GRANTS, NOBODY
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure import authorization as azure
from controlmon.facts.controlmon.reviews import SYSTEMS
from controlmon.facts.datadog import keys as dd_keys
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.governance import Attestation
from controlmon.facts.document.governance import about as statements
from controlmon.facts.document.kept import about
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.registers import RegisterFile
from controlmon.facts.document.schema import day_of, days_between
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser
from controlmon.facts.inventory import listed

NO_ROLES: dict[str, tuple[str, ...]] = {}


def case(account: str = "bob", **more: object) -> Example:
    parameters: dict[str, object] = {"systems": ("kubernetes",)}
    if "role_map" in more:
        parameters["role_map"] = more.pop("role_map")
    who = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01", "end": "2026-11-20"} | more
    ada = Person.example(id="ada", row=who)
    row = {"id": "k1", "system": "kubernetes", "account": account, "role": "admin", "person": account, "listed_at": "2026-11-22"}
    said = {"id": "s1", "topic": "secret_rotation", "statement": "changed", "signer": "bob", "role": "CTO", "signed_at": "2026-11-21"}
    signed = Attestation.example(id="s1", row=said | {"facts": {"person": "ada", "ticket": "SEC-7"}})
    head = RegisterFile.example(id="personnel", file={"path": "personnel.csv", "about": {"updated_at": "2026-11-20"}})
    keys = (Everywhere[iam.AccessKey].of(), Everywhere[center.User].of(), Everywhere[dd_keys.AppKey].of(), Everywhere[dd_keys.Token].of())
    lists = Everywhere.of(Access.example(id="k1", row=row))
    there = (*NOBODY[:13], lists, Everywhere[AccessRequest].of(), Everywhere.of(ada), *keys, All.of(signed), All.of(head))
    return Example((ada, *there), parameters)


@check(
    title="A leaver is gone from every system within the limit",
    severity="critical",
    frequency="hourly",
    reads=[*GRANTS, *ACCOUNTS, *KEYS, Attestation.row, RegisterFile.file],
    remediation="Remove the account, role or key; give machines another owner; change the secrets that they knew, and file a statement.",
    proves="That nothing is left of a leaver in the systems named, under the names that the roster lists. When it was removed shows to the "
    "rhythm of runs, each of which names what is left, by system. An account under a name that the roster does not know shows in "
    "cross.people.unique_identity; SSH and deploy keys, and sessions that are open, only in the lists that people bring.",
    passes=[case(), case("ada", end=None, role_map={"engineer": ["kubernetes:admin"]})],
    fails=[case("ada"), case("ada", end=None, role_map={"engineer": ["kubernetes:viewer"]})],
)
def judge(
    person: Person,
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
    access_keys: Everywhere[iam.AccessKey],
    center_users: Everywhere[center.User],
    application_keys: Everywhere[dd_keys.AppKey],
    tokens: Everywhere[dd_keys.Token],
    attestations: All[Attestation],
    files: All[RegisterFile],
    now: datetime,
    *,
    systems: tuple[str, ...] = SYSTEMS,
    removal_hours: int = 24,
    utc_offset: float = 0,
    role_map: dict[str, tuple[str, ...]] = NO_ROLES,
    rotation_topic: str = "secret_rotation",
    roster_days: int = 31,
) -> Verdict:
    if not systems:
        return unknown("no system is named (`systems`)")
    row = person.row
    live = (
        iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    keys = ((iam.AccessKey, access_keys), (dd_keys.AppKey, application_keys), (dd_keys.Token, tokens))
    holdings, hours = Holdings.over(now, live, (center.User, center_users), *keys), timedelta(hours=removal_hours)
    ended = midnight(row.gone + timedelta(days=1), utc_offset) if row.gone else None
    if ended is None or now < ended:
        if not role_map:
            return works_here(row, files, now, roster_days)
        seen = across(holdings.grants, systems, uploads)
        mine = [one for one in seen.all if one.person == row.id]
        moved = row.role_since is not None and now <= midnight(row.role_since, utc_offset) + hours
        return as_role(row, mine, seen.gap, role_map, moved=moved)
    seen = across(holdings.held, systems, uploads, day_of(ended))
    rest = [f"{system}: {listed(some, 3)}" for system, grants in seen.grants.items() if (some := left(row.id, grants))]
    since = f"their access ended {(now - ended) // timedelta(hours=1)} h ago ({ended:%Y-%m-%d %H:%M} UTC)"
    if now <= ended + hours and (rest or seen.gap):
        return not_applicable(f"{since}, and {removal_hours} h are allowed; " + ("; ".join(rest) or seen.gap))
    if rest:
        return failed(f"{since}; {removal_hours} h are allowed. They still have {'; '.join(rest)}")
    if seen.gap:
        return unknown(f"{since}, and {seen.gap}")
    stated = [one for one in statements(attestations, rotation_topic) if one.facts.get("person") == row.id and one.signer != row.id]
    if rotation_topic and not any(row.gone and one.signed_at >= row.gone for one in stated):
        return unknown(f"{since}, and nothing is left; whether the secrets that they knew were changed is not stated ({rotation_topic})")
    return passed(f"{since}, and nothing is left in {', '.join(systems)}")


def midnight(day: date, utc_offset: float) -> datetime:
    """When a day begins, at so many hours from UTC."""
    return datetime.combine(day, time(), UTC) - timedelta(hours=utc_offset)


def works_here(row: PersonRow, files: All[RegisterFile], now: datetime, roster_days: int) -> Verdict:
    """Somebody who did not leave, by a roster that was brought up to date lately enough to know."""
    head = about(files, "personnel")
    fresh = max((day_of(at) for at in (head.fed_at, head.updated_at) if at is not None), default=None)
    if fresh is None or days_between(fresh, now) > roster_days:
        said = f"was brought up to date on {fresh.isoformat()}" if fresh else "does not say when it was brought up to date"
        return unknown(f"the roster {said}: whether they left since is not known")
    return not_applicable(f"they did not leave{f' until {row.gone.isoformat()}' if row.gone else ''}, by the roster of {fresh.isoformat()}")


def as_role(row: PersonRow, grants: Iterable[Grant], gap: str, role_map: Mapping[str, tuple[str, ...]], *, moved: bool) -> Verdict:
    """Whether somebody has only what their role may have, as `SYSTEM:ROLE` with `*`."""
    may = role_map.get(row.role)
    if may is None:
        return unknown(f"what a person in the role {row.role} may have is not declared (`role_map`)")
    more = sorted({f"{one.system}:{one.role}" for one in grants if one.role != NOTHING and not _covers(may, f"{one.system}:{one.role}")})
    if more and moved and row.role_since:
        return not_applicable(f"they are {row.role} since {row.role_since.isoformat()}, and may still have {listed(more)}")
    if more:
        return failed(f"they are {row.role}, and still have {listed(more)}")
    return unknown(gap) if gap else passed(f"they have only what {row.role} may have")


def _covers(patterns: Iterable[str], said: str) -> bool:
    return any(fnmatchcase(said, pattern) for pattern in patterns)


def left(person: str, grants: Iterable[Grant]) -> list[str]:
    """What is somebody's, in words: not a user of IAM that can neither log in nor do anything, but a machine that they answer for."""
    found = [one.role for one in grants if one.person == person and not (one.system == IAM and one.role == NOTHING)]
    machines = [f"the machine {one.name}" for one in grants if one.person != person and one.owner == person]
    return sorted({*found, *machines})
