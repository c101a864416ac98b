"""Registers as people really save them, through `controlmon registers check` and `controlmon run`: what is wrong is told, and judged by nobody."""

import hashlib
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from controlmon.collect.document.read import read_register
from controlmon.facts.document.registers import BY_NAME
from tests.cli.test_run import output
from tests.collect.document.kept import LATELY, TODAY, TRAINED, Write, outcomes

HUNDRED_MB = 100_000_000

GOOD = {
    "as it is": TRAINED.encode(),
    "a byte order mark": b"\xef\xbb\xbf" + TRAINED.encode(),
    "semicolons": TRAINED.replace(",", ";").encode(),
    "tabs": TRAINED.replace(",", "\t").encode(),
    "Windows line ends": TRAINED.replace("\n", "\r\n").encode(),
    "old Macintosh line ends": TRAINED.replace("\n", "\r").encode(),
    "UTF-16, little-endian": b"\xff\xfe" + TRAINED.encode("utf-16-le"),
    "UTF-16, big-endian": b"\xfe\xff" + TRAINED.encode("utf-16-be"),
    "lines of text above, quotes, blank rows and no last line end": (
        '# source: upload\r\n;;;\r\n"id";"person";"course";"completed_at";"version"\r\n;;;;\r\n'
        f'"t-1";"ada";"security";{LATELY};"say ""1""; or two\r\nlines"\r\nt-2;bob;security;{LATELY}'
    ).encode(),
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_the_ways_in_which_spreadsheets_save(write: Write, capsys: pytest.CaptureFixture[str], raw: bytes) -> None:
    """The same table in another encoding, with other separators or line ends, is the same register."""
    write({"training.csv": raw})
    assert output(capsys, "registers", "check")[0] == 0
    assert {who: outcome for who, (outcome, _) in outcomes(capsys).items()} == {"ada": "pass", "bob": "pass"}


YAML = f"- {{id: t-1, person: ada, course: security, completed_at: {LATELY}}}\n"
BAD: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "an id twice": ({"training.csv": TRAINED.replace("t-2", "t-1")}, "training.csv:3: found `t-1` again (first on line 2)"),
    "somebody unknown": (
        {"training.csv": TRAINED.replace("bob", "bab")},
        "training.csv:3: in `person` found `bab`, which is not in personnel",
    ),
    "a day to come": (
        {"training.csv": TRAINED.replace(str(LATELY), str(TODAY + timedelta(days=3)), 1)},
        f"training.csv:2: in `completed_at` found {TODAY + timedelta(days=3)}, which is yet to come",
    ),
    "a day that is none": (
        {"training.csv": TRAINED.replace(str(LATELY), "2026-02-30", 1)},
        "training.csv:2: in `completed_at` found another",
    ),
    "a formula": ({"training.csv": TRAINED.replace("t-1,", '"=HYPERLINK(""x"")",')}, "training.csv:2: found a formula in `id`"),
    "a formula with an at sign": (
        {"training.csv": TRAINED.replace("security", "@sum(a1)", 1)},
        "training.csv:2: found a formula in `course`",
    ),
    "an open quote": ({"training.csv": TRAINED.replace("t-2", '"t-2')}, "training.csv:3: unexpected end of data"),
    "one cell too many": ({"training.csv": TRAINED.replace("t-2,", "t-2,x,")}, "training.csv:3: found 5 cells, expected 4"),
    "a column twice": ({"training.csv": TRAINED.replace("course", "person")}, "training.csv:1: found the column `person` again"),
    "a column of nobody": ({"training.csv": TRAINED.replace("course", "curse")}, "did you mean `course`?"),
    "UTF-16 without its mark": ({"training.csv": TRAINED.encode("utf-16-le")}, "training.csv:1: found NUL characters"),
    "Latin-1": ({"training.csv": TRAINED.replace("t-2", "t-é").encode("latin-1")}, "training.csv:3: found bytes that are not UTF-8"),
    "nothing at all": ({"training.csv": ""}, "training.csv:1: found no columns"),
    "a head of the future": (
        {"training.csv": f"# reviewed_at: {TODAY + timedelta(days=3)}\n{TRAINED}"},
        "training.csv:1: in the head, in `reviewed_at` found",
    ),
    "a head by a stranger": (
        {"training.csv": f"# approved_by: eve\n{TRAINED}"},
        "training.csv:1: in the head, in `approved_by` found `eve`",
    ),
    "two files": ({"training.yaml": YAML}, "training.csv:1: found training.yaml beside it, expected one file of training"),
    "no list": (
        {"training.csv": None, "training.yaml": "t-1: ada\n"},
        "training.yaml:1: found the key `t-1`, expected `register` or `rows`",
    ),
    "a text": ({"training.csv": None, "training.yaml": "all of them\n"}, "training.yaml:1: found no list of rows"),
    "rows that are none": ({"training.csv": None, "training.yaml": f"{YAML}- 5\n"}, "training.yaml:2: found a whole number"),
    "no number": (
        {"engagements.yaml": "- {id: e, customer: c, start: 2026-01-01, rto_hours: .nan}\n"},
        "engagements.yaml:1: found a value that cannot be recorded ($.rto_hours: JSON has no nan)",
    ),
}


