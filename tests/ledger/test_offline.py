"""The verifier of the bundle, against bundles that another hand wrote from the contract: each step holds, and each fails alone."""

import ast
import base64
import bz2
import json
import lzma
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlmon.ledger.offline import verify
from tests.bundles import (
    CHECK,
    DAY,
    ORDER,
    SOURCE,
    Bundle,
    Hash,
    Key,
    Log,
    audit_path,
    company,
    dumped,
    frontier,
    joined_entries,
    note,
    resealed,
    sha256,
    split_entries,
    stamp,
    zipped,
)
from tests.twins.tsa import TsaTwin

HOUR = timedelta(hours=1)
KEYS = {1: Key(), 2: Key(type=2)}


@dataclass
class Told:
    """What the verifier answered."""

    code: int
    steps: set[int]
    text: str
    told: str


Verify = Callable[..., Told]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verifies a log, a bundle, members or a file, with the key of the log unless another is given."""

    def ask(what: Any, *arguments: str, key: Key | None = None) -> Told:
        path = tmp_path / "bundle.zip"
        if isinstance(what, Log):
            key, what = key or what.key, what.bundle()
        if isinstance(what, Bundle):
            key, what = key or what.key, what.members()
        path = what if isinstance(what, Path) else zipped(path, what)
        given = ["--key", key.text] if key else []
        capsys.readouterr()
        code = verify.main([str(path), *given, *arguments, "--json"])
        text = capsys.readouterr().out
        answer = json.loads(text)
        assert answer["exit"] == code
        return Told(code, {one["step"] for one in answer["problems"]}, text, " / ".join(answer["told"]))

    return ask


@pytest.fixture(scope="module")
def day() -> Log:
    """A day that nobody changes."""
    return company(6)


@pytest.fixture
def bundle(day: Log) -> Bundle:
    return day.bundle()


def edited(bundle: Bundle, position: int, **fields: Any) -> None:
    """Another entry in the place of one."""
    bundle.entries[position] = dumped({**json.loads(bundle.entries[position]), **fields})


def position(log: Log, kind: str, nth: int = 0) -> int:
    return [i for i, one in enumerate(log.entries) if json.loads(one)["type"] == kind][nth]


def relogged(log: Log, kind: str, change: Callable[[dict[str, Any]], None], nth: int = 0) -> Log:
    """What the holder of the key can do: the same log, made anew with one entry changed, and signed."""
    place, made = position(log, kind, nth), Log(log.key)
    made.content, made.files = dict(log.content), dict(log.files)
    made.entries = list(log.entries)
    entry = json.loads(made.entries[place])
    change(entry)
    made.entries[place] = dumped(entry)
    return signed_again(made, log)


def signed_again(made: Log, log: Log) -> Log:
    whole = made.entries
    for head in log.heads:
        made.entries = whole[: head["size"]]
        made.checkpoint(datetime.fromisoformat(head["at"]))
    return made


# --- What holds


def test_a_whole_bundle_holds(told: Verify) -> None:
    """Nothing is found against a bundle that follows the contract, under the key that was given."""
    answer = told(company())
    assert (answer.code, answer.steps) == (0, set())
    assert "of 24 expected runs: 24 performed, 0 interrupted, 0 missed, 0 begun, 0 silent" in answer.told


def test_without_a_key_nothing_is_known_of_who_signed(told: Verify, day: Log) -> None:
    """All is gone through under the bundle's own key, and the exit code is 3; what is wrong still gives 1."""
    members = day.bundle().members()
    assert told(members).code == 3
    assert told({**members, "index.html": b""}).code == 1


