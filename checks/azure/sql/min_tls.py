"""SQL servers demand TLS 1.2.

"None" is a value of its own here, which means that nothing is enforced; so does its absence.
"""

from controlmon.check import Verdict, check, failed, passed, unknown
from controlmon.facts.azure.read import tls
from controlmon.facts.azure.sql import SqlServer


def server(version: str) -> SqlServer:
    return SqlServer.example(settings={"minimum_tls": version})


@check(
    title="SQL servers demand TLS 1.2",
    severity="high",
    reads=[SqlServer.settings],
    remediation="Set the server's minimal TLS version to 1.2.",
    proves="What the server is set to demand of connections. Not what clients negotiate.",
    passes=[server("1.2"), server("1.3")],
    fails=[server("None"), server("1.0"), server("1.1"), server("")],
)
def judge(server: SqlServer) -> Verdict:
    said = server.settings.minimum_tls
    if said in ("", "None"):
        return failed(f"the minimal TLS version is {said or 'not set'}: none is enforced")
    version = tls(said)
    if version is None:
        return unknown(f"the minimal TLS version is {said}, which has no rank that is known")
    return passed(f"the minimal TLS version is {said}") if version >= (1, 2) else failed(f"the minimal TLS version is {said}; 1.2 required")
