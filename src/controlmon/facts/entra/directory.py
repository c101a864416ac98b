"""Who is in which group and has which role, out of what was recorded."""

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.base import All, Unseen
from controlmon.facts.entra.policies import PolicyGroup
from controlmon.facts.entra.roles import Assignment, Eligibility, people

TENANT = "/"


class Recorded:
    """A directory as some run saw it. Each population is needed only when a question turns on it."""

    def __init__(self, groups: All[PolicyGroup], active: All[Assignment], eligible: All[Eligibility]) -> None:
        self._groups, self._active, self._eligible = groups, active, eligible
        self._known: dict[str, PolicyGroup] = {}
        self._roles: dict[tuple[bool, str], list[Assignment | Eligibility]] | None = None

    def in_group(self, group: str, user: str) -> bool:
        """Whether a user is a member. Raises `Unseen`."""
        if not self._known:
            self._known = {one.id: one for one in self._groups}
        if group not in self._known:
            raise Unseen(Gap(GapKind.UNAVAILABLE, "entra.policy_group", f"the group {group} was not recorded"))
        return user in self._known[group].members

    def has_role(self, role: str, user: str, *, could: bool) -> bool:
        """Whether a user has a role of the whole tenant, or with `could` may take it. Raises `Unseen`."""
        unseen: Unseen | None = None
        for held in self._of(role, could=False) + (self._of(role, could=True) if could else []):
            try:
                if user in people(held):
                    return True
            except Unseen as error:
                unseen = unseen or error
        if unseen is not None:
            raise unseen
        return False

    def _of(self, role: str, *, could: bool) -> list[Assignment | Eligibility]:
        """Who has a role. One that holds in an administrative unit only is not what Conditional Access means by a role."""
        if self._roles is None or not any(key[0] == could for key in self._roles):
            found = self._roles or {}
            found[could, ""] = []
            for held in self._eligible if could else self._active:
                if held.holding.where == TENANT:
                    found.setdefault((could, held.holding.role), []).append(held)
            self._roles = found
        return self._roles.get((could, role), [])
