"""`controlmon bundle` as a person types it."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from controlmon.cli.bundle import command
from controlmon.cli.main import run
from controlmon.core.errors import ControlmonError, LedgerError, UsageError
from controlmon.ledger.history import decoded
from controlmon.ledger.ledger import Ledger
from tests.twins.aws import AwsTwin

pytestmark = pytest.mark.xdist_group("bundle")  # what it sets up takes long, and is made once

CHECK = "aws.s3.bucket_encryption"
WHOLE = ("--from", "2020-01-01", "--to", "2099-12-31")


@pytest.fixture
def recorded(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> AwsTwin:
    """One run, in the state directory."""
    assert run(["run", CHECK, "--format", "json"]) == 1
    capsys.readouterr()
    return twin


def bundle(*arguments: str) -> int:
    result: Any = command.main([*arguments], "controlmon bundle", standalone_mode=False)
    return result if isinstance(result, int) else 0


def key_of(tmp_path: Path) -> str:
    ledger = Ledger.open(tmp_path / "state")
    ledger.close()
    return ledger.verifier_key


def test_export_verify_replay(recorded: AwsTwin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is written and told of, holds under the key that is printed, and every judgement in it comes out the same."""
    assert bundle("export", *WHOLE, "-o", "b.zip") == 0
    out, err = capsys.readouterr()
    assert (f"key {key_of(tmp_path)}\n" in out, "pieces of state" in out, err) == (True, True, "")
    assert bundle("verify", "b.zip", "--key", key_of(tmp_path)) == 0
    assert "HOLDS" in capsys.readouterr().out
    assert bundle("verify", "b.zip") == 3
    assert bundle("replay", "b.zip") == 0
    assert "1 judgements, 1 of them the same to the byte (2 findings re-performed); 0 differences" in capsys.readouterr().out


def test_an_export_is_recorded(recorded: AwsTwin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The record tells what was handed out: the period, the controls, the manifest's digest and how far it reaches."""
    bundle(
        "export",
        "--from",
        "2020-01-01",
        "--to",
        "2099-12-31T12:00:00+02:00",
        "--control",
        "encryption-and-key-management-policy",
        "-o",
        "b.zip",
    )
    ledger = Ledger.open(tmp_path / "state")
    told = [body for _, body in decoded(ledger, lambda body: body["type"] == "bundle.exported")]
    assert ledger.verify().problems == ()
    ledger.close()
    said = {name: told[0][name] for name in ("from", "to", "controls", "stream", "run")}
    assert said == {
        "from": "2020-01-01T00:00:00.000Z", "to": "2099-12-31T10:00:00.000Z", "controls": ["encryption-and-key-management-policy"],
        "stream": "bundles", "run": "bundle",
    }  # fmt: skip
    assert told[0]["manifest"] in capsys.readouterr().out
    with zipfile.ZipFile("b.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["log"]["size"] == told[0]["size"]


def test_the_last_day_is_in_it(recorded: AwsTwin, tmp_path: Path) -> None:
    """`--to` a day means its end."""
    bundle("export", "--from", "2026-01-01", "--to", "2026-12-31", "-o", "b.zip")
    with zipfile.ZipFile("b.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["to"] == "2027-01-01T00:00:00.000Z"


def test_no_file_is_written_over(recorded: AwsTwin, tmp_path: Path) -> None:
    """A file that is there stays as it is, unless --force; nothing half-written is left beside it, and nothing is recorded in vain."""
    Path("b.zip").write_text("mine")
    with pytest.raises(UsageError, match=r"b\.zip: there is a file of this name"):
        bundle("export", *WHOLE, "-o", "b.zip")
    assert Path("b.zip").read_text() == "mine"
    bundle("export", *WHOLE, "-o", "b.zip", "--force")
    assert zipfile.is_zipfile("b.zip")
    assert sorted(path.name for path in tmp_path.iterdir() if "zip" in path.name) == ["b.zip"]


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("--from", "2026-01-02", "--to", "2026-01-01"), UsageError, "ends before it begins"),
        (("--from", "yesterday", "--to", "2026-01-01"), UsageError, "--from yesterday: write a day"),
        (("--from", "2026-01-01", "--to", "2026-01-01T10:00:00"), UsageError, "needs its zone"),
        ((*WHOLE, "--control", "encryption-at-rest-polcy"), UsageError, "there is no control"),
        ((*WHOLE, "-o", "no/such/place.zip"), UsageError, r"no/such/place\.zip: No such file or directory"),
    ],
)
def test_wrong_usage_is_told(
    recorded: AwsTwin, tmp_path: Path, arguments: tuple[str, ...], error: type[ControlmonError], said: str
) -> None:
    """Each error names what was given and what to give; nothing is written, and nothing recorded."""
    with pytest.raises(error, match=said):
        bundle("export", "-o", "b.zip", *arguments)
    assert list(tmp_path.glob("*.zip*")) == []
    ledger = Ledger.open(tmp_path / "state")
    assert [body for _, body in decoded(ledger, lambda body: body["type"] == "bundle.exported")] == []
    ledger.close()


