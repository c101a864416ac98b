"""`controlmon run` as a person types it: what is printed, what is recorded, and the exit code."""

import csv
import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from controlmon.cli.main import run
from tests.twins.aws import AwsTwin, Fault

CHECK = "aws.s3.bucket_encryption"


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_json_of_the_design(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """One document on standard output, in the promised shape; exit code 1 because one bucket fails."""
    code, out, err = output(capsys, "run", CHECK, "--format", "json")
    said: dict[str, Any] = json.loads(out)
    assert (code, err) == (1, "")
    assert said["summary"] == {"pass": 1, "fail": 1, "unknown": 0, "not_applicable": 0}
    assert list(said) == ["run", "findings", "populations", "gaps", "summary"]
    bad = next(f for f in said["findings"] if f["outcome"] == "fail")
    where = {"provider": "aws", "target": "123456789012", "region": "", "type": "aws.s3.bucket"}
    assert bad["subject"] == {**where, "id": "arn:aws:s3:::artemis-bad", "name": "artemis-bad"}
    assert (bad["excepted"], bad["controls"][0]) == (None, "encryption-and-key-management-policy")
    assert all(fact.startswith("sha256:") and len(fact) == 71 for fact in bad["facts"])
    assert said["populations"] == [{"kind": "aws.s3.bucket", "target": "123456789012", "region": "", "count": 2, "complete": True}]


def test_the_fewest_calls(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Who we are, the list, one question a bucket and one for the key that is named: nothing else is asked."""
    output(capsys, "run", CHECK, "--format", "json")
    asked = sorted(f"{c.service}:{c.operation}" for c in twin.calls())
    assert asked == ["kms:DescribeKey", "s3:GetBucketEncryption", "s3:GetBucketEncryption", "s3:ListBuckets", "sts:GetCallerIdentity"]
    twin.assert_read_only()


def test_csv_and_junit(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same findings as rows and as test cases, to a file as well."""
    _, out, _ = output(capsys, "run", CHECK, "--format", "csv")
    assert [(r["name"], r["outcome"]) for r in csv.DictReader(io.StringIO(out))] == [("artemis-bad", "fail"), ("artemis-good", "pass")]
    _, out, _ = output(capsys, "run", CHECK, "--format", "junit", "-o", str(tmp_path / "j.xml"))
    root = ET.parse(tmp_path / "j.xml").getroot()
    assert (out, root.attrib["tests"], root.attrib["failures"]) == ("", "2", "1")


def test_the_table_says_why_and_what_to_do(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Failures first, with the reason, and the remediation once."""
    _, out, _ = output(capsys, "run", CHECK)
    assert out.index("FAIL 1") < out.index("PASS 1")
    assert "own default" in out
    assert out.count("turn on bucket keys") == 1
    assert "1 pass, 1 fail, 0 unknown" in out


@pytest.mark.parametrize(
    ("arguments", "expected"), [((), 1), (("--fail-on", "critical"), 0), (("--param", "allowed_algorithms=[AES256, 'aws:kms']"), 0)]
)
def test_exit_codes(twin: AwsTwin, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: int) -> None:
    """1 for a failure that counts, 0 without one."""
    assert output(capsys, "run", CHECK, *arguments)[0] == expected


def test_a_denied_list_is_unknown_and_exit_code_3(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be listed is neither empty nor failing."""
    with twin.fault("s3", "ListBuckets", Fault.DENIED):
        code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    said = json.loads(out)
    assert (code, said["summary"]) == (3, {"pass": 0, "fail": 0, "unknown": 1, "not_applicable": 0})
    assert "grant s3:ListAllMyBuckets" in said["findings"][0]["reason"]
    assert said["populations"][0]["complete"] is False


def test_expired_credentials_are_unknown(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that cannot be logged in to is a gap with a mend, not the end of the run."""
    with twin.fault("sts", "GetCallerIdentity", Fault.EXPIRED_TOKEN):
        code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    assert code == 3
    assert "renew them" in json.loads(out)["findings"][0]["reason"]


def test_no_credentials_at_all(twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to log in with: unknown, and said so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    assert code == 3
    assert "NoCredentialsError" in json.loads(out)["findings"][0]["reason"]


def test_an_endpoint_that_refuses(twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: unavailable, so unknown."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    assert code == 3
    assert "unavailable" in json.loads(out)["findings"][0]["reason"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "aws.s3.bucket_encrytpion"), "did you mean aws.s3.bucket_encryption?"),
        (("run", CHECK, "--param", "nonsense=1"), "has no parameter nonsense: it has allowed_algorithms"),
        (("run", CHECK, "--param", "allowed_algorithms=3"), "Expected `array`, got `int`"),
        (("run", CHECK, "--param", "allowed_algorithms"), "write NAME=VALUE"),
        (
            (
                "run",
                CHECK,
                "--param",
                "require_customer_key=[",
            ),
            "the value is not YAML",
        ),
        (("run", CHECK, "--target", "nowhere"), "no target is called nowhere"),
        (("run", CHECK, "-o", "missing/directory/x.json"), "give a file that can be written"),
        (("run", "--control", "unique-access-id"), "did you mean unique-access-ids?"),
        (("rnu",), "did you mean run?"),
        (("checks", "show", "aws.s3.nothing"), "there is no check aws.s3.nothing"),
        (("permissions", "gcp"), "there is no collector for gcp"),
        (("ledger", "verify", "--key", "nonsense"), "NAME+ID+BASE64"),
    ],
)
def test_wrong_usage_is_told_in_one_line(twin: AwsTwin, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, the mend, no traceback."""
    code, _, err = output(capsys, *arguments)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aws:\n  acounts: []\n", "controlmon.yaml:2:"),
        ("aws:\n  regions: eu-west-1\n", "controlmon.yaml:2:"),
        ("budget:\n  workers: 0\n", "controlmon.yaml:2:"),
        ("aws: [\n", "controlmon.yaml:"),
        ("checks:\n  parameters:\n    aws.iam.access_key_age:\n      max_age_day: 3\n", "has no parameter max_age_day"),
        ("checks:\n  parameters:\n    aws.iam.access_key_ag: {}\n", "did you mean aws.iam.access_key_age?"),
        ("checks:\n  directories: [nowhere]\n", "there is no such directory"),
        ("aws:\n  accounts:\n    - {name: a}\n    - {name: a}\n", "two accounts are called a"),
    ],
)
def test_a_bad_configuration_is_told_with_its_place(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    """File, line, what was expected; exit code 2; nothing is asked of AWS."""
    (tmp_path / "controlmon.yaml").write_text(text)
    code, _, err = output(capsys, "run")
    assert code == 2
    assert said in err
    assert not twin.calls()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere_to_be_found\n", "bad.py:1: ModuleNotFoundError"),
        ("x = (\n", "bad.py:1:"),
        ("x = 1\n", "it has no check"),
        ("from controlmon.check import check\n@check(title='x')\ndef judge(x): ...\n", "bad.py:2: TypeError"),
    ],
)
def test_a_check_file_that_does_not_load(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path, source: str, said: str) -> None:
    """The file and the line, not a traceback."""
    place = tmp_path / "mine/aws/x"
    place.mkdir(parents=True)
    (place / "bad.py").write_text(source)
    (tmp_path / "controlmon.yaml").write_text("checks:\n  directories: [mine]\n")
    code, _, err = output(capsys, "run")
    assert (code, said in err) == (2, True), err


def test_a_check_of_ones_own(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`checks new` makes a check and a test that work; the check runs from a configured directory."""
    assert output(capsys, "checks", "new", "aws.mine.first", "--directory", "mine", "--tests", "mytests")[0] == 0
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", "mytests"], capture_output=True, text=True, check=False)
    assert "2 passed" in tested.stdout, tested.stdout
    (tmp_path / "controlmon.yaml").write_text("checks:\n  directories: [mine]\n")
    code, out, _ = output(capsys, "run", "aws.mine.first", "--format", "json")
    assert (code, json.loads(out)["summary"]["fail"]) == (1, 1)
    (tmp_path / "mine").chmod(0o777)
    assert "everybody can write there" in output(capsys, "run", "aws.mine.first")[2]


def test_a_check_that_breaks_is_unknown_by_name(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An author's mistake is no answer; the run goes on."""
    output(capsys, "checks", "new", "aws.mine.broken", "--directory", "mine", "--tests", "mytests")
    path = tmp_path / "mine/aws/mine/broken.py"
    path.write_text(path.read_text().replace("algorithm = bucket.encryption.algorithm", "algorithm = str(1 / 0)"))
    (tmp_path / "controlmon.yaml").write_text("checks:\n  directories: [mine]\n")
    code, out, _ = output(capsys, "run", "aws.mine.broken", CHECK, "--format", "json")
    said = json.loads(out)
    assert (code, said["summary"]) == (1, {"pass": 1, "fail": 1, "unknown": 2, "not_applicable": 0})
    assert {f["reason"] for f in said["findings"] if f["outcome"] == "unknown"} == {
        "aws.mine.broken broke: ZeroDivisionError: division by zero"
    }


def test_no_record_leaves_no_trace(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--no-record` answers the same, and writes nothing."""
    assert output(capsys, "run", CHECK, "--no-record", "--format", "json")[0] == 1
    assert not (tmp_path / "state").exists()


def test_ledgers_that_cannot_be_used(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Newer, damaged, or without its key: said with a mend, exit code 2, nothing overwritten."""
    state = tmp_path / "state"
    output(capsys, "run", CHECK)
    key = (state / "signing.key").read_text()
    (state / "signing.key").unlink()
    assert "key that signed this ledger's checkpoints is missing" in output(capsys, "run", CHECK)[2]
    (state / "signing.key").write_text(key)
    (state / "signing.key").chmod(0o644)
    assert "chmod 600" in output(capsys, "run", CHECK)[2]
    (state / "signing.key").chmod(0o600)
    with sqlite3.connect(state / "ledger.db") as database:
        database.execute("update meta set value = '99' where key = 'version'")
    database.close()
    assert "upgrade controlmon" in output(capsys, "run", CHECK)[2]
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (state / name).unlink(missing_ok=True)
    (state / "ledger.db").write_bytes(b"this is no database, and was never one" * 100)
    code, _, err = output(capsys, "run", CHECK)
    assert (code, "is not a ledger" in err) == (2, True), err
    assert (state / "ledger.db").read_bytes().startswith(b"this is no database")


def test_status_rests_on_what_was_recorded(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Before a run the control waits; after it, it fails because a bucket does; a run with other parameters changes nothing."""

    def state() -> str:
        rows = json.loads(output(capsys, "status", "--format", "json")[1])
        return str(next(r["state"] for r in rows if r["id"] == "faq.database-encryption-default"))

    rows = json.loads(output(capsys, "status", "--format", "json")[1])
    assert {r["state"] for r in rows} <= {"waiting", "unmonitored"}
    assert len(rows) == 95
    output(capsys, "run", CHECK)
    rows = {r["id"]: r for r in json.loads(output(capsys, "status", "--format", "json")[1])}
    assert rows["encryption-and-key-management-policy"]["state"] == "failing"
    assert rows["encryption-and-key-management-policy"]["why"].startswith("aws.s3.bucket_encryption fails for 1")
    before = rows["encryption-and-key-management-policy"]["reasons"]
    output(capsys, "run", CHECK, "--param", "allowed_algorithms=[AES256, 'aws:kms']")
    rows = {r["id"]: r for r in json.loads(output(capsys, "status", "--format", "json")[1])}
    assert rows["encryption-and-key-management-policy"]["reasons"] == before
    assert state() == "waiting"


def test_a_ledger_that_another_process_holds(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waited for, then told; nothing is lost, and the next run goes through."""
    output(capsys, "run", CHECK)
    monkeypatch.setattr("controlmon.ledger.store.BUSY_SECONDS", 0.2)
    holder = sqlite3.connect(tmp_path / "state/ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    code, _, err = output(capsys, "run", CHECK)
    assert (code, "another process has been writing" in err) == (2, True), err
    holder.execute("ROLLBACK")
    holder.close()
    assert output(capsys, "run", CHECK)[0] == 1
    assert output(capsys, "ledger", "verify")[0] == 0


def test_a_disk_that_is_full(twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Told; what was acknowledged holds, and when there is room again the broken run is told of and the next goes through."""
    from controlmon.ledger import store

    output(capsys, "run", CHECK)
    prepare = store._prepare

    def cramped(connection: Any, record: object) -> None:
        prepare(connection, record)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")

    for i in range(300):
        twin.client("s3").create_bucket(Bucket=f"artemis-{i:04}")
    monkeypatch.setattr(store, "_prepare", cramped)
    code, _, err = output(capsys, "run", CHECK)
    assert (code, "the disk is full" in err) == (2, True), err
    monkeypatch.setattr(store, "_prepare", prepare)
    assert output(capsys, "run", CHECK)[0] == 1
    assert output(capsys, "ledger", "verify")[0] == 0
