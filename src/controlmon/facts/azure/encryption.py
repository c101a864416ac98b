"""What is encrypted by a key of a vault, as far as it says so itself."""

from collections.abc import Callable
from typing import TypeVar

from controlmon.facts.azure.compute import DiskEncryptionSet
from controlmon.facts.azure.keyvault import Vault, host
from controlmon.facts.azure.sql import SqlDatabase, SqlServer
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.base import All, Kind, Unseen

K = TypeVar("K", bound=Kind)


def encrypted_by(
    vault: Vault, accounts: All[StorageAccount], servers: All[SqlServer], databases: All[SqlDatabase], sets: All[DiskEncryptionSet]
) -> tuple[list[tuple[str, str]], str]:
    """The id and name of each thing that a key in the vault encrypts, and why they may not be all ("" if they are)."""
    ours = vault.settings.host
    found: list[tuple[str, str]] = []
    unseen: list[str] = []

    def take(population: All[K], key: Callable[[K], str]) -> None:
        def look(one: K) -> bool:
            if ours and key(one) == ours:
                found.append((one.id, one.name))
            return False

        try:
            population.some(look)
        except Unseen as error:
            unseen.append(f"what its keys encrypt is not all known: {error}")

    take(accounts, lambda one: one.settings.key)
    take(servers, lambda one: host(one.protector.url))
    take(databases, lambda one: host(one.settings.key))
    take(sets, lambda one: one.settings.key)
    return found, next(iter(unseen), "")
