"""An organization for the checks of environments: what its management account lists, and what its members may not."""

from typing import Any

from controlmon.core.fact import Scope
from controlmon.facts.aws.account import Account
from controlmon.facts.base import Kind
from tests.support import ACCOUNT, DENIED, Given

MANAGEMENT, DEV, LOGS, PROD, STAGING, UNTOLD, STRANGER = (d * 12 for d in "1234569")
ORGANIZATION = {"Organization": {"Id": "o-1", "MasterAccountId": MANAGEMENT}}
UNITS = {"ou-w": ("Workloads", "r-1"), "ou-p": ("Prod", "ou-w"), "ou-n": ("NonProd", "ou-w"), "ou-i": ("Infrastructure", "r-1")}


def member(id: str, unit: str, name: str = "shop", status: str = "ACTIVE", **tags: str) -> dict[str, Any]:
    pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
    return {"Id": id, "Name": name, "Status": status, "ParentId": unit, "Tags": pairs}


MEMBERS = (
    member(MANAGEMENT, "r-1", "acme"),
    member(ACCOUNT, "ou-p"),
    member(PROD, "ou-p", "shop-eu"),
    member(DEV, "ou-n", "shop-dev"),
    member(STAGING, "ou-n", "shop-uat"),
    member(LOGS, "ou-i", "log-archive"),
    member(UNTOLD, "ou-w", "playground"),
)


def tree(*changed: dict[str, Any], organization: str = "o-1") -> dict[str, Any]:
    """What the management account lists, with some members changed or added."""
    members = {one["Id"]: one for one in (*MEMBERS, *changed)}
    units = [{"Id": unit, "Name": name, "ParentId": parent, "Tags": []} for unit, (name, parent) in UNITS.items()]
    root = {"Id": "r-1", "Name": "Root", "Arn": f"arn:aws:organizations::{MANAGEMENT}:root/{organization}/r-1", "Tags": []}
    return {"Roots": [root], "Units": units, "Accounts": list(members.values())}


def at(account: str, kind: type[Kind], id: str, *, region: str = "", **answers: Any) -> Given:
    """A subject of one account, in its wide scope or in a region."""
    return Given(kind, id, scope=Scope("aws", account, region), region=region, **answers)


def account(id: str = ACCOUNT, *, listed: Any = DENIED, organization: Any = ORGANIZATION, **answers: Any) -> Given:
    """An account of the run: a member may say which organization it is in, and may not list it."""
    return at(id, Account, id, organization=organization, organization_tree=listed, **answers)


def estate(listed: Any = None, organization: Any = ORGANIZATION) -> tuple[Given, ...]:
    """The management account, which lists the organization (or `listed`), and our own."""
    return account(MANAGEMENT, listed=tree() if listed is None else listed, organization=organization), account(organization=organization)
