"""Whether a policy is about a user. What was not seen of groups or roles is a gap, which matters only where it could change the answer."""

from collections.abc import Callable, Iterable
from typing import Protocol

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.base import Unseen, View
from controlmon.facts.entra.conditional_access.policy import Crowd, Guests, Settings

ALL, NONE, GUESTS = "All", "None", "GuestsOrExternalUsers"
HOME = Gap(GapKind.UNAVAILABLE, "graph:home tenant of a guest", "the policy names tenants, and a user object does not tell its own")


class Who(View, frozen=True):
    """Someone who signs in.

    Attributes:
        id: the object's id.
        guest: the kind of guest or external user (conditionalAccessGuestOrExternalUserTypes), "" for a member of our own.
        member: False for one whose userType is Guest.
        acting: roles that are held for the sake of the question: of someone who is an administrator now.
        per_user: the state of per-user MFA: `disabled`, `enabled` or `enforced`; "" if it was not asked.

    """

    id: str
    guest: str = ""
    member: bool = True
    acting: tuple[str, ...] = ()
    per_user: str = ""


class Directory(Protocol):
    """Who is in what. Each raises `Unseen` if it cannot be told."""

    def in_group(self, group: str, user: str) -> bool:
        """Whether a user is a member, through other groups too. A group that was deleted has none."""

    def has_role(self, role: str, user: str, *, could: bool) -> bool:
        """Whether a user has a role of the whole tenant, by itself or through a group; `could` if it is enough to be eligible for it."""


def about(policy: Settings, who: Who, directory: Directory) -> bool | Gap:
    """Whether a policy applies to a user. Who is excluded is not included, whatever else is said."""
    if policy.workload:
        return False
    # Someone eligible for a role that is excluded can activate it, and is free then; one eligible for a role that is included is not yet.
    excluded = some(tests(policy.exclude, who, directory, could=True))
    if excluded is True:
        return False
    included = some(tests(policy.include, who, directory, could=False))
    if included is False:
        return False
    return next((one for one in (included, excluded) if isinstance(one, Gap)), True)


def tests(crowd: Crowd, who: Who, directory: Directory, *, could: bool) -> Iterable[Callable[[], bool]]:
    """The ways of being one of a crowd."""
    yield lambda: ALL in crowd.users or who.id in crowd.users
    yield lambda: GUESTS in crowd.users and (bool(who.guest) or not who.member)
    yield lambda: crowd.guests is not None and is_guest(crowd.guests, who)
    for role in crowd.roles:
        yield lambda role=role: role in who.acting or directory.has_role(role, who.id, could=could)  # type: ignore[misc]
    for group in crowd.groups:
        yield lambda group=group: directory.in_group(group, who.id)  # type: ignore[misc]


def is_guest(guests: Guests, who: Who) -> bool:
    """Whether a user is of these kinds of guests. Raises `Unseen` if only its home tenant would tell."""
    if who.guest not in guests.types:
        return False
    if guests.tenants is not None and who.guest != "internalGuest":
        raise Unseen(HOME)
    return True


def some(asked: Iterable[Callable[[], bool]]) -> bool | Gap:
    """True as soon as one test is; a gap if none is and something was not seen."""
    gap: Gap | None = None
    for test in asked:
        try:
            if test():
                return True
        except Unseen as unseen:
            gap = gap or unseen.gap
    return gap if gap is not None else False
