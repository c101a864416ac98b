"""Which environment an AWS account belongs to, by what is declared and by the organizations of every target of the run."""

from collections.abc import Iterable, Mapping
from functools import partial

from controlmon.core.fact import Gap
from controlmon.facts.aws.account import Account, Region
from controlmon.facts.aws.organization import Member, Tree
from controlmon.facts.aws.policy import covers
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing, whole
from controlmon.facts.environment import SHARED, Environment, Label, Model, agree, resolve

WHERE = (Account.organization, Account.organization_tree)
"""What a check reads that asks where accounts belong."""


class Estate:
    """The accounts that are known, and where each belongs. `unlisted` is why they are not all that were to be looked into, if so."""

    def __init__(self, accounts: All[Account], declared: Mapping[str, str], synonyms: Mapping[str, tuple[str, ...]]) -> None:
        self.model = Model(declared, synonyms)
        self.accounts, self.unlisted = whole(accounts)
        self._gap = self.unlisted
        self._trees: dict[str, Tree] | None = None

    def of(self, account: str) -> Environment:
        """Where an account belongs.

        Raises:
            Unseen: if it is not declared, and not every list that could name it was seen.
        """
        if own := self.model.declaration(account):
            return resolve(own, (), account)
        for tree in self.trees().values():
            if account in tree.members:
                return self.placed(tree, tree.members[account])
        if self._gap is not None:
            raise Unseen(self._gap)
        if not account.isdigit():
            return Environment(why=f"{account} is none that was listed")
        return Environment(why=f"account {account} is in no organization that was listed, and nothing declares where it belongs")

    def standing(self, account: str) -> Environment:
        """The same with what speaks against it, which needs the organization even of what is declared."""
        found = self.member(account)
        return self.placed(*found) if found else resolve(self.model.declaration(account), (), f"account {account}")

    def member(self, account: str) -> tuple[Tree, Member] | None:
        """An account as its organization lists it; None if it is in none.

        Raises:
            Unseen: if it was found in none, and not every one was seen.
        """
        for tree in self.trees().values():
            if account in tree.members:
                return tree, tree.members[account]
        if self._gap is not None:
            raise Unseen(self._gap)
        return None

    def placed(self, tree: Tree, member: Member) -> Environment:
        """Where a member of an organization belongs, and what speaks against it."""
        model, found = self.model, self.model.tagged(member.tags, f"account {member.id}")
        found += model.named(member.name, "the account's name")
        for unit in reversed(member.units[1:]):
            found += model.tagged(unit.tags, f"the unit {unit.name}") + model.named(unit.name, "the unit")
        if member.id == tree.management:
            found.append(Label(SHARED, "it is the management account, which"))
        return resolve(model.declaration(*member.keys()), found, f"account {member.id}")

    def trees(self) -> dict[str, Tree]:
        """The organizations that were seen, by id."""
        if self._trees is None:
            self._trees, refused = {}, list[tuple[Account, Gap]]()
            for account in self.accounts:
                try:
                    tree = account.organization_tree
                except Unseen as error:
                    refused.append((account, error.gap))
                    continue
                if tree is not None:
                    self._trees[tree.id] = tree
            self._gap = self._gap or next((gap for gap in (self._missing(a, g, self._trees) for a, g in refused) if gap), None)
        return self._trees

    @staticmethod
    def _missing(account: Account, gap: Gap, trees: Mapping[str, Tree]) -> Gap | None:
        """Why the organization of an account that could not list it is not known, if no other account listed it."""
        if any(account.id in tree.members for tree in trees.values()):
            return None
        try:
            organization = account.organization
        except Unseen as error:
            return error.gap
        return None if organization is None or organization.id in trees else gap

    def within(self, organization: str = "", path: str = "") -> list[str]:
        """The accounts of an organization, or under a path of one as `aws:PrincipalOrgPaths` writes it, with `*` and `?`.

        Raises:
            Unseen: if that organization was not seen, but may be one of ours.
        """
        wanted = organization or path.partition("/")[0]
        tree = self.trees().get(wanted)
        if tree is None and self._gap is not None:
            raise Unseen(self._gap)
        return [m.id for m in tree.members.values() if not path or covers(path, m.path(wanted))] if tree else []

    def under(self, organizations: Iterable[str] = (), units: Iterable[str] = ()) -> list[str]:
        """The accounts of whole organizations and units; one that was listed nowhere stands for accounts that are not known.

        Raises:
            Unseen: if one of them was not seen, but may be one of ours.
        """
        found: list[str] = []
        for organization in organizations:
            found += self.within(organization) or [f"the organization {organization}"]
        for unit in units:
            tree = next((tree for tree in self.trees().values() if unit in tree.units), None)
            if tree is None and self._gap is not None:
                raise Unseen(self._gap)
            known = [m.id for m in tree.members.values() if unit in [u.id for u in m.units]] if tree else [f"the unit {unit}"]
            found += known
        return found

    def mixed(self, where: Environment, regions: All[Region]) -> tuple[str, str]:
        """What is tagged as of another environment than its account, if anything; and else what cannot be told of it.

        Raises:
            Unseen: if nothing is, and something was not seen.
        """
        strange: list[str] = []

        def other(region: Region) -> bool:
            for tag in region.environment_tags:
                word = self.model.word(tag.value)
                said = f"{tag.example} with the tag {tag.key}={tag.value}" + (f" and {tag.count - 1} more" if tag.count > 1 else "")
                if word and not agree(word, where.name):
                    found.append(said)
                    return True
                if not word:
                    strange.append(f"it holds {said}, which is no environment that the synonyms know")
            return False

        found: list[str] = []
        regions.some(other)
        return "".join(found), "" if found else next(iter(strange), "")

    def crossing(self, own: Environment, others: Iterable[tuple[str, str]]) -> Crossing:
        """Which of some accounts are of a class that its own must not meet. Each is given with what to say of it."""
        return crossing(own, ((said, partial(self.of, account)) for account, said in others))


def said_of(estate: Estate, thing: str, tags: Mapping[str, str]) -> Environment:
    """What is declared of a thing, else what its tags say."""
    return resolve(estate.model.declaration(thing), estate.model.tagged(tags, thing), thing)


def unmapped_elsewhere(account: Account, estate: Estate) -> str | None:
    """What is wrong with accounts of the organization that nobody looks into, if `account` manages it; None if nothing is."""
    tree = next((tree for tree in estate.trees().values() if tree.management == account.id), None)
    reached = {one.id for one in estate.accounts}
    for member in tree.members.values() if tree else ():
        if member.active and member.id not in reached:
            where = estate.placed(tree, member) if tree else Environment()
            if not where.name or where.against:
                return f"{member.name or member.id}: {where.against or where.why}"
    return None
