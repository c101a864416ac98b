"""Where a register comes from, by a real git."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.base import Operation, Refused
from controlmon.collect.document.git import provenance
from tests.cli.test_run import output
from tests.collect.document.kept import PEOPLE, TODAY, Write, outcomes

ROSTER = "document.personnel.roster"
LOG = Operation("git", "log", needs=())


def git(place: Path, *arguments: str) -> None:
    who = {
        "GIT_AUTHOR_NAME": "Ada Lovelace",
        "GIT_AUTHOR_EMAIL": "ada@x.io",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@x.io",
    }
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True, env=environment)


def test_a_work_tree(write: Write) -> None:
    """The last commit of that file, who made it and when, that nobody signed it, and whether the file is as it was committed."""
    place = write({})
    git(place, "init", "--quiet")
    assert provenance(place / "personnel.csv", LOG) == {"dirty": True}
    git(place, "add", "personnel.csv")
    git(place, "commit", "--quiet", "-m", "people")
    git(place, "add", "training.csv")
    git(place, "commit", "--quiet", "-m", "training", "--author", "Bøb <bob@x.io>")
    people, training = (provenance(place / name, LOG) for name in ("personnel.csv", "training.csv"))
    assert (people["author"], people["signature"], people["dirty"]) == ("Ada Lovelace <ada@x.io>", "N", False)
    assert (training["author"], len(training["commit"]), training["commit"] == people["commit"]) == ("Bøb <bob@x.io>", 40, False)
    assert people["committed_at"][:4].isdigit()
    (place / "personnel.csv").write_text(PEOPLE + "eve,Eve,eve@x.io,engineer,ada,,2020-01-01\n")
    assert provenance(place / "personnel.csv", LOG) == people | {"dirty": True}


def test_no_work_tree(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No git, or no work tree, is an answer; the variables of another work tree do not speak of this one."""
    place = write({})
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(place))
    assert provenance(place / "personnel.csv", LOG) == {"NotAsked": "the directory is in no git work tree"}
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert provenance(place / "personnel.csv", LOG) == {"NotAsked": "git is not installed here"}


def test_a_work_tree_that_cannot_be_read(write: Write) -> None:
    """What git cannot say is a gap with git's own words, not "no work tree"."""
    place = write({})
    git(place, "init", "--quiet")
    (place / ".git/config").write_text("[core\n")
    with pytest.raises(Refused, match="bad config"):
        provenance(place / "personnel.csv", LOG)


def test_the_run_records_it(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """An upload that nobody signed fails; a commit without a signature is none, and an approval in the head is one."""
    place = write({"personnel.csv": f"# updated_at: {TODAY}\n{PEOPLE}"})
    git(place, "init", "--quiet")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "-m", "registers")
    ((outcome, reason),) = outcomes(capsys, ROSTER).values()
    assert (outcome, "nobody signed the upload" in reason) == ("fail", True)
    write({"personnel.csv": f"# updated_at: {TODAY}\n# approved_at: {TODAY}\n# approved_by: ada\n{PEOPLE}"})
    code, out, _ = output(capsys, "run", ROSTER, "--format", "json")
    said: dict[str, Any] = json.loads(out)
    assert (code, said["findings"][0]["outcome"], said["gaps"]) == (0, "pass", [])
