"""The small company's registers: all of them are kept, as the schemas want it, and the documents are files of theirs."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from controlmon.cli.main import run
from controlmon.demo import registers
from controlmon.demo.people import PEOPLE
from controlmon.demo.site import Site
from controlmon.facts.document.registers import BY_NAME


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the registers, and a configuration that leads there."""
    place = tmp_path_factory.mktemp("company")
    with Site(place) as site:
        registers.write(place / "registers", site)
    (place / "controlmon.yaml").write_text("registers: {company: artemis}\n", "utf-8")
    return place


def rows(company: Path, name: str) -> list[dict[str, object]]:
    held = yaml.safe_load((company / f"registers/{name}.yaml").read_text("utf-8"))
    found: list[dict[str, object]] = held["rows"] if isinstance(held, dict) else held
    return found


def test_every_register_is_kept_and_fits(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has rows, at most thirty, and `controlmon registers check` finds nothing wrong with any."""
    assert run(["--config", str(company / "controlmon.yaml"), "registers", "check", "--format", "json"]) == 0
    told = {one["register"]: one for one in json.loads(capsys.readouterr().out)}
    assert {*told} == {*BY_NAME}
    assert [name for name, one in told.items() if one["wrong"] or not 0 < one["rows"] <= 30] == []


def test_the_digests_are_those_of_the_files(company: Path) -> None:
    """What the register says of each document is what its file is."""
    for row in rows(company, "documents"):
        content = (company / "registers" / str(row["file"])).read_bytes()
        assert row["sha256"] == f"sha256:{hashlib.sha256(content).hexdigest()}", row["id"]


def test_the_roster_has_the_people_of_the_clouds(company: Path) -> None:
    """The same people, with the names that they go by in each cloud."""
    listed = {str(row["email"]): row["accounts"] for row in rows(company, "personnel")}
    assert {*listed} == {person.email for person in PEOPLE}
    assert [person.name for person in PEOPLE if person.aws and person.aws not in str(listed[person.email])] == []


def test_an_exception_is_in_force_and_one_ends_soon(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `controlmon exceptions list` tells."""
    assert run(["--config", str(company / "controlmon.yaml"), "exceptions", "list", "--format", "json"]) == 0
    assert {one["id"]: one["state"] for one in json.loads(capsys.readouterr().out)} == {"EX-7": "in force", "EX-5": "ending"}