def test_it_runs_as_a_script_without_us(day: Log, tmp_path: Path) -> None:
    """A bare Python runs it, and a person reads what it found, what it cannot find, and where to get key and verifier."""
    path = day.bundle().write(tmp_path / "b.zip")
    done = subprocess.run(
        [sys.executable, "-I", "-S", verify.__file__, str(path), "--key", day.key.text], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("HOLDS, under the key that you gave.\n")
    assert all(f"  {number:>2}  {step}" in done.stdout for number, step in enumerate(verify.STEPS, 1))
    assert all(one in done.stdout for one in (*verify.CANNOT, verify.OUTSIDE))


def test_it_imports_the_standard_library_alone() -> None:
    """An auditor needs Python, and nothing of ours."""
    tree = ast.parse(Path(verify.__file__).read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "arguments",
    [
        ["absent.zip"],
        [],
        ["{bundle}", "--key", "x"],
        ["{bundle}", "--key", "{witness}"],
        ["{bundle}", "--witness", "{log}"],
        ["{bundle}", "--tsa-ca", "none"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], day: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there, and keys that are none or of another purpose, are told on standard error."""
    names = {"bundle": str(day.bundle().write(tmp_path / "b.zip")), "witness": Key("w", 4).text, "log": day.key.text}
    assert verify.main([one.format(**names) for one in arguments]) == 2
    assert capsys.readouterr().err


def test_a_bundle_of_a_later_period_holds(told: Verify, day: Log) -> None:
    """The tree before it is taken from its frontier, and streams go on from where they were."""
    start = day.heads[2]["size"]
    answer = told(day.bundle(start, period=(DAY + 3 * HOUR, DAY + 6 * HOUR)))
    assert answer.code == 0
    assert "of 3 expected runs: 3 performed" in answer.told


def test_what_held_before_the_period_is_proved(told: Verify) -> None:
    """(5, 6) The schedule and the changes that were in force, and every change of keys: each was in the log, at its place."""
    log, old, new = rotated()
    log.schedule(DAY + 3 * HOUR, hourly=[CHECK])
    log.run(DAY + 3 * HOUR)
    start = log.heads[-2]["size"]
    assert told(log.bundle(start), key=old).code == 0
    assert told(log.bundle(start), key=new).code == 0
    held = log.bundle(start).start["in_force"]
    assert [json.loads(one["entry"])["type"] for one in held] == ["schedule", "change", "change", "key.rotated"]
    forged = held[0]["entry"].replace("23:59", "22:59")
    other = next(one for one in log.entries if b"run.finished" in one).decode()
    for changed in (
        {"entry": forged},
        {"position": held[0]["position"] + 1},
        {"position": held[0]["position"] + 2 ** len(held[0]["proof"])},
        {"position": held[0]["position"] - 2**40},
        {"proof": held[0]["proof"][:-1]},
        {"proof": [*held[0]["proof"], "00" * 32]},
        {"entry": other},
    ):
        bundle = log.bundle(start)
        bundle.start["in_force"] = [{**held[0], **changed}, *held[1:]]
        assert 5 in told(bundle).steps, changed
    bundle = log.bundle(start)
    bundle.start["in_force"] = [{**held[0], "entry": other, **proof_of(log, start, other)}, *held[1:]]
    assert 5 in told(bundle).steps
    bundle = log.bundle(start)
    bundle.start["in_force"] = held[:-1]
    assert told(bundle, key=old).steps >= {2, 4}


def test_a_schedule_left_out_shows_in_the_next(told: Verify) -> None:
    """(6) An older schedule in place of the one in force is not the one before the next."""
    log = company(1)
    log.schedule(DAY + HOUR, hourly=[CHECK], daily=[CHECK])
    log.run(DAY + HOUR, ["hourly", "daily"])
    start = log.heads[-1]["size"]
    log.schedule(DAY + 2 * HOUR, hourly=[CHECK])
    log.run(DAY + 2 * HOUR)
    assert told(log.bundle(start)).code == 0
    bundle = log.bundle(start)
    first = log.entries[0].decode()
    bundle.start["in_force"][-1] = {"entry": first, **proof_of(log, start, first)}
    assert 6 in told(bundle).steps


def proof_of(log: Log, start: int, entry: str) -> dict[str, Any]:
    place = log.entries.index(entry.encode())
    return {"position": place, "proof": [one.hex() for one in audit_path(place, log.leaves()[:start])]}


def test_an_empty_log_holds(told: Verify) -> None:
    """Nothing is signed as nothing."""
    log = Log()
    log.checkpoint(DAY)
    bundle = log.bundle()
    bundle.heads = log.heads
    assert told(bundle).code == 0


def test_ecdsa_keys_sign_logs_too(told: Verify) -> None:
    """A log of a P-256 key (AWS KMS, Azure Key Vault) holds; and not under another."""
    log = company(2, Key(type=2))
    assert told(log).code == 0
    assert told(log.bundle(), key=Key(type=2)).steps >= {2, 4}


def written(type: int, public: bytes, name: str = "log.example") -> str:
    """A public key as text, with the id that it has."""
    material = public if type == 2 else name.encode() + b"\n" + bytes([type]) + public
    return f"{name}+{sha256(material)[:8]}+{base64.b64encode(bytes([type]) + public).decode()}"


@pytest.mark.parametrize("encoded", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2, 2**255 + 1], ids=hex)
def test_weak_keys_are_refused(encoded: int) -> None:
    """Ed25519 keys of low order, written in a second way, or no point at all: for some of them anyone can sign."""
    with pytest.raises(ValueError, match=r"anyone can sign|not a point"):
        verify.read_key(written(1, encoded.to_bytes(32, "little")))


def test_keys_that_are_not_as_written_are_refused() -> None:
    """A P-256 key off its curve or in another spelling, an id of another key, an unknown type, a name with a space."""
    key = Key(type=2)
    public = base64.b64decode(key.text.split("+", 2)[2])[1:]
    assert verify.read_key(written(2, public)).algorithm == 2
    for wrong in (
        written(2, public[:-1] + bytes([public[-1] ^ 1])),
        written(2, public + b"x"),
        written(2, b"\0" + public[1:]),
        written(3, public),
    ):
        with pytest.raises(ValueError, match="not a"):
            verify.read_key(wrong)
    for wrong in (key.text.replace("+", "+0", 1), written(1, bytes([3] * 32), "a b"), "a+b"):
        with pytest.raises(ValueError):
            verify.read_key(wrong)


@given(message=st.binary(max_size=80), type=st.sampled_from([1, 2]), bit=st.integers(0, 511))
@settings(max_examples=40, deadline=None)
def test_signatures_are_verified_strictly(message: bytes, type: int, bit: int) -> None:
    """What `cryptography` signs verifies; one bit more or less, a second spelling and another message do not."""
    key = KEYS[type]
    believes = verify.read_key(key.text).verify
    signature = key.sign(message)
    assert believes(signature, message)
    assert not believes(signature, message + b"x")
    changed = bytearray(signature)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    assert not believes(bytes(changed), message)
    assert not believes(signature + b"\0", message)
    if type == 1:
        s = int.from_bytes(signature[32:], "little") + verify.L
        assert not believes(signature[:32] + s.to_bytes(32, "little"), message)
    else:
        r, s = decode_dss_signature(signature)
        assert not believes(encode_dss_signature(r, ORDER - s), message)
    assert not believes(b"", message)


# --- (1) the archive


def with_member(members: dict[str, bytes], name: str, data: bytes = b"x", key: Key | None = None) -> dict[str, bytes]:
    whole = {**members, name: data}
    return resealed(whole, key) if key else whole


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\b", "C:x", "a//b", "./x", "x/", "tab\tname", "a\u202eb"])
def test_a_name_that_leaves_the_archive_is_refused(told: Verify, day: Log, name: str) -> None:
    """(1) Whoever unpacks the bundle writes nowhere else, and reads no name that fools the eye, even if the log's key signed it."""
    assert told(with_member(day.bundle().members(), name, key=day.key), key=day.key).steps == {1}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(told: Verify, day: Log) -> None:
    """(1) Two members of one name are read differently by different tools; two that differ in case overwrite each other on some."""
    members = day.bundle().members()
    assert told([*members.items(), ("index.html", b"other")], key=day.key).steps == {1}
    assert told(with_member(members, "INDEX.html", key=day.key), key=day.key).steps == {1}


def rezipped(path: Path, members: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None], name: str = "index.html") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for one, data in members.items():
            info = zipfile.ZipInfo(one)
            if one == name:
                change(info)
            archive.writestr(info, data)
    return path


def test_links_and_other_packings_are_refused(told: Verify, day: Log, tmp_path: Path) -> None:
    """(1) Only stored and deflated files are read, and what is packed already is stored."""
    members, path = day.bundle().members(), tmp_path / "x.zip"

    def link(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    def bzip2(info: zipfile.ZipInfo) -> None:
        info.compress_type = zipfile.ZIP_BZIP2

    def deflate(info: zipfile.ZipInfo) -> None:
        info.compress_type = zipfile.ZIP_DEFLATED

    assert bz2
    assert told(rezipped(path, members, lambda _: None), key=day.key).code == 0
    assert told(rezipped(path, members, deflate), key=day.key).code == 0
    assert told(rezipped(path, members, link), key=day.key).steps == {1}
    assert told(rezipped(path, members, bzip2), key=day.key).steps == {1}
    assert told(rezipped(path, members, deflate, "log/entries.bin.xz"), key=day.key).steps == {1}


def patched(data: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    """The zip with some bytes of the last table entry changed that names `mark`."""
    at = data.rindex(mark) - 46 + offset
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    ("offset", "value"),
    [(8, b"\1"), (24, (10**6).to_bytes(4, "little")), (20, (10**8).to_bytes(4, "little")), (42, bytes(4)), (42, b"\xff\xff\xff\x7f")],
    ids=["encrypted", "longer than declared", "cut off", "overlapping", "behind the end"],
)
def test_a_table_that_lies_is_refused(told: Verify, day: Log, tmp_path: Path, offset: int, value: bytes) -> None:
    """(1) The archive's own table is not believed."""
    path = day.bundle().write(tmp_path / "x.zip")
    path.write_bytes(patched(path.read_bytes(), b"index.html", offset, value))
    assert told(path, key=day.key).steps == {1}


@pytest.mark.parametrize(
    "change", [lambda data: b"MZ" + data, lambda data: data + b"x", lambda data: data[: len(data) // 2], lambda _: b""]
)
def test_nothing_stands_before_or_after_the_archive(told: Verify, day: Log, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """(1) It is a zip from its first byte to its last, so that no tool reads it as something else."""
    path = day.bundle().write(tmp_path / "x.zip")
    path.write_bytes(change(path.read_bytes()))
    assert told(path, key=day.key).steps == {1}


def zeroes(size: int) -> bytes:
    """A stream of LZMA that unpacks to that many MiB of zeroes."""
    packer = lzma.LZMACompressor(preset=0)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(size)), packer.flush()])


def claimed(members: dict[str, bytes]) -> dict[str, bytes]:
    """With a manifest that tells of more entries than anyone could read."""
    return {**members, "manifest.json": dumped({**json.loads(members["manifest.json"]), "log": {"start": 0, "size": 2**60}})}


BOMBS: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "deflate": lambda m: {**m, "index.html": bytes(50_000_000)},
    "entries": lambda m: {**m, "log/entries.bin.xz": zeroes(4)},
    "pieces": lambda m: {**m, "state/blobs.pack.xz": zeroes(4)},
    "one piece": lambda m: {**m, "state/blobs.pack.xz": lzma.compress(b"\x10\0\0\0" + bytes(1000))},
    "memory": lambda m: {
        **m,
        "state/blobs.pack.xz": lzma.compress(b"", filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**30}]),
    },
    "manifest": lambda m: {**m, "manifest.json": b" " * 17_000_000 + m["manifest.json"]},
    "hashes": lambda m: {**claimed(m), "log/entries.bin.xz": zeroes(4)},
    "no entries": lambda m: {**claimed(m), "log/entries.bin.xz": lzma.compress(b"\0\1x" * 2000)},
    "long pieces": lambda m: {**m, "state/blobs.pack.xz": lzma.compress(b"\4\0\0\0" + bytes(2**26), preset=0) * 3},
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_left_unlit(told: Verify, day: Log, name: str) -> None:
    """(1) What would fill memory or take hours is told, even if the log's key signed it."""
    members = BOMBS[name](day.bundle().members())
    answer = told(members if name == "manifest" else resealed(members, day.key), key=day.key)
    assert answer.code == 1


# --- (2) the manifest


def test_a_member_that_was_changed_shows(told: Verify, day: Log) -> None:
    """(2) Changed, added, removed; and a manifest that was changed to fit."""
    members = day.bundle().members()
    source = next(name for name in members if name.startswith("checks/"))
    assert told({**members, source: members[source].replace(b"B", b"b")}, key=day.key).steps == {2}
    assert told({**members, "more.csv": b""}, key=day.key).steps == {2}
    assert told({name: data for name, data in members.items() if name != "index.html"}, key=day.key).steps == {2}
    changed = {**members, "manifest.json": members["manifest.json"].replace(b"2026-11-24", b"2026-11-25")}
    assert told(changed, key=day.key).steps == {2}


def test_another_key_s_manifest_is_refused(told: Verify, day: Log) -> None:
    """(2) Whoever lacks the key cannot seal the bundle again, even naming a key of their own in it."""
    thief = Key()
    members = resealed({**day.bundle().members(), "index.html": b"fine"}, thief)
    assert told(members, key=day.key).steps == {2}
    said = {**json.loads(members["manifest.json"]), "key": thief.text}
    assert told(resealed({**members, "manifest.json": dumped(said)}, thief), key=day.key).steps == {2}
    assert told(resealed({**members, "manifest.json": dumped(said)}, thief)).steps == {4}


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "manifest.note",
        "log/start.json",
        "log/entries.bin.xz",
        "log/checkpoints.jsonl",
        "log/checkpoint",
        "state/blobs.pack.xz",
    ],
)
def test_what_must_be_there_is_missed(told: Verify, day: Log, name: str) -> None:
    """(2) A bundle without one of its parts is told, whoever signed it, and never raises."""
    members = day.bundle().members()
    del members[name]
    assert told(members, key=day.key).code == 1
    if not name.startswith("manifest"):
        assert told(resealed(members, day.key), key=day.key).code == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_can_be_changed(told: Verify, day: Log, data: st.DataObject) -> None:
    """(2) Any bit of any member, and the bundle does not hold; and never does the verifier raise."""
    members = day.bundle().members()
    name = data.draw(st.sampled_from(sorted(members)))
    at = data.draw(st.integers(0, len(members[name]) - 1))
    changed = bytearray(members[name])
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert told({**members, name: bytes(changed)}, key=day.key).code == 1
    if name not in {"manifest.json", "manifest.note"} and name.startswith(("log/", "state/")):
        assert told(resealed({**members, name: bytes(changed)}, day.key), key=day.key).code in {0, 1}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_never_raises(told: Verify, day: Log, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever byte of the zip is changed, there is an answer."""
    path = day.bundle().write(tmp_path / "x.zip")
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    assert told(path, key=day.key).code in {0, 1}


# --- (3) the keys


def rotated(second: Key | None = None) -> tuple[Log, Key, Key]:
    log = company(2)
    old, new = log.key, second or Key()
    log.rotate(new, DAY + 2 * HOUR)
    log.run(DAY + 2 * HOUR, at=DAY + 2 * HOUR + timedelta(minutes=2))
    return log, old, new


def test_any_key_of_the_log_leads_to_the_others(told: Verify) -> None:
    """(3) After a rotation, from Ed25519 to P-256, the old key and the new one verify the whole; a stranger's does not."""
    log, old, new = rotated(Key(type=2))
    assert told(log.bundle(), key=old).code == 0
    assert told(log.bundle(), key=new).code == 0
    assert told(log.bundle(), key=Key()).steps >= {2, 3, 4}


def test_a_rotation_needs_both_keys(told: Verify) -> None:
    """(3) A key that the old one did not agree to, one that did not agree itself, and one that follows nothing."""
    for signers in ((Key(), None), (None, Key())):
        log = company(2)
        old, new = log.key, Key()
        log.rotate(new, DAY + 2 * HOUR, signers[0] or old, signers[1] or new)
        assert 3 in told(log.bundle(), key=old).steps
    log, old, new = rotated()
    log.key = Key()
    log.rotate(Key(), DAY + 3 * HOUR)
    assert 3 in told(log.bundle(), key=old).steps


# --- (4) the checkpoints


def test_the_key_in_force_signs(told: Verify) -> None:
    """(4) After a rotation, not the old key; and the first checkpoint bears both."""
    log, old, new = rotated()
    log.heads[-1] = log.checkpoint(DAY + 3 * HOUR, old)
    log.heads.pop(-2)
    assert told(log.bundle(), key=new).steps == {4}
    log, old, new = rotated()
    text = log.heads[-2]["note"].rpartition("\n\n")[0] + "\n"
    log.heads[-2]["note"] = note(text, new)
    assert told(log.bundle(), key=old).steps == {4}


def test_a_forged_checkpoint_is_refused(told: Verify, bundle: Bundle) -> None:
    """(4) Signed by another key under the same name, by a corrupted line, of another log, or not the last one."""
    right = bundle.heads[-1]["note"]
    text = right.rpartition("\n\n")[0] + "\n"
    for wrong in (
        note(text, Key()),
        right.replace(text.split("\n")[2], "A" * 43 + "="),
        note("other\n" + text.partition("\n")[2], bundle.key),
        "x",
    ):
        bundle.heads[-1] = {**bundle.heads[-1], "note": wrong}
        assert 4 in told(bundle).steps
    bundle.heads[-1]["note"] = right
    members = bundle.members()
    other = resealed({**members, "log/checkpoint": bundle.heads[0]["note"].encode()}, bundle.key)
    assert told(other, key=bundle.key).steps == {4}
    bundle.heads.pop()
    assert 4 in told(bundle).steps


def test_times_do_not_contradict_each_other(told: Verify, bundle: Bundle) -> None:
    """(4) A checkpoint of before the one before it, one of before what it signs, and a bundle of before its last checkpoint."""
    bundle.heads[3]["at"] = stamp(DAY + HOUR)
    assert told(bundle).steps == {4}
    bundle.heads[3]["at"] = stamp(DAY + 4 * HOUR + timedelta(seconds=30))
    bundle.heads[4]["at"] = stamp(DAY + 4 * HOUR - timedelta(seconds=30))
    assert told(bundle).steps == {4}


def test_a_bundle_is_not_older_than_its_log(told: Verify, day: Log) -> None:
    """(4) It was not written before its last checkpoint."""
    assert told(day.bundle(exported=DAY + 2 * HOUR)).steps == {4}


# --- (5) the tree


def test_an_entry_that_was_touched_shows(told: Verify, day: Log) -> None:
    """(5) Edited, removed, added, exchanged, or dropped to its hash: the holder of the manifest's key cannot, without the checkpoints'."""
    place = position(day, "run.finished", 3)
    changes: list[Callable[[Bundle], object]] = [
        lambda b: edited(b, place, outcomes={"pass": 5, "fail": 0, "unknown": 0, "not_applicable": 0}),
        lambda b: b.entries.pop(place),
        lambda b: b.entries.append(b.entries[place]),
        lambda b: b.entries.insert(1, b.entries.pop(2)),
        lambda b: b.entries.__setitem__(place, Hash(bytes(32))),
    ]
    for change in changes:
        bundle = day.bundle()
        change(bundle)
        assert 5 in told(bundle).steps


def test_a_start_that_no_checkpoint_signs_is_refused(told: Verify, day: Log) -> None:
    """(5) Another frontier, another size, none."""
    start = day.heads[2]["size"]
    leaves = day.leaves()
    forged = [one.hex() for one in frontier([bytes(32), *leaves[1:start]])]
    for said in ({"frontier": forged}, {"size": start + 1}, {"frontier": []}, {"checkpoint": None}, {"checkpoint": day.heads[1]["note"]}):
        bundle = day.bundle(start)
        bundle.start |= said
        assert 5 in told(bundle).steps
    bundle = day.bundle(start)
    text = bundle.start["checkpoint"].rpartition("\n\n")[0] + "\n"
    bundle.start["checkpoint"] = note(text, Key())
    assert 4 in told(bundle).steps


# --- (6) the streams


def test_a_stream_without_an_entry_shows(told: Verify, day: Log) -> None:
    """(6) The holder of the key makes the log anew without a run, or with one twice."""
    for seq in (3, 0):
        made = relogged(day, "run.finished", lambda entry, seq=seq: entry.update(seq=seq), 0)  # type: ignore[misc]
        assert 6 in told(made).steps
    made = relogged(day, "run.finished", lambda entry: entry.pop("stream"))
    assert 6 in told(made).steps


def test_withheld_entries_show_and_hold(told: Verify, day: Log) -> None:
    """(5, 6) A partial bundle keeps the hashes of what it withholds: whole streams hold, and a stream with a hole does not."""
    others = {i for i, one in enumerate(day.entries) if json.loads(one)["stream"] == "changes"}
    bundle = day.bundle(absent=others, controls=["CC6.1"])
    bundle.files.pop("config/catalog.json")
    answer = told(bundle)
    assert answer.code == 0
    assert "2 entries are here by their hash alone: withheld from this partial bundle, or pruned" in answer.told
    bundle = day.bundle(absent=[position(day, "check", 2)], controls=["CC6.1"])
    assert told(bundle).steps == {6}
    bundle = day.bundle(absent=others)
    bundle.files.pop("config/catalog.json")
    assert told(bundle).steps == {5}


def pruned(through: int) -> Log:
    log = company(5)
    log.add(
        "retention",
        type="ledger.pruned",
        before=stamp(DAY + 2 * HOUR),
        through=through,
        entries=through + 1,
        state=0,
        at=stamp(DAY + 5 * HOUR),
    )
    log.run(DAY + 5 * HOUR)
    return log


def test_pruned_entries_hold(told: Verify) -> None:
    """(5, 6) What an entry says was pruned may be gone; what lies behind it may not."""
    log = pruned(5)
    bundle = log.bundle(absent=range(6))
    bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/")}
    answer = told(bundle)
    assert answer.code == 0
    assert "6 entries are here by their hash alone: pruned" in answer.told
    bundle = log.bundle(absent=range(7))
    bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/")}
    assert told(bundle).steps >= {5}


# --- (7) the counts


def test_outcomes_balance(told: Verify, day: Log) -> None:
    """(7) The holder of the key turns failures into passes, in the counts, in the totals of the run, or in the number of findings."""

    def fewer(entry: dict[str, Any]) -> None:
        entry["outcomes"] = {**entry["outcomes"], "fail": 0}

    def turned(entry: dict[str, Any]) -> None:
        entry["outcomes"] = {"pass": sum(entry["outcomes"].values()), "fail": 0, "unknown": 0, "not_applicable": 0}
        entry["failing"] = {"high": 0}

    def more(entry: dict[str, Any]) -> None:
        entry["populations"][0]["count"] += 1

    def others(entry: dict[str, Any]) -> None:
        entry["others"]["count"] = 7

    for kind, change in (("check", fewer), ("check", turned), ("check", more), ("check", others), ("run.finished", turned)):
        assert told(relogged(day, kind, change, 1)).steps == {7}, change


def test_another_check_s_findings_do_not_fit(told: Verify, day: Log) -> None:
    """(7) A list of as many rows with other outcomes is not the one whose counts are told."""
    other = day.rows([{"outcome": outcome} for outcome in ("pass", "pass", "unknown", "pass", "pass")])
    made = relogged(day, "check", lambda entry: entry.update(findings=other), 1)
    assert told(made).steps == {7}


# --- (8) the state


def test_the_pack_is_what_is_named(told: Verify, day: Log) -> None:
    """(8) A piece removed, changed, added, given twice, or before what names it."""
    changes: list[Callable[[list[bytes]], object]] = [
        lambda blobs: blobs.pop(),
        lambda blobs: blobs.__setitem__(-1, blobs[-1] + b" "),
        lambda blobs: blobs.append(b"more"),
        lambda blobs: blobs.append(blobs[0]),
        lambda blobs: blobs.insert(0, blobs.pop()),
    ]
    for change in changes:
        bundle = day.bundle()
        change(bundle.blobs)
        assert told(bundle).steps == {8}


def test_pieces_are_what_their_names_stand_for(told: Verify, day: Log) -> None:
    """(8) Where a list should be and something else is, the answer is a problem, not an error."""
    for content in (
        b"not JSON",
        b"[" * 5000,
        b"[]",
        b'{"level":0}',
        b'{"level":0,"rows":[1]}',
        b'{"level":1,"pieces":[7]}',
        b'{"level":-1,"rows":[]}',
    ):
        root = day.keep(content)
        made = relogged(day, "check", lambda entry, root=root: entry["findings"].update(root=root), 1)  # type: ignore[misc]
        assert 8 in told(made).steps, content


def test_an_entry_that_cannot_be_read_is_told(told: Verify, day: Log) -> None:
    """(6, 7, 8) What the holder of the key writes in an entry's place is told, and never raises."""
    for fields in (
        {"populations": 1},
        {"populations": [{}]},
        {"findings": {}},
        {"seen": []},
        {"check": {}},
        {"outcomes": None},
        {"type": 7},
    ):
        made = relogged(day, "check", lambda entry, fields=fields: entry.update(fields))  # type: ignore[misc]
        assert told(made).code == 1, fields


# --- (9) the configuration and the checks


def test_sources_are_those_that_judged(told: Verify, day: Log) -> None:
    """(9) A check's source removed, changed, or one that never judged; a configuration that the log does not name."""
    name = f"checks/{CHECK}/{sha256(SOURCE)}.py"
    for change in (
        {name: None},
        {name: b"other"},
        {f"checks/x/{sha256(b'x')}.py": b"x"},
        {"config/catalog.json": b"{}"},
        {"config/more.json": b"{}"},
    ):
        bundle = day.bundle()
        bundle.files |= {one: data for one, data in change.items() if data is not None}
        for one in (one for one, data in change.items() if data is None):
            del bundle.files[one]
        assert told(bundle).steps == {9}, change


# --- (10) the anchors


def cosigned(log: Log, witness: Key, at: datetime, *, whole: bool = True, text: str | None = None) -> str:
    signed = str(log.heads[-1]["note"])
    own = text or signed.rpartition("\n\n")[0] + "\n"
    line = witness.cosign(own, int(at.timestamp()))
    return log.anchor("witness", (signed + line if whole else line).encode(), at)


@pytest.mark.parametrize("whole", [True, False])
def test_a_witness_s_cosignature_is_verified(told: Verify, whole: bool) -> None:
    """(10) With the key of the witness, and only then: the tail is what lies behind it."""
    log, witness = company(3), Key("witness.example", 4)
    size = log.heads[-1]["size"]
    cosigned(log, witness, DAY + 2 * HOUR + timedelta(minutes=5), whole=whole)
    log.run(DAY + 3 * HOUR)
    answer = told(log, "--witness", witness.text)
    assert answer.code == 0
    assert "1 anchors: witness: cosigned by witness.example" in answer.told
    assert f"{len(log.entries) - size:,} of {len(log.entries):,} entries lie behind the last proved anchor" in answer.told
    assert "at most 2.1 hours lie between the beginning, the proved anchors and the end" in answer.told
    answer = told(log)
    assert answer.code == 0
    assert "NO ANCHOR was proved here" in answer.told
    assert "give the key of the witness" in answer.told


def test_a_cosignature_of_something_else_is_refused(told: Verify) -> None:
    """(10) Of another text, of a time before what it saw, or of a time that the entry does not tell."""
    witness, at = Key("witness.example", 4), DAY + 2 * HOUR + timedelta(minutes=5)
    for text, when, whole in (("other\n1\nx\n", at, False), (None, DAY + HOUR, True)):
        log = company(3)
        cosigned(log, witness, when, text=text, whole=whole)
        log.run(DAY + 3 * HOUR)
        assert told(log, "--witness", witness.text).steps == {10}
    log = company(3)
    cosigned(log, witness, at)
    log.run(DAY + 3 * HOUR)
    made = relogged(log, "anchor", lambda entry: entry.update(at=stamp(DAY + HOUR)))
    assert told(made, "--witness", witness.text).steps == {10}


def test_receipts_are_those_that_the_log_names(told: Verify) -> None:
    """(10) A receipt removed, changed, or of another size; one that no entry names; an anchor of a checkpoint that is not ours."""
    log = company(3)
    name = log.anchor("objectlock", b'{"locked": "until 2033"}', DAY + 2 * HOUR + timedelta(minutes=5))
    log.run(DAY + 3 * HOUR)
    answer = told(log)
    assert answer.code == 0
    assert "objectlock: what the receipt claims cannot be proved offline" in answer.told
    changes: list[Callable[[dict[str, bytes]], object]] = [
        lambda files: files.pop(name),
        lambda files: files.__setitem__(name, b"{}"),
        lambda files: files.__setitem__("anchors/3-witness-0", files.pop(name)),
        lambda files: files.__setitem__("anchors/9-witness-9", b"more"),
    ]
    for change in changes:
        bundle = log.bundle()
        change(bundle.files)
        assert told(bundle).steps == {10}
    for fields in ({"size": 5}, {"root": "00" * 32}, {"size": None}):
        made = relogged(log, "anchor", lambda entry, fields=fields: entry.update(fields))  # type: ignore[misc]
        assert told(made).steps == {10}


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaTwin]:
    with TsaTwin(tmp_path_factory.mktemp("tsa")) as twin:
        yield twin


