"""Attacks on evidence, by whoever has the file, and by whoever has the host and its key. Each is caught at its step, or is listed as what cannot be."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from controlmon.ledger.offline import verify
from tests.bundles import DAY, Bundle, Hash, Key, Log, company, dumped, members_of, note, resealed, zipped

HOUR = timedelta(hours=1)
KEY, OTHER = Key(), Key()


def at(log: Log, kind: str, nth: int = 0) -> int:
    """Where the nth entry of a type stands."""
    return [i for i, one in enumerate(log.entries) if json.loads(one)["type"] == kind][nth]


def again(log: Log, entries: list[bytes], key: Key | None = None) -> Log:
    """What the holder of the key can do: a log of these entries, numbered and signed anew at the times at which the first one was."""
    made = Log(key or log.key)
    made.content, made.files = dict(log.content), dict(log.files)
    seqs: dict[str, int] = {}
    whole = []
    for one in entries:
        body = json.loads(one)
        seqs[body["stream"]] = seq = seqs.get(body["stream"], -1) + 1
        whole.append(dumped({**body, "seq": seq}))
    for head in log.heads:
        made.entries = whole[: head["size"]]
        if len(made.entries) == head["size"]:
            made.checkpoint(datetime.fromisoformat(head["at"]))
    if not made.heads or made.heads[-1]["size"] < len(whole):
        made.entries = whole
        made.checkpoint(datetime.fromisoformat(log.heads[-1]["at"]))
    return made


# --- By whoever has the file


def flip(bundle: Bundle) -> None:
    one = bytearray(bundle.entries[5])
    one[20] ^= 1
    bundle.entries[5] = bytes(one)


def delete(bundle: Bundle) -> None:
    del bundle.entries[5]


def reorder(bundle: Bundle) -> None:
    bundle.entries[4], bundle.entries[5] = bundle.entries[5], bundle.entries[4]


def duplicate(bundle: Bundle) -> None:
    bundle.entries.insert(5, bundle.entries[5])


def truncate(bundle: Bundle) -> None:
    """The last run with its checkpoint still there."""
    del bundle.entries[-3:]


def backdate(bundle: Bundle) -> None:
    head = bundle.heads[-1]
    head["at"] = "2026-11-22T00:00:00.000Z"


def splice(bundle: Bundle) -> None:
    """Half of another company's log, signed by the same key."""
    other = company(3, KEY, DAY - timedelta(days=2)).bundle()
    bundle.entries[6:] = other.entries[6:]


def swap_keys(bundle: Bundle) -> None:
    bundle.key = OTHER
    bundle.manifest["key"] = OTHER.text
    for head in bundle.heads:
        head["note"] = note(head["note"].split("\n\n")[0] + "\n", OTHER)


def strip_signatures(bundle: Bundle) -> None:
    for head in bundle.heads:
        head["note"] = head["note"].split("\n\n")[0] + "\n\n"


def withhold(bundle: Bundle) -> None:
    """A judgement that failed, as if it had been withheld or pruned."""
    import hashlib

    bundle.entries[4] = Hash(hashlib.sha256(b"\0" + bundle.entries[4]).digest())


def rename_controls(bundle: Bundle) -> None:
    bundle.files["config/catalog.json"] = dumped({"controls": ["CC6.2"]})


def alter_source(bundle: Bundle) -> None:
    (name,) = (name for name in bundle.files if name.startswith("checks/"))
    bundle.files[name] = b'"""Always passes."""\n'


def alter_state(bundle: Bundle) -> None:
    place = next(i for i, one in enumerate(bundle.blobs) if b'"Algorithm":"fail"' in one)
    bundle.blobs[place] = bundle.blobs[place].replace(b"fail", b"pass")


def add_state(bundle: Bundle) -> None:
    bundle.blobs.append(b'{"Algorithm":"aws:kms"}')


def another_period(bundle: Bundle) -> None:
    """A bundle said to be of before it was made."""
    bundle.manifest["exported_at"] = "2026-11-22T00:00:00.000Z"


def drop_checkpoint(bundle: Bundle) -> None:
    """The last one: its entries are signed by none."""
    del bundle.heads[-1]


def another_schedule(bundle: Bundle) -> None:
    """A schedule that expected less, in the place of the one that was in force."""
    (name,) = (name for name in bundle.files if name.startswith("config/schedule"))
    bundle.files[name] = dumped({"frequencies": {"daily": []}, "targets": []})


