"""The map of environments and the model of isolation were approved within the year, and name the accounts that there are.

Segregation is judged by this map: an account that it does not name is judged by tags and names, and one that is gone is a hole that the
next account of that name falls into. What the configuration declares must not say otherwise than what was approved.
"""

from datetime import datetime

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE
from controlmon.facts.aws.tagged import live_accounts
from controlmon.facts.azure.subscription import GONE, KnownSubscription
from controlmon.facts.document.isolation import EnvironmentEntry, Store
from controlmon.facts.document.kept import unapproved
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.facts.environment import UNDECLARED

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CTO", "start": "2020-01-01"})
STORE = Store.example(id="db", row={"id": "db", "name": "Records", "type": "rds:cluster", "isolation": "tenant"})
US, SUB = "111111111111", "aaaaaaaa-0000-4000-8000-000000000001"


def case(*ids: str, approved: str = "2026-06-01", environment_map: dict[str, str] | None = None) -> Example:
    entries = [
        EnvironmentEntry.example(id=one, row={"id": one, "environment": "prod", "cloud": "aws" if one.isdigit() else "azure"})
        for one in ids
    ]
    head = {"about": {"approved_at": approved, "approved_by": "ada"}}
    files = [RegisterFile.example(id=name, file=head) for name in ("environment_map", "isolation_model")]
    account = Account.example(id=US, standing={}, organization=None, organization_tree=None)
    subscription = KnownSubscription.example(id=f"/subscriptions/{SUB}", listed={"state": "Enabled"})
    arguments = (
        *(Company.example(), All.of(*entries), All.of(STORE), All.of(*files), All.of(ADA)),
        *(Everywhere.of(account), Everywhere.of(subscription)),
    )
    return Example(arguments, {"environment_map": environment_map or {}})


@check(
    title="Environment and isolation model is declared and approved",
    severity="high",
    frequency="quarterly",
    reads=[EnvironmentEntry.row, Store.row, RegisterFile.file, Person.row, Account.standing, *WHERE, KnownSubscription.listed],
    remediation="Bring the map up to date with the accounts and subscriptions that there are, and have it approved in the register's head.",
    proves="That map and model were approved, and that the map names each account and subscription that was seen, and no other. Not that "
    "the environments are apart: that is for the checks of segregation.",
    passes=[case(US, SUB), case(US, SUB, environment_map={US: "prod", "name:*-dev": "dev"})],
    fails=[
        case(US),
        case(SUB),
        case(US, SUB, "222222222222"),
        case(US, SUB, approved="2025-01-01"),
        case(US, SUB, environment_map={US: "dev"}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - it is the company that is judged
    entries: All[EnvironmentEntry],
    stores: All[Store],
    files: All[RegisterFile],
    people: All[Person],
    accounts: Everywhere[Account],
    subscriptions: Everywhere[KnownSubscription],
    now: datetime,
    *,
    clouds: tuple[str, ...] = ("aws", "azure"),
    environment_map: dict[str, str] = UNDECLARED,
    max_age_days: int = 365,
) -> Verdict:
    rows = {one.row.id.lower(): one.row for one in entries}
    model = [one.row for one in stores]
    for name, declared in (("environment_map", rows), ("isolation_model", model)):
        if not declared:
            return failed(f"{name} declares nothing")
        if why := unapproved(files, name, people, now, max_age_days):
            return failed(f"of {name}, {why}")
    if other := [key for key, word in environment_map.items() if key.lower() in rows and rows[key.lower()].environment != word]:
        return failed(f"the configuration says otherwise than what was approved of {', '.join(other)}")
    live: set[str] = set()
    if "aws" in clouds:
        live |= live_accounts(accounts)
    if "azure" in clouds:
        held = [one for one in subscriptions if one.listed is None or one.listed.state not in GONE]
        live |= {one.id.rpartition("/")[2].lower() for one in held}
    if absent := sorted(live - set(rows)):
        return failed(f"the map does not name {', '.join(absent)}")
    if gone := sorted(key for key, row in rows.items() if row.cloud in clouds and key not in live):
        return failed(f"the map names {', '.join(gone)}, which is no account or subscription that there is")
    return passed(
        f"map and model were approved within {max_age_days} days, and the map names each of {len(live)} accounts and subscriptions"
    )
