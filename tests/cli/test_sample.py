"""`controlmon bundle sample` as an auditor types it, on a real bundle."""

import hashlib
import json
from pathlib import Path

import openpyxl
import pytest

from controlmon.core.merkle import leaf_hash, verify_inclusion
from controlmon.engine.sample import Frame
from tests.bundles import members_of
from tests.cli.test_run import output
from tests.twins.aws import AwsTwin

pytestmark = pytest.mark.xdist_group("sample")  # what it sets up takes long, and is made once

CONTROL = "encryption-and-key-management-policy"


@pytest.fixture
def key(twin: AwsTwin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Three runs of one check, a checkpoint of before the bundle, the bundle, and one of after. Gives the log's key."""
    for _ in range(3):
        output(capsys, "run", "aws.s3.bucket_encryption")
    (tmp_path / "before.note").write_text(output(capsys, "ledger", "checkpoint")[1])
    code, _, err = output(capsys, "bundle", "export", "--from", "2026-01-01", "--to", "2036-01-01", "-o", "b.zip")
    assert code == 0, err
    (tmp_path / "after.note").write_text(output(capsys, "ledger", "checkpoint")[1])
    return output(capsys, "ledger", "key")[1].strip()


def test_each_item_has_its_evidence_and_its_proof(key: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Three performances are drawn of three; each entry's bytes lead to the root that the bundle's checkpoint signs."""
    code, out, err = output(capsys, "bundle", "sample", "b.zip", "--key", key, "--seed", "42", "--control", CONTROL, "-o", "s.json")
    assert (code, err) == (0, "")
    said = json.loads(Path("s.json").read_text())
    (sheet,) = said["sheets"]
    assert (sheet["control"], sheet["population"], len(sheet["items"])) == (CONTROL, 3, 3)
    for item in sheet["items"]:
        proof = [bytes.fromhex(one) for one in item["proof"]]
        verify_inclusion(
            leaf_hash(item["entry"].encode()), item["position"], said["log"]["size"], proof, bytes.fromhex(said["log"]["root"])
        )
        assert [row["outcome"] for row in item["rows"]] == ["fail"]
    assert "3 of 3" in out


def test_the_draw_can_be_made_again_from_the_words(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of subjects: the lines are in the sheet, and their digest, the seed and the ranks are those of the method."""
    code, *_ = output(
        capsys,
        "bundle",
        "sample",
        "b.zip",
        "--key",
        key,
        "--checkpoint",
        "after.note",
        "--items",
        "subjects",
        "--control",
        CONTROL,
        "-o",
        "s.json",
    )
    (sheet,) = json.loads(Path("s.json").read_text())["sheets"]
    frame = Frame(item["line"] for item in sheet["items"])
    assert (code, sheet["population"], frame.digest) == (0, 2, sheet["digest"])
    lines = Path("after.note").read_text().splitlines()
    import base64

    assert sheet["source"] == f"checkpoint {lines[0]} {lines[1]} {base64.b64decode(lines[2]).hex()}"
    assert frame.seed(CONTROL, sheet["source"]).hex() == sheet["seed"]
    assert [item["rank"] for item in sheet["items"]] == [rank for rank, _ in frame.draw(bytes.fromhex(sheet["seed"]), 9)]
    states = {digest: json.dumps(state) for item in sheet["items"] for digest, state in item["state"].items()}
    assert any("aws:kms" in state for state in states.values())


def test_the_workbook_has_a_sheet_for_each_control(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same bytes on a second draw, no formula, and the whole entry in its cells."""
    digests = []
    for _ in range(2):
        assert output(capsys, "bundle", "sample", "b.zip", "--key", key, "--seed", "42", "-o", "s.xlsx")[0] == 0
        digests.append(hashlib.sha256(Path("s.xlsx").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    book = openpyxl.load_workbook("s.xlsx")
    sheet = next(one for one in book.worksheets if one.title == CONTROL[:31])
    heads = [cell.value for cell in sheet[1]]
    row = [cell.value for cell in sheet[2]]
    entry = json.loads(str(row[heads.index("Evidence 1")]).removeprefix("entry: "))
    assert (entry["type"], entry["check"]["id"]) == ("check", "aws.s3.bucket_encryption")
    assert all(cell.data_type != "f" for one in book.worksheets for several in one.iter_rows() for cell in several)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give either --seed TEXT"),
        (["--seed", "1", "--checkpoint", "after.note"], "give either --seed TEXT"),
        (["--checkpoint", "before.note"], "take one that was signed after"),
        (["--checkpoint", "nowhere.note"], "nowhere.note"),
        (["--seed", "1", "--control", "encryption"], "there is no control"),
    ],
)
def test_what_could_be_chosen_is_refused(key: str, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """A checkpoint that was known when the bundle was made is no seed; two seeds are none."""
    code, _, err = output(capsys, "bundle", "sample", "b.zip", "--key", key, "-o", "s.json", *arguments)
    assert (code, said in err) == (2, True), err


def test_a_checkpoint_of_another_key_is_refused(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It must be signed by the log whose key was given."""
    text = Path("after.note").read_text()
    Path("forged.note").write_text(text.replace("\n— ", "\n— x", 1))
    code, _, err = output(capsys, "bundle", "sample", "b.zip", "--key", key, "-o", "s.json", "--checkpoint", "forged.note")
    assert (code, err.startswith("controlmon: ")) == (2, True)


def test_the_views_are_in_the_bundle(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The real exporter writes every view that docs/evidence.md names, and the verifier finds nothing against the whole."""
    names = members_of(Path("b.zip")).keys()
    wanted = ("index.html", "workbook.xlsx", "summary.csv", "ipe.json", "ocsf.jsonl", "oscal/assessment-results.dsse.json", "verify.py")
    assert [name for name in wanted if name not in names] == []
    assert f"controls/{CONTROL}/procedure.md" in names
    assert output(capsys, "bundle", "verify", "b.zip", "--key", key)[0] == 0
    assert output(capsys, "bundle", "replay", "b.zip")[0] == 0
