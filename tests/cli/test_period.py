"""`controlmon period` and `controlmon deviation`, on a ledger that the daemon filled: what is printed, and the exit code."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controlmon.cli import main
from controlmon.ledger.ledger import Ledger
from controlmon.service import flow, providers
from controlmon.service.config import load_config
from controlmon.service.daemon import Agenda
from tests.twins.aws import AwsTwin

pytestmark = pytest.mark.xdist_group("period")  # what it sets up takes long, and is made once

CHECK = "aws.s3.bucket_encryption"
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
TO = ("--from", "2026-03-02T10:00:00Z", "--to", "2026-03-02T13:00:00Z")
CONFIG = "checks:\n  frequency: {'*': hourly}\naws:\n  regions: [us-east-1]\ncatalog: catalog\n"
CONTROLS = """category: Data Security
controls:
  - id: encrypted
    name: Encryption
    promise: Buckets are encrypted.
    kind: activity
    method: automated
    frequency: daily
    fresh_for: 2d
    evidence: [the default encryption of each bucket]
    frameworks: {}
    checks: {primary: [aws.s3.bucket_encryption]}
"""
Said = tuple[int, str, str]


@pytest.fixture
def company(twin: AwsTwin, tmp_path: Path) -> Path:
    """Three hourly runs: in the second a bucket that was encrypted is not, in the third the one that was bad from the first is gone."""
    (tmp_path / "controlmon.yaml").write_text(CONFIG)
    (tmp_path / "catalog/controls").mkdir(parents=True)
    (tmp_path / "catalog/controls/data.yaml").write_text(CONTROLS)
    (tmp_path / "catalog/commitments.yaml").write_text("commitments: []\n")
    (tmp_path / "catalog/frameworks.yaml").write_text("frameworks: []\n")
    config = load_config()
    registry, catalog = flow.open_registry(config, only=[CHECK]), flow.open_catalog(config)
    known = flow.known(config, catalog)
    work = Agenda(config, list(registry), lambda: providers.targets(config, ["aws"]), providers.services("aws"), lambda: known)
    ledger, s3 = Ledger.open(tmp_path / "state"), twin.client("s3")
    encryption = s3.get_bucket_encryption(Bucket="artemis-good")["ServerSideEncryptionConfiguration"]
    for hour in range(3):
        if hour == 1:
            s3.delete_bucket_encryption(Bucket="artemis-good")
        if hour == 2:
            s3.put_bucket_encryption(Bucket="artemis-good", ServerSideEncryptionConfiguration=encryption)
            s3.delete_bucket(Bucket="artemis-bad")
        work.tick(ledger, lambda hour=hour: START + timedelta(hours=hour, seconds=5))
    ledger.close()
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """The exit code, and what is said to each stream."""
    code = main.run(list(arguments))
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def test_the_period_of_a_ledger(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every slot was served, two subjects deviated, one was mended and one is gone: exit code 1, in every format."""
    code, out, err = run(capsys, "period", *TO, "--format", "json")
    (control,) = json.loads(out)["controls"]
    assert (code, err, control["conclusion"], control["coverage"]["expected"]) == (1, "", "operated with deviations", 3)
    assert control["coverage"]["performed"] == 3
    told = sorted((d["name"], d["how_ended"], d["before"], d["seen"]) for d in control["deviations"])
    assert told == [("artemis-bad", "gone", True, 2), ("artemis-good", "passed", False, 1)]
    assert control["rate"]["deviating"] == 2
    assert control["why"] == "2 deviations of 2 subjects, all ended"
    for form in ("table", "csv", "html"):
        code, out, _ = run(capsys, "period", *TO, "--format", form, "-o", str(company / "out"))
        assert (code, out) == (1, "")
        assert "encrypted" in (company / "out").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(("--from", "2026-03-02T12:00:00Z", "--to", "2026-03-02T13:00:00Z"), 0, id="the hour in which all passed"),
        pytest.param(("--from", "2026-03-02", "--to", "2026-03-02"), 1, id="the day: deviations are said, whatever else was not seen"),
        pytest.param(("--from", "2026-03-02T12:00:00Z", "--to", "2026-03-02"), 3, id="the rest of the day: silent slots"),
        pytest.param(("--from", "2026-03-03", "--to", "2026-03-03"), 3, id="a day on which nothing ran"),
        pytest.param(("--from", "2026-03-01", "--to", "2026-03-01"), 2, id="a day before there was a catalog"),
        pytest.param(("--from", "2026-03-02", "--to", "2026-03-01"), 2, id="a period that ends before it begins"),
        pytest.param(("--from", "monday", "--to", "2026-03-01"), 2, id="no date"),
        pytest.param((*TO, "--control", "encrypt"), 2, id="no such control"),
        pytest.param((*TO, "--control", "encrypted"), 1, id="one control"),
        pytest.param((*TO, "--bundle", "nowhere.zip"), 2, id="no bundle"),
        pytest.param((*TO, "-o", "/nowhere/out"), 2, id="nowhere to write"),
    ],
)
def test_exit_codes(company: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: int) -> None:
    """0 all operated, 1 deviations, 3 not concluded or not tested, 2 for what a person has to mend."""
    code, out, err = run(capsys, "period", *arguments)
    assert code == expected, out + err
    assert (err != "") is (expected == 2)


