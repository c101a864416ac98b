"""The templates of registers: one of each, which fits as it is, and whose example row is one that would."""

import json
from pathlib import Path

import pytest

from controlmon.collect.document.read import read_register
from controlmon.facts.document.registers import BY_NAME
from controlmon.service.templates import templates
from tests.cli.test_run import output

THERE = templates()


def example_of(path: Path) -> bytes:
    """A template with its example taken out of the comment.

    In YAML that is the comment from the first `# - ` on. In CSV it is a line above the columns that begins with `#` and three blanks.
    """
    lines = path.read_text("utf-8").splitlines()
    if path.suffix == ".csv":
        return "\n".join([lines[-1], *(line[4:] for line in lines if line.startswith("#   "))]).encode()
    first = next(i for i, line in enumerate(lines) if line.startswith("# - "))
    return "\n".join(line[2:] for line in lines[first:] if line != "[]").encode()


def test_each_register_has_a_template() -> None:
    """And there is no template of anything else."""
    assert set(THERE) == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(THERE))
def test_the_example_fits(name: str) -> None:
    """An example is documentation that cannot go stale."""
    content = read_register(BY_NAME[name], THERE[name], example_of(THERE[name]))
    assert content.complaints() == []
    assert content.rows


@pytest.mark.parametrize("name", sorted(THERE))
def test_a_template_is_empty(name: str) -> None:
    """It holds no row that somebody would have to remove, and its YAML ends in an empty list."""
    path = THERE[name]
    assert read_register(BY_NAME[name], path, path.read_bytes()).rows == []
    assert path.suffix == ".csv" or path.read_text("utf-8").endswith("\n[]\n")


def test_all_of_them_as_they_are_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`registers init` writes each once, and `registers check` finds nothing wrong."""
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    code, out, _ = output(capsys, "registers", "init")
    assert (code, out.count("wrote")) == (0, len(THERE))
    assert output(capsys, "registers", "init")[1].count("kept") == len(THERE)
    code, out, err = output(capsys, "registers", "check", "--format", "json")
    assert (code, err) == (0, "")
    assert {row["register"]: (row["rows"], row["wrong"]) for row in json.loads(out)} == dict.fromkeys(THERE, (0, 0))
