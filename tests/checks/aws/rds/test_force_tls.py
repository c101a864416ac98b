"""aws.rds.force_tls on raw answers of RDS."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.rds import Cluster, Instance
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.rds.force_tls"
SQL = {"rds.force_ssl": "1", "rds.tls10": "disabled", "rds.tls11": "disabled"}


def listed(values: Any) -> Any:
    if isinstance(values, list):
        return {"Parameters": values}
    if not isinstance(values, dict) or "NotAsked" in values:
        return values
    values = LEFT | values
    return {"Parameters": [{"ParameterName": k, **({"ParameterValue": v} if v is not None else {})} for k, v in values.items()]}


def instance(engine: str, version: str, values: Any, state: str = "in-sync", **more: Any) -> Given:
    raw = {
        "DBInstanceArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:one",
        "Engine": engine,
        "EngineVersion": version,
        "DBInstanceStatus": "available",
        "StorageEncrypted": True,
        "PubliclyAccessible": False,
        "DBParameterGroups": [{"DBParameterGroupName": "own", "ParameterApplyStatus": state}],
    }
    return Given(Instance, "one", settings=raw | more, parameters=listed(values))


def cluster(engine: str, version: str, values: Any, *states: str, **more: Any) -> Given:
    raw = {
        "DBClusterArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:one",
        "Engine": engine,
        "EngineVersion": version,
        "Status": "available",
        "StorageEncrypted": True,
        "DBClusterParameterGroup": "own",
        "DBClusterMembers": [{"DBClusterParameterGroupStatus": state} for state in states or ("in-sync",)],
    }
    return Given(Cluster, "one", settings=raw | more, parameters=listed(values))


A3 = "8.0.mysql_aurora.3.08.0"
LEFT = dict.fromkeys(("rds.force_ssl", "require_secure_transport", "tls_version", "ssl_min_protocol_version"))
"""What a group lists without a value."""
MODERN = {"require_secure_transport": "ON", "tls_version": "TLSv1.2,TLSv1.3"}


@pytest.mark.parametrize(
    ("database", "outcome", "because"),
    [
        pytest.param(instance("postgres", "16.3", {"rds.force_ssl": "1"}), "pass", "demands TLS 1.2", id="PostgreSQL"),
        pytest.param(instance("postgres", "16.3", {"rds.force_ssl": None}), "pass", "demands", id="15 and newer demand it of themselves"),
        pytest.param(instance("postgres", "15.2", {}), "pass", "demands", id="and so does 15"),
        pytest.param(instance("postgres", "14.9", {"rds.force_ssl": None}), "fail", "rds.force_ssl is 0", id="older ones do not"),
        pytest.param(instance("postgres", "14.9", {"rds.force_ssl": "1"}), "pass", "demands", id="unless told to"),
        pytest.param(instance("postgres", "16.3", {"rds.force_ssl": "0"}), "fail", "rds.force_ssl is 0", id="switched off"),
        pytest.param(
            instance("postgres", "16.3", {"ssl_min_protocol_version": "TLSv1.1"}), "fail", "TLSv1.1", id="but with an old TLS"
        ),
        pytest.param(instance("postgres", "12.9", {"rds.force_ssl": "1"}), "unknown", "not known", id="a default that is not known"),
        pytest.param(instance("postgres", "", {}), "unknown", "not known", id="nor that of no version"),
        pytest.param(instance("mysql", "8.0.39", {"require_secure_transport": "1"}), "pass", "demands", id="MySQL"),
        pytest.param(instance("mysql", "8.0.39", {"require_secure_transport": None}), "fail", "is 0", id="which does not of itself"),
        pytest.param(instance("mysql", "8.4.3", {}), "unknown", "not known", id="or, in a newer one, is not known to"),
        pytest.param(instance("mysql", "5.7.44", {"require_secure_transport": "1"}), "unknown", "tls_version", id="nor which TLS"),
        pytest.param(instance("mariadb", "10.11.8", MODERN), "pass", "demands", id="MariaDB"),
        pytest.param(instance("mariadb", "10.11.8", MODERN | {"tls_version": "TLSv1.1,TLSv1.2"}), "fail", "TLSv1.1", id="and with an old"),
        pytest.param(instance("sqlserver-se", "15.00.4", SQL), "pass", "demands", id="SQL Server"),
        pytest.param(instance("sqlserver-ex", "15.00.4", {}), "fail", "force_ssl is 0", id="which does not of itself"),
        pytest.param(instance("sqlserver-se", "15.00.4", SQL | {"rds.tls10": "enabled"}), "fail", "tls10 is enabled", id="with an old TLS"),
        pytest.param(instance("sqlserver-se", "15.00.4", SQL | {"rds.tls11": "default"}), "unknown", "tls11", id="or a default one"),
        pytest.param(cluster("aurora-postgresql", "16.2", {"rds.force_ssl": "1"}), "pass", "demands", id="Aurora PostgreSQL"),
        pytest.param(cluster("aurora-postgresql", "16.2", {}), "fail", "is 0", id="which began later"),
        pytest.param(cluster("aurora-postgresql", "17.4", {}), "pass", "demands", id="with 17"),
        pytest.param(cluster("aurora-mysql", A3, MODERN), "pass", "demands", id="Aurora MySQL"),
        pytest.param(cluster("aurora-mysql", A3, {}), "fail", "is 0", id="which does not"),
        pytest.param(cluster("aurora-mysql", A3, MODERN, "in-sync", "pending-reboot"), "fail", "reboot", id="a member that must restart"),
        pytest.param(
            instance("postgres", "14.9", {"rds.force_ssl": "1"}, "pending-reboot"), "fail", "before a reboot", id="what waits is not in force"
        ),
        pytest.param(instance("postgres", "14.9", {"rds.force_ssl": "1"}, "applying"), "unknown", "applying", id="nor for certain"),
        pytest.param(
            instance("aurora-mysql", A3, not_asked("x"), DBClusterIdentifier="c"), "not_applicable", "cluster c", id="a member of a cluster"
        ),
        pytest.param(instance("oracle-ee", "19", not_asked("x")), "unknown", "option group", id="Oracle has option groups"),
        pytest.param(cluster("docdb", "5.0", not_asked("x")), "unknown", "docdb", id="and others have others"),
        pytest.param(instance("postgres", "16.3", {}, DBInstanceStatus="deleting"), "not_applicable", "deleted", id="what is deleted"),
        pytest.param(instance("postgres", "16.3", {}, DBParameterGroups=[]), "unknown", "names no", id="no parameter group"),
        pytest.param(instance("postgres", "16.3", not_asked("x")), "unknown", "not looked at", id="one that was not looked at"),
        pytest.param(instance("postgres", "16.3", DENIED), "unknown", "grant svc:Permission", id="denied parameters"),
        pytest.param(instance("postgres", "16.3", ["x"]), "unknown", "shape", id="of another shape"),
        pytest.param(Given(Cluster, settings=DENIED, parameters=DENIED), "unknown", "grant", id="a denied cluster"),
        pytest.param(
            cluster("aurora-mysql", A3, {}, DBClusterArn="arn:aws:rds:eu-west-1:999999999999:cluster:one"),
            "not_applicable", "999999999999", id="another account's",
        ),
    ],
)  # fmt: skip
def test_database(database: Given, outcome: str, because: str) -> None:
    found = verdict(CHECK, database)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("missing", ["rds.force_ssl", "ssl_min_protocol_version"])
def test_a_parameter_that_is_not_listed_has_no_default(missing: str) -> None:
    """An empty list, or one that was cut short, is not what the engine does of itself."""
    found = verdict(CHECK, instance("postgres", "16.3", [{"ParameterName": name} for name in LEFT if name != missing]))
    assert (found.outcome, missing in found.reason) == ("unknown", True), found.reason


@pytest.mark.parametrize("kind", [Instance, Cluster])
def test_databases_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]
