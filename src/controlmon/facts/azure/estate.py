"""Which environment a thing in Azure belongs to: by what is declared, by tags and names, and by the management groups above it."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from controlmon.core.fact import Gap
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.management import GROUP, Group, Tree
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import whole
from controlmon.facts.environment import SHARED, Environment, Label, Model, agree, resolve

WHERE = (Subscription.place, Subscription.resource_groups, Subscription.tagged, Tenant.groups)
"""What a check reads that asks where things belong."""
ID = re.compile(r"/subscriptions/(?P<number>[^/]+)(/resourcegroups/(?P<group>[^/]+))?(?P<rest>/.+)?")
Placed = tuple[str, Callable[[], Environment]]
"""What to say of a thing, and where it belongs, which may end the judgement."""


class Estate:
    """The subscriptions that are known, and where they, their resource groups and their resources belong. Ids may be in any case."""

    def __init__(
        self, subscriptions: All[Subscription], tenants: All[Tenant], declared: Mapping[str, str], synonyms: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.model = Model({_key(key): value for key, value in declared.items()}, synonyms)
        seen, self._gap = whole(subscriptions)
        self._subscriptions = {one.id.rpartition("/")[2].lower(): one for one in seen}
        self._tenants = tenants
        self._trees: dict[str, Tree] | None = None
        self._known: dict[str, Environment] = {}

    def of(self, resource: str) -> Environment:
        """Where a resource, a resource group or a subscription belongs: as declared of it or its group, else as tags, names and its
        subscription say. A shared subscription may hold resources of any environment, and so may one that is not read and not declared.

        Raises:
            Unseen: if it is not declared, and something that could say where it belongs was not seen.
        """
        id_ = resource.lower().rstrip("/")
        if id_ not in self._known:
            self._known[id_] = self._of(id_)
        return self._known[id_]

    def at(self, resource: str, said: str = "") -> Placed:
        """A thing, as a judgement of what crosses takes it."""
        return said or resource, partial(self.of, resource)

    def subscription(self, number: str) -> Environment:
        """Where a subscription belongs. Raises `Unseen` as `of` does."""
        if own := self.model.declaration(number, f"/subscriptions/{number}"):
            return resolve(own, (), f"subscription {number}")
        return self.standing(number)

    def standing(self, number: str) -> Environment:
        """The same with what speaks against it, which needs its management groups even of what is declared."""
        if number in self._subscriptions:
            place = self._subscriptions[number].place
            return self._placed(number, place.name, place.tags, self.groups(number))
        tree = next((tree for tree in self.trees().values() if number in tree.subscriptions), None)
        if tree is not None:
            return self._placed(number, tree.subscriptions[number].title, {}, tree.above(number))
        if self._gap is not None:
            raise Unseen(self._gap)
        nowhere = f"subscription {number} is none that was listed, and nothing declares where it belongs"
        declared = self.model.declaration(number, f"/subscriptions/{number}")
        return resolve(declared, (), number) if declared else Environment(why=nowhere)

    def groups(self, number: str) -> tuple[Group, ...]:
        """The management groups that a subscription of ours stands in, the nearest first, the root last. Raises `Unseen` if none shows."""
        chain = self._subscriptions[number].place.groups
        tree = None if chain else next((tree for tree in self.trees().values() if number in tree.subscriptions), None)
        if not chain and tree is None and self._gap is not None:
            raise Unseen(self._gap)
        return tree.above(number) if tree else chain

    def label(self, group: str) -> Environment:
        """What a resource group says itself: as declared, else by its tags and its name."""
        number, name = group.split("/")[2], group.rpartition("/")[2]
        tags = self._subscriptions[number].resource_groups.get(name, {})
        return resolve(self.model.declaration(group, name), self._said_of_group(name, tags), f"the resource group {name}")

    def beside(self, number: str) -> tuple[list[Placed], Gap | None]:
        """The other subscriptions that stand in the same management group as one of ours, and why they may not be all."""
        chain, found = self.groups(number), list[Placed]()
        if not chain:
            return found, self.gap
        for other, one in self._subscriptions.items():
            near = one.place.groups
            if other != number and near and (near[0].name, near[-1].name) == (chain[0].name, chain[-1].name):
                found.append((f"subscription {one.place.name or other}", partial(self.subscription, other)))
        tree = self.trees().get(chain[-1].name)
        for other, below in tree.subscriptions.items() if tree else ():
            if other not in self._subscriptions and below.parent == chain[0].name:
                found.append((f"subscription {below.title or other}", partial(self.subscription, other)))
        return found, None if tree else self.gap

    def under(self, scope: str, number: str) -> Iterator[Placed]:
        """What a role at a scope reaches: a resource, a subscription with the groups that it shares out, or all below a management group.

        Args:
            scope: the scope of an assignment, in lower case.
            number: the subscription in which it was listed, whose tenant is meant.

        Raises:
            Unseen: when all that was seen is given, and that is not all.
        """
        if scope.startswith("/subscriptions/") and scope.count("/") > 2:
            yield scope, partial(self.of, scope)
            return
        if scope.startswith("/subscriptions/"):
            yield from self._shared_out(scope.rpartition("/")[2])
            return
        chain = self.groups(number) if number in self._subscriptions else ()
        root = chain[-1].name if chain else ""
        top = scope.removeprefix(GROUP) if scope.startswith(GROUP) else root
        for other in self._subscriptions:
            names = [group.name for group in self.groups(other)]
            if other == number or (names and names[-1] == root and top in names):
                yield from self._shared_out(other)
        tree = self.trees().get(root)
        for other in tree.subscriptions if tree else ():
            if other not in self._subscriptions and tree and top in [group.name for group in tree.above(other)]:
                yield f"/subscriptions/{other}", partial(self.subscription, other)
        if tree is None and self._gap is not None:
            raise Unseen(self._gap)

    def _shared_out(self, number: str) -> Iterator[Placed]:
        """A subscription; and the resource groups of one that is shared, each of which may be of another environment."""
        yield f"/subscriptions/{number}", partial(self.subscription, number)
        if number in self._subscriptions and self.subscription(number).cls == "shared":
            for name in self._subscriptions[number].resource_groups:
                group = f"/subscriptions/{number}/resourcegroups/{name}"
                yield group, partial(self.of, group)

    def unlike(self, number: str, where: Callable[[str], Environment]) -> tuple[str, str]:
        """What in a subscription has a tag of another environment than `where` says of its group, and what has one of no known word."""
        one = self._subscriptions[number]
        tagged: dict[str, Mapping[str, str]] = {f"/subscriptions/{number}/resourcegroups/{n}": t for n, t in one.resource_groups.items()}
        found, strange = "", ""
        for id_, tags in (tagged | dict(one.tagged)).items():
            at = where("/".join(id_.split("/")[:5]))
            for label in self.model.tagged(tags, id_.rpartition("/")[2]):
                if not label.environment:
                    strange = strange or f"{label.source} is no environment that the synonyms know"
                elif at.name and not agree(label.environment, at.name):
                    found = found or f"{label.source} says {label.environment}"
        return found, strange

    def trees(self) -> dict[str, Tree]:
        """What stands below the root of each tenant that shows it, by tenant."""
        if self._trees is None:
            self._trees = {}
            tenants, gap = whole(self._tenants)
            self._gap = self._gap or gap
            for tenant in tenants:
                try:
                    self._trees[tenant.id] = tenant.groups
                except Unseen as error:
                    self._gap = self._gap or error.gap
        return self._trees

    @property
    def gap(self) -> Gap | None:
        """Why the subscriptions that are known may not be all; None if they are."""
        self.trees()
        return self._gap

    def _placed(self, number: str, name: str, tags: Mapping[str, str], groups: tuple[Group, ...]) -> Environment:
        model, below = self.model, groups[:-1]
        found = model.tagged(tags, f"subscription {number}") + model.named(name, "the subscription")
        keys = [number, f"/subscriptions/{number}", name]
        for depth, group in enumerate(groups):
            path = "/".join(one.title or one.name for one in reversed(below[depth:]))
            keys += [group.name, f"{GROUP}{group.name}", path, group.title]
        for group in below:
            for title in dict.fromkeys((group.title, group.name)):
                found += model.named(title, "the management group") if title else []
        return resolve(model.declaration(*(key.lower() for key in keys if key)), found, f"subscription {number}")

    def _said_of_group(self, name: str, tags: Mapping[str, str]) -> list[Label]:
        """What the tags and the name of a resource group say. `network-rg` and its like stand in every subscription, and share nothing."""
        named = [label for label in self.model.named(name, "the resource group") if label.environment != SHARED]
        return self.model.tagged(tags, f"the resource group {name}") + named

    def _of(self, id_: str) -> Environment:
        parts = ID.fullmatch(id_)
        if parts is None:
            return Environment(why=f"{id_} is no id of a resource")
        number, group, ids = parts["number"], parts["group"] or "", _with_parents(id_, parts["rest"] or "")
        if declared := self.model.declaration(*ids, *((f"/subscriptions/{number}/resourcegroups/{group}", group) if group else ())):
            return resolve(declared, (), id_)
        above, one = self.subscription(number), self._subscriptions.get(number)
        if one is None:
            told = above.cls != "shared" and self.model.declaration(number, f"/subscriptions/{number}")
            return (
                above if told or not above.name else Environment(why=f"subscription {number} is not read: what is said in it was not seen")
            )
        found = self._said_of_group(group, one.resource_groups.get(group, {})) if group else []
        found += [label for i in ids for label in self.model.tagged(one.tagged.get(i, {}), i.rpartition("/")[2])]
        if not found:
            lost = above.cls == "shared" and group and group not in one.resource_groups
            return Environment(why=f"{id_} was in a shared subscription, and is gone") if lost else above
        own = resolve((), found, id_)
        if own.name and above.name and above.cls != "shared" and not agree(own.name, above.name):
            return Environment(why=f"{own.why} says {own.name}, its subscription is {above.name} ({above.why})")
        return own


def _key(declared: str) -> str:
    """What is declared, as ids are written here. The case of a tag's name does not count; that of its value does."""
    if declared.startswith("name:"):
        return declared
    if declared.startswith("tag:"):
        name, is_, value = declared.partition("=")
        return f"{name.lower()}{is_}{value}"
    return declared.lower().rstrip("/")


def _with_parents(id_: str, rest: str) -> list[str]:
    """A resource and those that it is part of, such as a subnet and its network; just the id of what is no resource."""
    steps = rest.split("/")[1:]
    cut = len(id_) - len(rest)
    return [id_[:cut] + "/" + "/".join(steps[:count]) for count in range(len(steps), 3, -2)] or [id_]
