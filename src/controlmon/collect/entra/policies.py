"""Conditional Access: every policy, and who is in the groups that they name."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.collect.entra.operations import GONE
from controlmon.core.fact import Raw
from controlmon.facts.entra.policies import Policy, PolicyGroup

policies = Service("entra", "policies")
POLICIES = Operation("graph", "GET /v1.0/identity/conditionalAccess/policies", needs=("Policy.Read.All",))
MEMBERS = Operation("graph", "GET /v1.0/groups/{id}/transitiveMembers", needs=("GroupMember.Read.All",), absent=(GONE,), shared=True)
"""Asked once, whatever the number of policies and roles that a group has."""


@policies.lists((Policy, PolicyGroup), POLICIES, at=Place.TENANT, gives=[Policy.settings])
def conditional_access(ask: Ask) -> Iterator[Found]:
    """Every policy whatever its state, and each group that one of them names."""
    met: set[str] = set()
    for raw in ask.items("value"):
        yield Found(Policy, raw["id"], raw["displayName"], answers={Policy.settings: raw})
        users = raw["conditions"]["users"]
        for group in (*(users.get("includeGroups") or ()), *(users.get("excludeGroups") or ())):
            if group not in met:
                met.add(group)
                yield Found(PolicyGroup, group)


@policies.answers(PolicyGroup.members, MEMBERS)
def group_members(ask: Ask, group: Met) -> Raw:
    """Its members, through groups in it. Asked at each run: who joins a group does not change the policy."""
    return ask(id=group.id, select="id", top=999)
