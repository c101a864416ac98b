"""Whose a storage account is that a policy of object replication names, and what crosses environments through it."""

from functools import partial

from controlmon.facts.azure.estate import Estate
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.base import All
from controlmon.facts.crossing import Crossing, crossing
from controlmon.facts.environment import Environment


def replicated(account: StorageAccount, accounts: All[StorageAccount], estate: Estate) -> Crossing:
    """What an account is replicated to or from that crosses; for production, an account of nobody's that is known crosses too.

    A policy names accounts by id, or by their names alone, which are unique in all of Azure.

    Raises:
        Unseen: if where the account itself belongs cannot be told.
    """
    ends = [end for one in account.replications for end in (one.source, one.destination)]
    others = [end for end in dict.fromkeys(ends) if end not in (account.id, account.name.lower())]
    if not others:
        return Crossing()
    own = estate.of(account.id)
    found = crossing(own, [(other, partial(_where, other, accounts, estate)) for other in others])
    strangers = [f"{one} (of nobody that is known)" for one in others if own.cls == "prod" and _is_stranger(one, accounts)]
    return Crossing(crossed=(*found.crossed, *strangers), unsure=found.unsure)


def _where(other: str, accounts: All[StorageAccount], estate: Estate) -> Environment:
    if other.startswith("/"):
        return estate.of(other)
    found = accounts.first(lambda one: one.name.lower() == other)
    return estate.of(found.id) if found else Environment(why=f"{other} is none of the accounts that were seen")


def _is_stranger(other: str, accounts: All[StorageAccount]) -> bool:
    """Whether an account that is named is none of ours, all of which were seen."""
    return not other.startswith("/") and accounts.complete and accounts.first(lambda one: one.name.lower() == other) is None
