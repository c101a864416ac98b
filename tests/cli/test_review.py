"""`controlmon review` as people type it: from the frozen population to the signature, and what later runs say of it."""

import csv
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from controlmon.cli.main import run
from controlmon.ledger.ledger import Ledger
from tests.cli.test_run import output
from tests.twins.aws import AwsTwin
from tests.twins.datadog import DatadogTwin, Fault

OWNERS = "id,name,owner,deputy\naws_iam,AWS,ada,bob\ndatadog,Datadog,ada,bob\n"
CONFIG = """
datadog: {{endpoint: "{url}"}}
checks:
  parameters:
    cross.access_review.population_complete: {{systems: [aws_iam, datadog]}}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
}
ADMIN = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
WHOLE = ("--from", "2020-01-01", "--to", "2099-12-31")
Row = dict[str, str]


@pytest.fixture
def dog(twin: AwsTwin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[DatadogTwin]:
    """AWS with a console user, a machine and a role; Datadog with its people; two people and what they own."""
    iam = twin.client("iam")
    for name in ("bob", "ci"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="bob", Password="Correct-horse-1")
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=ADMIN)
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    twin.reset_journal()
    registers = tmp_path / "registers"
    registers.mkdir()
    (registers / "personnel.yaml").write_text(
        "- {id: ada, name: Ada, email: ada@x.io, role: CEO, head: true, start: 2020-01-01}\n"
        "- {id: bob, name: Bob, email: bob@x.io, role: engineer, manager: ada, start: 2020-01-01, accounts: {aws: [bob]}}\n"
    )
    (registers / "system_owners.csv").write_text(OWNERS)
    with DatadogTwin() as dog:
        for name, value in dog.env().items():
            monkeypatch.setenv(name, value)
        (tmp_path / "controlmon.yaml").write_text(CONFIG.format(url=dog.url))
        yield dog


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def filled(path: Path, decide: Callable[[Row], Row], *, keep: Callable[[Row], bool] = lambda _row: True) -> Path:
    """A sheet with the decisions of somebody, in another order, some rows left out."""
    head, columns, *rows = table(path)
    said = [dict(zip(columns, row, strict=True)) for row in rows]
    done = [one | decide(one) for one in reversed(said) if keep(one)]
    out = path.with_name(f"filled-{path.name}")
    with out.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([head, columns, *([one[column] for column in columns] for one in done)])
    return out


def kept(_row: Row) -> Row:
    return {"decision": "keep", "reason": "needed for the job"}


def opened(capsys: pytest.CaptureFixture[str]) -> str:
    code, out, err = output(capsys, "review", "open")
    assert (code, err) == (0, "")
    campaign = out.split(":")[0]
    assert output(capsys, "review", "export", "-d", "sheets")[0] == 0
    return campaign


def imported(capsys: pytest.CaptureFixture[str], path: Path) -> tuple[int, str]:
    code, out, err = output(capsys, "review", "import", str(path))
    assert "Traceback" not in err
    return code, out + err


def outcomes(capsys: pytest.CaptureFixture[str], *checks: str) -> dict[tuple[str, str], tuple[str, str]]:
    """The outcome and reason of each check for each subject, by name."""
    _, out, _ = output(capsys, "run", *(f"cross.access_review.{check}" for check in checks), "--format", "json")
    found = json.loads(out)["findings"]
    return {(f["check"].rpartition(".")[2], f["subject"]["name"]): (f["outcome"], f["reason"]) for f in found}


def test_from_the_snapshot_to_the_proof(dog: DatadogTwin, twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Opened, decided, signed; a revocation waits until it is carried out, and passes then; what is added is drift; the bundle holds."""
    campaign = opened(capsys)
    ada, bob = (tmp_path / "sheets" / f"{campaign}-{who}.csv" for who in ("ada", "bob"))
    rows = [dict(zip(table(ada)[1], row, strict=True)) for row in table(ada)[2:]]
    admin = next(row for row in rows if row["account"] == "bob")
    assert (admin["person"], admin["manager"], admin["flags"]) == ("Bob (bob)", "Ada", "admin")
    assert {row["kind"] for row in rows if row["account"] == "ci"} == {"service"}
    decide = lambda row: {"decision": "revoke", "reason": "not his job"} if row == admin else kept(row)  # noqa: E731
    for path, choose in ((ada, decide), (bob, kept)):
        if path.exists():
            assert imported(capsys, filled(path, choose))[0] == 0
            code, out, _ = output(capsys, "review", "sign", "--by", path.stem.rpartition("-")[2])
            assert (code, "I reviewed this access" in out) == (0, True)
    first = outcomes(capsys, "signed_within_90_days", "decisions_complete", "reviewer_sheet", "revocations_executed")
    revoked = next(key for key in first if key[0] == "revocations_executed")
    waits, reason = first.pop(revoked)
    assert (waits, "not carried out yet" in reason) == ("not_applicable", True)
    assert (len(first), {outcome for outcome, _ in first.values()}) == (6, {"pass"})

    twin.client("iam").delete_user_policy(UserName="bob", PolicyName="all")
    twin.client("iam").put_user_policy(UserName="ci", PolicyName="more", PolicyDocument=ADMIN)
    assert outcomes(capsys, "drift_since_review")["drift_since_review", "aws_iam"][0] == "unknown"  # nobody keeps the requests
    (tmp_path / "registers" / "access_requests.csv").write_text("id,person,system,role,approved_by,approved_at,ticket\n")
    then = outcomes(capsys, "drift_since_review", "revocations_executed")
    assert (then[revoked][0], then[revoked][1].startswith("it is gone")) == ("pass", True)
    assert (then["drift_since_review", "datadog"][0], "1 of 1 grants" in then["drift_since_review", "aws_iam"][1]) == ("pass", True)

    code, out, _ = output(capsys, "review", "status", "--format", "json")
    assert (code, {row["state"] for row in json.loads(out)}) == (0, {"signed"})
    code, out, _ = output(capsys, "period", *WHOLE, "--format", "json")
    (seen,) = json.loads(out)["campaigns"]
    assert (seen["id"], seen["decided"]["revoke"], {one["by"] for one in seen["signatures"]}) == (campaign, 1, {"ada"})
    assert output(capsys, "bundle", "export", *WHOLE, "-o", "b.zip")[0] == 0
    with zipfile.ZipFile("b.zip") as bundle:
        assert campaign in bundle.read("index.html").decode().partition('id="reviews"')[2]
    ledger = Ledger.open(tmp_path / "state")
    ledger.close()
    assert output(capsys, "bundle", "verify", "b.zip", "--key", ledger.verifier_key)[0] == 0
    code, out, _ = output(capsys, "bundle", "replay", "b.zip")
    assert (code, " 0 differences" in out) == (0, True)


