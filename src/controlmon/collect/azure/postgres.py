"""Azure Database for PostgreSQL. Single servers are retired, and are not looked for."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.azure.postgres import PostgresServer

postgres = Service("azure", "postgres")
WANTED = ("require_secure_transport", "ssl_min_protocol_version")


@postgres.lists(PostgresServer, resources("Microsoft.DBforPostgreSQL/flexibleServers"), at=Place.ACCOUNT)
def servers(ask: Ask) -> Iterator[Found]:
    """Every flexible server."""
    for row in ask.items("data"):
        yield Found(PostgresServer, row["id"].lower(), row["name"], row.get("location") or "")


@postgres.answers(
    PostgresServer.parameters,
    arm(
        "Microsoft.DBforPostgreSQL:Configurations_ListByServer",
        "{id}/configurations",
        "2026-10-01",
        "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read",
    ),
)
def parameters(ask: Ask, server: Met) -> Raw:
    """The two of its hundreds of parameters that decide on TLS."""
    return {"value": [one for one in ask.items("value", id=server.id) if one["name"] in WANTED]}
