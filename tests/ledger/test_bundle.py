"""The bundle: what was recorded comes out of the file again, the offline verifier finds it whole, and nothing in it is taken on trust."""

import hashlib
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.buckets import ListWriter
from controlmon.core.canonical import digest
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Fact, Listing, Scope, Seen, Subject
from controlmon.core.merkle import Frontier
from controlmon.core.note import parse_checkpoint, parse_note
from controlmon.core.refs import Ref, Role, below, references
from controlmon.ledger.bundle import layout
from controlmon.ledger.bundle.read import Bundle, Unpacked
from controlmon.ledger.bundle.write import Period, Written, write
from controlmon.ledger.history import decoded
from controlmon.ledger.keyfiles import next_key
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.offline.verify import main

SCOPE = Scope("aws", "123456789012")
SOURCES = {"aws.s3.one": b"# one\n", "aws.s3.two": b"# two\n"}
EXPORTED = "2026-12-01T00:00:00.000Z"


def at(hour: int) -> str:
    return f"2026-11-23T{hour:02}:00:00.000Z"


def run(ledger: Ledger, hour: int, subjects: int = 3) -> None:
    """One run of two checks over some buckets, recorded by hand; in each hour the first bucket is seen in another state."""
    name, said = f"run-{hour}", {"scheduled": at(hour), "started": at(hour)}
    agent = {"host": "h", "agent": {"version": "1", "digest": digest(b"agent")}}
    started = {"type": "run.started", **said, **agent, "frequencies": ["hourly"], "adhoc": False}
    ledger.begin(name, at(hour), at(hour), [("runs", started)], list(SOURCES.values()))
    recorder = ledger.recorder(name, {"aws.s3.bucket.encryption": ("Moving",)})
    for i in range(subjects):
        subject = Subject("aws.s3.bucket", f"arn:aws:s3:::b{i:05}", f"b{i:05}", SCOPE)
        answer = {"Algorithm": "aws:kms", "Hour": hour if i == 0 else 0, "Moving": f"{hour}-{i}"}
        recorder.add(Fact(subject, "encryption", answer, Seen("s3:GetBucketEncryption", at(hour), f"request-{i}")))
    recorder.add(Listing("aws.s3.bucket", SCOPE, "s3:ListBuckets", subjects, 1))
    recorder.flush()
    keeper = ledger.keeper()
    seen = ledger.seen_writer(keeper)
    rows, how = ledger.recorded(name).seal("aws.s3.bucket", SCOPE, keeper, seen)
    where = {"provider": "aws", "target": "123456789012", "region": ""}
    statement = {"kind": "aws.s3.bucket", "scope": where, "root": rows.root, "count": subjects, "complete": True, "how": how.root}
    entries: list[tuple[str, dict[str, Any]]] = []
    for check, source in SOURCES.items():
        writer = ListWriter(keeper)
        for i in range(subjects):
            writer.add(
                str(i), {"subject": f"arn:aws:s3:::b{i:05}", "kind": "aws.s3.bucket", "outcome": "pass", "reason": f"as {check} asks"}
            )
        found = writer.close()
        outcomes = {"pass": subjects, "fail": 0, "unknown": 0, "not_applicable": 0}
        entries.append((f"check:{check}@{SCOPE}", {
            "type": "check", "check": {"id": check, "digest": digest(source), "parameters": {}}, "scope": where, "clock": at(hour),
            "populations": [{**statement, "operations": []}], "outcomes": outcomes, "failing": {"high": 0},
            "findings": {"root": found.root, "count": found.count}, **agent,
        }))  # fmt: skip
    closed = seen.close()
    keeper.flush()
    finished = {"type": "run.finished", **said, "finished": at(hour), "outcomes": {k: 2 * v for k, v in outcomes.items()}, "seen": closed}
    ledger.conclude(name, "finished", at(hour), [*entries, ("runs", finished)])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A schedule, and three hourly runs from ten o'clock on."""
    made = Ledger.open(tmp_path / "state")
    schedule = b'{"frequencies":{"hourly":["aws.s3.one","aws.s3.two"]},"targets":[]}'
    made.append("daemon", at(9), [("schedule", {"type": "schedule", "at": at(9), "content": digest(schedule)})], [schedule])
    for hour in (10, 11, 12):
        run(made, hour)
    yield made
    made.close()