def test_a_workbook_comes_back(dog: DatadogTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Decisions written into the workbook are taken as they are from CSV; the ids are hidden, and no cell is a formula."""
    campaign = opened(capsys)
    path = tmp_path / "sheets" / f"{campaign}-ada.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.column_dimensions["A"].hidden
    columns = [cell.value for cell in sheet[2]]
    for row in range(3, sheet.max_row + 1):
        sheet.cell(row, columns.index("decision") + 1).value = "Keep"
        sheet.cell(row, columns.index("reason") + 1).value = "needed"
    book.save(path)
    assert imported(capsys, path)[0] == 0


SPOILED: dict[str, tuple[Any, str]] = {
    "undecided": ({"decide": lambda _row: {}}, "the decision is missing"),
    "no reason": ({"decide": lambda _row: {"decision": "keep"}}, "needs a reason (admin)"),
    "another word": ({"decide": lambda _row: {"decision": "maybe", "reason": "x"}}, "the decision is 'maybe'"),
    "removed": ({"decide": kept, "keep": lambda row: row["account"] != "ci"}, "was removed (ci"),
    "added": ({"decide": lambda row: kept(row) | ({"id": "0000"} if row["account"] == "ci" else {})}, "the row 0000 was added"),
    "changed": ({"decide": lambda row: kept(row) | {"role": "reader"}}, "role was changed from"),
    "of the future": ({"decide": lambda row: kept(row) | {"decided_at": "2999-01-01T00:00:00Z"}}, "decided_at is 2999"),
    "modified to what": ({"decide": lambda _row: {"decision": "modify", "reason": "less"}}, "write the role"),
}


def test_spoiled_sheets_are_refused(dog: DatadogTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 2, each problem with its line, and nothing is imported."""
    campaign = opened(capsys)
    for spoil, said in SPOILED.values():
        code, told = imported(capsys, filled(tmp_path / "sheets" / f"{campaign}-ada.csv", **spoil))
        assert (code, said in told, "nothing was imported" in told) == (2, True, True), (said, told)
    assert output(capsys, "review", "sign", "--by", "ada")[2].count("has decided nothing") == 1


def test_what_was_signed_stays(dog: DatadogTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A later import takes the place of an earlier one until it is signed; after that an edited sheet is refused, and so is a stranger."""
    campaign = opened(capsys)
    path = tmp_path / "sheets" / f"{campaign}-ada.csv"
    assert imported(capsys, filled(path, kept))[0] == 0
    assert "takes the place" in imported(capsys, filled(path, lambda _row: {"decision": "revoke", "reason": "not needed"}))[1]
    assert output(capsys, "review", "sign", "--by", "eve")[0] == 2
    assert output(capsys, "review", "sign", "--by", "ada")[0] == 0
    code, told = imported(capsys, filled(path, kept))
    assert (code, "what was signed stays" in told) == (2, True)
    assert output(capsys, "review", "sign", "--by", "ada")[0] == 2
    path.write_text(path.read_text("utf-8-sig").replace("snapshot sha256:", "snapshot sha256:" + "0" * 64)[:-1])
    assert run(["review", "import", str(path)]) == 2


def test_what_is_not_seen_is_not_frozen(dog: DatadogTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """A system of which anything was refused is left out whole, and said so; with no system there is no campaign."""
    with dog.fault("v2.RolesApi:list_role_users", Fault.DENIED):
        code, out, err = output(capsys, "review", "open")
        assert (code, "datadog is left out" in err, "aws_iam" in out, "datadog:" in out) == (3, True, True, False)
        assert output(capsys, "review", "open", "--system", "datadog")[0] == 2
    assert outcomes(capsys, "population_complete")["population_complete", "datadog"][0] == "pass"


WRONG = (
    (("open", "--reviewer", "aws_iam"), "write SYSTEM=PERSON"),
    (("open", "--id", "a b"), "use letters"),
    (("open", "--reviewer", "datadog=eve"), "eve cannot review"),
    (("open", "--system", "aws_iam", "--reviewer", "aws_iam=bob"), "bob would review their own access"),
    (("export", "2020-Q1"), "there is no campaign 2020-Q1"),
    (("import", "controlmon.yaml"), "the first line does not tell of a review"),
    (("import", "none.csv"), "cannot be read"),
    (("sign", "--by", "ada"), "there is no campaign yet"),
)


def test_wrong_usage(dog: DatadogTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and one line that says what to mend."""
    for arguments, said in WRONG:
        code, _, err = output(capsys, "review", *arguments)
        assert (code, said in err, "Traceback" in err) == (2, True, False), (said, err)