def test_an_empty_record(twin: AwsTwin, tmp_path: Path) -> None:
    """Nothing to hand out is said, and no file is left."""
    with pytest.raises(LedgerError, match="nothing has been recorded yet"):
        bundle("export", *WHOLE, "-o", "b.zip")
    assert list(tmp_path.glob("*b.zip*")) == []


@pytest.mark.parametrize("arguments", [("--check", "aws.s3.none"), ()])
def test_replay_of_what_is_not_there(recorded: AwsTwin, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A check without a judgement, a file that is no bundle."""
    bundle("export", *WHOLE, "-o", "b.zip")
    if not arguments:
        Path("b.zip").write_text("no bundle")
    with pytest.raises(ControlmonError, match=r"b\.zip: (there is no judgement of aws\.s3\.none in it|not a bundle)"):
        bundle("replay", "b.zip", *arguments)


def test_replay_as_json_and_csv(recorded: AwsTwin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document on standard output; a table to a file; CSV with its figures on standard error."""
    bundle("export", *WHOLE, "-o", "b.zip")
    capsys.readouterr()
    assert bundle("replay", "b.zip", "--format", "json", "--check", "aws.s3.*") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["judgements"], said["identical"], said["differences"], said["not_performed"]) == (1, 1, [], [])
    bundle("replay", "b.zip", "--format", "csv", "-o", "r.csv")
    out, err = capsys.readouterr()
    assert (out, "1 judgements" in err) == ("", True)
    assert Path("r.csv").read_text() == "check,scope,subject,recorded,performed,entry,entries\n"


def test_a_company_check_that_has_changed_since(recorded: AwsTwin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not re-performed, exit code 3; the source in the bundle is run when asked for, and that is said."""
    source = Path(sys.modules["controlmon"].__file__ or "").parents[2] / "checks/aws/s3/bucket_encryption.py"
    own = tmp_path / "own/aws/own/encryption.py"
    own.parent.mkdir(parents=True)
    own.write_bytes(source.read_bytes())
    Path("controlmon.yaml").write_text("checks:\n  directories: [own]\n")
    assert run(["run", "aws.own.encryption", "--format", "json"]) == 1
    bundle("export", *WHOLE, "-o", "b.zip")
    own.write_bytes(source.read_bytes() + b"\n# changed\n")
    capsys.readouterr()
    assert bundle("replay", "b.zip", "--check", "aws.own.*") == 3
    assert "not re-performed: the installed check differs" in " ".join(capsys.readouterr().out.split())
    assert bundle("replay", "b.zip", "--check", "aws.own.*", "--bundled-checks") == 0
    assert "code from b.zip is run" in capsys.readouterr().err
