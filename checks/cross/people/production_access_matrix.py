"""Whoever can get at a customer's environment, by whatever way, is named for that customer today.

Each system has its own list, and none shows the matrix: who reaches which customer. Ways that are not the front door count as well: the
right to deploy, logs with a customer's content, accounts in databases, keys, support tools. Where such a system leads is declared
(`reaches`), and one that is not leaves it open. An engagement without an end names somebody for ever, and holds only until it is reviewed.
"""

from collections.abc import Iterable
from datetime import datetime

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.access.across import across
from controlmon.facts.access.grant import Grant
from controlmon.facts.access.live import GRANTS, NOBODY, Live
from controlmon.facts.access.reach import CLOUDS, Reach
from controlmon.facts.aws import environments as aws
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.aws.account import Account
from controlmon.facts.azure import authorization as azure
from controlmon.facts.azure import estate
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.crossing import whole
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.engagements import Engagement, EngagementRow
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser
from controlmon.facts.environment import SYNONYMS, UNDECLARED
from controlmon.facts.inventory import listed

US, WAYS = "123456789012", (*CLOUDS, "databases", "kubernetes", "datadog", "github", "azuredevops")
NOWHERE: dict[str, tuple[str, ...]] = {}
PEOPLE = Everywhere.of(*(
    Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
    for who in ("ada", "bob")
))  # fmt: skip


def case(subject: Person | Company, account: str, scope: str = US, **engaged: object) -> Example:
    row = {"id": "k1", "system": "databases", "account": account, "scope": scope, "role": "reader", "listed_at": "2026-11-20"}
    lists = Everywhere.of(Access.example(id="k1", row=row))
    deal = {"id": "acme-1", "customer": "acme", "accounts": [US], "people": ["ada"], "start": "2026-01-01", "end": "2027-06-30"}
    deals = All.of(Engagement.example(id="acme-1", row=deal | engaged))
    known = (Everywhere[Account].of(), Everywhere[Subscription].of(), Everywhere[Tenant].of())
    parameters = {"systems": ("databases",), "reaches": {"databases": ()}}
    return Example((subject, *NOBODY[:13], lists, Everywhere[AccessRequest].of(), PEOPLE, deals, *known), parameters)


ADA = next(iter(PEOPLE))


@check(
    title="Effective production access per person equals the engagement roster",
    severity="critical",
    reads=[*GRANTS, Engagement.row, *aws.WHERE, *estate.WHERE],
    remediation="Remove the access, or name the person in the customer's engagement, with an end and an approver.",
    proves="That each pair of a person and a customer's or production account is on the roster of today, for the systems named. "
    "Chains of roles end at the first one; what a machine may do for whoever drives it shows only as far as `reaches` declares it.",
    passes=[case(ADA, "ada@x.io"), case(ADA, "bob@x.io"), case(Company.example(), "ada@x.io"), case(ADA, "ada@x.io", "wiki", people=[])],
    fails=[
        case(ADA, "ada@x.io", people=["bob"]),
        case(ADA, "ada@x.io", end="2026-10-31"),
        case(ADA, "ada@x.io", end=None, approved_at="2026-01-01"),
        case(Company.example(), "eve@x.io"),
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
    engagements: All[Engagement],
    accounts: Everywhere[Account],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    now: datetime,
    *,
    systems: tuple[str, ...] = WAYS,
    reaches: dict[str, tuple[str, ...]] = NOWHERE,
    break_glass: tuple[str, ...] = (),
    open_end_days: int = 92,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    if not systems:
        return unknown("no system is named (`systems`)")
    live = (
        iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    seen = across(Live.of(now, *live).grants, systems, uploads)
    exempt = {name.lower() for name in break_glass}
    mine = [one for one in seen.all if not exempt & {one.name.lower(), one.principal.lower()} and concerns(subject, one)]
    rows = [one.row for one in engagements]
    known = [one.id.rpartition("/")[2] for one in whole(subscriptions)[0]]
    theirs = estate.Estate(subscriptions, tenants, environment_map, synonyms)
    reach = Reach(
        [account for row in rows for account in row.accounts], aws.Estate(accounts, environment_map, synonyms), theirs, known, reaches
    )
    pairs: dict[str, Grant] = {}
    doubt = seen.gap
    for one in mine:
        reached = reach.of(one)
        doubt = doubt or reached.doubt
        pairs.update({f"{one.who} {account}": one for account in reached.environments if f"{one.who} {account}" not in pairs})
    wrong = [
        f"{pair} by {one.role} in {one.system}: {why}"
        for pair, one in pairs.items()
        if (why := unnamed(pair, one, rows, now, open_end_days))
    ]
    if wrong:
        return failed(listed(sorted(wrong), 3))
    if doubt:
        return unknown(doubt)
    if isinstance(subject, Company):
        return passed(f"nobody who is not on the roster of people reaches a customer's environment, by {listed(systems)}")
    if not pairs and not subject.row.is_active(now):
        return not_applicable("they do not work here, and reach no customer's environment")
    return passed(
        f"they reach {listed(sorted(pair.partition(' ')[2] for pair in pairs)) or 'no customer environment'}, as engagements name them"
    )


def concerns(subject: Person | Company, grant: Grant) -> bool:
    """Whether a grant is a person's; or, of the company as a whole, nobody's on the roster, and no machine's."""
    return not grant.person and grant.kind != "service" if isinstance(subject, Company) else grant.person == subject.id


def unnamed(pair: str, grant: Grant, rows: Iterable[EngagementRow], now: datetime, open_end_days: int) -> str:
    """Why no engagement names somebody for an account today; "" if one does."""
    account = pair.rpartition(" ")[2]
    there = [row for row in rows if account in {one.lower().rpartition("/")[2] for one in row.accounts}]
    named = [row for row in there if grant.person and grant.person in row.people]
    current = [row for row in named if row.is_current(now)]
    if any(row.end or (row.approved_at and days_between(row.approved_at, now) <= open_end_days) for row in current):
        return ""
    if current:
        return f"{current[0].id} has no end, and was not approved within {open_end_days} days"
    if named:
        return f"{named[0].id} does not hold today"
    return f"{there[0].id} does not name them" if there else "no engagement names the account"