@pytest.mark.parametrize(("files", "told"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_with_its_line(
    write: Write, capsys: pytest.CaptureFixture[str], files: dict[str, str | bytes | None], told: str
) -> None:
    """Exit code 2, the file, the line and the mend, and no traceback."""
    write(files)
    code, _, err = output(capsys, "registers", "check")
    assert code == 2
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", [name for name, (files, _) in BAD.items() if "training" in str(files) and "head" not in name])
def test_what_is_wrong_is_judged_by_nobody(write: Write, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A row that does not fit may be anybody's: no one passes or fails by a register that holds it, and the run goes on."""
    files, told = BAD[name]
    write(files)
    found = outcomes(capsys)
    assert {outcome for outcome, _ in found.values()} == {"unknown"}
    place = told.partition(": ")[0]
    assert all(place in reason for _, reason in found.values())


def test_a_register_that_is_not_there(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """No file is no answer: unknown, and how to begin one; what else is there is good."""
    write({"training.csv": None})
    assert output(capsys, "registers", "check")[0] == 0
    assert {o: "controlmon registers init training" in why for o, why in outcomes(capsys).values()} == {"unknown": True}
    write({"personnel.csv": None, "training.csv": TRAINED})
    assert {o: "controlmon registers init personnel" in why for o, why in outcomes(capsys).values()} == {"unknown": True}


def test_no_directory(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with the command that begins it; a run that asks for registers is unknown."""
    write({"personnel.csv": None, "training.csv": None}).rmdir()
    code, _, err = output(capsys, "registers", "check")
    assert (code, "controlmon registers init" in err) == (2, True)
    assert {outcome for outcome, _ in outcomes(capsys).values()} == {"unknown"}


def test_a_register_of_a_hundred_megabytes(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused, and not read to its end."""
    place = write({})
    with (place / "training.csv").open("r+b") as file:
        file.truncate(HUNDRED_MB)
    tracemalloc.start()
    code, _, err = output(capsys, "registers", "check")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (code, "training.csv:1: found more than 10,000,000 bytes" in err) == (2, True)
    assert peak < HUNDRED_MB / 2


CODE = (
    "- {{id: coc-1, document: code_of_conduct, version: '1', owner: ada, author: bob, approver: ada, "
    f"approved_at: {LATELY}, file: {{file}}, sha256: '{{sha}}'}}}}\n"
)


def test_a_document_of_a_hundred_megabytes(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """It is digested as it streams by."""
    place = write({})
    with (place / "coc.pdf").open("wb") as file:
        file.truncate(HUNDRED_MB)
    zeros = hashlib.sha256()
    for _ in range(100):
        zeros.update(bytes(HUNDRED_MB // 100))
    write({"documents.yaml": CODE.format(file="coc.pdf", sha=f"sha256:{zeros.hexdigest()}")})
    tracemalloc.start()
    _, reason = outcomes(capsys, "document.policy.current")["code_of_conduct"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reason == "version 1 has no location where staff can read it"
    assert peak < HUNDRED_MB / 2


def test_a_document_that_is_not_the_one_registered(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose digest differs fails with both digests; one that is not there fails too."""
    sha = f"sha256:{hashlib.sha256(b'as approved').hexdigest()}"
    write({"documents.yaml": CODE.format(file="coc.pdf", sha=sha), "coc.pdf": "as edited"})
    outcome, reason = outcomes(capsys, "document.policy.current")["code_of_conduct"]
    assert (outcome, sha in reason, hashlib.sha256(b"as edited").hexdigest() in reason) == ("fail", True, True)
    write({"coc.pdf": None})
    assert outcomes(capsys, "document.policy.current")["code_of_conduct"] == ("fail", "version 1: there is no file coc.pdf")


def test_links_that_lead_out(write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A register or a document is of the directory, or is not read: not by a link, a path, a circle of links or an impossible name."""
    (tmp_path / "elsewhere.csv").write_text(TRAINED)
    place = write({"training.csv": None})
    (place / "training.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert "training.csv:1: leads out of" in output(capsys, "registers", "check")[2]
    assert {(outcome, "leads out of" in why) for outcome, why in outcomes(capsys).values()} == {("unknown", True)}
    write({"training.csv": None})
    (place / "training.csv").symlink_to("training.csv")
    code, _, err = output(capsys, "registers", "check")
    assert (code, "cannot be a file" in err) == (2, True)
    for name in ("../elsewhere.csv", str(tmp_path / "elsewhere.csv"), '"a\\0b"'):
        write({"documents.yaml": CODE.format(file=name, sha="sha256:" + "0" * 64)})
        assert outcomes(capsys, "document.policy.current")["code_of_conduct"][0] == "unknown", name


def test_what_a_performance_review_said_is_not_kept(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that the register does not have is refused by its name, and its contents go nowhere."""
    row = f"- {{id: r-1, person: ada, reviewer: bob, completed_at: {LATELY}, comments: unspeakable}}\n"
    write({"performance_reviews.yaml": row})
    _, out, err = output(capsys, "registers", "check")
    assert ("unknown key `comments`" in err, "unspeakable" in out + err) == (True, False)
    found = outcomes(capsys, "attestation.performance_review.population")
    assert {outcome for outcome, _ in found.values()} == {"unknown"}
    (held,) = read_register(BY_NAME["performance_reviews"], Path("performance_reviews.yaml"), row.encode()).rows
    assert held.plain == {"id": "r-1", "person": "ada", "reviewer": "bob", "completed_at": str(LATELY)}