@pytest.fixture(scope="module")
def stamped(tsa: TsaTwin, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A log of yesterday, whose last checkpoint an authority has stamped now."""
    now = datetime.now(UTC)
    log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1))
    log.anchor("rfc3161", response(tsa, log.heads[-1]["note"].encode(), tmp_path_factory.mktemp("query")), now)
    log.checkpoint(now + timedelta(seconds=1))
    return log


def response(tsa: TsaTwin, data: bytes, folder: Path) -> bytes:
    (folder / "note").write_bytes(data)
    asked = subprocess.run(["openssl", "ts", "-query", "-data", str(folder / "note"), "-sha256", "-cert"], capture_output=True, check=True)
    return tsa.stamp(asked.stdout)


def of_then(log: Log) -> Bundle:
    start = datetime.fromisoformat(log.heads[0]["at"]).replace(minute=0, second=0, microsecond=0)
    return log.bundle(period=(start, start + timedelta(days=1)), exported=datetime.now(UTC) + HOUR)


def test_a_time_stamp_is_verified(told: Verify, tsa: TsaTwin, stamped: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """(10) Under the authority's certificates it proves when; without them, or without openssl, its signature is said to be unverified."""
    answer = told(of_then(stamped), "--tsa-ca", str(tsa.roots))
    assert answer.code == 0
    assert "1 anchors: rfc3161: signed under good.ca.pem" in answer.told
    assert "1 of 10 entries lie behind the last proved anchor" in answer.told
    assert "the authority's signature was not verified: give --tsa-ca" in told(of_then(stamped)).told
    monkeypatch.setenv("PATH", "")
    answer = told(of_then(stamped), "--tsa-ca", str(tsa.roots))
    assert (answer.code, "openssl is not installed" in answer.told, "NO ANCHOR" in answer.told) == (0, True, True)


def test_a_time_stamp_of_another_authority_or_note_is_refused(told: Verify, tsa: TsaTwin, stamped: Log, tmp_path: Path) -> None:
    """(10) A stranger's signature, a stamp of other bytes, a stamp that was cut, and one of before the entries that it covers."""
    assert told(of_then(stamped), "--tsa-ca", str(tsa.stranger)).steps == {10}
    now = datetime.now(UTC)
    good = response(tsa, stamped.heads[0]["note"].encode(), tmp_path)
    for proof in (response(tsa, b"other", tmp_path), good[:-40], good[:30], b"", b"0"):
        log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1))
        log.anchor("rfc3161", proof, now)
        log.checkpoint(now + timedelta(seconds=1))
        assert told(of_then(log)).steps == {10}
    log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3))
    log.anchor("rfc3161", response(tsa, log.heads[-1]["note"].encode(), tmp_path), now)
    log.checkpoint(now + timedelta(days=4))
    bundle = of_then(log)
    bundle.manifest["exported_at"] = stamp(now + timedelta(days=5))
    assert told(bundle, "--tsa-ca", str(tsa.roots)).steps == {10}


