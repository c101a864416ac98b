"""AWS Organizations: where an account stands, and which policies of its organization hold for it."""

from controlmon.collect.ask import shaped
from controlmon.collect.base import Ask, Met, Operation, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.account import Account

organizations = Service("aws", "organizations")
NOT_IN_USE = ("AWSOrganizationsNotInUseException",)


def _operation(name: str, *, absent: tuple[str, ...] = ()) -> Operation:
    return Operation("organizations", name, needs=(f"organizations:{name}",), absent=absent)


ATTACHED, PARENTS, POLICY = (_operation(name) for name in ("ListPoliciesForTarget", "ListParents", "DescribePolicy"))


@organizations.answers(Account.organization, _operation("DescribeOrganization", absent=NOT_IN_USE))
def organization(ask: Ask, account: Met) -> Raw:  # noqa: ARG001 - it is the account that is asked
    """Every account of an organization may ask this."""
    return ask()


@organizations.answers(Account.resource_controls, ATTACHED, PARENTS, POLICY, after=[Account.organization])
def resource_controls(ask: Ask, account: Met) -> Raw:
    """The policies of the account, its units and the root: only the management account and delegated administrators may ask."""
    organization = Account.organization.view(account.answer(Account.organization))
    if organization is None:
        return not_asked("the account is in no organization")
    if organization.management == account.id:
        return not_asked("resource control policies spare the management account")
    found: dict[str, Raw] = {}
    place = account.id
    while place:
        for policy in ask.items("Policies", TargetId=place, Filter="RESOURCE_CONTROL_POLICY"):
            if policy["Id"] not in found:
                found[policy["Id"]] = {"Id": policy["Id"], "Content": _content(ask.to(POLICY), policy["Id"])}
        place = "" if place.startswith("r-") else _above(ask.to(PARENTS), place)
    return {"Policies": list(found.values())}


def _content(ask: Ask, policy: str) -> Raw:
    with shaped(POLICY):
        return ask(PolicyId=policy)["Policy"]["Content"]


def _above(ask: Ask, place: str) -> str:
    """The one parent that a unit or an account has."""
    with shaped(PARENTS):
        return str(next(iter(list(ask.items("Parents", ChildId=place))))["Id"])
