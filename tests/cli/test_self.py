"""The agent judged by its own record, end to end: runs on a small AWS, then the checks of itself."""

import json
import operator
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.collect.controlmon.session import SelfTarget
from controlmon.facts.controlmon.exceptions import Exception_
from controlmon.ledger.ledger import Ledger
from controlmon.service import flow, providers
from controlmon.service.config import load_config
from controlmon.service.cycle import Request, cycle
from controlmon.service.daemon import Agenda
from tests.cli.test_run import CHECK, output
from tests.twins.aws import AwsTwin, Fault

ONLY = """\
checks:
  disabled: ['a[!w]*', '[!ac]*', 'cross.*', 'aws.[!s]*', 'aws.s[!3]*', 'aws.s3.[!b]*', 'aws.s3.bucket_[!e]*', 'controlmon.[!s]*']
  frequency: {aws.*: hourly}
  parameters:
    controlmon.self.status_backed: {shown: {'*': passing}}
aws: {regions: [us-east-1]}
anchors: {rfc3161: [{url: 'http://127.0.0.1:9'}]}
"""
HOUR = timedelta(hours=1)
Told = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(autouse=True)
def _config(tmp_path: Path) -> None:
    (tmp_path / "controlmon.yaml").write_text(ONLY)


def themselves(capsys: pytest.CaptureFixture[str], *names: str) -> Told:
    """What the checks of the agent find, by the last word of their id and the subject."""
    ids = [f"controlmon.self.{name}" for name in names] or ["controlmon.self.*"]
    code, out, err = output(capsys, "run", *ids, "--format", "json")
    assert code in (0, 1, 3), err
    return {(f["check"].rpartition(".")[2], f["subject"]["id"]): f for f in json.loads(out)["findings"]}


def outcomes(told: Told, check: str) -> dict[str, str]:
    return {subject: finding["outcome"] for (name, subject), finding in told.items() if name == check}


def daemon(tmp_path: Path, *hours: float) -> datetime:
    """A daemon that looked at the schedule so many hours ago. Gives its now."""
    config = load_config()
    checks = flow.scheduled_checks(config, flow.open_registry(config))
    wanted = flow.asked(config, checks)
    services = [service for provider in wanted for service in providers.services(provider)]
    agenda = Agenda(config, checks, lambda: providers.targets(config, wanted), services, dict)
    ledger, now = Ledger.open(tmp_path / "state"), datetime.now(UTC)
    for ago in hours:
        assert agenda.tick(ledger, partial(operator.sub, now, ago * HOUR)) is not None
    ledger.close()
    return now


