"""Controls into Datadog, against its double, which takes only what the vendor's own models read: what it gets, and what it refuses."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controlmon.engine.status import State
from controlmon.ledger.ledger import Ledger
from controlmon.notify.datadog import STATUS, Intake, Standing, Undelivered
from controlmon.service import flow
from controlmon.service.config import load_config
from controlmon.service.notify import Teller
from controlmon.service.notify_datadog import intake_of
from tests.cli.test_run import CHECK, output
from tests.support import NOW
from tests.twins.aws import AwsTwin
from tests.twins.datadog import API_KEY, DatadogTwin, Fault

METRICS, CHECKS = "v2.MetricsApi:submit_metrics", "v1.ServiceChecksApi:submit_service_check"
EVENTS = "v1.EventsApi:create_event"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def datadog(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[DatadogTwin]:
    """Datadog, and a configuration that writes to it with an API key alone."""
    monkeypatch.chdir(tmp_path)
    with DatadogTwin() as dog:
        monkeypatch.setenv("DOG_KEY", API_KEY)
        monkeypatch.delenv("DD_APP_KEY", raising=False)
        organization = f"{{organizations: [{{name: artemis, api_key: DOG_KEY}}], endpoint: '{dog.url}', read_timeout: 60}}"
        notify = "{datadog: {organization: artemis, tags: ['team:sec']}}"
        (tmp_path / "controlmon.yaml").write_text(f"datadog: {organization}\nnotify: {notify}\nregisters: {{company: artemis}}\n")
        yield dog


def teller() -> tuple[Ledger, Teller, datetime]:
    config = load_config()
    return flow.open_ledger(config), Teller(config, flow.open_catalog(config), {CHECK: "daily"}), flow.utc_now()


def series(dog: DatadogTwin) -> dict[tuple[str, str], Any]:
    """The last gauges, by name and by their last tag."""
    return {(one["metric"], one["tags"][-1]): one for call in dog.calls(METRICS) for one in call.body["series"]}


def test_controls_become_metrics_checks_and_events(twin: AwsTwin, datadog: DatadogTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Each control has a gauge and a service check; a state that changes is one event, and after a restart it is not told again."""
    output(capsys, "run", CHECK)
    ledger, work, now = teller()
    assert work.tell(ledger, now) == []
    (metrics, heart), (checks,) = datadog.calls(METRICS), datadog.calls(CHECKS)
    assert "dd-application-key" not in {name.lower() for name in metrics.headers}
    states = [one for one in metrics.body["series"] if one["metric"] == "controlmon.control.state"]
    catalog = flow.open_catalog(load_config())
    assert len(states) == len(checks.body) == len(catalog.controls)
    failing = next(one for one in checks.body if one["status"] == 2)
    assert failing["tags"][:2] == ["company:artemis", "team:sec"]
    assert failing["message"].startswith(f"failing: {CHECK} fails for 1 in aws:123456789012")
    assert series(datadog)["controlmon.findings.failing", "severity:high"]["points"][0]["value"] == 1
    assert [one["metric"] for one in heart.body["series"]] == ["controlmon.heartbeat"]
    assert datadog.calls(EVENTS) == []

    twin.client("s3").delete_bucket(Bucket="artemis-bad")
    output(capsys, "run", CHECK)
    (told,) = work.tell(ledger, now + MINUTE)
    events = {call.body["title"]: call.body for call in datadog.calls(EVENTS)}
    name = failing["tags"][2].removeprefix("control:")
    assert (told["type"], told["changes"]) == ("notice", len(events))
    event = next(body for title, body in events.items() if title.startswith(f"{name} is "))
    assert (event["text"].startswith("It was failing."), event["aggregation_key"]) == (True, f"controlmon:{name}")
    assert event["alert_type"] in ("success", "warning")
    ledger.close()

    datadog.reset_journal()
    ledger, work, _ = teller()
    assert work.tell(ledger, now + 2 * MINUTE) == []
    assert (len(datadog.calls(METRICS)), len(datadog.calls(EVENTS))) == (1, 0)
    ledger.close()


