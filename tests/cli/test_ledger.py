"""`controlmon ledger` as a person types it."""

import json
from pathlib import Path

import pytest

from controlmon.ledger.ledger import Ledger
from tests.cli.test_run import output
from tests.ledger.test_ledger import fill
from tests.twins.tsa import TsaTwin

OLD = "2019-01-01T00:00:00.000Z"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    ledger = Ledger.open(tmp_path / "state")
    fill(ledger, "run-1", at=OLD)
    fill(ledger, "run-2")
    ledger.close()
    return tmp_path / "state"


def test_verify_says_how_far_anchors_reach(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an anchor it says what that means; after one, that all is anchored."""
    code, out, _ = output(capsys, "ledger", "verify")
    assert (code, out.splitlines()[-1][:54]) == (0, "The record holds. Not anchored outside this host: whoe")
    with TsaTwin(tmp_path) as tsa:
        Path("controlmon.yaml").write_text(f"anchors:\n  rfc3161: [{{url: '{tsa.url}'}}]\n")
        code, out, _ = output(capsys, "ledger", "anchor")
        assert (code, out.startswith(f"rfc3161 {tsa.url}: 6 entries, seen at 20")) == (0, True), out
    _, out, _ = output(capsys, "ledger", "verify")
    assert out.splitlines()[-1] == "The record holds. Every entry is anchored outside this host."
    _, out, _ = output(capsys, "ledger", "verify", "--format", "json")
    assert json.loads(out)["unanchored"] == 0


def test_an_anchor_that_fails(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and recorded, and the exit code is 1."""
    Path("controlmon.yaml").write_text("anchors:\n  rfc3161: [{url: 'http://127.0.0.1:9/'}]\n")
    code, out, _ = output(capsys, "ledger", "anchor")
    assert (code, "rfc3161 http://127.0.0.1:9/: FAILED" in out) == (1, True)
    code, _, err = output(capsys, "--config", str(_empty()), "ledger", "anchor")
    assert (code, "under `anchors`" in err) == (2, True)


def _empty() -> Path:
    Path("empty.yaml").write_text("{}\n")
    return Path("empty.yaml")


def test_rotate_leads_from_the_old_key_to_the_new(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log verifies with either key; the old one's file is kept aside; what is recorded next is signed by the new one."""
    ledger = Ledger.open(state)
    old = ledger.verifier_key
    ledger.close()
    code, out, _ = output(capsys, "ledger", "rotate", "--reason", "yearly")
    assert code == 0, out
    new = out.splitlines()[1].removeprefix("new key ")
    assert (out.splitlines()[0], old != new) == (f"old key {old}", True)
    ledger = Ledger.open(state)
    fill(ledger, "run-3")
    assert (ledger.verifier_key, ledger.verify().problems) == (new, ())
    ledger.close()
    assert [output(capsys, "ledger", "verify", "--key", key)[0] for key in (old, new)] == [0, 0]
    assert len(list(state.glob("signing-*.key.retired"))) == 1


def test_a_ledger_at_work_does_not_sign_with_an_old_key(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that was opened before the change is refused, and what it would have said is not recorded."""
    from controlmon.core.errors import LedgerError

    ledger = Ledger.open(state)
    output(capsys, "ledger", "rotate", "--reason", "yearly")
    with pytest.raises(LedgerError, match="changed its key while this was at work"):
        ledger.append("late", OLD, [("changes", {"type": "change"})])
    ledger.close()
    assert output(capsys, "ledger", "verify")[0] == 0


def test_prune_keeps_to_the_retention(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Younger evidence is refused, what would go is told first, and with --yes it goes and the record holds."""
    code, _, err = output(capsys, "ledger", "prune", "--before", "2025-01-01", "--yes")
    assert (code, "evidence is kept for 6 years" in err) == (2, True)
    assert "Would drop 3 entries' bodies" in output(capsys, "ledger", "prune")[1]
    assert "Would drop 3" in output(capsys, "ledger", "prune", "--before", "2020-06-01")[1]
    assert "Dropped 3 entries' bodies, up to entry 2" in output(capsys, "ledger", "prune", "--yes")[1]
    assert "Nothing is older" in output(capsys, "ledger", "prune", "--yes")[1]
    code, out, _ = output(capsys, "ledger", "verify")
    assert (code, out.startswith("7 entries")) == (0, True)


def test_the_doctor_says_how_far_behind_anchors_are(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """None: advice. All anchored: ok. One that failed: late, with its reason."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    def said() -> dict[str, str]:
        _, out, _ = output(capsys, "doctor", "aws.s3.bucket_encryption", "--format", "json")
        return {row["what"]: f"{row['state']}: {row['said']}" for row in json.loads(out)}

    assert said()["anchors"].startswith("advice: Not anchored outside this host")
    with TsaTwin(tmp_path) as tsa:
        Path("controlmon.yaml").write_text(f"anchors:\n  rfc3161: [{{url: '{tsa.url}'}}]\n")
        output(capsys, "ledger", "anchor")
    assert said()["anchors"] == "ok: Every entry is anchored outside this host."
    output(capsys, "ledger", "anchor")
    assert said()["rfc3161"].startswith("late: ")