@pytest.mark.parametrize("begin", ["2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z"], ids=["from the first entry", "from mid-log"])
def test_the_period_of_a_bundle(company: Path, capsys: pytest.CaptureFixture[str], begin: str) -> None:
    """The same as of the ledger that it was cut from, schedule and catalog from before it included."""
    period_ = ("--from", begin, "--to", "2026-03-02T13:00:00Z")
    assert main.run(["bundle", "export", *period_, "-o", "b.zip"]) == 0
    capsys.readouterr()
    ours, theirs = (json.loads(run(capsys, "period", *period_, "--format", "json", *more)[1]) for more in ((), ("--bundle", "b.zip")))
    for moving in ("made_at", "size", "root", "checkpoint_at", "unanchored"):  # that it was exported is an entry
        ours.pop(moving), theirs.pop(moving)
    assert ours == theirs
    assert ours["controls"][0]["coverage"]["performed"] == ours["controls"][0]["coverage"]["expected"] > 0


def test_a_deviation_is_explained(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Listed, explained, and shown with its explanation; the other one is not."""
    _, out, _ = run(capsys, "deviation", "list", *TO, "--format", "json")
    listed: list[dict[str, Any]] = json.loads(out)
    good = next(d for d in listed if d["name"] == "artemis-good")
    texts = ("--root-cause", "A script", "--response", "Put back", "--ticket", "SEC-7", "--by", "Ann")
    code, out, err = run(capsys, "deviation", "explain", good["id"], *texts, *TO)
    assert (code, err, "recorded: Ann" in out) == (0, "", True)
    _, out, _ = run(capsys, "deviation", "list", *TO, "--format", "json")
    told = {d["name"]: [(r["root_cause"], r["response"], r["ticket"], r["by"]) for r in d["responses"]] for d in json.loads(out)}
    assert told == {"artemis-bad": [], "artemis-good": [("A script", "Put back", "SEC-7", "Ann")]}
    ledger = Ledger.open(company / "state")
    (entry,) = ledger.stream("deviations")
    assert {"type": "deviation.response", "check": CHECK, "scope": "aws:123456789012", "ticket": "SEC-7"}.items() <= entry.items()
    assert ledger.verify().problems == ()
    ledger.close()


@pytest.mark.parametrize(
    ("name", "ticket", "words"),
    [("0123456789ab", "T", "there is no deviation 0123456789ab in this period"), ("", " ", "--ticket is empty")],
)
def test_what_cannot_be_explained(company: Path, capsys: pytest.CaptureFixture[str], name: str, ticket: str, words: str) -> None:
    """An id that is none, and words that say nothing: nothing is recorded."""
    _, out, _ = run(capsys, "deviation", "list", *TO, "--format", "json")
    texts = ("--root-cause", "c", "--response", "r", "--ticket", ticket, "--by", "b")
    code, _, err = run(capsys, "deviation", "explain", name or json.loads(out)[0]["id"], *texts, *TO)
    assert (code, words in err) == (2, True), err
    ledger = Ledger.open(company / "state")
    assert list(ledger.stream("deviations")) == []
    ledger.close()


def test_the_period_that_is_not_given(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """The last ninety days: a run of today is in them."""
    assert main.run(["run", CHECK]) == 1
    capsys.readouterr()
    code, out, _ = run(capsys, "deviation", "list", "--format", "json")
    assert (code, [d["name"] for d in json.loads(out)]) == (0, ["artemis-bad"])
