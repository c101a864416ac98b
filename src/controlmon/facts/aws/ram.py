"""AWS Resource Access Manager: what an account shares, and with whom."""

from collections.abc import Iterable

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, text
from controlmon.facts.aws.environments import Estate
from controlmon.facts.aws.policy import account_of
from controlmon.facts.base import Kind, Unseen, View, aspect
from controlmon.facts.crossing import Crossing
from controlmon.facts.environment import Environment


class ShareSettings(View, frozen=True):
    """A share: its state, and whether it may be with accounts outside the organization."""

    status: str
    external: bool


class Principal(View, frozen=True):
    """One that a share is with: an account, an ARN of IAM or of a part of an organization, or a service. `external`: not ours."""

    id: str
    external: bool = False


class Resource(View, frozen=True):
    """A thing that is shared, and its type, such as `ec2:Subnet`."""

    arn: str
    type: str


class ResourceShare(Kind, name="aws.ram.resource_share"):
    """A resource share that the account owns."""

    @aspect()
    def settings(raw: Raw) -> ShareSettings:
        """What GetResourceShares says of it."""
        return ShareSettings(status=text(raw, "status"), external=flag(raw, "allowExternalPrincipals"))

    @aspect()
    def principals(raw: Raw) -> tuple[Principal, ...]:
        """Whom it is with (ListPrincipals)."""
        return tuple(Principal(id=text(one, "id"), external="external" in one and flag(one, "external")) for one in raw["principals"])

    @aspect()
    def resources(raw: Raw) -> tuple[Resource, ...]:
        """What it shares (ListResources)."""
        return tuple(Resource(arn=text(one, "arn"), type=text(one, "type")) for one in raw["resources"])


def accounts_of(principals: Iterable[Principal], estate: Estate) -> list[str]:
    """The accounts that principals stand for now: units and organizations by the accounts that they have. Services are nobody's.

    Raises:
        Unseen: if a unit or an organization was not seen.
    """
    found: list[str] = []
    for one in principals:
        kind, _, rest = one.id.partition(":organizations::")[2].partition(":")[2].partition("/")
        if kind == "organization":
            found += estate.under(organizations=[rest])
        elif kind == "ou":
            found += estate.under(units=[rest.rpartition("/")[2]])
        elif account := account_of(one.id):
            found.append(account)
        elif not one.id.endswith(".amazonaws.com"):
            found.append(f"the principal {one.id}")
    return list(dict.fromkeys(found))


def shared_across(own: Environment, target: str, principals: Iterable[Principal], estate: Estate) -> Crossing:
    """Which accounts a share crosses to. What a shared account shares crosses if it is with production and with what is not."""
    try:
        accounts = [account for account in accounts_of(principals, estate) if account != target]
    except Unseen as error:
        return Crossing(unsure=str(error))
    if own.cls != "shared":
        return estate.crossing(own, [(account, account) for account in accounts])
    classes: dict[str, str] = {}
    unsure = ""
    for account in accounts:
        try:
            there = estate.of(account)
        except Unseen as error:
            unsure = unsure or str(error)
            continue
        unsure = unsure or ("" if there.cls else there.why)
        classes.setdefault(there.cls or "", f"{account} ({there.name})")
    if {"prod", "nonprod"} <= set(classes):
        return Crossing(crossed=(f"{classes['prod']} and {classes['nonprod']} alike",))
    return Crossing(unsure=unsure)