def test_the_first_run_passes_nothing(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is recorded nothing is judged: no check of the agent passes, and none fails for want of a past."""
    told = themselves(capsys, "heartbeat", "coverage", "collection_errors", "evidence_chain", "read_only", "deficiencies_reported")
    assert {f["outcome"] for f in told.values()} == {"not_applicable"}
    assert "the first is due on" in told["evidence_chain", "controlmon.local/ledger"]["reason"]


def test_two_runs_and_then_itself(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """What ran is fresh, was seen everywhere and only read; what did not run yet waits."""
    output(capsys, "run", CHECK)
    output(capsys, "run", CHECK)
    calls = {f"aws:{call.service}:{call.operation}" for call in twin.calls() if call.service != "sts"}
    told = themselves(capsys)
    assert told["heartbeat", CHECK]["outcome"] == told["collection_errors", CHECK]["outcome"] == "pass"
    assert set(outcomes(told, "heartbeat").values()) == {"pass", "not_applicable"}
    assert told["coverage", "aws:ambient"]["outcome"] == "pass", told["coverage", "aws:ambient"]
    assert "no anchor has seen it yet" in told["evidence_chain", "controlmon.local/ledger"]["reason"]
    assert {subject: outcome for subject, outcome in outcomes(told, "read_only").items() if outcome == "pass"} == dict.fromkeys(
        calls, "pass"
    )
    assert told["status_backed", "encryption-and-key-management-policy"]["outcome"] == "fail"
    assert outcomes(told, "deficiencies_reported")["weekly"] == "not_applicable"
    twin.assert_read_only()


def test_a_denied_permission_is_an_error_and_no_empty_population(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """What was denied in the run before shows as denied, in the errors and in the coverage; so does a login that failed."""
    with twin.fault("s3", "ListBuckets", Fault.DENIED):
        output(capsys, "run", CHECK)
    told = themselves(capsys, "collection_errors", "coverage")
    assert "1 denied of 1 (not every aws.s3.bucket was seen: s3:ListBuckets was denied" in told["collection_errors", CHECK]["reason"]
    assert told["collection_errors", CHECK]["outcome"] == "fail"
    assert "grant s3:ListAllMyBuckets" in told["coverage", "aws:ambient"]["reason"]
    assert told["coverage", "aws:ambient"]["outcome"] == "fail"
    with twin.fault("sts", "GetCallerIdentity", Fault.EXPIRED_TOKEN):
        output(capsys, "run", CHECK)
    assert "could not log in" in themselves(capsys, "coverage")["coverage", "aws:ambient"]["reason"]


def test_an_altered_record_fails(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One entry in the place of another shows at the next run."""
    output(capsys, "run", CHECK)
    output(capsys, "run", CHECK)
    database = sqlite3.connect(tmp_path / "state/ledger.db")
    database.execute("update entry set (body, dictionary) = (select body, dictionary from entry where position = 1) where position = 2")
    database.commit()
    database.close()
    found = themselves(capsys, "evidence_chain")["evidence_chain", "controlmon.local/ledger"]
    assert (found["outcome"], "entry 2: its bytes are not the leaf" in found["reason"]) == ("fail", True), found["reason"]


def rogue(ask: Ask) -> Iterator[Found]:
    """Asks what no collector declares."""
    ask()
    yield from ()


def test_a_call_that_no_collector_declares_fails(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The journal tells of it, whoever called."""
    service = Service("controlmon", "rogue")
    service.lists(Exception_, Operation("internal", "format_disk", needs=()), at=Place.TENANT, gives=(Exception_.terms,))(rogue)
    config, ledger = load_config(), Ledger.open(tmp_path / "state")
    selected = config.selected(list(flow.open_registry(config, only=["controlmon.self.exceptions"])), {})
    target = SelfTarget("host", lambda: {"format_disk": lambda _now: {}})
    cycle(ledger, Request(selected, [target]), [service], config.settings.budget, flow.utc_now)
    ledger.close()
    found = themselves(capsys, "read_only")["read_only", "controlmon:internal:format_disk"]
    assert (found["outcome"], "no collector declares it" in found["reason"]) == ("fail", True)


def test_a_daemon_that_slept(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Thirty hours without a run show after it was started again, hour by hour and not day by day; the error that lasted has its age."""
    with twin.fault("s3", "ListBuckets", Fault.DENIED):
        now = daemon(tmp_path, 33, 32, 1)
    told = themselves(capsys, "heartbeat", "collection_errors")
    hourly = told["heartbeat", "hourly"]
    assert (hourly["outcome"], bool(re.search(r"was not run for 3[01]\.\d h", hourly["reason"]))) == ("fail", True), hourly["reason"]
    assert told["heartbeat", CHECK]["outcome"] == "pass"
    assert f"since {now - 33 * HOUR:%Y-%m-%d %H:%M}" in told["collection_errors", CHECK]["reason"]


def test_reports_that_were_delivered(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Deliveries and acknowledgements are read from the record."""
    output(capsys, "run", CHECK)
    ledger, at = Ledger.open(tmp_path / "state"), datetime.now(UTC).isoformat()
    said = {"at": at, "digest": "sha256:0"}
    entries: list[dict[str, Any]] = [
        {"type": "report.delivered", "to": ["ada"], **said},
        {"type": "report.acknowledged", "by": "ada", **said},
    ]
    ledger.append("reports", at, [("reports", one) for one in entries])
    ledger.close()
    code, out, _ = output(capsys, "run", "controlmon.self.deficiencies_reported", "--param", "managers=[ada]", "--format", "json")
    weekly = next(f for f in json.loads(out)["findings"] if f["subject"]["id"] == "weekly")
    assert (weekly["outcome"], "ada had the report" in weekly["reason"]) == ("pass", True), (code, weekly)


def test_a_record_that_cannot_be_read_is_unknown(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An entry that is none leaves what rests on it open, and the run goes on."""
    output(capsys, "run", CHECK)
    ledger = Ledger.open(tmp_path / "state")
    at = datetime.now(UTC).isoformat()
    ledger.append("daemon", at, [("schedule", {"type": "schedule", "at": at})])
    ledger.close()
    told = themselves(capsys, "heartbeat", "coverage", "collection_errors", "read_only")
    assert {f["outcome"] for f in told.values()} == {"unknown"}
    assert all("verify the record" in f["reason"] for f in told.values())
