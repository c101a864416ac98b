"""Conditional Access policies, and the groups that they name."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, aspect
from controlmon.facts.entra.conditional_access.policy import Settings, settings
from controlmon.facts.entra.raw import listed


def member_ids(raw: Raw) -> frozenset[str]:
    """The users of GET /groups/{id}/transitiveMembers, which follows groups in groups."""
    return frozenset(str(one["id"]) for one in listed(raw) if one["@odata.type"] == "#microsoft.graph.user")


class Policy(Kind, name="entra.conditional_access_policy"):
    """A Conditional Access policy."""

    @aspect()
    def settings(raw: Raw) -> Settings:
        """All that it says (GET /identity/conditionalAccess/policies)."""
        return settings(raw)


class PolicyGroup(Kind, name="entra.policy_group"):
    """A group that a Conditional Access policy includes or excludes."""

    @aspect(absent=frozenset())
    def members(raw: Raw) -> frozenset[str]:
        """Its users, through groups in it too (GET /groups/{id}/transitiveMembers). A group that was deleted has none."""
        return member_ids(raw)
