"""Which accounts there are, by organizations and by register, and which of them were collected from and are classified."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import Estate
from controlmon.facts.aws.organization import Member, Tree
from controlmon.facts.base import Unseen
from controlmon.facts.environment import tells

OWNER, DATA = ("owner",), ("data-classification", "data-class", "classification")
"""Names of tags that tell who owns an account and what data it holds, in lower case, with `-` between words."""


class Inventory:
    """The accounts of an estate, and what is declared of them: `declared` maps an account's id to words such as `owner`."""

    def __init__(self, estate: Estate, declared: Mapping[str, Mapping[str, str]], registered: Sequence[str]) -> None:
        self._estate, self._declared, self._registered = estate, declared, registered

    def lacks(self, account: str, member: Member | None) -> list[str]:
        """What nothing says of an account: neither a tag of it, nor what is declared."""
        tags = {_plain(key.rpartition(":")[2]): value for key, value in (member.tags if member else {}).items() if value}
        said = self._declared.get(account, {})
        placed = any(tells(key) for key in tags) or bool(self._estate.model.declaration(*(member.keys() if member else (account,))))
        words = (
            ("environment", placed or "environment" in said),
            ("owner", "owner" in said or any(name in tags for name in OWNER)),
            ("data classification", "data-classification" in said or any(name in tags for name in DATA)),
        )
        return [word for word, known in words if not known]

    def answers_for_others(self, account: Account, tree: Tree | None) -> bool:
        """Whether an account speaks for those that nobody looked into: the manager of its organization, or the first that listed it."""
        if tree is None:
            return not self._estate.trees()
        listed = [one.id for one in self._estate.accounts if _lists(one, tree)]
        return account.id == (tree.management if tree.management in listed else min(listed, default=""))

    def unreached(self, tree: Tree | None) -> Iterator[str]:
        """The accounts that are active, or registered, and were not collected from, with what else is wrong with each."""
        reached = {one.id for one in self._estate.accounts}
        for member in tree.members.values() if tree else ():
            if member.active and member.id not in reached:
                lacking = self.lacks(member.id, member)
                also = f" and has no {', '.join(lacking)}" if lacking else ""
                yield f"{member.name or member.id} ({member.id}) was not collected from{also}"
        members = {one for known in self._estate.trees().values() for one in known.members}
        for one in self._registered:
            if one not in members and one not in reached:
                yield f"{one} is registered, in no organization that was listed, and was not collected from"

    def closed(self, tree: Tree | None, today: date) -> str:
        """The accounts that cannot be looked into, and the day on which that was so; "" if there are none."""
        found = [f"{one.name or one.id} ({one.id}) {one.status}" for one in (tree.members.values() if tree else ()) if not one.active]
        return f"; closed on {today}: {', '.join(found)}" if found else ""


def _lists(account: Account, tree: Tree) -> bool:
    try:
        own = account.organization_tree
    except Unseen:
        return False
    return own is not None and own.id == tree.id


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.strip().lower()).strip("-")
