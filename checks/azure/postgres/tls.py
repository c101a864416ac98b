"""PostgreSQL servers speak TLS only, and a version of it that holds.

A parameter that waits for a restart is not in force. Older checks look at sslEnforcement of single servers, which are retired: they find
nothing, and that looks like success.
"""

from controlmon.check import Verdict, check, failed, passed, unknown
from controlmon.facts.azure.postgres import PostgresServer
from controlmon.facts.azure.read import tls

REQUIRE, VERSION = "require_secure_transport", "ssl_min_protocol_version"


def server(require: str, version: str, *, pending: bool = False) -> PostgresServer:
    return PostgresServer.example(parameters={REQUIRE: {"value": require, "pending": pending}, VERSION: {"value": version}})


@check(
    title="PostgreSQL servers demand TLS 1.2",
    severity="high",
    reads=[PostgresServer.parameters],
    remediation="Set require_secure_transport to on and ssl_min_protocol_version to TLSv1.2, and restart if a restart is pending.",
    proves="That the server takes connections over TLS 1.2 or newer only. Not that clients verify its certificate.",
    passes=[server("on", "TLSv1.2"), server("ON", "TLSv1.3")],
    fails=[server("off", "TLSv1.2"), server("on", "TLSv1.1"), server("on", "TLSv1"), server("on", "TLSv1.2", pending=True)],
)
def judge(server: PostgresServer) -> Verdict:
    parameters = server.parameters
    missing = [name for name in (REQUIRE, VERSION) if name not in parameters]
    if missing:
        return unknown(f"the server tells no {' and no '.join(missing)}")
    require, version = parameters[REQUIRE], parameters[VERSION]
    said = f"{REQUIRE} is {require.value.lower()} and {VERSION} is {version.value or 'empty'}"
    if require.value.lower() != "on" or (tls(version.value) or (0, 0)) < (1, 2):
        return failed(f"{said}; on and TLSv1.2 required")
    if require.pending or version.pending:
        return failed(f"{said}, but a restart is pending: until then that is not in force")
    return passed(said)
