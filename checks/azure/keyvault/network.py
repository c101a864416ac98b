"""Vaults let in only the networks that they name.

A vault without network rules lets everybody in: what was never set is open. Rules that admit half of the internet deny nothing.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.keyvault import Vault


def vault(**firewall: object) -> Vault:
    return Vault.example(settings={"firewall": firewall})


@check(
    title="Vaults are not open to all networks",
    severity="high",
    reads=[Vault.settings],
    remediation="Reach the vault through a private endpoint, set the default action to Deny, and then turn public network access off.",
    proves="That strangers' networks are refused. Whoever gets in still has to log in. Services of Azure may pass if the reason says.",
    passes=[vault(access="Disabled"), vault(access="Enabled", default="Deny", bypass="AzureServices")],
    fails=[vault(), vault(access="Enabled", default="Allow"), vault(default="Deny", sources=["0.0.0.0/0"])],
)
def judge(vault: Vault) -> Verdict:
    firewall = vault.settings.firewall
    if not firewall.closed:
        return failed(firewall.opened)
    beside = f"; {firewall.exceptions}" if firewall.exceptions else ""
    return passed(firewall.closed + beside)
