"""How operations of Azure are written, and those that logging in asks, whatever is collected."""

from controlmon.collect.base import Operation

GRAPH = "Microsoft.ResourceGraph"
COLUMNS = ("id", "name", "type", "kind", "location", "subscriptionId", "sku", "tags", "properties")
"""What a query asks of each resource."""


class Arm(Operation, frozen=True):
    """A read of Azure Resource Manager.

    Attributes:
        path: where, with `{subscription}`, `{tenant}` or `{id}` (the subject's) to be filled in.
        api: the version of the API.
        where: a query string beyond the version, such as `$filter=atScope()`.

    """

    path: str = ""
    api: str = ""
    where: str = ""

    @property
    def of_subscription(self) -> bool:
        """True if it asks a whole subscription."""
        return "{subscription}" in self.path

    @property
    def by_id(self) -> bool:
        """True if it asks a single resource, or what hangs from it."""
        return self.path.startswith("{id}")


class Directory(Operation, frozen=True):
    """A read of the tenant's directory in Microsoft Graph: a path of v1.0 with its query string; `posts` if the question is a body."""

    path: str = ""
    posts: bool = False


class Query(Operation, frozen=True):
    """A query of Azure Resource Graph over every subscription: the resources of some types (in lower case), or how many there are."""

    table: str = "resources"
    types: tuple[str, ...] = ()
    counts: bool = False

    @property
    def text(self) -> str:
        """The query (Kusto). It is ordered by id: pages of an unordered result may overlap, and miss what fell between."""
        types = ", ".join(f"'{one}'" for one in self.types)
        what = "summarize count_ = count() by type, subscriptionId" if self.counts else f"project {', '.join(COLUMNS)} | order by id asc"
        return f"{self.table} | where type in~ ({types}) | {what}"

    @property
    def subscriptions(self) -> int:
        """How many are searched at once: the graph takes 1,000, and counts, which have no id, come on one page of 1,000 rows or not."""
        return 1000 // len(self.types) if self.counts else 1000


def resources(*types: str) -> Query:
    """The query for every resource of some types, such as `Microsoft.Storage/storageAccounts`, and what it takes to see them."""
    return Query(GRAPH, f"resources({','.join(types)})", tuple(f"{one}/read" for one in types), types=tuple(t.lower() for t in types))


def arm(name: str, path: str, api: str, *needs: str, **more: object) -> Arm:
    """A read of Resource Manager: `Provider:Operation` as the reference calls it, its path, version and permissions."""
    service, _, operation = name.partition(":")
    return Arm(service, operation, needs, path=path, api=api, **more)  # type: ignore[arg-type] # the attributes of Arm, by name


SUBSCRIPTIONS = arm(
    "Microsoft.Resources:Subscriptions_List", "/subscriptions", "2022-12-01", "Microsoft.Resources/subscriptions/read", shared=True
)
PERMISSIONS = arm(
    "Microsoft.Authorization:Permissions_List",
    "/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions",
    "2022-04-01",
    "Microsoft.Authorization/permissions/read",
    shared=True,
)
"""What we may do in a subscription, all of our roles taken together."""
SEARCHED = Query(
    GRAPH,
    "resourcecontainers(Microsoft.Resources/subscriptions)",
    ("Microsoft.Resources/subscriptions/read",),
    table="resourcecontainers",
    types=("microsoft.resources/subscriptions",),
)
"""The subscriptions that the graph searches for us."""
DESCENDANTS = arm(
    "Microsoft.Management:ManagementGroups_GetDescendants",
    "/providers/Microsoft.Management/managementGroups/{tenant}/descendants",
    "2023-04-01",
    "Microsoft.Management/managementGroups/descendants/read",
    shared=True,
)
"""What stands below the root management group: two kinds of subjects ask."""
LOGIN = (SUBSCRIPTIONS, PERMISSIONS, SEARCHED)
DIAGNOSTICS = arm(
    "Microsoft.Insights:DiagnosticSettings_List",
    "{id}/providers/Microsoft.Insights/diagnosticSettings",
    "2021-05-01-preview",
    "Microsoft.Insights/diagnosticSettings/read",
)
"""Where the logs of a resource are sent: asked of many kinds."""
