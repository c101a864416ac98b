"""A small estate in Azure on raw answers: two branches, a hub for both, a subscription that nothing places, one that is not read."""

from typing import Any

from controlmon.core.fact import Scope
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.base import Kind
from tests.support import Given

TENANT = "00000000-0000-4000-8000-00000000000f"
PROD, DEV, HUB, UNTOLD, HIDDEN, STRANGER = (f"{n}0000000-0000-4000-8000-000000000000" for n in "abcdef")
GROUPS = "/providers/Microsoft.Management/managementGroups"
ROOT = ("Tenant Root Group", TENANT)


def id_of(number: str, rest: str, group: str = "g") -> str:
    """The id of a resource, as an API of Azure may spell it."""
    return f"/subscriptions/{number}/resourceGroups/{group}/providers/{rest}"


def at(number: str, kind: type[Kind], rest: str, **answers: Any) -> Given:
    """A resource in a subscription."""
    id_ = (rest if rest.startswith("/") else id_of(number, rest)).lower()
    return Given(kind, id_, name=rest.rpartition("/")[2], scope=Scope("azure", number), **answers)


def subscription(
    number: str, name: str, *groups: tuple[str, str], tags: Any = None, held: Any = None, tagged: Any = None, place: Any = None
) -> Given:
    """A subscription as the graph shows it: its groups as title and name, the nearest first; what it holds as tags by group and by id."""
    chain = [{"displayName": title, "name": id_} for title, id_ in groups]
    row = {"id": f"/subscriptions/{number}", "name": name, "tags": tags, "properties": {"managementGroupAncestorsChain": chain}}
    rows = [{"id": f"/subscriptions/{number}/resourceGroups/{g}", "name": g, "tags": t} for g, t in (held or {"g": None}).items()]
    known = [{"id": id_, "tags": t} for id_, t in tagged.items()] if isinstance(tagged, dict) else []
    answers: dict[str, Any] = {"place": row if place is None else place, "resource_groups": {"value": rows}}
    tags_ = tagged if tagged is not None and not isinstance(tagged, dict) else {"value": known}
    return Given(Subscription, f"/subscriptions/{number}".lower(), name=number, scope=Scope("azure", number), **answers, tagged=tags_)


def below(*known: tuple[str, str, str], groups: tuple[tuple[str, str], ...] = (("mg-prod", "Production"), ("mg-dev", "Dev"))) -> Any:
    """What ManagementGroups_GetDescendants shows: groups under the root, and subscriptions as id, title and group."""
    kind = "Microsoft.Management/managementGroups"
    shown = [{"type": kind, "name": n, "properties": {"displayName": t, "parent": {"id": f"{GROUPS}/{TENANT}"}}} for n, t in groups]
    return {
        "value": shown
        + [
            {"type": f"{kind}/subscriptions", "name": n, "properties": {"displayName": t, "parent": {"id": f"{GROUPS}/{g}"}}}
            for n, t, g in known
        ]
    }


def tenant(answer: Any = None) -> Given:
    """The tenant, and what stands below its root."""
    return Given(Tenant, TENANT, scope=Scope("azure", TENANT), groups=below((HIDDEN, "ghost", "mg-prod")) if answer is None else answer)


def estate(tree: Any = None, *more: Given) -> tuple[Given, ...]:
    """Production and dev in branches of their own, a shared hub, and a subscription that says nothing."""
    return (
        subscription(PROD, "shop", ("Production", "mg-prod"), ROOT),
        subscription(DEV, "shop-2", ("Dev", "mg-dev"), ROOT),
        subscription(HUB, "hub", ("Platform", "mg-hub"), ROOT, tags={"Environment": "Shared"}, held={"g": None, "rg-dev": None}),
        subscription(UNTOLD, "lab-7", ROOT),
        tenant(tree),
        *more,
    )