def exported(ledger: Ledger, path: Path, begin: str = at(0), end: str = at(23), checks: set[str] | None = None, **more: Any) -> Written:
    controls = None if checks is None else ("a-control",)
    with path.open("wb") as out:
        return write(ledger, out, Period(begin, end, EXPORTED, controls, frozenset(checks or ())), **more)


def blobs(bundle: Bundle) -> list[bytes]:
    """The pieces of state, in the order of the pack."""
    return list(bundle._contents())


def test_it_holds(ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was exported is verified by the offline verifier, under the log's key: exit code 0."""
    exported(ledger, tmp_path / "b.zip")
    assert main([str(tmp_path / "b.zip"), "--key", ledger.verifier_key]) == 0, capsys.readouterr().out


def test_what_was_recorded_comes_out(ledger: Ledger, tmp_path: Path) -> None:
    """Entries, checkpoints and every piece that an entry names are those of the ledger, to the byte."""
    written = exported(ledger, tmp_path / "b.zip")
    with Bundle.open(tmp_path / "b.zip") as bundle:
        assert (bundle.origin, bundle.start, bundle.size) == (ledger.origin, 0, 13)
        assert list(bundle.entries()) == list(ledger.entries())
        assert list(bundle.entries(4, 6)) == list(ledger.entries(4, 6))
        assert list(bundle.heads()) == list(ledger.heads())
        named = {ref.digest for _, body in decoded(ledger) for ref in references(body)}
        assert {d: bundle.blob(d) for d in named} == {d: ledger.blob(d) for d in named}
        assert len(blobs(bundle)) == written.pieces
        with pytest.raises(LedgerError, match=r"b\.zip: state/blobs\.pack\.xz: sha256:0+ is named and not here"):
            bundle.blob("sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("begin", "end", "start", "size"),
    [
        (at(0), at(23), 0, 13),
        (at(0), at(10), 0, 5),  # the first checkpoint at or after the end
        (at(10), at(11), 1, 9),  # the last before the beginning
        (at(11), "2026-11-23T10:59:00.000Z", 5, 9),
        ("2026-11-23T10:30:00.000Z", at(11), 5, 9),
        (at(13), at(14), 13, 13),  # nothing was recorded since
    ],
)
def test_the_checkpoints_that_bound_a_period(ledger: Ledger, tmp_path: Path, begin: str, end: str, start: int, size: int) -> None:
    """From the last checkpoint before it to the first at or after its end, or the last of all; and each such stretch verifies."""
    exported(ledger, tmp_path / "b.zip", begin, end)
    with Bundle.open(tmp_path / "b.zip") as bundle:
        assert (bundle.start, bundle.size) == (start, size)
        assert [h.size for h in bundle.heads()] == ([s for s in (1, 5, 9, 13) if start < s <= size] or [size])
        assert list(bundle.entries()) == list(ledger.entries(start, size))


@pytest.mark.parametrize(("told", "reaches"), [("2026-11-23T20:00:00.000Z", True), ("2026-12-23T20:00:00.000Z", False)])
def test_a_period_that_was_anchored_afterwards_reaches_that_far(ledger: Ledger, tmp_path: Path, told: str, reaches: bool) -> None:
    """The entry that tells of the anchor is in it, with its receipt, if that was within a week; an anchor of a smaller tree is not waited for."""
    roots = {head.size: parse_checkpoint(parse_note(head.note).text).root.hex() for head in ledger.heads()}
    for size in (5, 9):  # the period ends with the checkpoint of 9
        said = {"type": "anchor", "kind": "objectlock", "place": "s3://x", "size": size, "root": roots[size], "at": told, "says": {}}
        ledger.append("anchor", told, [("anchors", {**said, "receipt": digest(b"{}")})], [b"{}"])
    written = exported(ledger, tmp_path / "b.zip", at(10), at(11))
    assert written.manifest.log.size == (15 if reaches else 9)
    assert ("anchors/9-objectlock-1" in written.manifest.files) is reaches


def test_the_tree_goes_on_from_what_was_before(ledger: Ledger, tmp_path: Path) -> None:
    """The hashes in `log/start.json` and the leaves of the period give the root that the last checkpoint signs."""
    exported(ledger, tmp_path / "b.zip", at(11), at(23), {"aws.s3.one"})
    with Bundle.open(tmp_path / "b.zip") as bundle:
        start = json.loads(zipfile.ZipFile(bundle.path).read(layout.START))
        tree = Frontier(start["size"], [bytes.fromhex(one) for one in start["frontier"]])
        assert parse_checkpoint(parse_note(start["checkpoint"].encode()).text).root == tree.root()
        for placed in bundle.entries():
            tree.append(placed.leaf)
        *_, last = bundle.heads()
        assert parse_checkpoint(parse_note(last.note).text).root == tree.root()


def test_a_bundle_of_some_controls(ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Judgements of other checks are there by their hash alone, all else is there, and only what is shown ships its state."""
    whole, part = exported(ledger, tmp_path / "a.zip"), exported(ledger, tmp_path / "b.zip", checks={"aws.s3.two"})
    with Bundle.open(tmp_path / "b.zip") as bundle:
        shown = {placed.position: placed.body is not None for placed in bundle.entries()}
        others = {position for position, body in decoded(ledger) if body["type"] == "check" and body["check"]["id"] == "aws.s3.one"}
        assert {position for position, is_shown in shown.items() if not is_shown} == others
        assert [p.leaf for p in bundle.entries()] == [p.leaf for p in ledger.entries()]
        said = b"".join(blobs(bundle))
        assert (b"as aws.s3.two asks" in said, b"as aws.s3.one asks" in said) == (True, False)
        assert [name for name in bundle.manifest.files if name.startswith("checks/")] == [
            f"checks/aws.s3.two/{hashlib.sha256(SOURCES['aws.s3.two']).hexdigest()}.py"
        ]
        assert bundle.manifest.controls == ("a-control",)
    assert (whole.shown, part.shown) == (13, 10)
    assert main([str(tmp_path / "b.zip"), "--key", ledger.verifier_key]) == 0, capsys.readouterr().out


def test_what_was_pruned_is_there_by_its_hash(ledger: Ledger, tmp_path: Path) -> None:
    """An entry whose body was dropped after retention ships its leaf hash."""
    with ledger.store.writing() as connection:
        connection.exec_driver_sql("update entry set body = null where position = 2")
    exported(ledger, tmp_path / "b.zip")
    with Bundle.open(tmp_path / "b.zip") as bundle:
        placed = list(bundle.entries())
    assert [p.position for p in placed if p.body is None] == [2]
    assert [p.leaf for p in placed] == [p.leaf for p in ledger.entries()]


def test_each_piece_once_after_what_names_it(tmp_path: Path) -> None:
    """In the pack nothing stands twice, nothing before an entry or a piece that names it, and nothing that is not named."""
    ledger = Ledger.open(tmp_path / "state")
    for hour in (10, 11):
        run(ledger, hour, subjects=400)
    exported(ledger, tmp_path / "b.zip")
    named = {ref for _, body in decoded(ledger) for ref in references(body)}
    ledger.close()
    met: set[str] = set()
    with Bundle.open(tmp_path / "b.zip") as bundle:
        for content in blobs(bundle):
            own = digest(content)
            assert own not in met
            met.add(own)
            roles = {ref.role for ref in named if ref.digest == own}
            assert roles, "nothing before it names it"
            for role in roles - {Role.BLOB}:
                named |= set(below(role, json.loads(content)))
    assert {ref.digest for ref in named} == met
    assert len(met) > 40  # several buckets in each list


def test_the_same_record_gives_the_same_bytes(ledger: Ledger, tmp_path: Path) -> None:
    """Two exports of one period as of one time are the same file: no clock and no chance is in it."""
    for name in ("a.zip", "b.zip"):
        exported(ledger, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_manifest_names_every_member(ledger: Ledger, tmp_path: Path) -> None:
    """Each but itself and its signature, views too, with size and digest; it says what it is of, and the note signs it."""
    written = exported(ledger, tmp_path / "b.zip", views=lambda _span: [("report/page.html", lambda out: out.write(b"<p>") and None)])
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    manifest, note = contents.pop(layout.MANIFEST), contents.pop(layout.SIGNATURE)
    said = json.loads(manifest)
    assert said["files"] == {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in contents.items()}
    assert {k: v for k, v in said.items() if k != "files"} == {
        "format": "controlmon-bundle/1", "origin": ledger.origin, "exported_at": EXPORTED, "from": at(0), "to": at(23), "controls": None,
        "key": ledger.verifier_key, "log": {"start": 0, "size": 13},
    }  # fmt: skip
    assert parse_note(note).text == f"controlmon bundle manifest v1\n{ledger.origin}\n{written.digest.removeprefix('sha256:')}\n"
    assert contents["report/page.html"] == b"<p>"
    assert (b"--key KEY" in contents[layout.README], b"def main" in contents[layout.VERIFIER]) == (True, True)


def test_changes_of_configuration_and_key(ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contents that changes name stand in `config/`, receipts in `anchors/`; and a bundle over a change of keys holds under either key."""
    old = ledger.verifier_key
    catalog, receipt = b'{"controls":[]}', b"a receipt"
    news = [
        ("changes", {"type": "change", "what": what, "from": None, "to": digest(catalog), "content": digest(catalog), "at": at(13)})
        for what in ("catalog", "parameters aws.s3.one")
    ]
    anchor = {"type": "anchor", "kind": "mail", "place": "p", "size": 13, "at": at(13), "receipt": digest(receipt), "says": {}}
    root = parse_checkpoint(parse_note(ledger.checkpoint().encode()).text).root.hex()
    ledger.append("x", at(13), [*news, ("anchors", {**anchor, "root": root})], [catalog, receipt])
    ledger.rotate(next_key(ledger.directory, ledger.origin), at(14), "it is time")
    run(ledger, 15)
    exported(ledger, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        names = archive.namelist()
        assert archive.read("anchors/13-mail-1") == receipt
    hexed = digest(catalog).removeprefix("sha256:")
    assert {f"config/catalog-{hexed}.json", f"config/parameters/aws.s3.one-{hexed}.json"} < set(names)
    assert sum(name.startswith("config/schedule-") for name in names) == 1
    for key in (old, ledger.verifier_key):
        assert main([str(tmp_path / "b.zip"), "--key", key]) == 0, capsys.readouterr().out


def test_nothing_recorded_is_told(tmp_path: Path) -> None:
    """Of an empty record there is no bundle."""
    ledger = Ledger.open(tmp_path / "state")
    with pytest.raises(LedgerError, match="nothing has been recorded yet"):
        exported(ledger, tmp_path / "b.zip")
    ledger.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("delete from blob where rowid = (select min(rowid) from blob)", "is missing from the ledger"),
        ("delete from entry where position = 4", "entry 4 is missing"),
    ],
)
def test_a_record_with_a_hole_is_not_exported(ledger: Ledger, tmp_path: Path, statement: str, said: str) -> None:
    """What is not whole is told, and not handed out."""
    with ledger.store.writing() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(LedgerError, match=said):
        exported(ledger, tmp_path / "b.zip")


def rezipped(path: Path, changed: Callable[[dict[str, bytes]], None]) -> None:
    """The same bundle with some of its members changed, and the manifest's sizes made to fit."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    before = dict(members)
    changed(members)
    if layout.MANIFEST in members and members[layout.MANIFEST] == before[layout.MANIFEST]:
        manifest = json.loads(members[layout.MANIFEST])
        for name, said in manifest["files"].items():
            said["size"] = len(members.get(name, b""))
        members[layout.MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def packed(*parts: bytes) -> bytes:
    return lzma.compress(b"".join(parts), preset=1)


def zeroes(size: int) -> tuple[bytes, bytes]:
    """A piece of so many zeroes."""
    return size.to_bytes(4, "big"), bytes(size)


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__setitem__(name, data)


def cut(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__setitem__(name, members[name][:-40])


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__delitem__(name)


def manifest(**changed: Any) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__setitem__(
        layout.MANIFEST, json.dumps({**json.loads(members[layout.MANIFEST]), **changed}).encode() + b" "
    )


def altered(members: dict[str, bytes]) -> None:
    """One byte of one answer."""
    members[layout.PACK] = packed(lzma.decompress(members[layout.PACK]).replace(b'"aws:kms"', b'"aws:kmz"', 1))


DAMAGE: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "no manifest": (without(layout.MANIFEST), r"manifest\.json is missing"),
    "a manifest that is none": (put(layout.MANIFEST, b"[]"), r"manifest\.json: it cannot be read"),
    "a manifest that is no JSON": (put(layout.MANIFEST, b"{"), r"manifest\.json: it cannot be read"),
    "another format": (manifest(format="controlmon-bundle/2"), "controlmon-bundle/1 is read here"),
    "a log that ends before it begins": (manifest(log={"start": 5, "size": 4}), "end before they begin"),
    "another size": (manifest(files={"README.md": {"sha256": "", "size": 1}}), r"README\.md: not of the size"),
    "no entries": (without(layout.ENTRIES), r"log/entries\.bin\.xz: it is missing"),
    "entries cut off": (cut(layout.ENTRIES), r"log/entries\.bin\.xz: it is cut off"),
    "fewer entries": (put(layout.ENTRIES, packed(b"\0\2{}")), r"log/entries\.bin\.xz: it is cut off"),
    "entries that are no LZMA": (put(layout.ENTRIES, b"plain" * 9), r"log/entries\.bin\.xz: it cannot be unpacked"),
    "a second stream": (lambda m: put(layout.PACK, m[layout.PACK] + packed(b"more"))(m), "something follows"),
    "a flood of nothing": (put(layout.PACK, packed(bytes(9 << 20))), "is there twice"),
    "a bomb": (put(layout.PACK, packed(*(part for i in range(4) for part in zeroes((60 << 20) + i)))), "expand beyond"),
    "a piece that is too long": (put(layout.PACK, packed(b"\xff\xff\xff\xff", bytes(9))), r"a piece of 4,294,967,295 bytes"),
    "no state": (without(layout.PACK), r"state/blobs\.pack\.xz: it is missing"),
    "state cut off": (cut(layout.PACK), r"state/blobs\.pack\.xz: it is cut off"),
    "an altered answer": (altered, "is named and not here"),
    "no checkpoints": (without(layout.HEADS), r"log/checkpoints\.jsonl: it is missing"),
    "a checkpoint that is none": (put(layout.HEADS, b'{"size":"x"}\n'), r"log/checkpoints\.jsonl: line 1 is no checkpoint"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_with_file_and_place(ledger: Ledger, tmp_path: Path, name: str) -> None:
    """Whatever is wrong with the file, the error names it and the member, and says what to do."""
    damage, said = DAMAGE[name]
    exported(ledger, tmp_path / "b.zip")
    rezipped(tmp_path / "b.zip", damage)

    def read() -> None:
        with Bundle.open(tmp_path / "b.zip") as bundle:
            list(bundle.heads())
            for _, body in decoded(bundle):
                for ref in [*references(body)]:
                    _follow(bundle, ref)

    with pytest.raises(LedgerError, match=rf"b\.zip: .*(?:{said})"):
        read()


def _follow(bundle: Bundle, ref: Ref) -> None:
    content = bundle.blob(ref.digest)
    if ref.role is not Role.BLOB:
        for one in below(ref.role, json.loads(content)):
            _follow(bundle, one)


@pytest.mark.parametrize("content", [b"", b"no zip at all", None])
def test_what_is_no_bundle_is_told(tmp_path: Path, content: bytes | None) -> None:
    """An empty file, some other file, none."""
    if content is not None:
        (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(LedgerError, match=r"b\.zip: "):
        Bundle.open(tmp_path / "b.zip")


def test_what_was_unpacked_is_let_go(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unpacked state is in no directory that anyone could look into, and is closed with the bundle."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    exported(ledger, tmp_path / "b.zip")
    with Bundle.open(tmp_path / "b.zip") as bundle:
        bundle.blob(digest(SOURCES["aws.s3.one"]))
        assert list(scratch.iterdir()) == []
        pack = bundle._pack
    assert pack is not None
    assert pack.closed


@given(st.lists(st.binary(max_size=300), max_size=40), st.integers(1, 5000))
def test_any_pieces_are_unpacked_as_they_were_packed(parts: list[bytes], chunk: int) -> None:
    """Whatever the pieces, and in whatever portions the file gives them."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(chunk, size or -1))

    with Unpacked(Slow(packed(*parts)), LedgerError) as unpacked:
        assert [unpacked.take(len(part)) for part in parts] == parts
        assert unpacked.ended()
