"""A database refuses clients that come without TLS, or with an old one.

A parameter that is not set follows the engine's default, which changed with PostgreSQL 15. One that waits for a reboot is not in force. And
Aurora keeps it in the parameter group of the cluster, so a member is judged with its cluster.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.database_tls import demands_by_parameters, refusal
from controlmon.facts.aws.rds import Cluster, Database, Instance


def database(engine: str, version: str, state: str = "in-sync", **parameters: str) -> Instance:
    settings = {"engine": engine, "version": version, "status": "available", "parameters": [("own", state)]}
    switch, oldest = ("require_secure_transport", "tls_version") if engine == "mysql" else ("rds.force_ssl", "ssl_min_protocol_version")
    return Instance.example(settings=settings, parameters={"values": {switch: "", oldest: ""} | parameters})


AURORA = {"engine": "aurora-mysql", "version": "8.0.mysql_aurora.3.08.0", "status": "available", "parameters": [("own", "in-sync")]}
MODERN = {"require_secure_transport": "ON", "tls_version": "TLSv1.2,TLSv1.3"}


@check(
    title="Databases refuse plaintext connections",
    severity="high",
    reads=[Instance.settings, Instance.parameters, Cluster.settings, Cluster.parameters],
    remediation="Use a parameter group of your own that demands TLS 1.2, and reboot.",
    proves="What the parameter group in force demands. Not the Data API or RDS Proxy, which are other ways in, nor whether clients check "
    "whom they talk to.",
    passes=[
        database("postgres", "16.3"),
        database("mysql", "8.0.39", require_secure_transport="1"),
        Cluster.example(settings=AURORA, parameters={"values": MODERN}),
        database("sqlserver-se", "15.00", **{"rds.force_ssl": "1", "rds.tls10": "disabled", "rds.tls11": "disabled"}),
    ],
    fails=[
        database("postgres", "14.9"),
        database("postgres", "16.3", **{"rds.force_ssl": "0"}),
        database("postgres", "14.9", "pending-reboot", **{"rds.force_ssl": "1"}),
        database("mysql", "8.0.39"),
        Cluster.example(settings=AURORA, parameters={"values": MODERN | {"tls_version": "TLSv1.1,TLSv1.2"}}),
    ],
)
def judge(database: Instance | Cluster) -> Verdict:
    it = database.settings
    if it.account != database.target:
        return not_applicable(f"it belongs to account {it.account}, where it is judged")
    if it.cluster:
        return not_applicable(f"its parameters are those of the cluster {it.cluster}, which is judged")
    if it.status == "deleting":
        return not_applicable("it is being deleted")
    return _judged(database, it)


def _judged(database: Instance | Cluster, it: Database) -> Verdict:
    if not demands_by_parameters(it.engine):
        return unknown(f"how {it.engine} is told to demand TLS (an option group, or otherwise) is not read")
    if not it.parameters:
        return unknown("RDS names no parameter group of it")
    name, state = it.parameters[0]
    told = database.parameters
    if told is None:
        return unknown(f"its parameter group {name} was not looked at")
    found = refusal(it.engine, it.version, told.values)
    if found.wrong:
        return failed(f"{found.wrong} in {name} ({it.engine} {it.version})")
    if state == "pending-reboot":
        return failed(f"what {name} says is not in force before a reboot")
    if state != "in-sync":
        return unknown(f"whether {name} is in force is not certain: it is {state or 'not told'}")
    if found.doubt:
        return unknown(found.doubt)
    return passed(f"{name} demands TLS 1.2 or newer of {it.engine} {it.version}")