@pytest.mark.parametrize(
    ("operation", "fault", "said"),
    [
        pytest.param(METRICS, Fault.DENIED, "403: Forbidden", id="a key that Datadog does not know"),
        pytest.param(METRICS, Fault.THROTTLED, "429: Too many requests", id="a rate limit"),
        pytest.param(CHECKS, Fault.ERROR_500, "500: Internal error", id="an outage half way"),
    ],
)
def test_what_is_refused_is_tried_again(
    twin: AwsTwin, datadog: DatadogTwin, capsys: pytest.CaptureFixture[str], operation: str, fault: Fault, said: str
) -> None:
    """It is recorded, without the key; one call is made, not five; after a minute it is made again, and then it is taken."""
    output(capsys, "run", CHECK)
    ledger, work, now = teller()
    with datadog.fault(operation, fault) as rule:
        (told,) = work.tell(ledger, now)
        assert (told["channel"], told["type"], said in told["reason"]) == ("datadog", "notice.failed", True)
        assert API_KEY not in told["reason"]
        assert work.tell(ledger, now + MINUTE / 2) == []
        assert rule.hits == 1
    assert work.tell(ledger, now + MINUTE) == []
    assert ("controlmon.heartbeat", "team:sec") in series(datadog)
    assert [entry["type"] for entry in ledger.stream("notices")] == ["notice.failed", "notice.quiet"]
    ledger.close()


def test_datadog_that_does_not_answer_is_not_waited_for(datadog: DatadogTwin, tmp_path: Path) -> None:
    """The collector's time-out holds, and never more than ten seconds."""
    assert intake_of(load_config())._client.configuration.request_timeout == (10, 10)
    file = tmp_path / "controlmon.yaml"
    file.write_text(file.read_text().replace("read_timeout: 60", "read_timeout: 0.2"))
    with datadog.fault(METRICS, Fault.TIMEOUT, seconds=5), pytest.raises(Undelivered, match="ReadTimeoutError"):
        intake_of(load_config()).heartbeat(NOW)


def test_events_that_were_taken_are_not_written_again(twin: AwsTwin, datadog: DatadogTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several changes the second is refused: later only those that are left are written."""
    output(capsys, "run", CHECK)
    ledger, work, now = teller()
    work.tell(ledger, now)
    twin.client("s3").delete_bucket(Bucket="artemis-bad")
    output(capsys, "run", CHECK)
    asked: list[Any] = []
    with datadog.fault(EVENTS, Fault.DENIED, where=lambda call: asked.append(call) or len(asked) > 1):
        (told,) = work.tell(ledger, now + MINUTE)
        assert told["type"] == "notice.failed"
    work.tell(ledger, now + 2 * MINUTE)
    titles = [call.body["title"] for call in datadog.calls(EVENTS)]
    assert len(titles) - len(set(titles)) == 1  # the one that was refused
    assert len(titles) > 2
    ledger.close()


def test_bodies_are_held_against_the_vendors_models(datadog: DatadogTwin) -> None:
    """Every state has a status, texts keep to Datadog's limits, and the double refuses what is not of the vendor's shape."""
    intake: Intake = intake_of(load_config())
    standings = [Standing(f"c-{state.value}", "data", state, "why " * 400) for state in State]
    intake.service_checks(standings, NOW)
    assert [one["status"] for one in datadog.calls(CHECKS)[0].body] == [STATUS[state] for state in State]
    with pytest.raises(Undelivered, match="400"):
        intake.metrics([Standing("x" * 300, "data", State.FAILING)], {}, NOW)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param("notify: {datadog: {organization: other}}", "there is no organization other: there are ambient", id="no such one"),
        pytest.param("notify: {datadog: {organization: ambient, tags: ['1 x']}}", "notify.datadog.tags", id="no tag"),
        pytest.param("notify: {weekly: {channels: [a], managers: [ada]}}", "there is no channel a: there are none", id="no channel"),
        pytest.param("notify: {weekly: {channels: [], managers: [ada]}}", "notify.weekly.channels", id="no channels"),
        pytest.param("notify: {heartbeat: 'https://hc.example/secret'}", "notify.heartbeat", id="a URL in the file"),
    ],
)
def test_bad_settings(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: str, said: str) -> None:
    """Exit code 2, and where to mend it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "controlmon.yaml").write_text(f"{config}\n")
    code, _, err = output(capsys, "notify", "test")
    assert (code, said in err, "secret" in err) == (2, True, False), err
