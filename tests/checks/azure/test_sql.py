"""azure.sql.* and azure.postgres.* against the twin."""

from typing import Any

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import AzureTwin, Fault
from tests.twins.azure_company import HUB, PROD, auditing, configuration

OURS, THEIRS = "https://ours.vault.azure.net/keys/k/1", "https://theirs.vault.azure.net/keys/k/1"


def server(twin: AzureTwin, name: str, *, protector: str = "", **properties: Any) -> str:
    made = twin.add(PROD, "Microsoft.Sql/servers", name, **properties)
    key = {"serverKeyType": "AzureKeyVault", "uri": protector} if protector else {"serverKeyType": "ServiceManaged"}
    twin.answer(f"{made}/encryptionProtector", [{"name": "current", "properties": {"serverKeyName": "k", **key}}])
    return made


def database(
    twin: AzureTwin, parent: str, name: str, *, tde: str = "Enabled", days: int = 7, kind: str = "v12.0,user", **more: Any
) -> None:
    set_ = {"status": "Online", "earliestRestoreDate": "2026-11-10T00:00:00Z", **more}
    made = twin.add(PROD, "Microsoft.Sql/servers/databases", name, parent=parent, rest={"kind": kind}, **set_)
    twin.answer(f"{made}/transparentDataEncryption", [{"name": "current", "properties": {"state": tde}}])
    twin.answer(f"{made}/backupShortTermRetentionPolicies", [{"name": "default", "properties": {"retentionDays": days}}])


def rule(first: str, last: str, six: str = "") -> dict[str, Any]:
    return {"name": f"{first}-{last}", "properties": {f"startI{six}Address": first, f"endI{six}Address": last}}


def test_tde(twin: AzureTwin, judged: Judged, said: Said) -> None:
    """On or off; whose key, if that is promised, the database's own before the server's; master and paused pools are not judged."""
    plain, keyed = server(twin, "plain"), server(twin, "keyed", protector=OURS)
    database(twin, plain, "on")
    database(twin, plain, "off", tde="Disabled")
    database(twin, plain, "master", tde="Disabled", kind="v12.0,system")
    database(twin, plain, "paused", tde="Disabled", kind="v12.0,user,datawarehouse", status="Paused")
    database(twin, plain, "own_key", encryptionProtector=THEIRS)
    database(twin, keyed, "keyed_on")
    expected = {"on": "pass", "off": "fail", "master": "not_applicable", "paused": "not_applicable", "own_key": "pass", "keyed_on": "pass"}
    assert said("azure.sql.tde") == expected
    asked = [call.path for call in twin.calls("Microsoft.Sql:TransparentDataEncryptions_ListByDatabase")]
    assert not [path for path in asked if "master" in path]
    assert said("azure.sql.tde", require_customer_key=True) == expected | {"on": "fail"}
    trusting = judged("azure.sql.tde", trusted_vaults=["OURS.vault.azure.net"])
    assert {name: f.outcome.value for name, f in trusting.items()} == expected | {"own_key": "fail"}
    assert "theirs.vault.azure.net" in trusting["own_key"].reason


def test_a_protector_that_is_not_seen(twin: AzureTwin, said: Said) -> None:
    """It matters only where the key does."""
    database(twin, server(twin, "plain"), "on")
    with twin.fault("Microsoft.Sql:EncryptionProtectors_ListByServer", Fault.DENIED):
        assert said("azure.sql.tde") == {"on": "pass"}
        assert said("azure.sql.tde", require_customer_key=True) == {"on": "unknown"}


