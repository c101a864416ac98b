"""Directory roles: who has them now, and who may take them (PIM)."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.entra.raw import listed, text, when

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
ROLES = {
    "Global Administrator": GLOBAL_ADMINISTRATOR,
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Conditional Access Administrator": "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "SharePoint Administrator": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Hybrid Identity Administrator": "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
    "Intune Administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "Directory Synchronization Accounts": "d29b2b05-8046-44ba-8758-1e26182fcf32",
}
"""The ids of built-in roles: their templates', the same in every tenant."""


class Holding(View, frozen=True):
    """A role in someone's hands.

    Attributes:
        role: the id of its definition.
        principal: who has it.
        sort: `user`, `group` or `servicePrincipal`; "" for one that was deleted.
        where: `/` for the whole tenant, else an administrative unit or an app.
        name: what the principal is called.
        until: when it ends, if it does.

    """

    role: str
    principal: str
    sort: str = ""
    where: str = "/"
    name: str = ""
    until: datetime | None = None


class Members(View, frozen=True):
    """Those in a group, through groups in it too: users, and service principals."""

    users: frozenset[str] = frozenset()
    robots: frozenset[str] = frozenset()


def members(raw: Raw) -> Members:
    """GET /groups/{id}/transitiveMembers."""
    found = [(one["@odata.type"], str(one["id"])) for one in listed(raw)]
    return Members(
        users=frozenset(one for sort, one in found if sort == "#microsoft.graph.user"),
        robots=frozenset(one for sort, one in found if sort == "#microsoft.graph.servicePrincipal"),
    )


def holding(raw: Raw) -> Holding:
    """A unifiedRoleAssignment or unifiedRoleEligibilityScheduleInstance, with its principal expanded."""
    principal = raw["principal"] or {}  # null for one that was deleted
    return Holding(
        role=raw["roleDefinitionId"],
        principal=raw["principalId"],
        sort=text(principal, "@odata.type").removeprefix("#microsoft.graph."),
        where=raw["directoryScopeId"],
        name=text(principal, "userPrincipalName") or text(principal, "displayName") or raw["principalId"],
        until=when(raw, "endDateTime"),
    )


class Assignment(Kind, name="entra.role_assignment"):
    """A directory role that is active: assigned, or activated through PIM."""

    @aspect()
    def holding(raw: Raw) -> Holding:
        """Who has which role (GET /roleManagement/directory/roleAssignments)."""
        return holding(raw)

    @aspect(absent=Members())
    def members(raw: Raw) -> Members:
        """Those in a group that has it (GET /groups/{id}/transitiveMembers). Not asked for a user."""
        return members(raw)


class Eligibility(Kind, name="entra.role_eligibility"):
    """A directory role that someone may activate (PIM)."""

    @aspect()
    def holding(raw: Raw) -> Holding:
        """Who may take which role (GET /roleManagement/directory/roleEligibilityScheduleInstances)."""
        return holding(raw)

    @aspect(absent=Members())
    def members(raw: Raw) -> Members:
        """Those in a group that may (GET /groups/{id}/transitiveMembers). Not asked for a user."""
        return members(raw)


def people(held: Assignment | Eligibility) -> frozenset[str]:
    """The users who have it: the principal itself, or the members of the group. Raises `Unseen`."""
    said = held.holding
    if said.sort == "user":
        return frozenset({said.principal})
    return held.members.users if said.sort == "group" else frozenset()


def robots_of(held: Assignment | Eligibility) -> frozenset[str]:
    """The service principals that have it, by name or, out of a group, by id. Raises `Unseen`."""
    said = held.holding
    if said.sort == "servicePrincipal":
        return frozenset({said.name})
    return held.members.robots if said.sort == "group" else frozenset()
