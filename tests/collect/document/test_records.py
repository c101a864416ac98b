"""Records, once a run has seen them: an edit or a removal shows, whatever the file says afterwards."""

from pathlib import Path

import pytest

from tests.cli.test_run import output
from tests.collect.document.kept import LATELY, TRAINED, TRAINING, Write, outcomes

KEPT = "document.register.records_kept"
EARLIER = LATELY.replace(year=LATELY.year - 3)
CORRECTED = TRAINED + f"t-3,bob,security,{LATELY},t-2\n"


def test_an_edited_record(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The second run names it, again and again, and nobody is judged by it; restored, all is well, and the edit is not what was recorded."""
    old = TRAINED.replace(f"t-2,bob,security,{LATELY}", f"t-2,bob,security,{EARLIER}")
    write({"training.csv": old})
    assert outcomes(capsys, KEPT)["training"] == ("pass", "2 records are as they were first recorded")
    assert outcomes(capsys)["bob"][0] == "fail"
    write({"training.csv": TRAINED})
    for _ in range(2):
        assert outcomes(capsys, KEPT)["training"] == ("fail", "since they were first recorded: altered t-2")
    assert {outcome for outcome, _ in outcomes(capsys).values()} == {"unknown"}
    code, _, err = output(capsys, "registers", "check")
    assert (code, "training.csv:3: the record `t-2` is not as it was first recorded" in err) == (2, True)
    write({"training.csv": old})
    assert outcomes(capsys, KEPT)["training"][0] == "pass"
    assert output(capsys, "ledger", "verify")[0] == 0


def test_a_removed_record(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """It is missed by name, also when its file is gone with it."""
    outcomes(capsys, KEPT)
    write({"training.csv": "\n".join(TRAINED.splitlines()[:2]) + "\n"})
    assert outcomes(capsys, KEPT)["training"] == ("fail", "since they were first recorded: removed t-2")
    assert {outcome for outcome, _ in outcomes(capsys).values()} == {"unknown"}
    write({"training.csv": None})
    assert outcomes(capsys, KEPT)["training"] == ("fail", "since they were first recorded: removed t-1, t-2")
    code, _, err = output(capsys, "registers", "check")
    assert (code, "the record `t-1` was here" in err) == (2, True)


def test_a_record_that_another_corrects(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A correction is a new record: nothing was altered, and the same rows in YAML, in another order, are the same records."""
    outcomes(capsys, KEPT)
    more = CORRECTED.replace("completed_at\n", "completed_at,supersedes\n")
    write({"training.csv": more})
    assert outcomes(capsys, KEPT)["training"] == ("pass", "3 records are as they were first recorded")
    rows = (line.split(",") for line in reversed(more.splitlines()[1:]))
    names = more.splitlines()[0].split(",")
    text = "".join("- {" + ", ".join(f"{n}: {v}" for n, v in zip(names, row, strict=False)) + "}\n" for row in rows)
    write({"training.csv": None, "training.yaml": text})
    assert outcomes(capsys, KEPT)["training"][0] == "pass"


def test_a_run_that_records_nothing_knows_nothing_first(write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--no-record` does not fix how a record was; what is yet to fit the schema is not fixed either."""
    outcomes(capsys, KEPT, "--no-record")
    assert not (tmp_path / "state").exists()
    write({"training.csv": TRAINED.replace("t-2,bob", "t-2,bab")})
    outcomes(capsys, KEPT)
    write({"training.csv": TRAINED})
    assert outcomes(capsys, KEPT)["training"][0] == "pass"
    assert set(outcomes(capsys, TRAINING)) == {"ada", "bob"}
