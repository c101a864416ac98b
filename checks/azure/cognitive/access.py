"""AI accounts take no keys of their own, and the internet does not reach them.

A key is a login without a name: whoever holds it is the account, and no log tells who that was. Both settings are open until somebody shuts
them, so what is not set is the bad case. A private endpoint shuts nothing by itself: public access stays beside it.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.cognitive import AiAccount


def account(access: str = "Disabled", *, keys: bool = False, default: str = "") -> AiAccount:
    return AiAccount.example(settings={"kind": "OpenAI", "keys": keys, "firewall": {"access": access, "default": default}})


@check(
    title="AI accounts disable local keys and public networks",
    severity="high",
    reads=[AiAccount.settings],
    remediation="Set disableLocalAuth and give callers roles in Entra; set publicNetworkAccess to Disabled, or deny by default.",
    proves="That only identities of Entra get in, and not from everywhere. Not which models they call, nor what else they may do.",
    passes=[account(), account("Enabled", default="Deny")],
    fails=[account(keys=True), account("Enabled"), account(""), account("Enabled", default="Allow")],
)
def judge(account: AiAccount) -> Verdict:
    settings = account.settings
    if settings.keys:
        return failed("it takes its own keys beside identities (disableLocalAuth is not true)")
    firewall = settings.firewall
    if not firewall.closed:
        return failed(firewall.opened)
    beside = f"; {firewall.exceptions}" if firewall.exceptions else ""
    return passed(f"it takes no keys of its own, and {firewall.closed}{beside}")
