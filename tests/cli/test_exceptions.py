"""`controlmon exceptions` as people type it, and what it changes in what they are told."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.test_run import CHECK, output
from tests.twins.aws import AwsTwin

ADD = ("exceptions", "add", "EX-1", "--check", CHECK, "--subject", "artemis-bad", "--owner", "bob", "--approver", "ada")
WHY = ("--reason", "It moves to another bucket", "--expires", "2030-12-31")


def test_a_failure_is_excepted_and_fails_again(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The finding stays a failure; what is told is that it was accepted, by whom and until when. Revoked, it counts again."""
    assert output(capsys, *ADD, *WHY)[0] == 0
    code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    bad = next(f for f in json.loads(out)["findings"] if f["outcome"] == "fail")
    assert (code, bad["excepted"]) == (0, {"id": "EX-1", "until": "2030-12-31", "approver": "ada"})
    assert "excepted until 2030-12-31 by ada (EX-1)" in " ".join(output(capsys, "run", CHECK)[1].split())
    _, out, _ = output(capsys, "status", "--format", "json")
    reasons = [reason for row in json.loads(out) for reason in row["reasons"]]
    assert not any(reason.startswith(f"{CHECK} fails") for reason in reasons)
    assert "revoked" in output(capsys, "exceptions", "revoke", "EX-1")[1]
    assert output(capsys, "run", CHECK)[0] == 1
    assert json.loads(output(capsys, "exceptions", "list", "--format", "json")[1])[0]["state"] == "revoked"
    _, out, _ = output(capsys, "period", "--from", "2020-01-01", "--to", "2030-01-01", "--format", "json")
    told = json.loads(out)
    assert {change["what"] for change in told["changes"]} >= {"exceptions"}
    assert {(one["id"], one["days"]) for one in told["exceptions"]} == {("EX-1", 1)}


@pytest.mark.parametrize(
    ("before", "arguments", "said"),
    [
        pytest.param("", (*ADD[:-1], "bob", *WHY), "was approved by its owner", id="approved by the owner"),
        pytest.param("", (*ADD, "--reason", "soon", "--expires", "2030-12-31"), "reason", id="a reason that says nothing"),
        pytest.param("", (*ADD, *WHY[:3], "2020-01-01"), "that day is over", id="an end that is over"),
        pytest.param(
            "", ("exceptions", "add", "EX-1", "--check", "aws.s3.bucket_encrypton", *ADD[5:], *WHY), "did you mean", id="no such check"
        ),
        pytest.param("", ("exceptions", "revoke", "EX-9"), "cannot be read", id="nothing to revoke"),
        pytest.param("- {id: EX-1}\n", ("exceptions",), "found no key `check`", id="a file that does not fit"),
        pytest.param("- id: EX-1\n  id: EX-2\n", (*ADD, *WHY), "found the key `id` again", id="a file that cannot be read is not touched"),
    ],
)
def test_bad_exceptions(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path, before: str, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, one line that says what to mend, and a file that is as it was."""
    path = tmp_path / "exceptions.yaml"
    if before:
        path.write_text(before)
    code, _, err = output(capsys, *arguments)
    assert (code, said in err, "Traceback" in err) == (2, True, False)
    assert (path.read_text() if path.exists() else "") == before


def test_a_file_that_is_gone_is_a_change(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whoever deletes the file takes its exceptions back, and the record says so: none is counted as in force afterwards."""
    output(capsys, *ADD, *WHY)
    output(capsys, "run", CHECK)
    (tmp_path / "exceptions.yaml").unlink()
    assert output(capsys, "run", CHECK)[0] == 1
    output(capsys, "run", CHECK)
    told = json.loads(output(capsys, "period", "--from", "2020-01-01", "--to", "2030-01-01", "--format", "json")[1])
    (change,) = [change for change in told["changes"] if change["what"] == "exceptions"]  # what the first run found is no change
    none = "sha256:" + sha256(b"[]").hexdigest()
    assert (change["before"] is not None, change["before"] != none, change["after"]) == (True, True, none)


def test_the_template_is_a_file_of_exceptions(tmp_path: Path) -> None:
    """As it comes it holds none; its example, uncommented, is one that every rule accepts."""
    from datetime import UTC, datetime

    from controlmon.core.yamltext import parse
    from controlmon.service.exceptions import checked

    path, now = Path(__file__).parents[2] / "config/exceptions.yaml", datetime(2026, 11, 23, tzinfo=UTC)
    raw = path.read_text()
    assert checked(parse(path, raw.encode()), now) == ()
    example = "\n".join(line.removeprefix("# ") for line in raw.partition("#\n")[2].splitlines() if line != "[]")
    (one,) = checked(parse(path, example.encode()), now)
    assert (one.id, one.approver, one.holds(now)) == ("EX-1", "ada", True)
