"""The files of a bundle that people read: names that are safe, rows that are whole, cells that are harmless."""

import csv
import io
import json
import re
from typing import Any

import pytest

from controlmon.engine.catalog import CheckRef, Role
from controlmon.engine.dossier import Dossier
from controlmon.report.csv_ import FORMULA
from controlmon.report.folders import members
from controlmon.report.places import population_files
from tests.dossiers import CHECKS, NASTY, Company, control, empty, rich


def files(dossier: Dossier) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, write in members(dossier):
        assert name not in found
        out = io.BytesIO()
        write(out)
        assert not out.closed
        found[name] = out.getvalue()
    return found


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return files(rich())


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_view_is_there(made: dict[str, bytes]) -> None:
    """Each control has its folder, each population its list; nothing leaves the bundle."""
    dossier = rich()
    expected = {"index.html", "workbook.xlsx", "summary.csv", "ipe.json", *population_files(dossier).values()}
    for one in dossier.controls:
        expected |= {f"controls/{one.control.id}/{name}" for name in ("procedure.md", "findings.csv", "deviations.csv", "population.csv")}
    assert set(made) == expected
    assert all(re.fullmatch(r"[\w.@~-]+(/[\w.@~-]+)*", name) for name in made)


def test_the_same_period_gives_the_same_bytes(made: dict[str, bytes]) -> None:
    """Every member."""
    assert files(rich()) == made


def test_no_cell_begins_a_formula(made: dict[str, bytes]) -> None:
    """In any CSV; what looked like one is led by an apostrophe, and comes back without it."""
    seen = set()
    for name, content in made.items():
        if name.endswith(".csv"):
            for row in rows(content):
                for cell in row.values():
                    assert not cell.startswith(FORMULA)
                seen.add(row.get("name", ""))
    halves = {name.encode(errors="backslashreplace").decode() for name in NASTY}
    assert {f"'{name}" if name.startswith(FORMULA) else name for name in halves} <= seen


def test_findings_are_whole_and_can_be_traced(made: dict[str, bytes]) -> None:
    """Passes too, each with its role, its run and the log entry that holds it."""
    found = rows(made["controls/control-2.x/findings.csv"])
    assert len(found) == 60
    assert {row["outcome"] for row in found} == {"pass", "fail", "unknown"}
    first = found[0]
    assert (first["check"], first["role"], first["counts"], first["position"]) == (CHECKS[0], "primary", "yes", "4000")
    assert first["facts"].startswith("sha256:")


def test_a_subject_on_which_the_control_does_not_rest_is_told_so() -> None:
    """It is in the list, and does not count."""
    one = control(9, (), checks=(CheckRef(CHECKS[0], Role.PRIMARY, "*bucket-*"),))
    found = rows(files(Company(controls=(one,), days=3).dossier())["controls/control-9.x/findings.csv"])
    assert {row["counts"]: "bucket-" in row["subject"] for row in found} == {"yes": True, "no": False}


def test_deviations_have_what_people_said(made: dict[str, bytes]) -> None:
    """One row each, and for each response."""
    found = rows(made["controls/control-2.x/deviations.csv"])
    assert len(found) == 12
    assert (found[0]["root_cause"], found[0]["response"], found[0]["ticket"]) == (
        "A <b>template</b> was out of date",
        "'=fixed()",
        "SEC-12",
    )
    assert (found[0]["before_the_period"], found[0]["ended"], found[1]["how_ended"]) == ("yes", "", "gone")


def test_populations_balance(made: dict[str, bytes]) -> None:
    """As many rows as the statement counts, and those that left."""
    for seen, (key, name) in zip(
        sorted(rich().populations, key=lambda p: (p.kind, p.scope)), population_files(rich()).items(), strict=True
    ):
        assert key == (seen.kind, seen.scope)
        present = [row["present"] for row in rows(made[name])]
        assert len(present) - present.count("until it left") == seen.end_count
        assert (present.count("until it left"), present.count("since it arrived")) == (len(seen.removed), len(seen.added))
    (gap, *_) = [row for row in rows(made[name]) if "gap" in row["aspects"]]
    assert gap["aspects"] == "encryption=gap:denied"


def test_ipe_says_how_each_population_was_made(made: dict[str, bytes]) -> None:
    """Source, query, parameters, pages, counts, identity, time; and the file that lists it."""
    said: Any = json.loads(made["ipe.json"])
    assert (said["format"], said["log"]["size"]) == ("controlmon-ipe/1", 4242)
    one = said["populations"][0]
    assert one["source"]["operations"][0] == {
        "operation": "s3:ListBuckets",
        "parameters": {"MaxBuckets": 1000, "Prefix": "<x>"},
        "pages": 3,
        "count": 30,
    }
    assert (one["identity"], one["end"]["count"], one["complete"]) == ("arn:aws:sts::123456789012:assumed-role/controlmon/run", 30, True)
    assert one["file"] in made


def test_the_summary_has_a_row_for_each_promise(made: dict[str, bytes]) -> None:
    """Controls and commitments, with their conclusions and coverage."""
    found = rows(made["summary.csv"])
    assert [(row["what"], row["conclusion"]) for row in found[:4]] == [
        ("control", "operated"),
        ("control", "operated with deviations"),
        ("control", "not concluded"),
        ("control", "not tested"),
    ]
    assert [row["what"] for row in found[4:]] == ["commitment"] * 4
    assert (found[1]["coverage_percent"], found[1]["rate_at_most_percent"], found[3]["coverage_percent"]) == ("98.7", "0.21", "")
    assert found[5]["deviations"] == "12"


def test_the_procedure_says_what_it_does_not_show(made: dict[str, bytes]) -> None:
    """With the source of each check, its parameters, and what did not run."""
    said = made["controls/control-3.x/procedure.md"].decode()
    assert "## What it does not show" in said
    assert "datadog.user.leavers (operating)\n\nIt did not run in this period." in said
    assert '- parameter `accepted` = `["aws:kms", "aws:kms:dsse"]`' in said
    assert "- hipaa: 164.312(a)(2)(iv)" in said


def test_names_of_files_do_not_collide() -> None:
    """Not through signs that a file cannot have, nor through case, nor by length."""
    (one, *_) = rich().populations
    scopes = ("aws:a", "aws|a", "AWS:A", "../../etc", "x" * 300, "x" * 301)
    from msgspec.structs import replace

    dossier = Company().dossier(populations=tuple(replace(one, scope=scope) for scope in scopes))
    names = list(population_files(dossier).values())
    assert len({name.lower() for name in names}) == len(scopes)
    assert all(re.fullmatch(r"population/[\w.@~-]+\.csv", name) and len(name) < 160 for name in names)


def test_an_empty_period_has_its_files_too() -> None:
    """Headings without rows."""
    made = files(empty())
    assert rows(made["controls/control-1.x/findings.csv"]) == []
    assert json.loads(made["ipe.json"])["populations"] == []
    assert "It did not run in this period." in made["controls/control-1.x/procedure.md"].decode()
