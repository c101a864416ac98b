"""Storage accounts speak HTTPS only.

Accounts made by old templates still carry "false", and the portal hides it under a name of its own. NFS 3.0 has no TLS and cannot have
secure transfer: such an account is judged by whether anybody outside of its networks can reach it.
"""

from controlmon.check import Verdict, check, failed, passed, unknown
from controlmon.facts.azure.storage import StorageAccount


def account(**settings: object) -> StorageAccount:
    return StorageAccount.example(settings=settings)


@check(
    title="Storage accounts refuse HTTP",
    severity="high",
    reads=[StorageAccount.settings],
    remediation="Turn on secure transfer (supportsHttpsTrafficOnly); keep an NFS account behind private endpoints, with public access off.",
    proves="That the account refuses requests over HTTP and unencrypted SMB. Not which version of TLS it takes.",
    passes=[
        account(https_only=True),
        account(https_only=False, nfs=True, firewall={"access": "Disabled"}),
    ],
    fails=[
        account(https_only=False),
        account(https_only=False, nfs=True, firewall={"access": "Enabled"}),
    ],
)
def judge(account: StorageAccount) -> Verdict:
    settings = account.settings
    if settings.https_only is None:
        return unknown("Azure does not say whether secure transfer is on")
    if settings.https_only:
        return passed("secure transfer is required")
    if settings.nfs:
        network = settings.firewall
        why = "NFS 3.0 cannot have secure transfer"
        return passed(f"{why}, and {network.closed}") if network.closed else failed(f"{why}, and {network.opened}")
    return failed("secure transfer is not required: HTTP is served")
