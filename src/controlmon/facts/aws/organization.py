"""The tree of an AWS organization: its units and accounts, where each stands, and its tags."""

from controlmon.core.fact import Raw
from controlmon.facts.base import View


class Unit(View, frozen=True):
    """A root or an organizational unit."""

    id: str
    name: str
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


class Member(View, frozen=True):
    """An account of an organization. `units` are what it stands in, from the root down."""

    id: str
    name: str = ""
    active: bool = True
    status: str = ""
    units: tuple[Unit, ...] = ()
    tags: dict[str, str] = {}  # noqa: RUF012

    def path(self, organization: str) -> str:
        """Where it stands, as `aws:PrincipalOrgPaths` writes it: `o-1/r-1/ou-1-a/`."""
        return "/".join((organization, *(unit.id for unit in self.units), ""))

    def keys(self) -> tuple[str, ...]:
        """What it may be declared by: its id, its name, and the ids, paths of names, and names of its units, the nearest first."""
        names = [unit.name for unit in self.units[1:]]
        above = [
            key
            for depth in range(len(self.units), 0, -1)
            for key in (self.units[depth - 1].id, "/".join(names[: depth - 1]), self.units[depth - 1].name)
            if key
        ]
        return tuple(dict.fromkeys((self.id, self.name, *above)))


class Tree(View, frozen=True):
    """An organization, as its management account or a delegated administrator sees it; its accounts by id, and the ids of its units."""

    id: str
    management: str = ""
    units: tuple[str, ...] = ()
    members: dict[str, Member] = {}  # noqa: RUF012


def tags(raw: Raw) -> dict[str, str]:
    """A list of `Key` and `Value`."""
    return {one["Key"]: one["Value"] for one in raw}


def tree(raw: Raw) -> Tree:
    """The answer that `collect.aws.environments` puts together."""
    parents = {one["Id"]: one["ParentId"] for one in raw["Units"]}
    units = {one["Id"]: Unit(id=one["Id"], name=one["Name"], tags=tags(one["Tags"])) for one in (*raw["Roots"], *raw["Units"])}
    members: dict[str, Member] = {}
    for one in raw["Accounts"]:
        place, above = one["ParentId"], [units[one["ParentId"]]]
        while place in parents:
            place = parents[place]
            above.insert(0, units[place])
        state = one.get("State") or one["Status"]
        members[one["Id"]] = Member(
            id=one["Id"],
            name=one["Name"],
            active=state in ("ACTIVE", "PENDING_ACTIVATION"),
            status=state,
            units=tuple(above),
            tags=tags(one["Tags"]),
        )
    root = raw["Roots"][0]["Arn"]
    return Tree(id=root.split("/")[1], management=root.split(":")[4], units=tuple(units), members=members)
