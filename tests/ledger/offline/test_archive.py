"""(1) The archive and (2) its manifest: nothing in the file is believed."""

import bz2
import json
import lzma
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bundles import Key, Log, dumped, resealed
from tests.ledger.offline.forged import Verify, with_member

# --- (1) the archive


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
