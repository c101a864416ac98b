"""What a vault loses can be brought back, and nobody can hurry its end.

Purge protection is null where it is off, never false, and cannot be turned off once it is on. Soft delete has been on for every vault since
2020, where null is as good as true: whoever demands the literal true fails good vaults.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.keyvault import Vault


def vault(*, purge: bool | None = None, soft: bool | None = None) -> Vault:
    return Vault.example(settings={"purge_protection": purge, "soft_delete": soft})


@check(
    title="Vaults have soft delete and purge protection",
    severity="high",
    reads=[Vault.settings],
    remediation="Turn purge protection on (it cannot be undone).",
    proves="That deleted vaults, keys and secrets can be recovered until their retention ends. Not managed HSMs: other resources.",
    passes=[vault(purge=True), vault(purge=True, soft=True)],
    fails=[vault(), vault(purge=False, soft=True), vault(purge=True, soft=False)],
)
def judge(vault: Vault) -> Verdict:
    settings = vault.settings
    if settings.soft_delete is False:
        return failed("soft delete is off")
    return passed("purge protection is on") if settings.purge_protection else failed("purge protection is off")