def altered_verifier(bundle: Bundle) -> None:
    """The verifier inside says that all holds; the one from outside is asked."""
    bundle.files["verify.py"] = b'print("HOLDS")\n'
    bundle.key = OTHER


BY_FILE: dict[Callable[[Bundle], None], set[int]] = {
    flip: {5, 6}, delete: {5, 6}, reorder: {5, 6}, duplicate: {5, 6}, truncate: {5, 1}, backdate: {4}, splice: {5, 6, 8},
    swap_keys: {2, 3, 4}, strip_signatures: {4}, withhold: {5}, rename_controls: {9}, alter_source: {9}, alter_state: {8}, add_state: {8},
    another_period: {4}, drop_checkpoint: {4, 5}, another_schedule: {9}, altered_verifier: {2},
}  # fmt: skip
"""Each is sealed again with the log's key (if it has not another), so that the steps behind the manifest are what catches it."""


def verified(path: Path, capsys: pytest.CaptureFixture[str], *arguments: str, key: Key = KEY) -> tuple[int, set[int], str]:
    capsys.readouterr()
    code = verify.main([str(path), "--key", key.text, *arguments, "--json"])
    text = capsys.readouterr().out
    return code, {one["step"] for one in json.loads(text)["problems"]}, text


@pytest.mark.parametrize("attack", BY_FILE, ids=lambda a: a.__name__)
def test_a_forged_file_is_caught(attack: Callable[[Bundle], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At the step that is for it, and with exit code 1."""
    bundle = company(4, KEY).bundle()
    assert verified(bundle.write(tmp_path / "good.zip"), capsys)[0] == 0
    attack(bundle)
    code, steps, _ = verified(bundle.write(tmp_path / "bad.zip"), capsys)
    assert code == 1
    assert steps & BY_FILE[attack], steps


def bomb(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members, "population/all.csv": b"\0" * (64 << 20)}.items():
            archive.writestr(name, data)


def traversal(path: Path, members: dict[str, bytes]) -> None:
    zipped(path, resealed({**members, "../../etc/cron.d/x": b"* * * * * root sh"}, KEY))


def twice(path: Path, members: dict[str, bytes]) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        zipped(path, [*members.items(), ("index.html", b"another")])


def view_changed(path: Path, members: dict[str, bytes]) -> None:
    zipped(path, {**members, "index.html": b"<p>All passed.</p>"})


def member_dropped(path: Path, members: dict[str, bytes]) -> None:
    zipped(path, {name: data for name, data in members.items() if not name.startswith("checks/")})


def manifest_of_another_key(path: Path, members: dict[str, bytes]) -> None:
    zipped(path, resealed(members, OTHER))


@pytest.mark.parametrize(
    "attack", [bomb, traversal, twice, view_changed, member_dropped, manifest_of_another_key], ids=lambda a: a.__name__
)
def test_a_forged_archive_is_caught(
    attack: Callable[[Path, dict[str, bytes]], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the archive or its manifest, and nothing of it is written anywhere."""
    attack(tmp_path / "bad.zip", company(3, KEY).bundle().members())
    before = sorted(tmp_path.iterdir())
    code, steps, _ = verified(tmp_path / "bad.zip", capsys)
    assert (code, bool(steps & {1, 2})) == (1, True), steps
    assert sorted(tmp_path.iterdir()) == before


# --- By whoever has the host and its key


def hide_a_failure(log: Log) -> Log:
    """A judgement that failed is said to have passed; its findings are as they were."""
    entries = list(log.entries)
    place = at(log, "check", 1)
    body = json.loads(entries[place])
    body["outcomes"] = {"pass": body["findings"]["count"], "fail": 0, "unknown": 0, "not_applicable": 0}
    body["failing"] = {"high": 0}
    entries[place] = dumped(body)
    return again(log, entries)


def hide_a_run(log: Log) -> Log:
    """One whole run is left out, and all is numbered and signed anew."""
    place = at(log, "run.started", 1)
    return again(log, [*log.entries[:place], *log.entries[place + 3 :]])


def rewrite_all(log: Log) -> Log:
    """Every failure is made a pass, in the state, the findings and the counts: a log that is whole in itself."""
    made = Log(log.key)
    made.schedule(DAY - timedelta(minutes=1), hourly=["aws.s3.bucket_encryption"])
    for hour in range(4):
        made.run(DAY + hour * HOUR, outcomes=["pass"] * 5)
    return made


def test_a_failure_hidden_by_the_key_s_holder_does_not_balance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, findings and the run's sum contradict each other."""
    code, steps, _ = verified(hide_a_failure(company(4, KEY)).bundle().write(tmp_path / "b.zip"), capsys)
    assert (code, 7 in steps) == (1, True)


def test_a_run_hidden_by_the_key_s_holder_is_a_silent_slot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log holds, and says nothing of an hour in which a run was expected: that is told."""
    _, _, text = verified(hide_a_run(company(4, KEY)).bundle().write(tmp_path / "b.zip"), capsys)
    assert "SILENT SLOTS: " in text
    assert "hourly 2026-11-23T01:00:00.000Z" in text


def witnessed(log: Log, witness: Key, when: datetime) -> Log:
    """The last checkpoint, seen by a witness."""
    text = log.heads[-1]["note"].split("\n\n")[0] + "\n"
    log.anchor("witness", (log.heads[-1]["note"] + witness.cosign(text, int(when.timestamp()))).encode(), when)
    log.checkpoint(when + timedelta(seconds=1))
    return log


def test_forged_with_the_key_and_no_anchor_it_holds_and_says_what_that_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing can catch it: it is listed, at the top of what is to be known."""
    code, _, text = verified(rewrite_all(company(4, KEY)).bundle().write(tmp_path / "b.zip"), capsys)
    assert code == 0
    assert "NO ANCHOR was proved here: whoever holds the key could have written all of this log at once" in text
    assert "what a collector made up before its first anchor" in text


def test_forged_with_the_key_after_an_anchor_it_is_caught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The witness saw another tree: its cosignature fits no checkpoint of the forged log, and it will not sign for the forged one."""
    witness = Key("witness.example/w1", 4)
    honest = witnessed(company(4, KEY), witness, DAY + 5 * HOUR)
    assert verified(honest.bundle().write(tmp_path / "good.zip"), capsys, "--witness", witness.text)[0] == 0
    forged = rewrite_all(honest)
    place = at(honest, "anchor")
    proof = next(data for name, data in honest.files.items() if name.startswith("anchors/"))
    said = json.loads(honest.entries[place])
    forged.add("anchors", **{**{k: v for k, v in said.items() if k not in ("stream", "seq", "run")}, "receipt": forged.keep(proof)})
    forged.files[f"anchors/{said['size']}-witness-1"] = proof
    forged.checkpoint(DAY + 6 * HOUR)
    code, steps, _ = verified(forged.bundle().write(tmp_path / "bad.zip"), capsys, "--witness", witness.text)
    assert (code, 10 in steps) == (1, True)


def test_an_old_bundle_says_of_which_time_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle of last week is whole for ever: that it is handed out again shows in its period, and in what stands behind its last anchor."""
    old = company(4, KEY, DAY - timedelta(days=7)).bundle(period=(DAY - timedelta(days=7), DAY - timedelta(days=6)))
    code, _, text = verified(old.write(tmp_path / "b.zip"), capsys)
    assert code == 0
    assert json.loads(text)["found"]["period"] == "2026-11-16T00:00:00.000Z to 2026-11-17T00:00:00.000Z"
    asked = old.manifest | {"from": "2026-11-23T00:00:00.000Z", "to": "2026-11-24T00:00:00.000Z", "exported_at": "2026-11-24T00:00:00.000Z"}
    old.manifest = asked
    _, _, text = verified(old.write(tmp_path / "c.zip"), capsys)
    assert "SILENT SLOTS: 24" in text


def test_a_thief_of_the_old_key_cannot_lead_to_his_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change of keys that the new key did not sign, and one that the old key did not."""
    for signers in ((KEY, KEY), (OTHER, OTHER)):
        log = company(2, KEY)
        log.rotate(OTHER, DAY + 3 * HOUR, *signers)
        code, steps, _ = verified(log.bundle().write(tmp_path / "b.zip"), capsys)
        assert (code, 3 in steps) == (1, True)


# --- By whoever names a resource

NASTY = ['=HYPERLINK("http://evil.example","x")', "<script>alert(1)</script>", "@SUM(A1)", "bucket\u202egpj.exe", "a\nb"]


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A real bundle, of a company whose resources have such names, and the key of its log."""
    from controlmon.core.fact import Login, Scope, Seen
    from controlmon.engine.plan import Selected
    from controlmon.ledger.ledger import Ledger
    from controlmon.service import bundle, flow
    from controlmon.service import handed as views
    from controlmon.service.checks import check_directories, load_checks
    from controlmon.service.config import Config
    from controlmon.service.cycle import Request, cycle
    from controlmon.service.providers import services
    from controlmon.service.settings import Budget, Settings

    class Company:
        """A target whose one listing names those buckets."""

        provider, name = "aws", "nasty"

        def open(self, now: datetime, *, regional: bool) -> "Company":
            return self

        unplaced = None

        def scopes(self, place: object) -> list[Scope]:
            return [Scope("aws", "123456789012")]

        def login(self, name: str) -> Any:
            return Login("aws", "123456789012", name, "arn:aws:iam::123456789012:user/x")

        def ask(self, operation: Any, scope: Scope) -> Any:
            return Answers(operation, scope)

    class Answers:
        """One operation, answered."""

        partition, now, pages, parameters = "aws", datetime(2026, 11, 25, tzinfo=UTC), 1, dict[str, Any]()

        def __init__(self, operation: Any, scope: Scope) -> None:
            self.operation, self.scope = operation, scope

        def seen(self) -> Seen:
            return Seen(self.operation.id, "2026-11-25T00:00:00.000Z")

        def __call__(self, **parameters: object) -> Any:
            return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}

        def items(self, member: str, **parameters: object) -> Any:
            return iter([{"Name": name, "BucketRegion": "us-east-1"} for name in NASTY])

        def to(self, operation: Any) -> "Answers":
            return Answers(operation, self.scope)

        at = lambda self, region: self  # noqa: E731

    folder = tmp_path_factory.mktemp("handed")
    config = Config(Settings(), None, "sha256:" + "0" * 64)
    registry = load_checks(check_directories(), ["aws.s3.bucket_encryption"])
    catalog = flow.open_catalog(config)
    ledger = Ledger.open(folder / "state")
    check = registry.get("aws.s3.bucket_encryption")
    clock = lambda: datetime(2026, 11, 25, 12, 0, 1, tzinfo=UTC)  # noqa: E731
    request = Request([Selected(check, check.tuned({}))], [Company()], known=flow.known(config, catalog))  # type: ignore[list-item]
    cycle(ledger, request, services("aws"), Budget(), clock)
    begin, end = datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)
    period = bundle.period_of(ledger, catalog, begin, end, (), clock())
    bundle.export(ledger, period, folder / "b.zip", views=views.views_of(ledger, period, registry))
    key = ledger.verifier_key
    ledger.close()
    return folder / "b.zip", key


