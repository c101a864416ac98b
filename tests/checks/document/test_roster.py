"""The registers themselves: the roster's freshness, and records that are kept."""

from typing import Any

import pytest

from controlmon.facts.document.registers import RegisterFile
from tests.checks.document.governed import PASSING, held
from tests.checks.document.rows import COMPANY, said
from tests.support import DENIED, Given

FED = {"source": "feed", "fed_by": "payroll", "fed_at": "2026-11-23T06:00:00Z"}
UPLOADED = {"updated_at": "2026-11-01", "approved_by": "ada", "approved_at": "2026-11-02"}
ROSTER = [
    (FED | {"fed_at": "2026-11-22T09:59:00Z"}, {}, "fail", "its feed last ran 26 hours ago; 26 are allowed: every check of identities"),
    (FED | {"fed_at": "2026-11-22T10:01:00Z"}, {}, "pass", "it names 3 who work here"),
    (FED | {"fed_at": None, "updated_at": "2026-11-22"}, {}, "fail", "its feed last ran 36 hours ago"),
    (FED | {"fed_at": None}, {}, "fail", "does not say when it last ran"),
    (FED | {"fed_by": "Entra"}, {}, "fail", "it is fed by Entra, from which a leaver vanishes"),
    (FED | {"fed_by": ""}, {}, "fail", "not of which system"),
    (FED | {"expected_rows": 2}, {}, "pass", "it names 3"),
    (FED | {"expected_rows": 3}, {}, "fail", "it has 2, and 3 were confirmed"),
    (UPLOADED, {}, "pass", "it names 3"),
    (UPLOADED | {"updated_at": "2026-10-22"}, {}, "fail", "brought up to date 32 days ago; 31 are allowed"),
    (UPLOADED | {"updated_at": "2026-11-03"}, {}, "fail", "nobody signed the upload"),
    (
        FED,
        {"problems": ["personnel.csv:3: found `bob` again", "x"]},
        "fail",
        "inconsistent: personnel.csv:3: found `bob` again (and 1 more)",
    ),
]


@pytest.mark.parametrize(("about", "file", "outcome", "reason"), ROSTER)
def test_the_roster(about: dict[str, Any], file: dict[str, Any], outcome: str, reason: str) -> None:
    """Fresh by its source, signed, consistent, and confirmed where it jumped; a stale one says what rests on it."""
    subject, _, *people = PASSING["document.personnel.roster"]
    told = said("document.personnel.roster", subject, held("personnel", {k: v for k, v in about.items() if v}, **file), *people)
    assert (told[0], reason in told[1]) == (outcome, True), told


def test_a_signed_commit_signs_an_upload() -> None:
    """A good signature of the last commit stands for an approval, unless the file was changed since."""
    subject, _, *people = PASSING["document.personnel.roster"]
    for dirty, outcome in ((False, "pass"), (True, "fail")):
        file = held("personnel", {"updated_at": "2026-11-01"})
        file.answers["provenance"] = {"commit": "c", "signature": "G", "dirty": dirty}
        assert said("document.personnel.roster", subject, file, *people)[0] == outcome


@pytest.mark.parametrize(
    ("register", "file", "outcome", "reason"),
    [
        ("training", {"altered": ["t-1"], "removed": ["t-2"]}, "fail", "altered t-1; removed t-2"),
        ("training", {}, "pass", "2 records"),
        ("training", {"rows": 0}, "not_applicable", "no record yet"),
        ("personnel", {"removed": ["x"]}, "not_applicable", "are no records"),
    ],
)
def test_records_are_kept(register: str, file: dict[str, Any], outcome: str, reason: str) -> None:
    """What was altered or removed is named; a register without records proves nothing."""
    told = said("document.register.records_kept", held(register, {}, **file))
    assert (told[0], reason in told[1]) == (outcome, True), told
    broken = Given(RegisterFile, register, scope=COMPANY, file=DENIED)
    assert said("document.register.records_kept", broken)[0] == "unknown"
