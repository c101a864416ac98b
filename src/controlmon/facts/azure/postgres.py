"""Azure Database for PostgreSQL: flexible servers."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect


class Parameter(View, frozen=True):
    """A parameter of a server, and whether a restart is pending until which it is not in force."""

    value: str
    pending: bool = False


class PostgresServer(Kind, name="azure.postgres.server"):
    """A flexible server."""

    @aspect()
    def parameters(raw: Raw) -> dict[str, Parameter]:
        """Those of its parameters that decide on TLS, by name (Configurations_ListByServer)."""
        return {read.named(one, "name"): _parameter(read.inside(one)) for one in read.listed(raw, "value")}


def _parameter(raw: Raw) -> Parameter:
    pending = raw.get("isConfigPendingRestart")  # a word in some versions of the API, "True" or "False"
    if pending not in (None, True, False, "True", "False", "true", "false"):
        raise TypeError("isConfigPendingRestart is not true or false")
    return Parameter(value=read.text(raw, "value"), pending=str(pending).lower() == "true")
