"""Databases are encrypted where they lie, with a key of whom it was promised.

Encryption is on for whatever was made since 2017, and off in what was restored from before. Whose key protects it is the server's setting,
which a key of the database's own overrides.
"""

from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.sql import SqlDatabase, SqlServer

SERVERS = All.of(SqlServer.example(id="/s", protector={"type": "ServiceManaged"}))
KEYED = All.of(SqlServer.example(id="/s", protector={"type": "AzureKeyVault", "url": "https://ours.vault.azure.net/keys/k/1"}))


def database(tde: str = "Enabled", **settings: str) -> SqlDatabase:
    return SqlDatabase.example(id="/s/databases/d", tde=tde, settings={"kind": "v12.0,user", **settings})


@check(
    title="Azure SQL databases have TDE on with the declared protector",
    severity="critical",
    reads=[SqlDatabase.settings, SqlDatabase.tde, SqlServer.protector],
    remediation="Turn transparent data encryption on; where a customer's key is promised, make it the server's protector.",
    proves="That the database's files and backups are encrypted, and if asked with whose key. Not managed instances, which are other "
    "resources, nor that the key can still be used.",
    passes=[
        (database(), SERVERS),
        Example((database(), KEYED), {"require_customer_key": True, "trusted_vaults": ["ours.vault.azure.net"]}),
        Example((database(key="https://ours.vault.azure.net/keys/k/1"), SERVERS), {"require_customer_key": True}),
    ],
    fails=[
        (database("Disabled"), SERVERS),
        Example((database(), SERVERS), {"require_customer_key": True}),
        Example((database(), KEYED), {"trusted_vaults": ["theirs.vault.azure.net"]}),
    ],
)
def judge(
    database: SqlDatabase, servers: All[SqlServer], *, require_customer_key: bool = False, trusted_vaults: tuple[str, ...] = ()
) -> Verdict:
    settings = database.settings
    if settings.system:
        return not_applicable("it is a system database, whose encryption cannot be changed")
    if settings.warehouse and settings.status == "Paused":
        return not_applicable("it is a dedicated SQL pool that is paused")
    if database.tde != "Enabled":
        return failed(f"transparent data encryption is {database.tde}")
    if not require_customer_key and not trusted_vaults:
        return passed("transparent data encryption is on")
    url = settings.key
    if not url:
        server = servers.beside(database).first(lambda one: one.id == database.server)
        if server is None:
            return unknown("its server was not seen")
        if server.protector.type != "AzureKeyVault":
            verdict = failed if require_customer_key else passed
            return verdict(f"transparent data encryption is on, with a key of type {server.protector.type}")
        url = server.protector.url
    vault = url.removeprefix("https://").partition("/")[0].lower()
    if trusted_vaults and not any(fnmatchcase(vault, glob.lower()) for glob in trusted_vaults):
        return failed(f"its key is in {vault or 'a vault that is not told'}, which is none of those trusted")
    return passed(f"transparent data encryption is on, with a key in {vault}")
