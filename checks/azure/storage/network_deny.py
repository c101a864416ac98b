"""Storage accounts let in only the networks that they name.

Null means Enabled for public access, and Allow for the default action: what was never set is open. A default of Deny means little with a
rule that admits half of the internet, and services and resources that may pass are told in the reason.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.storage import StorageAccount


def account(**firewall: object) -> StorageAccount:
    return StorageAccount.example(settings={"firewall": firewall})


@check(
    title="Storage accounts deny networks by default",
    severity="high",
    reads=[StorageAccount.settings],
    remediation="Set the default action to Deny, reach the account through a private endpoint, and then turn public network access off.",
    proves="That strangers' networks are refused. Services of Azure and resources that may pass (named in the reason) are not strangers.",
    passes=[
        account(access="Disabled"),
        account(access="SecuredByPerimeter"),
        account(access="Enabled", default="Deny", sources=["203.0.113.0/24"], bypass="AzureServices"),
    ],
    fails=[
        account(),
        account(access="Enabled", default="Allow"),
        account(default="Deny", sources=["0.0.0.0/1", "128.0.0.0/1"]),
    ],
)
def judge(account: StorageAccount) -> Verdict:
    firewall = account.settings.firewall
    if not firewall.closed:
        return failed(firewall.opened)
    beside = f"; {firewall.exceptions}" if firewall.exceptions else ""
    return passed(firewall.closed + beside)
