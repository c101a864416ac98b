"""The tree of a tenant's management groups, and where a subscription stands in it."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import View

GROUP = "/providers/microsoft.management/managementgroups/"


class Group(View, frozen=True):
    """A management group: its name, which is its id (in lower case), and what people call it."""

    name: str
    title: str = ""


class Place(View, frozen=True):
    """A subscription as the graph shows it: its name, its tags, and the groups that it stands in, the nearest first, the root last."""

    name: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    groups: tuple[Group, ...] = ()


class Below(View, frozen=True):
    """A group or subscription below the root: what it is called, and the name of the group that it stands in."""

    title: str
    parent: str


class Tree(View, frozen=True):
    """What stands below the root management group: groups by name, subscriptions by id."""

    groups: dict[str, Below] = {}  # noqa: RUF012
    subscriptions: dict[str, Below] = {}  # noqa: RUF012

    def above(self, subscription: str) -> tuple[Group, ...]:
        """The groups that a subscription stands in, the nearest first, the root last."""
        found: list[Group] = []
        name = self.subscriptions[subscription].parent
        while name not in (group.name for group in found):
            known = self.groups.get(name)
            found.append(Group(name=name, title=known.title if known else ""))
            name = known.parent if known else name
        return tuple(found)


def place(raw: Raw) -> Place:
    """A row of `resourcecontainers`: `managementGroupAncestorsChain` runs from the immediate parent to the root."""
    chain = read.many(read.inside(raw), "managementGroupAncestorsChain")
    return Place(
        name=read.text(raw, "name"),
        tags=read.tags(raw),
        groups=tuple(Group(name=read.named(one, "name").lower(), title=read.text(one, "displayName")) for one in chain),
    )


def tree(raw: Raw) -> Tree:
    """The pages of ManagementGroups_GetDescendants."""
    groups: dict[str, Below] = {}
    subscriptions: dict[str, Below] = {}
    for one in read.listed(raw, "value"):
        into = subscriptions if read.named(one, "type").lower().endswith("/subscriptions") else groups
        set_ = read.inside(one)
        parent = read.named(read.part(set_, "parent"), "id").lower().rpartition("/")[2]
        into[read.named(one, "name").lower()] = Below(title=read.text(set_, "displayName"), parent=parent)
    return Tree(groups=groups, subscriptions=subscriptions)
