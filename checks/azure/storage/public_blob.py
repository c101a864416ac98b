"""Nobody reads blobs without saying who they are.

The account's flag decides for all of its containers; where it is on, or was never set (which means on for accounts made before late 2023),
each container has a say of its own, and a flag that is on with no public container opens nothing today.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.storage import StorageAccount


def account(*access: str, flag: bool | None = None) -> StorageAccount:
    containers = [{"name": f"c{i}", "access": one} for i, one in enumerate(access)]
    return StorageAccount.example(settings={"public_blobs": flag}, containers=containers)


@check(
    title="Anonymous blob access is off",
    severity="critical",
    reads=[StorageAccount.settings, StorageAccount.containers],
    remediation="Set allowBlobPublicAccess to false on the account.",
    proves="That no container may be read anonymously. Not static websites: what is in $web is served to everybody whatever the flag says. "
    "Not shared access signatures either.",
    passes=[account(flag=False), account("None", "None"), account("None", flag=True)],
    fails=[account("None", "Blob"), account("Container", flag=True)],
)
def judge(account: StorageAccount) -> Verdict:
    if account.settings.public_blobs is False:
        return passed("the account refuses anonymous access to blobs")
    flag = "allows anonymous access" if account.settings.public_blobs else "has never had its flag set, which may mean that it allows it"
    open_to_all = [f"{one.name} ({one.access})" for one in account.containers if one.access != "None"]
    if open_to_all:
        return failed(f"the account {flag}, and these containers are public: {', '.join(open_to_all)}")
    site = "; $web is there, which a static website serves to everybody" if any(c.name == "$web" for c in account.containers) else ""
    return passed(f"the account {flag}, but none of its {len(account.containers)} containers is public{site}")
