"""Storage accounts demand TLS 1.2 in so many words.

Azure keeps null for accounts made by old templates and tools, and reads it as TLS 1.0. Since February 2026 the service refuses 1.0 and 1.1
whatever is set, so null no longer opens a weak protocol; it is a promise that nobody has written down. Versions are compared by rank: a
stricter one than 1.2 is no failure.
"""

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.azure.read import tls
from controlmon.facts.azure.storage import StorageAccount


def account(version: str) -> StorageAccount:
    return StorageAccount.example(settings={"minimum_tls": version})


@check(
    title="Storage accounts demand TLS 1.2",
    severity="medium",
    reads=[StorageAccount.settings],
    remediation="Set the account's minimum TLS version to TLS1_2.",
    proves="What the account is set to demand. Not what clients negotiate, nor that HTTP is refused (azure.storage.secure_transfer).",
    passes=[account("TLS1_2"), account("TLS1_3"), Example((account(""),), {"absent_is_fail": False})],
    fails=[account("TLS1_0"), account("TLS1_1"), account("")],
)
def judge(account: StorageAccount, *, absent_is_fail: bool = True) -> Verdict:
    said = account.settings.minimum_tls
    if not said:
        why = "no minimum version is set, which Azure reads as TLS 1.0"
        return failed(why) if absent_is_fail else passed(f"{why}; the service itself has refused TLS below 1.2 since February 2026")
    version = tls(said)
    if version is None:
        return unknown(f"the minimum version is {said}, which has no rank that is known")
    return passed(f"the minimum version is {said}") if version >= (1, 2) else failed(f"the minimum version is {said}; TLS1_2 required")
