"""OCSF: valid by the schema's own data, one line a finding, and unknown stays unknown."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.fact import Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.report import ocsf
from tests.dossier_small import AWS, BUCKETS, DATADOG, EVIL, KEYS, dossier
from tests.report.conftest import ENCRYPTION, finding, report_of

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
ELSEWHERE = Scope("datadog", "artemis")


def schema(version: str, *, cloud: bool) -> Any:
    name = f"ocsf_{version}_compliance_finding{'_cloud' if cloud else ''}_schema.json"
    return json.loads((SCHEMAS / name).read_text())


PLAIN, CLOUD, NEWEST = (
    jsonschema_rs.validator_for(one) for one in (schema("1.5.0", cloud=False), schema("1.5.0", cloud=True), schema("1.8.0", cloud=True))
)


def written(findings: list[Finding], **more: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    ocsf.write(report_of(findings, **more), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def errors(event: dict[str, Any]) -> list[str]:
    validators = (CLOUD, NEWEST) if "cloud" in event else (PLAIN,)
    return [f"{list(e.instance_path)}: {e.message}" for v in validators for e in v.iter_errors(event)]


def test_every_finding_is_a_line(few: list[Finding]) -> None:
    """Passes too; each valid in 1.5.0, and in 1.8.0, whose schema only adds."""
    events = written(few)
    assert [event["status_code"] for event in events] == ["pass", "fail", "unknown", "fail", "not_applicable"]
    assert [errors(event) for event in events] == [[]] * 5


def test_what_is_seen_in_no_cloud(few: list[Finding]) -> None:
    """Has no cloud, nor its profile, nor a region; the schema without the profile allows none of them."""
    (event,) = written([finding(KEYS, "fail", "low", "key-1", "old", scope=ELSEWHERE)])
    assert errors(event) == []
    assert "cloud" not in event
    assert "profiles" not in event["metadata"]
    assert event["resources"] == [{"uid": "arn:aws:s3:::key-1", "name": "key-1", "type": "aws.s3.bucket", "namespace": "datadog:artemis"}]
    (there,) = written(few[:1])
    assert there["cloud"] == {
        "provider": "AWS",
        "account": {"uid": "123456789012", "type_id": 10, "type": "AWS Account"},
        "region": "eu-west-1",
    }
    assert not PLAIN.is_valid(there)


@pytest.mark.parametrize(
    ("outcome", "status", "severity"),
    [
        ("pass", (1, "Pass"), (1, "Informational")),
        ("fail", (3, "Fail"), (4, "High")),
        ("unknown", (2, "Warning"), (0, "Unknown")),
        ("not_applicable", (99, "Not applicable"), (1, "Informational")),
    ],
)
def test_outcomes(outcome: str, status: tuple[int, str], severity: tuple[int, str]) -> None:
    """What was not seen is a warning of unknown severity: neither passed nor failed; the check keeps the severity that it has."""
    (event,) = written([finding(ENCRYPTION, outcome, "high", "b", "because")])
    compliance = event["compliance"]
    assert (compliance["status_id"], compliance["status"]) == status
    assert (event["severity_id"], event["severity"]) == severity
    assert (compliance["checks"][0]["status_id"], compliance["checks"][0]["severity"]) == (status[0], "High")
    assert compliance["status_details"] == ["because"]
    assert ("remediation" in event) == (outcome == "fail")


def test_the_captions_are_the_schema_s() -> None:
    """Each number has the name that OCSF gives it: its enumerations are read from the schema."""
    event = schema("1.5.0", cloud=True)
    compliance = event["$defs"]["compliance"]["properties"]["status_id"]["enum"]
    assert {number for number, _ in ocsf.STATUS.values()} <= set(compliance)
    assert {number for number, _ in ocsf.SEVERITY.values()} <= set(event["properties"]["severity_id"]["enum"])
    assert [ocsf.SEVERITY[s][0] for s in Severity] == sorted(ocsf.SEVERITY[s][0] for s in Severity)
    assert set(ocsf.STATUS) == set(Outcome)
    assert {kind for _, kind, _ in ocsf.CLOUDS.values()} <= set(event["$defs"]["account"]["properties"]["type_id"]["enum"])


def test_a_misspelt_attribute_would_show(few: list[Finding]) -> None:
    """The schema refuses what the class does not have, and misses what it needs."""
    event = written(few)[0]
    assert not CLOUD.is_valid(event | {"serverity": "High"})
    assert not CLOUD.is_valid(event | {"severity_id": 7})
    assert not CLOUD.is_valid({name: of for name, of in event.items() if name != "compliance"})


def test_the_same_finding_has_the_same_name_in_each_run() -> None:
    """And another in another place; an event is told apart by its run."""
    here = finding(ENCRYPTION, "fail", "high", "b", "one reason")
    again = finding(ENCRYPTION, "pass", "high", "b", "another")
    there = finding(ENCRYPTION, "fail", "high", "b", "one reason", scope=ELSEWHERE)
    assert ocsf.finding_id(here) == ocsf.finding_id(again) != ocsf.finding_id(there)
    one, two = written([here], run="run-1")[0], written([again], run="run-2")[0]
    assert one["finding_info"]["uid"] == two["finding_info"]["uid"]
    assert one["metadata"]["uid"] != two["metadata"]["uid"]
    assert (one["metadata"]["correlation_uid"], one["compliance"]["requirements"]) == ("run-1", ["encryption-policy", "keys"])


def test_times() -> None:
    """When the oldest fact was seen (milliseconds); for what rests on no fact, when the run finished."""
    (seen,) = written([finding(ENCRYPTION, "pass", "low", "b", "so it is")])
    assert seen["time"] == 1795435200000
    (unseen,) = written([Finding(ENCRYPTION, Subject("scope", "x", "x", ELSEWHERE), Outcome.UNKNOWN, Severity.LOW, "denied")])
    assert unseen["time"] == 1795435202500
    assert "evidences" not in unseen


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_one_valid_line(name: str, reason: str) -> None:
    """Ends of lines and half characters are written as escapes, and come back."""
    (event,) = written([finding(ENCRYPTION, "fail", "low", name, reason, id=name)])
    assert (event["resources"][0]["uid"], event["status_detail"]) == (name, reason)
    row = {"subject": name, "kind": "k", "name": name, "region": "", "outcome": "fail", "severity": "low", "reason": reason, "facts": []}
    (line,) = ocsf.lines(dossier(checks={BUCKETS: dossier().checks[BUCKETS]}, findings=lambda _: iter([row])))
    assert line.isascii()
    assert line.index("\n") == len(line) - 1


def test_the_last_findings_of_a_period() -> None:
    """A line for each row of each check and scope, with the controls and the requirements that it tests."""
    events = [json.loads(line) for line in ocsf.lines(dossier())]
    assert [(event["metadata"]["event_code"], event["status_code"]) for event in events] == [
        (BUCKETS, "pass"),
        (BUCKETS, "fail"),
        (BUCKETS, "unknown"),
        (KEYS, "pass"),
        (KEYS, "not_applicable"),
    ]
    assert [errors(event) for event in events] == [[]] * 5
    assert events[1]["resources"][0]["uid"] == f"arn:aws:s3:::{EVIL}"
    assert events[1]["compliance"]["requirements"] == ["encryption", "backups", "soc2 CC6.1", "soc2 CC6.7"]
    assert events[1]["compliance"]["standards"] == ["soc2"]
    assert events[3]["compliance"]["requirements"][:2] == ["rotation", "encryption"]
    assert {event["metadata"]["correlation_uid"] for event in events} == {"20261130T230000Z-0a1b2c3d"}


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        (AWS, Scope("aws", "123456789012", "eu-west-1")),
        (DATADOG, Scope("datadog", "artemis")),
        ("aws|123456789012|", Scope("aws", "123456789012")),
        ("jira:https://artemis.example:8443/", Scope("jira", "https://artemis.example:8443/")),
        ("jira|https://artemis.example|", Scope("jira", "https://artemis.example")),
    ],
)
def test_scopes(text: str, scope: Scope) -> None:
    """Are read as they are written: by `str`, or with the record's bars."""
    assert ocsf.scope_of(text) == scope
    assert "|" in text or str(scope) == text


class Lines:
    """A file that keeps only how much was written to it."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.write(line)


def test_findings_are_written_as_they_are_read() -> None:
    """None is kept: when the n-th is asked for, the one before has been written."""
    out, sizes = Lines(), list[int]()

    def each() -> Iterator[Finding]:
        for i in range(3):
            sizes.append(out.size)
            yield finding(ENCRYPTION, "pass", "low", f"bucket-{i}", "so it is")

    report = report_of(each)
    sizes.clear()
    ocsf.write(report, out)  # type: ignore[arg-type]
    assert sizes[0] == 0
    assert sizes[0] < sizes[1] < sizes[2] < out.size