def test_network(twin: AzureTwin, said: Said) -> None:
    """0.0.0.0 to 0.0.0.0 is every tenant of Azure; narrow rules pass; IPv6 is a list apart; with public access off nothing is asked."""
    cases = {
        "closed": ("Disabled", [rule("0.0.0.0", "255.255.255.255", "p")], []),
        "office": ("Enabled", [rule("203.0.113.0", "203.0.113.255", "p")], []),
        "azure": (None, [rule("0.0.0.0", "0.0.0.0", "p")], []),
        "everybody": ("Enabled", [rule("0.0.0.0", "255.255.255.255", "p")], []),
        "halves": ("Enabled", [rule("0.0.0.0", "127.255.255.255", "p"), rule("128.0.0.0", "255.255.255.255", "p")], []),
        "wide": ("Enabled", [rule("52.0.0.0", "52.15.255.255", "p")], []),
        "six": ("Enabled", [], [rule("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "Pv6")]),
        "none": ("Enabled", [], []),
        "odd": ("Enabled", [rule("203.0.113.9", "203.0.113.1", "p")], []),
    }
    for name, (access, four, six) in cases.items():
        made = server(twin, name, publicNetworkAccess=access)
        twin.answer(f"{made}/firewallRules", four)
        twin.answer(f"{made}/ipv6FirewallRules", six)
    expected = {
        "closed": "pass", "office": "pass", "azure": "fail", "everybody": "fail", "halves": "fail", "wide": "fail", "six": "fail",
        "none": "pass", "odd": "unknown",
    }  # fmt: skip
    assert said("azure.sql.network") == expected
    assert not [c for c in twin.calls("Microsoft.Sql:FirewallRules_ListByServer") if "/closed/" in c.path]
    assert said("azure.sql.network", accept_azure_services=True)["azure"] == "pass"
    assert said("azure.sql.network", known=["198.51.100.0/24"])["office"] == "fail"


def test_min_tls(twin: AzureTwin, said: Said) -> None:
    """None is a value, and means none."""
    for name, version in {"none": "None", "v0": "1.0", "v1": "1.1", "v2": "1.2", "v3": "1.3", "null": None, "odd": "fast"}.items():
        server(twin, name, minimalTlsVersion=version)
    assert said("azure.sql.min_tls") == {
        "none": "fail", "v0": "fail", "v1": "fail", "v2": "pass", "v3": "pass", "null": "fail", "odd": "unknown",
    }  # fmt: skip


def test_pitr(twin: AzureTwin, said: Said) -> None:
    """Days and redundancy as planned; master, secondaries and pools are not judged; without a restore point nothing is certain."""
    made = server(twin, "s")
    database(twin, made, "week", requestedBackupStorageRedundancy="Geo")
    database(twin, made, "day", days=1)
    database(twin, made, "local", days=14, requestedBackupStorageRedundancy="Local")
    database(twin, made, "replica", days=1, secondaryType="Geo")
    database(twin, made, "master", days=1, kind="v12.0,system")
    database(twin, made, "pool", days=1, kind="v12.0,user,datawarehouse")
    database(twin, made, "new", earliestRestoreDate=None)
    expected = {
        "week": "pass", "day": "fail", "local": "pass", "replica": "not_applicable", "master": "not_applicable", "pool": "not_applicable",
        "new": "unknown",
    }  # fmt: skip
    assert said("azure.sql.pitr") == expected
    assert said("azure.sql.pitr", min_days=14) == expected | {"week": "fail", "new": "fail"}
    assert said("azure.sql.pitr", redundancy=["Geo"]) == expected | {"local": "fail", "new": "fail"}


def test_auditing(twin: AzureTwin, said: Said) -> None:
    """Azure Monitor alone sends nothing: master needs a setting; storage keeps for ever with 0 days."""
    hub = {"name": "s", "properties": {**HUB, "logs": [{"category": "SQLSecurityAuditEvents", "enabled": True}]}}
    off = {"name": "s", "properties": {**HUB, "logs": [{"category": "SQLSecurityAuditEvents", "enabled": False}]}}
    nowhere = {"name": "s", "properties": {"logs": [{"categoryGroup": "audit", "enabled": True}]}}
    group = {"name": "s", "properties": {"workspaceId": "/w", "logs": [{"categoryGroup": "audit", "enabled": True}]}}
    storage = {"storageEndpoint": "https://a.blob.core.windows.net/", "isAzureMonitorTargetEnabled": False}
    cases: dict[str, tuple[dict[str, Any], list[Any]]] = {
        "off": (auditing("Disabled"), [hub]),
        "delivered": (auditing("Enabled"), [hub]),
        "by_group": (auditing("Enabled"), [group]),
        "undelivered": (auditing("Enabled"), []),
        "category_off": (auditing("Enabled"), [off]),
        "nowhere": (auditing("Enabled"), [nowhere]),
        "for_ever": (auditing("Enabled", **storage), []),
        "too_short": (auditing("Enabled", **storage, retentionDays=30), []),
        "no_target": (auditing("Enabled", isAzureMonitorTargetEnabled=None), []),
    }
    for name, (policy, settings) in cases.items():
        made = server(twin, name)
        twin.answer(f"{made}/auditingSettings", [policy])
        twin.answer(f"{made}/databases/master/providers/Microsoft.Insights/diagnosticSettings", settings)
    assert said("azure.sql.auditing") == {
        "off": "fail", "delivered": "pass", "by_group": "pass", "undelivered": "fail", "category_off": "fail", "nowhere": "fail",
        "for_ever": "pass", "too_short": "fail", "no_target": "fail",
    }  # fmt: skip


def test_postgres_tls(twin: AzureTwin, said: Said) -> None:
    """In any case; a version below 1.2 fails; what waits for a restart is not in force; what is not told is unknown."""
    cases: dict[str, list[dict[str, Any]]] = {
        "good": [configuration("require_secure_transport", "ON"), configuration("ssl_min_protocol_version", "TLSv1.3")],
        "off": [configuration("require_secure_transport", "off"), configuration("ssl_min_protocol_version", "TLSv1.2")],
        "old": [configuration("require_secure_transport", "on"), configuration("ssl_min_protocol_version", "TLSv1.1")],
        "oldest": [configuration("require_secure_transport", "on"), configuration("ssl_min_protocol_version", "TLSv1")],
        "pending": [
            configuration("require_secure_transport", "on", pending="True"),
            configuration("ssl_min_protocol_version", "TLSv1.2", pending="False"),
        ],
        "untold": [configuration("require_secure_transport", "on")],
    }
    for name, values in cases.items():
        made = twin.add(PROD, "Microsoft.DBforPostgreSQL/flexibleServers", name)
        twin.answer(f"{made}/configurations", [configuration("work_mem", "4096"), *values])
    assert said("azure.postgres.tls") == {
        "good": "pass", "off": "fail", "old": "fail", "oldest": "fail", "pending": "fail", "untold": "unknown",
    }  # fmt: skip