# --- (11) the period


def test_what_was_expected_is_compared_with_what_the_log_says(told: Verify) -> None:
    """(11) Performed, missed one by one and as a span, interrupted, begun, and the slots of which nothing is said."""
    log = company(2)
    log.add(
        "schedule:hourly", type="run.missed", scheduled=stamp(DAY + 2 * HOUR), frequency="hourly", noticed=stamp(DAY + 3 * HOUR), checks=1
    )
    span = {"first": stamp(DAY + 3 * HOUR), "last": stamp(DAY + 6 * HOUR), "count": 4}
    log.add(
        "schedule:hourly",
        type="run.missed",
        scheduled=span["first"],
        span=span,
        frequency="hourly",
        noticed=stamp(DAY + 7 * HOUR),
        checks=1,
    )
    for hour, ends in ((7, True), (8, False)):
        at = stamp(DAY + hour * HOUR)
        log.add(
            "runs", f"run-{hour}", type="run.started", scheduled=at, started=at, frequencies=["hourly"], adhoc=False, targets=[], count=1
        )
        if ends:
            log.add("runs", f"run-{hour}", type="run.interrupted", scheduled=at, started=at, noticed=at, populations=[], seen={})
    log.checkpoint(DAY + 9 * HOUR)
    log.run(DAY + 10 * HOUR)
    answer = told(log.bundle(period=(DAY, DAY + 11 * HOUR)))
    assert answer.code == 0
    assert "of 11 expected runs: 3 performed, 1 interrupted, 5 missed, 1 begun, 1 silent" in answer.told
    assert "SILENT SLOTS: 1, of which the log says nothing: hourly 2026-11-23T09:00:00.000Z" in answer.told
    assert "1 runs began, and the log does not say how they ended" in answer.told


