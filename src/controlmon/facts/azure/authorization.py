"""Who may do what in Azure: role assignments, and the principals that they are for."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.azure import management, permission, read
from controlmon.facts.azure.management import Tree
from controlmon.facts.azure.permission import Permission
from controlmon.facts.base import Kind, View, aspect

GRANTS = "Microsoft.Authorization/roleAssignments/write"
"""The action that makes every other one possible: who has it can give himself the rest."""
PRIVILEGED = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
"""Built-in roles by the id of their definition, which is the same everywhere; their names can be told anew."""


class Assignment(View, frozen=True):
    """A role that a principal has at a scope. Ids are in lower case; `role` is the last part of its definition's id."""

    role: str
    principal: str
    type: str
    scope: str
    condition: bool = False
    created: datetime | None = None

    def reaches(self, resource: str) -> bool:
        """Whether it holds for a resource (id in lower case), for what is above it, or for something in it."""
        above = resource == self.scope or resource.startswith(f"{self.scope}/") or not self.scope.startswith("/subscriptions/")
        return above or self.scope.startswith(f"{resource}/")

    def of_whole(self, subscription: str) -> bool:
        """Whether it holds for a whole subscription: at it, or inherited from a management group or the root."""
        below = self.scope.startswith("/subscriptions/") and self.scope != f"/subscriptions/{subscription}"
        return not below


class Role(View, frozen=True):
    """A role: its name, and what it allows."""

    name: str
    custom: bool = False
    permissions: tuple[Permission, ...] = ()

    @property
    def grants(self) -> bool:
        """Whether it lets its bearer assign roles."""
        return any(one.allows(GRANTS) for one in self.permissions)


class Principal(View, frozen=True):
    """A user, group or service principal of the directory. `enabled` is None for what cannot be disabled.

    `app` is the client id of an application, `resource` the id of what a managed identity is that of, in lower case.
    """

    id: str
    kind: str
    name: str = ""
    enabled: bool | None = None
    app: str = ""
    resource: str = ""


def assignment(raw: Raw) -> Assignment:
    """A role assignment, active or eligible."""
    set_ = read.inside(raw)
    return Assignment(
        role=read.named(set_, "roleDefinitionId").lower().rpartition("/")[2],
        principal=read.named(set_, "principalId").lower(),
        type=read.text(set_, "principalType"),
        scope=read.named(set_, "scope").lower().rstrip("/") or "/",
        condition=bool(read.text(set_, "condition")),
        created=read.moment(set_, "createdOn"),
    )


def principal(raw: Raw) -> Principal:
    """A directory object of Microsoft Graph."""
    return Principal(
        id=read.named(raw, "id").lower(),
        kind=read.named(raw, "@odata.type").rpartition(".")[2],
        name=read.text(raw, "userPrincipalName") or read.text(raw, "displayName"),
        enabled=read.flag(raw, "accountEnabled"),
        app=read.text(raw, "appId").lower(),
        resource=next((one.lower() for one in read.many(raw, "alternativeNames") if one.startswith("/subscriptions/")), ""),
    )


def role(raw: Raw) -> Role:
    """A role definition."""
    set_ = read.inside(raw)
    allowed = tuple(permission.permission(one) for one in read.listed(set_, "permissions"))
    return Role(name=read.named(set_, "roleName"), custom=read.text(set_, "type") == "CustomRole", permissions=allowed)


def principals(raw: Raw) -> tuple[Principal, ...]:
    """A list of directory objects: people, and applications too."""
    return tuple(map(principal, read.listed(raw, "value")))


class RoleAssignment(Kind, name="azure.authorization.role_assignment"):
    """An active role assignment in a subscription: at it, below it, or inherited from above."""

    @aspect()
    def settings(raw: Raw) -> Assignment:
        """Whose it is, and where (RoleAssignments_ListForSubscription)."""
        return assignment(raw)

    @aspect()
    def role(raw: Raw) -> Role:
        """What the role allows (RoleDefinitions_GetById)."""
        return role(raw)

    @aspect(absent=None)
    def principal(raw: Raw) -> Principal | None:
        """Whom the directory has under its id (directoryObjects/getByIds of Microsoft Graph); None if nobody."""
        return principal(raw)

    @aspect(absent=())
    def members(raw: Raw) -> tuple[Principal, ...]:
        """Who is in a group, and in the groups in it (groups/transitiveMembers of Microsoft Graph). Not asked if it is no group."""
        return principals(raw)


class EligibleAssignment(Kind, name="azure.authorization.eligible_assignment"):
    """A role that somebody may activate in a subscription, through Privileged Identity Management."""

    @aspect()
    def settings(raw: Raw) -> Assignment:
        """Whose it is, and where (RoleEligibilityScheduleInstances_ListForScope)."""
        return assignment(raw)

    @aspect()
    def role(raw: Raw) -> Role:
        """What the role allows (RoleDefinitions_GetById)."""
        return role(raw)

    @aspect(absent=None)
    def principal(raw: Raw) -> Principal | None:
        """Whom the directory has under its id (directoryObjects/getByIds of Microsoft Graph); None if nobody."""
        return principal(raw)

    @aspect(absent=())
    def members(raw: Raw) -> tuple[Principal, ...]:
        """Who is in a group, and in the groups in it (groups/transitiveMembers of Microsoft Graph). Not asked if it is no group."""
        return principals(raw)


class Tenant(Kind, name="azure.tenant", singleton=True):
    """An Entra tenant, as Azure sees it."""

    @aspect()
    def root_assignments(raw: Raw) -> tuple[Assignment, ...]:
        """The role assignments at the root, which every subscription inherits (RoleAssignments_ListForScope at `/`)."""
        return tuple(assignment(one) for one in read.listed(raw, "value"))

    @aspect()
    def groups(raw: Raw) -> Tree:
        """Its management groups and subscriptions, below the root (ManagementGroups_GetDescendants)."""
        return management.tree(raw)
