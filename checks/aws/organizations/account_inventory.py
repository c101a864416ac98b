"""Every account that works is known, is classified, and was looked into.

The management account, or the first that may list the organization, answers for the accounts that nobody could look into. Accounts outside
of the organization (a customer's, an acquired one, an old sandbox) are known by the register of deployments alone: each of them that is
looked into must be in it, and each that is in it must be looked into.
"""

from datetime import datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.inventory import Inventory
from controlmon.facts.environment import SYNONYMS, UNDECLARED

OURS, OTHER = "123456789012", "222222222222"
TAGS = {"environment": "prod", "owner": "ops", "data-classification": "customer"}
NOTHING: dict[str, dict[str, str]] = {}


def case(*members: str, status: str = "ACTIVE", tags: dict[str, str] = TAGS) -> tuple[object, ...]:
    listed = {
        one: {"id": one, "name": one[:3], "active": one == OURS or status == "ACTIVE", "status": status, "tags": tags}
        for one in (OURS, *members)
    }
    tree = {"id": "o-1", "management": OURS, "members": listed}
    account = Account.example(id=OURS, standing={}, organization={"id": "o-1", "management": OURS}, organization_tree=tree)
    return account, Everywhere.of(account)


ALONE = Account.example(id=OURS, standing={}, organization=None, organization_tree=None)


@check(
    title="Every ACTIVE organisation account is classified and scanned",
    severity="high",
    reads=[Account.standing, *WHERE],
    remediation="Tag the account (environment, owner, data-classification) and deploy the read-only role.",
    proves="That each active account of an organization that was listed is classified and was collected from in this run, and so is each "
    "that is registered. Not that there are no others: without a register, accounts outside of the organization are not known.",
    passes=[
        case(),
        case(OTHER, status="SUSPENDED"),
        Example((ALONE, Everywhere.of(ALONE)), {"registered": [OURS], "account_map": {OURS: TAGS}}),
    ],
    fails=[case(OTHER), case(tags={"owner": "ops"}), Example((ALONE, Everywhere.of(ALONE)), {"registered": [OTHER]})],
)
def judge(
    account: Account,
    accounts: Everywhere[Account],
    now: datetime,
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    account_map: dict[str, dict[str, str]] = NOTHING,
    registered: tuple[str, ...] = (),
) -> Verdict:
    if account.standing.closed:
        return not_applicable(f"the account is {account.standing.status} on {now.date()}: nothing in it can be looked at")
    if account.standing.status is not None:
        return failed(f"its organization says that it is {account.standing.status}, and it could not be logged in to")
    estate = Estate(accounts, environment_map, synonyms)
    inventory = Inventory(estate, account_map, registered)
    tree, member = estate.member(account.id) or (None, None)
    if member is None and account.id not in registered:
        if not registered:
            return unknown("it is in no organization, and no register of deployments is given (`registered`: account ids)")
        return failed("it is in no organization, and not in the register of deployments")
    lacking = inventory.lacks(account.id, member)
    if lacking:
        return failed(f"it has no {', '.join(lacking)}")
    known = "it is classified, and was collected from"
    if not inventory.answers_for_others(account, tree):
        return passed(known)
    others = list(inventory.unreached(tree))
    if others and (gap := estate.unlisted) is not None:
        return unknown(f"{others[0]}, as far as is known: {gap}")
    closed = inventory.closed(tree, now.date())
    return failed("; ".join(others) + closed) if others else passed(f"{known}, and so is every other that works{closed}")
