"""Which customers' environments a grant reaches: accounts and subscriptions, by its scope or by what is declared of its system."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from controlmon.facts.access.aws import CENTER, IAM
from controlmon.facts.access.grant import Grant
from controlmon.facts.access.microsoft import AZURE
from controlmon.facts.aws import environments as aws
from controlmon.facts.azure import estate as azure
from controlmon.facts.azure.management import GROUP
from controlmon.facts.base import Unseen
from controlmon.facts.environment import Environment

CLOUDS = (IAM, CENTER, AZURE)
"""The systems whose scopes are accounts and subscriptions."""
SUBSCRIPTION = "/subscriptions/"


class Reached(Struct, frozen=True):
    """The environments (ids in lower case), and what cannot be told; "" if all can."""

    environments: frozenset[str] = frozenset()
    doubt: str = ""


class Reach:
    """What grants reach.

    Args:
        customers: the accounts and subscriptions that engagements name.
        ours: where AWS accounts belong; `theirs` where subscriptions do.
        subscriptions: the numbers of those that are known.
        declared: for systems that are no cloud, `SYSTEM` or `SYSTEM:ROLE` with `*`, to the accounts that they lead to; `*` for every one.

    """

    def __init__(
        self, customers: Iterable[str], ours: aws.Estate, theirs: azure.Estate, subscriptions: Iterable[str],
        declared: Mapping[str, Sequence[str]],
    ) -> None:  # fmt: skip
        self._customers = frozenset(one.lower().removeprefix(SUBSCRIPTION) for one in customers)
        self._ours, self._theirs, self._declared = ours, theirs, declared
        self._subscriptions = tuple(one.lower() for one in subscriptions)
        self._known: dict[str, Reached] = {}

    def of(self, grant: Grant) -> Reached:
        """What a grant reaches."""
        if grant.system == AZURE:
            return self._once(f"{AZURE} {grant.scope.lower()}", self._azure(grant.scope.lower().rstrip("/")))
        if grant.system in CLOUDS:
            return self._once(grant.scope, [grant.scope])
        named = frozenset(one for one in self._customers if one in grant.scope.lower())
        said = f"{grant.system}:{grant.role}"
        ways = [accounts for pattern, accounts in self._declared.items() if pattern == grant.system or fnmatchcase(said, pattern)]
        if not named and not ways:
            return Reached(doubt=f"which customers' environments {grant.role} in {grant.system} leads to is not declared (`reaches`)")
        found = {one.lower() for accounts in ways for one in accounts}
        return Reached(named | (self._customers if "*" in found else frozenset(found)))

    def _azure(self, scope: str) -> list[str]:
        """The subscriptions that a scope is in, or that are below it."""
        if scope.startswith(SUBSCRIPTION):
            return [scope.split("/")[2]]
        top = scope.removeprefix(GROUP)
        below = [one for one in self._subscriptions if not scope or top in [group.name.lower() for group in self._theirs.groups(one)]]
        return below + [one for one in self._customers if not scope and "-" in one and one not in below]

    def _once(self, key: str, accounts: list[str]) -> Reached:
        if key not in self._known:
            found, doubt = set(), ""
            for account in accounts:
                where = self._where(account)
                if account in self._customers or where.cls == "prod":
                    found.add(account)
                elif where.cls is None:
                    doubt = doubt or f"whether {account} is of production is not known: {where.why}"
            self._known[key] = Reached(frozenset(found), doubt)
        return self._known[key]

    def _where(self, account: str) -> Environment:
        if account in self._customers:
            return Environment()
        try:
            return self._ours.of(account) if account.isdigit() else self._theirs.subscription(account)
        except Unseen as error:
            return Environment(why=str(error))