def test_a_late_daemon_serves_the_slots_of_several_frequencies(told: Verify) -> None:
    """(11) A run's scheduled time is the latest of its slots: the daily one is served too. A change of schedule ends what is expected."""
    log = Log()
    log.schedule(DAY - timedelta(minutes=1), hourly=[CHECK], daily=[CHECK], weekly=[])
    log.run(DAY + HOUR, ["hourly", "daily"])
    log.schedule(DAY + 2 * HOUR - timedelta(minutes=1), daily=[CHECK])
    log.checkpoint(DAY + 2 * HOUR)
    answer = told(log.bundle())
    assert "of 3 expected runs: 2 performed, 0 interrupted, 0 missed, 0 begun, 1 silent" in answer.told
    assert "hourly 2026-11-23T00:00:00.000Z" in answer.told


@pytest.mark.parametrize("frequency", ["hourly", "daily", "weekly", "monthly", "quarterly", "annual"])
@given(at=st.integers(0, 4 * 10**9).map(lambda seconds: DAY.replace(year=1970) + timedelta(seconds=seconds)))
def test_slots_are_those_of_the_daemon(frequency: str, at: datetime) -> None:
    """(11) The verifier's reading of a schedule is the plan's."""
    from controlmon.engine import plan

    assert verify.slot(frequency, at) == plan.slot(frequency, at)
    assert verify.following(frequency, plan.slot(frequency, at)) == plan.following(frequency, plan.slot(frequency, at))