def test_a_name_is_no_formula_anywhere(handed: tuple[Path, str]) -> None:
    """In no cell of the workbook, and in no field of a CSV that a spreadsheet would obey."""
    members = members_of(handed[0])
    book = openpyxl.load_workbook(io.BytesIO(members["workbook.xlsx"]))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    fields = [
        field for name, data in members.items() if name.endswith(".csv") for row in csv.reader(io.StringIO(data.decode())) for field in row
    ]
    assert any("HYPERLINK" in field for field in fields)
    assert not [field for field in fields if field.startswith(("=", "+", "@", "\t", "\r"))]


def test_a_name_is_no_markup_anywhere(handed: tuple[Path, str]) -> None:
    """The page shows it as text, and runs nothing but its own script."""
    page = members_of(handed[0])["index.html"].decode()
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page
    assert "\u202e" not in page


def test_a_name_does_not_write_to_the_auditor_s_terminal(handed: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The real bundle holds under the real verifier, which prints no control character and no direction mark."""
    path, key = handed
    assert verify.main([str(path), "--key", key]) == 0
    said = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in said)


def test_every_listed_limit_stands_in_the_bundle(handed: tuple[Path, str]) -> None:
    """What cannot be caught is said where the evidence is read: in the page, and by the verifier."""
    from controlmon.engine.dossier import LIMITS

    page = members_of(handed[0])["index.html"].decode()
    for limit in LIMITS:
        assert limit.split(":")[0] in page
