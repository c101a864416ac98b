"""Azure SQL: servers and databases. Managed instances are other resources, with paths of their own."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.azure import listing
from controlmon.collect.azure.operations import DIAGNOSTICS, arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.azure.network import is_closed
from controlmon.facts.azure.sql import SqlDatabase, SqlServer
from controlmon.facts.base import Aspect

sql = Service("azure", "sql")
API = "2025-01-01"


@sql.lists(SqlServer, resources("Microsoft.Sql/servers"), at=Place.ACCOUNT, gives=[SqlServer.settings])
def servers(ask: Ask) -> Iterator[Found]:
    """Every server."""
    return listing.found(ask, SqlServer, SqlServer.settings)


@sql.lists(
    SqlDatabase, resources("Microsoft.Sql/servers/databases"), at=Place.ACCOUNT, gives=[SqlDatabase.settings, SqlDatabase.restore_point]
)
def databases(ask: Ask) -> Iterator[Found]:
    """Every database. The date that moves by itself is an answer apart, so that the rest stays as it is."""
    for row in ask.items("data"):
        properties = dict(row["properties"])
        moving = {"earliestRestoreDate": properties.pop("earliestRestoreDate", None)}
        answers: dict[Aspect[Any], Raw] = {SqlDatabase.settings: row | {"properties": properties}, SqlDatabase.restore_point: moving}
        yield Found(SqlDatabase, row["id"].lower(), row["name"], row.get("location") or "", answers=answers)


@sql.answers(
    SqlServer.firewall,
    arm("Microsoft.Sql:FirewallRules_ListByServer", "{id}/firewallRules", API, "Microsoft.Sql/servers/firewallRules/read"),
    after=[SqlServer.settings],
)
def firewall(ask: Ask, server: Met) -> Raw:
    """Its rules for IPv4."""
    return _unless_closed(ask, server)


@sql.answers(
    SqlServer.firewall_v6,
    arm("Microsoft.Sql:IPv6FirewallRules_ListByServer", "{id}/ipv6FirewallRules", API, "Microsoft.Sql/servers/ipv6FirewallRules/read"),
    after=[SqlServer.settings],
)
def firewall_v6(ask: Ask, server: Met) -> Raw:
    """Its rules for IPv6, which are a list apart."""
    return _unless_closed(ask, server)


def _unless_closed(ask: Ask, server: Met) -> Raw:
    access = SqlServer.settings.view(server.answer(SqlServer.settings)).access
    if is_closed(access):
        return not_asked(f"public network access is {access}")
    return {"value": list(ask.items("value", id=server.id))}


@sql.answers(
    SqlServer.protector,
    arm(
        "Microsoft.Sql:EncryptionProtectors_ListByServer", "{id}/encryptionProtector", API, "Microsoft.Sql/servers/encryptionProtector/read"
    ),
)
def protector(ask: Ask, server: Met) -> Raw:
    """What protects its databases' keys."""
    return {"value": list(ask.items("value", id=server.id))}


@sql.answers(
    SqlServer.auditing,
    arm(
        "Microsoft.Sql:ServerBlobAuditingPolicies_ListByServer", "{id}/auditingSettings", API, "Microsoft.Sql/servers/auditingSettings/read"
    ),
)
def auditing(ask: Ask, server: Met) -> Raw:
    """Its audit."""
    return {"value": list(ask.items("value", id=server.id))}


@sql.answers(SqlServer.master_logs, DIAGNOSTICS, after=[SqlServer.auditing])
def master_logs(ask: Ask, server: Met) -> Raw:
    """Where the logs of its master database are sent."""
    if not SqlServer.auditing.view(server.answer(SqlServer.auditing)).monitor:
        return not_asked("the audit is not sent to Azure Monitor")
    return {"value": list(ask.items("value", id=f"{server.id}/databases/master"))}


@sql.answers(
    SqlDatabase.tde,
    arm(
        "Microsoft.Sql:TransparentDataEncryptions_ListByDatabase",
        "{id}/transparentDataEncryption",
        API,
        "Microsoft.Sql/servers/databases/transparentDataEncryption/read",
    ),
    after=[SqlDatabase.settings],
)
def tde(ask: Ask, database: Met) -> Raw:
    """Its transparent data encryption."""
    if SqlDatabase.settings.view(database.answer(SqlDatabase.settings)).system:
        return not_asked("it is a system database")
    return {"value": list(ask.items("value", id=database.id))}


@sql.answers(
    SqlDatabase.retention,
    arm(
        "Microsoft.Sql:BackupShortTermRetentionPolicies_ListByDatabase",
        "{id}/backupShortTermRetentionPolicies",
        API,
        "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read",
    ),
    after=[SqlDatabase.settings],
)
def retention(ask: Ask, database: Met) -> Raw:
    """How long it can be restored to."""
    if SqlDatabase.settings.view(database.answer(SqlDatabase.settings)).system:
        return not_asked("it is a system database")
    return {"value": list(ask.items("value", id=database.id))}
