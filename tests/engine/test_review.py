"""Access reviews, the pure part: what is frozen for whom, what a sheet may say, and when people are reminded."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlmon.core.errors import UsageError
from controlmon.engine import review
from controlmon.facts.access.grant import Grant, Roster
from controlmon.facts.base import All
from controlmon.facts.controlmon.reviews import SheetRow
from controlmon.facts.document.people import Person
from controlmon.report.review_sheet import as_csv
from controlmon.service.review_table import table_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SNAPSHOT = "sha256:" + "0" * 64


def person(id: str, **more: Any) -> Person:
    return Person.example(id=id, row={"id": id, "name": id.title(), "email": f"{id}@x.io", "role": "lead", "start": "2020-01-01", **more})


ROSTER = Roster(All.of(person("ada", manager="bob"), person("bob"), person("eve", end="2026-01-01")))


def grant(name: str = "ada", **more: Any) -> Grant:
    about = {"system": "datadog", "scope": "123456789012", "principal": "p", "name": name, "role": "admin", "person": name}
    return Grant(**(about | more))


def frozen(*grants: Grant) -> list[SheetRow]:
    return review.freeze({"datadog": grants}, ROSTER, {"datadog": ("ada", "bob")}, NOW)["datadog"]


def test_nobody_decides_about_themselves() -> None:
    """A row goes to the first reviewer who is not its subject; a machine's may go to its owner; with nobody left it is refused."""
    rows = frozen(grant("ada"), grant("bob"), grant("ci", kind="service", person="", owner="ada"))
    assert [row.reviewer for row in rows] == ["bob", "ada", "ada"]
    assert (rows[0].person, rows[0].manager) == ("Ada", "Bob")
    for several, said in (((), "has no reviewer"), (("ada",), "would review their own access"), (("eve", "bob"), "eve cannot review")):
        with pytest.raises(UsageError, match=said):
            review.freeze({"datadog": [grant()]}, ROSTER, {"datadog": several}, NOW)


@pytest.mark.parametrize(
    ("flags", "decision", "why"),
    [
        ((), "keep", "nothing speaks against it"),
        (("admin",), "keep", "look twice: it makes an administrator"),
        (("admin", "leaver"), "revoke", "they left the company"),
        (("inactive",), "revoke", "it was not used for long"),
    ],
)
def test_what_is_suggested(flags: tuple[str, ...], decision: str, why: str) -> None:
    """Revoke what speaks for itself, keep the rest, and say why."""
    assert review.suggestion(grant(flags=flags)) == (decision, why)


def test_access_on_two_paths_is_decided_alike() -> None:
    """Revoking a direct grant while a group still gives it changes nothing; active and eligible access are two things."""
    rows = frozen(grant("bob"), grant("bob", path="group ops"), grant("bob", path="eligible", eligible=True))

    def decided(*choices: str) -> list[str]:
        said = [dict(zip(review.FIXED, map(review.plain, review.cells(row)), strict=True)) for row in rows]
        lines = tuple(
            (i, one | {"decision": choice, "reason": "", "change_to": "", "decided_at": ""})
            for i, (one, choice) in enumerate(zip(said, choices, strict=True))
        )
        return review.decisions_of(review.Sheet("c", "ada", SNAPSHOT, lines), rows, NOW, NOW)[1]

    assert decided("revoke", "revoke", "keep") == []
    assert "keeps the same access" in decided("revoke", "keep", "keep")[0]


def test_an_id_of_digits_alone_comes_back() -> None:
    """One in some two thousand ids has no letter, and is guarded in the sheet: the row is the same."""
    row = next(one for i in range(100_000) if (one := frozen(grant("bob", role=f"r{i}"))[0]).id.isdecimal())
    said = dict(zip(review.FIXED, map(review.plain, review.cells(row)), strict=True))
    line = said | {"decision": "keep", "reason": "needed", "change_to": "", "decided_at": ""}
    decisions, problems = review.decisions_of(review.Sheet("c", "ada", SNAPSHOT, ((3, line),)), [row], NOW, NOW)
    assert (problems, [one.row for one in decisions]) == ([], [row.id])


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6, unique_by=lambda pair: pair[1]), st.randoms())
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]], chance: Any) -> None:
    """Whatever things are called, a sheet comes back as it went out, in any order of its rows, and holds no formula."""
    rows = frozen(*(grant(name, person="bob", role=role) for name, role in names))
    path = tmp_path_factory.mktemp("sheets") / "s.csv"
    path.write_bytes(as_csv(review.header("c", "ada", SNAPSHOT, len(rows)), rows))
    head, columns, *body = table_of(path)[0]
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in body for cell in line)
    chance.shuffle(body)
    at = columns.index("decision")
    sheet = review.read([head, columns, *([*line[:at], "KEEP", "needed", "", ""] for line in body)], "s.csv")
    decisions, problems = review.decisions_of(sheet, rows, NOW, NOW)
    assert (problems, [one.row for one in decisions]) == ([], [row.id for row in rows])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([], "does not tell of a review"),
        ([["controlmon review c | reviewer ada | snapshot sha256:1 | x"]], "does not tell of a review"),
        ([[review.header("c", "ada", SNAPSHOT, 0)], ["id", "system"]], "the columns are not those"),
        ([[review.header("c", "ada", SNAPSHOT, 0)], [*review.COLUMNS, "id"]], "one is there twice"),
    ],
)
def test_what_is_no_sheet(table: list[list[str]], said: str) -> None:
    """It is told with its line."""
    with pytest.raises(UsageError, match=said):
        review.read(table, "s.csv")


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe\x00", "neither a workbook nor CSV"), (b"PK\x05\x06" + bytes(18), "no workbook")])
def test_files_that_are_no_sheets(tmp_path_factory: pytest.TempPathFactory, content: bytes, said: str) -> None:
    """Neither CSV nor a workbook: one line, no traceback."""
    path = tmp_path_factory.mktemp("sheets") / "s"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        table_of(path)


def test_reminders() -> None:
    """On some days before the quarter is over, of what is not signed off in it."""
    signed = {"datadog": date(2026, 10, 2), "aws_iam": date(2026, 9, 30), "jira": None}
    assert review.reminders(signed, datetime(2026, 12, 17, tzinfo=UTC)) == [
        "2026-Q4 ends in 14 days: no access review is signed off for aws_iam, jira"
    ]
    assert review.reminders(signed, datetime(2026, 12, 16, tzinfo=UTC)) == []
    assert "ends today" in review.reminders(signed, datetime(2026, 12, 31, 23, tzinfo=UTC))[0]
    assert review.reminders({"datadog": date(2026, 10, 2)}, datetime(2026, 12, 31, tzinfo=UTC)) == []


def test_the_names_of_campaigns() -> None:
    """The quarter, then with a number; a name that is taken is not given again."""
    assert [review.name_of(known, NOW) for known in ([], ["2026-Q4"], ["2026-Q4", "2026-Q4-2"])] == ["2026-Q4", "2026-Q4-2", "2026-Q4-3"]
    assert review.name_of(["2026-Q4"], NOW + timedelta(days=60)) == "2027-Q1"