def test_a_schedule_that_cannot_be_read_is_told(told: Verify, day: Log) -> None:
    """(11) Content that is no schedule, and frequencies that nobody knows."""
    for content in (b"[]", dumped({"frequencies": {"sometimes": [CHECK]}})):
        made = relogged(day, "schedule", lambda entry, content=content: entry.update(content=day.keep(content)))  # type: ignore[misc]
        made.content = dict(day.content)
        bundle = made.bundle()
        bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/schedule")}
        assert told(bundle).steps == {11}


# --- What is told


def test_names_are_escaped(day: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What others chose reaches the terminal without control characters."""
    members = with_member(day.bundle().members(), "a\x1b[2Jb\u202e.html")
    assert verify.main([str(zipped(tmp_path / "x.zip", members)), "--key", day.key.text]) == 1
    out = capsys.readouterr().out
    assert "a\\u001b[2Jb\\u202e.html" in out
    assert all(line.isprintable() for line in out.splitlines())
    assert "NOT GONE THROUGH" in out


def test_many_problems_are_counted(told: Verify, day: Log) -> None:
    """The first are told in full, the rest by number; too many end the step."""
    bundle = day.bundle()
    bundle.blobs += [b"%d" % number for number in range(100)]
    answer = told(bundle)
    assert json.loads(answer.text)["count"] == 100
    assert len(json.loads(answer.text)["problems"]) == verify.KEPT
    bundle.blobs += [b"more %d" % number for number in range(10_000)]
    assert "given up" in told(bundle).text


def test_the_workshop_reads_what_it_writes(day: Log) -> None:
    """The helpers that tests of attacks use are each other's inverse."""
    entries = [*day.entries[:3], Hash(bytes(32))]
    assert list(split_entries(joined_entries(entries))) == entries
