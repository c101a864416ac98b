"""A tenant's subscriptions, as far as every service shares them."""

from collections.abc import Iterable

from controlmon.core.fact import Raw
from controlmon.facts.azure import management, permission, read
from controlmon.facts.azure.diagnostics import Setting, settings
from controlmon.facts.azure.management import Place
from controlmon.facts.azure.permission import Permission
from controlmon.facts.base import Kind, View, aspect

GONE = ("Disabled", "Deleted")
"""The states of a subscription in which nothing runs."""


class Listed(View, frozen=True):
    """A subscription as the identity's own list shows it. The names of tags are in lower case."""

    state: str
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it

    def tag(self, names: Iterable[str]) -> str:
        """The value of the first of some tags that it has; empty if it has none of them."""
        return next((self.tags[name.lower()] for name in names if self.tags.get(name.lower())), "")


class Plan(View, frozen=True):
    """A Defender plan: whether it is on (`Standard`), which part of it, and whether it covers all of the subscription's resources."""

    name: str
    tier: str
    part: str = ""
    coverage: str = ""
    deprecated: bool = False


class KnownSubscription(Kind, name="azure.known_subscription"):
    """A subscription that the tenant is known to have: by the identity's own list, or by the root management group."""

    @aspect(absent=None)
    def listed(raw: Raw) -> Listed | None:
        """What the identity's list says (Subscriptions_List); None if only the management group names it."""
        return Listed(state=read.named(raw, "state"), tags=read.tags(raw))

    @aspect(absent=())
    def permissions(raw: Raw) -> tuple[Permission, ...]:
        """What the identity may do in it (Permissions_List). Not asked if it does not see it."""
        return permission.permissions(raw)


class Subscription(Kind, name="azure.subscription", singleton=True):
    """A subscription that is collected from."""

    @aspect()
    def permissions(raw: Raw) -> tuple[Permission, ...]:
        """What the identity may do in it (Permissions_List)."""
        return permission.permissions(raw)

    @aspect()
    def listed(raw: Raw) -> Listed:
        """What the identity's list says of it (Subscriptions_List)."""
        return Listed(state=read.named(raw, "state"), tags=read.tags(raw))

    @aspect()
    def place(raw: Raw) -> Place:
        """What it is called, its tags, and its management groups (Resource Graph)."""
        return management.place(raw)

    @aspect()
    def resource_groups(raw: Raw) -> dict[str, dict[str, str]]:
        """The tags of its resource groups, by name in lower case (Resource Graph)."""
        return {read.named(one, "name").lower(): read.tags(one) for one in read.listed(raw, "value")}

    @aspect()
    def tagged(raw: Raw) -> dict[str, dict[str, str]]:
        """The tags of its resources that tell an environment, by id in lower case; those without are left out (Resources_List)."""
        return {read.named(one, "id").lower(): read.tags(one) for one in read.listed(raw, "value")}

    @aspect()
    def activity_log(raw: Raw) -> tuple[Setting, ...]:
        """Where its activity log is sent (DiagnosticSettings_List at the subscription)."""
        return settings(raw)

    @aspect()
    def plans(raw: Raw) -> tuple[Plan, ...]:
        """Its Defender plans (Pricings_List)."""
        return tuple(_plan(one) for one in read.listed(raw, "value"))

    @aspect()
    def counts(raw: Raw) -> dict[str, int]:
        """How many resources it has of the types that Defender's plans are for, by type in lower case (Resource Graph)."""
        return {read.named(one, "type").lower(): int(one["count_"]) for one in read.listed(raw, "Counts")}


def _plan(raw: Raw) -> Plan:
    set_ = read.inside(raw)
    return Plan(
        name=read.named(raw, "name"),
        tier=read.named(set_, "pricingTier"),
        part=read.text(set_, "subPlan"),
        coverage=read.text(set_, "resourcesCoverageStatus"),
        deprecated=read.flag(set_, "deprecated") is True,
    )
