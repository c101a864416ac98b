"""Does a bundle of controlmon hold? One file, standard library only (Python 3.11 or later), no network, streaming.

    python verify.py BUNDLE.zip --key KEY [--witness KEY ...] [--tsa-ca FILE.pem] [--json]

Get this file and KEY from outside of the bundle: whoever can forge a bundle can forge what stands in it.
Each step is numbered here and at its line.

(1) the archive: names that stay inside, none twice, sizes as declared, bounded reading
(2) the manifest: signed by the log's key, and every member is as it says
(3) the keys: each rotation is signed by both keys, so that the key that you gave leads to all others
(4) the checkpoints: each signed by the key in force, at a time that its entries do not contradict
(5) the tree: the entries, and the hashes of those withheld, give the root of every checkpoint
(6) the streams: each counts up without a hole
(7) the counts: outcomes add up, and are those of the findings
(8) the state: every piece that an entry names is there and is what its digest says; nothing else is
(9) the configuration and the checks: what stands in `config/` and `checks/` is what the log names
(10) the anchors: each speaks of a checkpoint of this log; what lies behind the last one is said
(11) the period: expected runs by the logged schedule against those performed, missed and interrupted

Exit code: 0 if all holds; 1 if something does not; 2 for wrong usage; 3 if all holds but no key was given: nothing is known of who signed.
"""

import argparse
import base64
import contextlib
import functools
import gc
import hashlib
import itertools
import json
import lzma
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

STEPS = "archive manifest keys checkpoints tree streams counts state configuration anchors period".split()  # noqa: SIM905 - read across
CANNOT = (
    "what a collector made up before its first anchor: the log shows what was written, not that it was true",
    "cloud credentials that return fakes, and resources outside of the queries in ipe.json",
    "a check whose logic is wrong: read it in checks/, and judge again with `controlmon bundle replay`",
    "another log beside this one, and what was cut off or rewritten behind the last anchor",
    "whether the views (index.html, workbook.xlsx and the others) say what the log says: they are signed, not proved",
)
VERDICTS = {
    0: "HOLDS, under the key that you gave.",
    1: "DOES NOT HOLD.",
    3: "HOLDS UNDER ITS OWN KEY: nothing is known about who signed. Give --key.",
}
OUTSIDE = "Get verify.py and the key from outside of the bundle: whoever can forge a bundle can forge those in it."

KIB, MIB = 1 << 10, 1 << 20
MAX_DIRECTORY = 16 * MIB  # bytes of the zip's own table, read before anything else
MAX_MANIFEST = 16 * MIB
MAX_CHECKPOINTS = 128 * MIB  # half a million
MAX_BLOB = 64 * MIB
MAX_PIECE = 8 * MIB  # a piece of a list that is parsed
MAX_DEFLATE = 250  # bytes out for one in, of members beyond a MiB; CSV and HTML of real bundles stay below 100
MAX_LZMA = 2000  # the same, beyond 64 MiB; a stream of zeroes gives 7,000
MAX_MEMORY = 128 * MIB  # what the dictionary of an LZMA stream may take
MAX_LEVEL = 64
MAX_SLOTS = 2_000_000
KEPT, ENOUGH = 20, 1000  # problems of one step that are told; after as many the step is given up
SKEW = timedelta(seconds=60)
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)

Point = tuple[int, ...]


class Damaged(Exception):
    """What does not hold, so that what depends on it cannot be looked at: step, place, reason."""


class Report:
    """What does not hold, and what a reader should know besides."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str, str]] = []
        self.count = Counter[int]()
        self.told: list[str] = []
        self.found: dict[str, str] = {}
        self.reached: set[int] = set()

    def problem(self, step: int, place: str, reason: object) -> None:
        """Note what does not hold. Raises `Damaged` if there is so much of it that more would say nothing."""
        self.count[step] += 1
        if self.count[step] <= KEPT:
            self.problems.append((step, str(place), str(reason) or type(reason).__name__))
        if self.count[step] == ENOUGH:
            raise Damaged(step, place, "given up: too much does not hold")

    def stage(self, step: int, part: Callable[[], object], place: str = "") -> bool:
        """Go through one part; False if it came to an early end, because what it needs cannot be read."""
        self.reached.add(step)
        try:
            part()
        except Damaged as damaged:
            step, place, reason = damaged.args
        except (*UNREADABLE, *MALFORMED) as error:
            place, reason = place or STEPS[step - 1], f"it cannot be read: {error!r:.200}"
        else:
            return True
        self.count[step] += 1
        if self.count[step] <= KEPT or self.count[step] == ENOUGH + 1:
            self.problems.append((step, str(place), reason))
        return False


# --- Signatures: Ed25519 (RFC 8032) and ECDSA on P-256 (FIPS 186-5), by tables of multiples, for thousands of checkpoints


class Comb:
    """The multiples of one point in 43 windows of six bits: a product is 43 additions.

    Args:
        point: in the form that sums have.
        add: a sum and a kept point.
        keep: from the form of sums to the one that is kept.

    """

    def __init__(self, point: Point, add: Callable[[Point, Point], Point], keep: Callable[[Point], Point]) -> None:
        self._add, self._rows = add, list[list[Point]]()
        for _ in range(43):
            one, here, row = keep(point), point, list[Point]()
            for _ in range(63):
                row.append(keep(here))
                here = add(here, one)
            self._rows.append(row)
            point = here

    def times(self, scalar: int, plus: Point) -> Point:
        """`scalar` times the point, and a sum."""
        add = self._add
        for row in self._rows:
            if digit := scalar & 63:
                plus = add(plus, row[digit - 1])
            scalar >>= 6
        return plus


P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # the field and the order of edwards25519 (RFC 8032, section 5.1)
D = -121665 * pow(121666, -1, P) % P
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
LOW_ORDER = {0, 1, P - 1, Y8, P - Y8}  # the y of the eight points whose order divides eight: for such a key anyone can sign
ED_ZERO: Point = (0, 1, 1, 0)


def _ed_add(a: Point, b: Point) -> Point:
    x, y, z, t = a
    minus, plus, t2d, z2 = b
    p, q, r, s = (y - x) * minus % P, (y + x) * plus % P, t * t2d % P, z * z2 % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def _ed_keep(a: Point) -> Point:
    x, y, z, t = a
    return (y - x) % P, (y + x) % P, 2 * D * t % P, 2 * z % P


def _ed_strict(encoded: bytes) -> bool:
    """Canonical (RFC 8032, section 5.1.3), and not of low order."""
    y = int.from_bytes(encoded, "little") & ~(1 << 255)
    return len(encoded) == 32 and y < P and y not in LOW_ORDER


def _ed_point(encoded: bytes) -> Point:
    y, odd = int.from_bytes(encoded, "little") & ~(1 << 255), encoded[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        raise ValueError("the key is not a point of the curve")
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


@functools.cache
def _ed_base() -> Comb:
    return Comb(_ed_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), _ed_add, _ed_keep)


def ed25519(key: bytes) -> Callable[[bytes, bytes], bool]:
    """The strict verifier of a key: `(signature, message)`. Raises `ValueError` for a key that is weak or not a point."""
    if not _ed_strict(key):
        raise ValueError("a key for which anyone can sign, or that is not encoded canonically")
    x, y, z, t = _ed_point(key)
    minus = Comb((-x % P, y, z, -t % P), _ed_add, _ed_keep)

    def verify(signature: bytes, message: bytes) -> bool:
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or s >= L or not _ed_strict(r):
            return False
        k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
        x, y, z, _ = minus.times(k, _ed_base().times(s, ED_ZERO))  # R = sB - kA
        inverse = pow(z, -1, P)
        return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little") == r

    return verify


Q = 2**256 - 2**224 + 2**192 + 2**96 - 1  # the field of P-256, and below: its order, b and base point (SP 800-186, section 3.2.1.3)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # a P-256 key in DER, up to its coordinates


def _ec_add(a: Point, b: Point) -> Point:
    """A Jacobian and an affine point. A z of 0 is the point at infinity."""
    x, y, z = a
    if not z:
        return b[0], b[1], 1
    zz = z * z % Q
    h, r = (b[0] * zz - x) % Q, (b[1] * z * zz - y) % Q
    if not h:
        return _ec_double(a) if not r else (1, 1, 0)
    hh = h * h % Q
    hhh, v = h * hh % Q, x * hh % Q
    x3 = (r * r - hhh - 2 * v) % Q
    return x3, (r * (v - x3) - y * hhh) % Q, z * h % Q


def _ec_double(a: Point) -> Point:
    x, y, z = a
    yy, zz = y * y % Q, z * z % Q
    s, m = 4 * x * yy % Q, 3 * (x - zz) * (x + zz) % Q
    x3 = (m * m - 2 * s) % Q
    return x3, (m * (s - x3) - 8 * yy * yy) % Q, 2 * y * z % Q


def _ec_keep(a: Point) -> Point:
    inverse = pow(a[2], -1, Q)
    square = inverse * inverse % Q
    return a[0] * square % Q, a[1] * square * inverse % Q


@functools.cache
def _ec_base() -> Comb:
    return Comb(G, _ec_add, _ec_keep)


def _der_integer(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes([2, len(data)]) + data


def ecdsa(key: bytes) -> Callable[[bytes, bytes], bool]:
    """The verifier of a P-256 key in DER, for signatures in their one spelling: DER, lower s. Raises `ValueError` for another key."""
    x, y = int.from_bytes(key[27:59], "big"), int.from_bytes(key[59:], "big")
    if key[:27] != SPKI or len(key) != 91 or max(x, y) >= Q or (x * x * x - 3 * x + B - y * y) % Q:
        raise ValueError("not a P-256 key in DER, uncompressed")
    public = Comb((x, y, 1), _ec_add, _ec_keep)

    def verify(signature: bytes, message: bytes) -> bool:
        cut = 4 + (signature[3] if len(signature) > 8 else 0)
        r, s = int.from_bytes(signature[4:cut], "big"), int.from_bytes(signature[cut + 2 :], "big")
        numbers = _der_integer(r) + _der_integer(s) if 0 < r < N and 0 < s <= N // 2 else b""
        if not numbers or signature != bytes([0x30, len(numbers)]) + numbers:
            return False
        e, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
        total = public.times(r * w % N, _ec_base().times(e * w % N, (1, 1, 0)))
        return bool(total[2]) and _ec_keep(total)[0] % N == r

    return verify


# --- Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)


class Key(NamedTuple):
    """A public key by name: `name+id+base64(type, key)`."""

    text: str
    name: str
    id: bytes
    algorithm: int
    verify: Callable[[bytes, bytes], bool]


class Note(NamedTuple):
    """A text, and the name, key id and bytes of each signature: nothing is believed yet."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]

    def signed_by(self, key: Key) -> bool:
        """Whether there is a signature by the key, and each one of it is right."""
        own = [signature for name, id_, signature in self.signatures if (name, id_) == (key.name, key.id)]
        return bool(own) and all(key.verify(signature, self.text.encode()) for signature in own)


class Checkpoint(NamedTuple):
    """A checkpoint: its size and root, our clock, the note's bytes, and the latest time that an entry before it tells."""

    size: int
    root: bytes
    at: str
    data: bytes
    note: Note
    latest: str = ""


def _base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical Base64")
    return data


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(char.isspace() for char in name)


@functools.lru_cache(32)  # its tables take a MB
def read_key(text: str) -> Key:
    """A key that signs notes (types 0x01, 0x02) or cosigns checkpoints (0x04). Raises `ValueError`."""
    name, stated, material = text.split("+", 2)
    data = _base64(material)
    algorithm, public = data[0], data[1:]
    named = public if algorithm == 2 else f"{name}\n".encode() + data
    if not _is_name(name) or hashlib.sha256(named).hexdigest()[:8] != stated or algorithm not in {1, 2, 4}:
        raise ValueError("not a key NAME+ID+BASE64 of type 0x01, 0x02 or 0x04, or its id is not its own: copy it again")
    return Key(text, name, bytes.fromhex(stated), algorithm, (ecdsa if algorithm == 2 else ed25519)(public))


def _signatures(lines: str) -> Iterator[tuple[str, bytes, bytes]]:
    for line in lines[:-1].split("\n"):
        dash, name, data = line.split(" ", 2)
        raw = _base64(data)
        if dash != "—" or not _is_name(name) or len(raw) < 5:
            raise ValueError("a signature line is an em dash, a key's name and Base64")
        yield name, raw[:4], raw[4:]


def read_note(data: bytes) -> Note:
    """Read a note. Raises `ValueError`."""
    text, blank, lines = data.decode().rpartition("\n\n")
    if len(data) > MIB or not blank or not lines.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", text + lines):
        raise ValueError("not a signed note: text, an empty line, and lines of signatures")
    return Note(text + "\n", list(_signatures(lines)))


def read_checkpoint(origin: str, at: str, text: str) -> Checkpoint:
    """Read a note as a checkpoint of this log. Raises `ValueError`."""
    data = text.encode()
    note = read_note(data)
    named, size, root, *_ = note.text.split("\n")
    if named != origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(_base64(root)) != 32:
        raise ValueError("not a checkpoint of this log: origin, size, root")
    return Checkpoint(int(size), _base64(root), at, data, note)


# --- The archive


class Archive:
    """The zip, opened with care: (1) and the half of (2) that needs no key."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path, self._report = path, report
        self.members: dict[str, zipfile.ZipInfo] = {}
        self.manifest: dict[str, Any] = {}
        self.manifest_digest, self.files, self._names = "", dict[str, Any](), set[str]()
        self.opened = contextlib.ExitStack()

    def unfold(self) -> None:
        """(1) The zip's table is small enough to be read, stands at the end, where nothing follows, and does not lie."""
        length = self._path.stat().st_size
        with self._path.open("rb") as file:
            file.seek(max(0, length - 98))
            tail = file.read().rjust(98, b"\0")
        size = int.from_bytes(tail[-58:-50] if tail[-42:-38] == b"PK\6\7" else tail[-10:-6], "little")
        if tail[-22:-18] != b"PK\5\6" or tail[-2:] != b"\0\0" or size > MAX_DIRECTORY:
            raise Damaged(1, self._path.name, "not a zip, or its table of contents is not at the end, or is too long")
        self._zip, end = self.opened.enter_context(zipfile.ZipFile(self._path)), 0
        for info in sorted(self._zip.infolist(), key=lambda one: one.header_offset):
            self._look_at(info)
            if info.header_offset < end or (not end and info.header_offset):
                self._report.problem(1, info.filename, "it shares bytes with another member, or something stands before the first")
            end = info.header_offset + 30 + len(info.filename.encode()) + info.compress_size
            self.members[info.filename] = info
        if end > length:
            self._report.problem(1, self._path.name, "it is cut off")

    def _look_at(self, info: zipfile.ZipInfo) -> None:
        """(1) A name that stays inside and is not there twice, nothing encrypted, and only what is needed to unpack it."""
        name = info.orig_filename
        bad = not name.isprintable() or "\\" in name or ":" in name or any(part in {"", ".", ".."} for part in name.split("/"))
        packed = name.startswith(("log/", "state/")) and name.endswith(".xz")
        allowed = {zipfile.ZIP_STORED} if packed else {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        reasons = (
            (bad or name != info.filename, "its name does not stay inside of the archive"),
            (name.casefold() in self._names, "its name is there twice"),
            (stat.S_ISLNK(info.external_attr >> 16), "a link"),
            (info.flag_bits & 1, "encrypted"),
            (info.compress_type not in allowed, "packed in a way unknown"),
            (info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size, "stored in another size than it declares"),
            (info.file_size > max(MIB, MAX_DEFLATE * info.compress_size), "it would expand too much"),
        )
        self._names.add(name.casefold())
        for holds, reason in reasons:
            if holds:
                self._report.problem(1, name, reason)

    def read_manifest(self) -> None:
        """(2) What it must say; and (1) the size of each member as declared, before anything of it is unpacked."""
        data = self.read("manifest.json", MAX_MANIFEST)
        self.manifest, self.manifest_digest = json.loads(data), hashlib.sha256(data).hexdigest()
        log, self.files = self.manifest["log"], self.manifest["files"]
        texts = [moment(self.manifest[name]) and self.manifest[name] for name in ("from", "to", "exported_at")]
        texts += [self.manifest["origin"], self.manifest["key"], *(one["sha256"] for one in self.files.values())]
        numbers = [log["start"], log["size"], *(one["size"] for one in self.files.values())]
        self.whole = self.manifest["controls"] is None
        fits = all(type(one) is int and one >= 0 for one in numbers) and all(type(one) is str for one in texts)
        if not fits or log["start"] > log["size"] or self.manifest["format"] != "controlmon-bundle/1":
            raise ValueError("not of the format controlmon-bundle/1")
        for name, said in self.files.items():
            if name in self.members and self.members[name].file_size != said["size"]:
                self._report.problem(1, name, "its size is not the one that the manifest declares")

    def compare(self) -> None:
        """(2) Every member is as the manifest says, and nothing else is there."""
        for name in sorted(self.files.keys() - self.members.keys()):
            self._report.problem(2, name, "it is in the manifest and not in the archive")
        for name in sorted(self.members.keys() - self.files.keys() - {"manifest.json", "manifest.note"}):
            self._report.problem(2, name, "it is in the archive and not in the manifest")
        for name in sorted(self.files.keys() & self.members.keys()):
            self._report.stage(2, functools.partial(self._compare, name), name)

    def _compare(self, name: str) -> None:
        digest = hashlib.sha256()
        with self.open(name) as file:
            while some := file.read(MIB):
                digest.update(some)
        if self.digest(name) != digest.hexdigest():
            self._report.problem(2, name, "it is not what the manifest says")

    def digest(self, name: str) -> str:
        """The SHA-256 of a member, as the manifest gives it."""
        said: str = self.files[name]["sha256"]
        return said.removeprefix("sha256:")

    def below(self, folder: str) -> dict[str, str]:
        """The members of a folder with their SHA-256, as the manifest gives them."""
        return {name: self.digest(name) for name in self.files if name.startswith(folder) and name in self.members}

    def size(self, name: str) -> int:
        """Bytes of a member, 0 if there is none."""
        return self.members[name].file_size if name in self.members else 0

    def open(self, name: str) -> IO[bytes]:
        """A member, to be read piece by piece. Raises `Damaged` if there is none."""
        if name not in self.members:
            raise Damaged(2, name, "it is missing")
        return self._zip.open(self.members[name])

    def read(self, name: str, limit: int = MIB) -> bytes:
        """A small member, whole. Raises `Damaged`."""
        if self.size(name) > limit:
            raise Damaged(1, name, f"longer than {limit:,} bytes")
        with self.open(name) as file:
            return file.read()


class Unpacked:
    """An LZMA member, unpacked as it is read, in bounded memory."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._file, self._name = archive.opened.enter_context(archive.open(name)), name
        self._lzma = self._fresh()
        self._held, self._at, self.read, self._out = b"", 0, 0, 0
        self._ahead = archive.opened.enter_context(
            ThreadPoolExecutor(1)
        )  # LZMA lets go of the interpreter: the next MiB is unpacked while this one is read
        self._coming = self._ahead.submit(self._unpack)

    def take(self, size: int) -> bytes:
        """The next bytes. Raises `Damaged` if there are not as many."""
        end = self._at + size
        if end > len(self._held):
            parts = [self._held[self._at :]]
            missing = size - len(parts[0])
            while missing > 0:
                parts.append(some := self._more())
                missing -= len(some)
                if not some:
                    raise EOFError(f"{self._name} is cut off")
            self._held, self._at, end = b"".join(parts), 0, size
        taken = self._held[self._at : end]
        self._at = end
        return taken

    def ended(self) -> bool:
        """Whether nothing is left."""
        if self._at == len(self._held):
            self._held, self._at = self._more(), 0
        return not self._held

    @staticmethod
    def _fresh() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, MAX_MEMORY)

    def _more(self) -> bytes:
        """The next bytes; none at the end."""
        data = self._coming.result()
        if data:
            self._coming = self._ahead.submit(self._unpack)
        return data

    def _unpack(self) -> bytes:
        while True:
            data = self._lzma.unused_data if self._lzma.eof else b""
            if not data and (self._lzma.eof or self._lzma.needs_input):
                data = self._file.read(64 * KIB)
                self.read += len(data)
                if not data and not self._lzma.eof:
                    raise EOFError(f"{self._name} is cut off")
            if self._lzma.eof:
                if not data:
                    return b""
                self._lzma = self._fresh()
            out = self._lzma.decompress(data, MIB)
            self._out += len(out)
            if self._out > 64 * MIB + MAX_LZMA * self.read:
                raise Damaged(1, self._name, "it would expand too much")
            if out:
                return out


# --- The log


class Log:
    """The entries, gone through once: (5), (6), and what the other steps need of them."""

    def __init__(self, archive: Archive, report: Report, state: "State", runs: "Runs") -> None:
        self._archive, self._report, self._state, self._runs = archive, report, state, runs
        manifest = archive.manifest
        self.origin, self.start, self.size = str(manifest["origin"]), int(manifest["log"]["start"]), int(manifest["log"]["size"])
        self.heads, self._next = dict[int, Checkpoint](), 0
        self.first: Checkpoint | None = None  # the one before the period
        self.root, self._hashes = b"", list[bytes]()
        self.streams: dict[str, tuple[int, int, int]] = {}  # seq, position, entries without a body until then
        self.absent, self._last_absent, self._through = 0, -1, -1
        self._holes: list[tuple[str, int]] = []
        self._filled = 0
        self.rotations: list[tuple[int, dict[str, Any]]] = []
        self.anchors: list[tuple[int, dict[str, Any]]] = []
        self.checks: set[tuple[str, str]] = set()
        self.contents: set[str] = set()
        self.latest, self._recent, self._recent_at = "", "", 0

    def read_heads(self) -> None:
        """The checkpoints, to be compared with the tree; their signatures are verified once the keys are known."""
        if self._archive.size("log/checkpoints.jsonl") > MAX_CHECKPOINTS:
            raise Damaged(1, "log/checkpoints.jsonl", f"longer than {MAX_CHECKPOINTS:,} bytes")
        with self._archive.open("log/checkpoints.jsonl") as file:
            for number in itertools.count(1):
                if not (line := file.readline(2 * MIB)):
                    break
                self._report.stage(4, functools.partial(self._head, line), f"line {number} of log/checkpoints.jsonl")
        last = list(self.heads.values())[-1:]
        if not last or last[0].size != self.size or self._archive.read("log/checkpoint") != last[0].data:
            self._report.problem(4, "log/checkpoint", "no checkpoint signs the last entries, or it is another than the last of the list")

    def _head(self, line: bytes) -> None:
        said = json.loads(line)
        head = read_checkpoint(self.origin, stamp(moment(said["at"])), said["note"])
        if head.size != said["size"] or not max(self.start, self._next) <= head.size <= self.size:
            raise ValueError(f"a checkpoint of {head.size}: not of the size that is said, not in order, or outside of the bundle")
        self.heads[head.size], self._next = head, head.size + 1

    def read_start(self) -> None:
        """(5) The tree before the period is the one that its checkpoint signs."""
        said = json.loads(self._archive.read("log/start.json"))
        self._hashes = [bytes.fromhex(one) for one in said["frontier"]]
        if self.start:
            self.first = read_checkpoint(self.origin, "", said["checkpoint"])
        signed = not self.start or (self.first and (self.first.size, self.first.root) == (self.start, self._fold()))
        sound = self.start.bit_count() == len(self._hashes) and all(len(one) == 32 for one in self._hashes)
        if said["size"] != self.start or not sound or not signed:
            raise Damaged(5, "log/start.json", "its hashes are not those of the tree that its checkpoint signs")
        for one in said["in_force"]:
            self._hold(int(one["position"]), one["entry"].encode(), [bytes.fromhex(each) for each in one["proof"]])

    def _hold(self, position: int, data: bytes, proof: list[bytes]) -> None:
        """(5) An entry from before the period that holds in it is in the tree that the first checkpoint signs (RFC 9162, 2.1.3.2)."""
        node, index, last = hashlib.sha256(b"\0" + data).digest(), position, self.start - 1
        for one in proof:
            if index & 1 or index == last:
                node = hashlib.sha256(b"\1" + one + node).digest()
                while index and not index & 1:
                    index, last = index >> 1, last >> 1
            else:
                node = hashlib.sha256(b"\1" + node + one).digest()
            index, last = index >> 1, last >> 1
        entry = json.loads(data)
        proved = not last and not index and 0 <= position < self.start and self.first is not None and node == self.first.root
        if not proved or entry["type"] not in {"schedule", "change", "key.rotated"}:
            raise Damaged(5, "log/start.json", f"entry {position} is not proved to have been in the log")
        if entry["type"] != "change":  # (6) a later one, in the period, is the next of its stream
            self._follow(entry["stream"], entry["seq"], position, f"entry {position}")
        self._state.name(entry, position)
        self._take(entry["type"], entry, position)

    def walk(self) -> None:
        """Every position, in order."""
        packed, sha256, hashes = Unpacked(self._archive, "log/entries.bin.xz"), hashlib.sha256, self._hashes
        holds = self._compare(self.start)
        for position in range(self.start, self.size):
            if length := int.from_bytes(packed.take(2), "big"):
                data = packed.take(length)
                node = sha256(b"\0" + data).digest()
                self._entry(position, data)
            else:
                node = packed.take(32)
                self.absent, self._last_absent = self.absent + 1, position
                if 16 * self.absent > MIB + packed.read:  # hashes do not compress
                    raise Damaged(1, "log/entries.bin.xz", "it would expand too much")
            carry = position
            while carry & 1:
                node = sha256(b"\1" + hashes.pop() + node).digest()
                carry >>= 1
            hashes.append(node)
            if holds:
                holds = self._compare(position + 1)
        self.root = self._fold()
        if not packed.ended():
            self._report.problem(5, "log/entries.bin.xz", "there are more entries than the bundle's size")
        self._end()

    def _fold(self) -> bytes:
        if not self._hashes:
            return hashlib.sha256(b"").digest()
        return functools.reduce(lambda right, left: hashlib.sha256(b"\1" + left + right).digest(), reversed(self._hashes))

    def _compare(self, size: int) -> bool:
        """(5) The root is the one that is signed; (4) no entry tells a later time than the checkpoint that first signs it."""
        head = self.heads.get(size)
        if head is None:
            return True
        if self._recent > shifted(head.at):
            self._report.problem(4, f"entry {self._recent_at}", f"it tells of {self._recent}, and was signed at {head.at}")
        self.latest, self._recent = max(self.latest, self._recent), ""
        self.heads[size] = head._replace(latest=self.latest)
        if head.root != self._fold():
            self._report.problem(5, f"checkpoint {size}", "the entries give another root than the one that is signed")
            return False
        return True

    def _entry(self, position: int, data: bytes) -> None:
        place = f"entry {position}"
        try:
            entry = json.loads(data.decode())
            stream, seq, kind, run = entry["stream"], entry["seq"], entry["type"], entry["run"]
            if type(seq) is not int or not (type(stream) is type(kind) is type(run) is str):
                raise ValueError("stream, seq, type and run are a text, a number and two texts")
        except MALFORMED as error:
            self._report.problem(6, place, f"not an entry: {error!r}")
            return
        self._follow(stream, seq, position, place)
        for name in ("at", "clock", "started", "finished", "noticed"):
            said = entry.get(name)
            if said is not None and type(said) is str and len(said) == 24 and said > self._recent:
                self._recent, self._recent_at = said, position
        try:
            self._state.name(entry, position)
        except MALFORMED as error:
            self._report.problem(8, place, f"what it names cannot be read: {error!r}")
        try:
            self._take(kind, entry, position)
        except MALFORMED as error:
            self._report.problem(7 if kind == "check" else 11, place, f"what it says cannot be read: {error!r}")

    def _take(self, kind: str, entry: dict[str, Any], position: int) -> None:
        if kind == "check":
            self.checks.add((entry["check"]["id"], entry["check"]["digest"].removeprefix("sha256:")))
            self._runs.judged(entry)
        elif kind in {"run.started", "run.finished", "run.interrupted", "run.missed", "schedule"}:
            self._runs.take(kind, entry, position, self.absent)
        elif kind == "key.rotated":
            self.rotations.append((position, entry))
        elif kind == "anchor":
            self.anchors.append((position, entry))
        elif kind == "ledger.pruned":
            self._through = max(self._through, int(entry["through"]))
        if kind in {"change", "schedule"} and entry["content"] is not None:
            self.contents.add(entry["content"].removeprefix("sha256:"))

    def _follow(self, stream: str, seq: int, position: int, place: str) -> None:
        """(6) The next of its stream. Only entries without a body can stand in a hole; whether they were pruned is known at the end."""
        last, where, absent = self.streams.get(stream, (-1, -1, 0) if not self.start else (seq - 1, -1, 0))
        hole = seq - last - 1
        if hole < 0 or hole > self.absent - absent:
            self._report.problem(6, place, f"{stream} goes from {last} to {seq}")
        elif hole:
            self._holes.append((f"{place}: {stream} goes from {last} to {seq}", where))
            self._filled += hole
        self.streams[stream] = seq, position, self.absent

    def _end(self) -> None:
        for place, where in self._holes:
            if where >= self._through:
                self._report.problem(6, place, "and nothing says that those between were pruned")
        if self._filled > self.absent:
            self._report.problem(6, "the streams", "more is missing in them than there are entries without a body")
        if self._archive.whole and self._last_absent > self._through:  # (5)
            self._report.problem(
                5, f"entry {self._last_absent}", "its body is not here, the bundle is of all controls, and nothing says that it was pruned"
            )
        if self.absent:
            why = "pruned" if self._archive.whole else "withheld from this partial bundle, or pruned"
            self._report.told.append(f"{self.absent:,} entries are here by their hash alone: {why}")


# --- Keys


class Keys:
    """(3) The keys of the log, from the first to the last, and (4) which of them signs what."""

    def __init__(self, trusted: Key, log: Log, report: Report) -> None:
        self._report, self._positions = report, list[int]()
        self.chain = [trusted.text]
        if log.rotations:
            report.stage(3, lambda: self._link(trusted, log.rotations), "the keys")

    def _link(self, trusted: Key, rotations: list[tuple[int, dict[str, Any]]]) -> None:
        texts = [rotations[0][1]["old"]]
        for position, entry in rotations:
            if entry["old"] != texts[-1]:
                raise ValueError(f"entry {position} changes from a key that was not in force")
            texts.append(entry["new"])
        if trusted.text not in texts:
            raise ValueError("the key that you gave is none of this log's")
        for position, entry in rotations:
            said = f"controlmon key rotation v1\n{entry['old']}\n{entry['new']}\n{entry['at']}\n".encode()
            for who in ("old", "new"):
                if not read_key(entry[who]).verify(_base64(entry["signatures"][who]), said):
                    raise ValueError(f"the change of entry {position} is not signed by the {who} key")
        self.chain, self._positions = texts, [position for position, _ in rotations]

    def verify_manifest(self, log: Log, archive: Archive) -> None:
        """(2) It is signed by a key of the log."""
        expected = f"controlmon bundle manifest v1\n{log.origin}\n{archive.manifest_digest}\n"
        note = read_note(archive.read("manifest.note"))
        named = archive.manifest["key"]
        if note.text != expected or named not in self.chain or not note.signed_by(read_key(named)):
            self._report.problem(2, "manifest.note", "it does not sign this manifest with a key that yours leads to")

    def verify_heads(self, log: Log, archive: Archive) -> None:
        """(4) By the key in force; after a rotation, the first is signed by both."""
        held = sum(position < log.start for position in self._positions)
        if log.first is not None and not log.first.note.signed_by(read_key(self.chain[held])):
            self._report.problem(4, f"checkpoint {log.start}", "the one before the period is not signed by the key in force")
        before, at = held, ""
        for size, head in sorted(log.heads.items()):
            covered = sum(position < size for position in self._positions)
            for key in map(read_key, self.chain[before : covered + 1]):
                if not head.note.signed_by(key):
                    self._report.problem(4, f"checkpoint {size}", f"not signed by {key.name} ({key.id.hex()}), the key in force")
            if at > shifted(head.at):
                self._report.problem(4, f"checkpoint {size}", f"it says {head.at}, after one of {at}")
            before, at = covered, max(at, head.at)
        if at and moment(at) > moment(archive.manifest["exported_at"]) + SKEW:
            self._report.problem(4, "exported_at", f"the bundle says that it was written before its last checkpoint, of {at}")


# --- The state

POPULATION, STATEMENTS, FINDINGS, LIST, BLOB, SEEN = 1, 2, 4, 8, 16, 32  # what a digest stands for, and whether it has been met
OUTCOMES = ("pass", "fail", "unknown", "not_applicable")
EMPTY = "sha256:" + hashlib.sha256(b'{"level":0,"rows":[]}').hexdigest()
Counts = tuple[int, ...]  # rows, then outcomes


class State:
    """(8) What entries name, and what that names in turn, against the pack; (7) what entries say of lists, against the lists."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._roles: dict[str, int] = {}
        self._rows: dict[str, Counts] = {}  # of the lowest pieces
        self._pieces: dict[str, tuple[int, bytes]] = {}  # of the others: level, and the digests below, joined
        self._claims: dict[tuple[str, Counts], str] = {}
        self.schedules: dict[str, Any] = {}
        self.blobs = 0

    def name(self, entry: dict[str, Any], position: int) -> None:
        """What an entry names, and the counts that it states."""
        place = f"entry {position}"
        if isinstance(check := entry.get("check"), dict):
            self._expect(check["digest"], BLOB)
        for statement in entry.get("populations", ()):
            self._statement(statement, place)
        if "others" in entry:
            self._list(entry["others"]["root"], STATEMENTS, (entry["others"]["count"],), place)
        if "findings" in entry:
            outcomes = tuple(entry["outcomes"][name] for name in OUTCOMES)
            count, failing = entry["findings"]["count"], sum(entry["failing"].values())
            if sum(outcomes) != count or len(entry["outcomes"]) != 4 or failing != outcomes[1]:  # (7)
                self._report.problem(7, place, "its outcomes do not add up to its findings, or its failures to those by severity")
            self._list(entry["findings"]["root"], FINDINGS, (count, *outcomes), place)
        for one in entry.get("seen", {}).values():
            self._expect(one["root"], LIST)
        for name in ("content", "receipt"):
            if isinstance(digest := entry.get(name), str):
                self._expect(digest, BLOB)
                if entry["type"] == "schedule":
                    self.schedules.setdefault(digest, None)

    def _statement(self, statement: dict[str, Any], place: str) -> None:
        self._list(statement["root"], POPULATION, (statement["count"],), place)
        self._expect(statement["how"], LIST)

    def _list(self, root: str, role: int, counts: Counts, place: str) -> None:
        self._expect(root, role)
        self._claims.setdefault((root, counts), place)

    def _expect(self, digest: str, role: int) -> None:
        known = self._roles.get(digest, 0)
        if known & role:
            return
        self._roles[digest] = known | role
        if known & SEEN and digest != EMPTY:
            self._report.problem(8, digest, "it stands before what names it")

    def walk(self, archive: Archive) -> None:
        """The pack, in one pass."""
        packed, sha256 = Unpacked(archive, "state/blobs.pack.xz"), hashlib.sha256
        while not packed.ended():
            length = int.from_bytes(packed.take(4), "big")
            if length > MAX_BLOB:
                raise Damaged(8, "state/blobs.pack.xz", f"a piece of {length:,} bytes; at most {MAX_BLOB:,} are read")
            data = packed.take(length)
            digest = "sha256:" + sha256(data).hexdigest()
            role = self._roles.get(digest, SEEN)
            if role & SEEN:
                self._report.problem(
                    8, digest, "it is there twice" if digest in self._roles else "no entry names it, or not by these bytes"
                )
                continue
            self.blobs += 1
            self._roles[digest] = role | SEEN
            try:
                self._piece(digest, role, data)
            except MALFORMED as error:
                self._report.problem(8, digest, f"not what its name stands for: {error!r}")
        for digest, role in self._roles.items():
            if not role & SEEN:
                self._report.problem(8, digest, "it is named and not there")

    def _piece(self, digest: str, role: int, data: bytes) -> None:
        if role & BLOB and digest in self.schedules and len(data) <= MAX_PIECE:
            self.schedules[digest] = json.loads(data)
        role &= ~BLOB
        if not role or (role == LIST and data.startswith(b'{"level":0,"rows":[')):
            return  # bytes, or rows that name nothing
        if len(data) > MAX_PIECE:
            raise ValueError(f"a piece of a list of {len(data):,} bytes")
        piece = json.loads(data.decode())
        level = piece["level"]
        if type(level) is not int or not 0 <= level <= MAX_LEVEL or len(piece) != 2:
            raise ValueError("a level, and rows or pieces")
        if level:
            for one in piece["pieces"]:
                for bit in (POPULATION, STATEMENTS, FINDINGS, LIST):
                    if role & bit:
                        self._expect(one, bit)
            self._pieces[digest] = level, bytes.fromhex("".join(one[7:] for one in piece["pieces"]))  # a quarter of the memory
        else:
            self._rows[digest] = self._read_rows(role, piece["rows"])

    def _read_rows(self, role: int, rows: list[Any]) -> Counts:
        if role & POPULATION:
            known = self._roles
            for row in rows:
                for answer in row["aspects"].values():
                    if (state := answer.get("state")) is not None and not known.get(state, 0) & BLOB:  # mostly known: no call
                        self._expect(state, BLOB)
        if role & STATEMENTS:
            for row in rows:
                self._statement(row, "a list of statements")
        if not role & FINDINGS:
            return (len(rows), 0, 0, 0, 0)
        outcomes = Counter(row["outcome"] for row in rows)
        if outcomes.keys() - set(OUTCOMES):
            raise ValueError("an outcome that is none")
        return (len(rows), *(outcomes[name] for name in OUTCOMES))

    def count(self) -> None:
        """(7) What entries say of each list is what it holds."""
        totals: dict[str, Counts] = {}
        for (root, said), place in self._claims.items():
            try:
                held = self._total(root, totals)
            except MALFORMED:
                self._report.problem(7, place, f"{root}: the list is not whole")
                continue
            if held[: len(said)] != said:
                self._report.problem(7, place, f"it says {list(said)} of a list that holds {list(held[: len(said)])} (rows, then outcomes)")

    def _total(self, digest: str, totals: dict[str, Counts], above: int = MAX_LEVEL + 1) -> Counts:
        if digest == EMPTY:
            return (0, 0, 0, 0, 0)
        if digest in self._rows and above in {1, MAX_LEVEL + 1}:
            return self._rows[digest]
        level, joined = self._pieces[digest]
        if level != above - 1 and above <= MAX_LEVEL:
            raise ValueError("a piece of the wrong level")
        if digest not in totals:
            below = (self._total("sha256:" + joined[i : i + 32].hex(), totals, level) for i in range(0, len(joined), 32))
            totals[digest] = tuple(map(sum, zip((0, 0, 0, 0, 0), *below, strict=True)))
        return totals[digest]


def compare_sources(archive: Archive, log: Log, report: Report) -> None:
    """(9) Each source in `checks/` judged, each that judged is there; each file in `config/` is named by a change or a schedule."""
    wanted = {f"checks/{name}/{digest}.py": digest for name, digest in log.checks}
    there = archive.below("checks/")
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            report.problem(9, name, "the check judged, and its source is not here")
        elif wanted.get(name) != there[name]:
            report.problem(9, name, "no entry names a check of this source")
    for name, digest in archive.below("config/").items():
        if digest not in log.contents:
            report.problem(9, name, "no entry names it")


# --- Anchors


def der(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of a run of DER (X.690): one level, as it comes. Raises `ValueError`."""
    found, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size > 0x80:
            more = size & 0x7F
            size, at = int.from_bytes(data[at : at + more], "big"), at + more
        if at + size > len(data):
            raise ValueError("not DER: it is cut off")
        found.append((tag, data[at : at + size]))
        at += size
    return found


IMPRINTS = {"608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512"}


def read_timestamp(data: bytes) -> tuple[str, bytes, datetime, bool]:
    """The hash, its value and the time in a response or token of RFC 3161; and whether it is a bare token. Raises `ValueError`."""
    ((_, outer),) = der(data)
    parts = der(outer)
    token = parts[0][0] == 0x06
    signed = parts if token else der(parts[1][1])
    content = der(der(der(signed[1][1])[0][1])[2][1])  # ContentInfo, SignedData, encapContentInfo
    info = der(der(der(content[1][1])[0][1])[0][1])  # the TSTInfo (RFC 3161, section 2.4.2)
    (_, algorithm), (_, value) = der(info[2][1])
    seconds, _, fraction = info[4][1].decode().removesuffix("Z").partition(".")
    at = datetime.strptime(seconds, "%Y%m%d%H%M%S").replace(tzinfo=UTC) + timedelta(microseconds=int(f"{fraction:0<6}"[:6]))
    return IMPRINTS[der(algorithm)[0][1].hex()], value, at, token


class Anchors:
    """(10) Each anchor against the checkpoints, and its raw proof against what it must say."""

    def __init__(self, archive: Archive, log: Log, report: Report, witnesses: Sequence[Key], authority: Path | None) -> None:
        self._archive, self._log, self._report, self._witnesses, self._authority = archive, log, report, witnesses, authority
        self._openssl = shutil.which("openssl") if authority else None
        self._proved: list[tuple[int, datetime]] = []
        self._said = Counter[str]()

    def verify(self) -> None:
        """All of them, and what lies behind the last."""
        there: dict[str, list[str]] = {}
        for name, digest in self._archive.below("anchors/").items():
            there.setdefault(digest, []).append(name)
        for position, entry in self._log.anchors:
            self._report.stage(10, functools.partial(self._one, f"entry {position}", entry, there), f"entry {position}")
        named = {entry["receipt"].removeprefix("sha256:") for _, entry in self._log.anchors if isinstance(entry.get("receipt"), str)}
        for name in sorted(name for digest, names in there.items() if digest not in named for name in names):
            self._report.problem(10, name, "no entry names it")
        self._report.told += [f"{count} anchors: {what}" for what, count in sorted(self._said.items())]
        self._tail()

    def _one(self, place: str, entry: dict[str, Any], there: dict[str, list[str]]) -> None:
        kind, size, receipt = entry["kind"], entry["size"], entry["receipt"].removeprefix("sha256:")
        head = self._log.heads.get(size) or (self._log.first if size == self._log.start else None)
        name = next((name for name in there.get(receipt, ()) if name.startswith(f"anchors/{size}-{kind}-")), None)
        if name is None:
            self._report.problem(10, place, f"its receipt is not in anchors/ as {size}-{kind}-N")
        elif head is None and type(size) is int and size < self._log.start:
            self._said["of checkpoints before this bundle, not looked at"] += 1
        elif head is None or entry["root"].removeprefix("sha256:") not in {head.root.hex(), base64.b64encode(head.root).decode()}:
            self._report.problem(10, place, "it speaks of a checkpoint that this log does not have")
        elif kind == "rfc3161":
            self._timestamp(place, entry, head, self._archive.read(name))
        elif kind == "witness":
            self._witness(place, entry, head, self._archive.read(name))
        else:
            self._said[f"{kind}: what the receipt claims cannot be proved offline; ask the place that it names"] += 1

    def _timestamp(self, place: str, entry: dict[str, Any], head: Checkpoint, data: bytes) -> None:
        algorithm, value, at, token = read_timestamp(data)
        if hashlib.new(algorithm, head.data).digest() != value:
            self._report.problem(10, place, f"the time stamp is of something else than checkpoint {head.size}")
        elif self._openssl is None or self._authority is None:
            why = "openssl is not installed" if self._authority else "give --tsa-ca"
            self._said[f"rfc3161: the stamp is of this checkpoint; the authority's signature was not verified: {why}"] += 1
            self._timely(place, entry, head, at)
        elif reason := self._refused(head.data, data, at, token=token):
            self._report.problem(10, place, f"the time stamp is not signed under {self._authority.name}: {reason}")
        else:
            self._said[f"rfc3161: signed under {self._authority.name}"] += 1
            self._proved.append((head.size, at))
            self._timely(place, entry, head, at)

    def _refused(self, note: bytes, stamp: bytes, at: datetime, *, token: bool) -> str:
        """What `openssl ts` says against a stamp; nothing if it is right. The certificates are judged as of the time of the stamp."""
        with tempfile.TemporaryDirectory() as folder:
            data, response = Path(folder, "note"), Path(folder, "stamp")
            data.write_bytes(note)
            response.write_bytes(stamp)
            command = [str(self._openssl), "ts", "-verify", "-data", str(data), "-in", str(response), *(["-token_in"] if token else [])]
            command += ["-CAfile", str(self._authority), "-untrusted", str(self._authority), "-attime", str(int(at.timestamp()))]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - no shell, and no text of the bundle
        return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1][-200:] if done.stderr.strip() else "refused"

    def _witness(self, place: str, entry: dict[str, Any], head: Checkpoint, data: bytes) -> None:
        """Signature lines, alone or below the text of the checkpoint (C2SP tlog-cosignature)."""
        lines = data.decode()
        if "\n\n" in lines:
            text, _, lines = lines.rpartition("\n\n")
            if text + "\n" != head.note.text:
                self._report.problem(10, place, f"the witness signed something else than checkpoint {head.size}")
                return
        known = {(key.name, key.id): key for key in self._witnesses}
        signed = [(known[name, id_], value) for name, id_, value in _signatures(lines) if (name, id_) in known]
        if not signed:
            self._said["witness: not verified: give the key of the witness with --witness"] += 1
        for key, value in signed:
            at = int.from_bytes(value[:8], "big")
            if len(value) != 72 or not key.verify(value[8:], f"cosignature/v1\ntime {at}\n{head.note.text}".encode()):
                self._report.problem(10, place, f"the cosignature by {key.name} is wrong")
                continue
            self._said[f"witness: cosigned by {key.name}"] += 1
            self._proved.append((head.size, datetime.fromtimestamp(at, UTC)))
            self._timely(place, entry, head, datetime.fromtimestamp(at, UTC))

    def _timely(self, place: str, entry: dict[str, Any], head: Checkpoint, at: datetime) -> None:
        """What was seen at a time holds nothing that happened after it, and its own clock agrees."""
        for what, said in (("an entry before it tells of", head.latest), ("it says that it was signed at", head.at)):
            if said and moment(said) > at + SKEW:
                self._report.problem(10, place, f"checkpoint {head.size} was seen outside at {stamp(at)}, and {what} {said}")
        if abs(moment(entry["at"]) - at) > SKEW:
            self._report.problem(10, place, f"it says {entry['at']}, and the receipt {stamp(at)}")

    def _tail(self) -> None:
        told, log = self._report.told, self._log
        proved = max((size for size, _ in self._proved), default=log.start)
        if not self._proved:
            told.append("NO ANCHOR was proved here: whoever holds the key could have written all of this log at once")
        else:
            first, *_, last = [moment(head.at) for head in log.heads.values()] * 2
            ends = [first, *(at for _, at in sorted(self._proved)), last]
            gap = max(after - before for before, after in itertools.pairwise(ends))
            told.append(f"at most {gap.total_seconds() / 3600:,.1f} hours lie between the beginning, the proved anchors and the end")
        told.append(f"{log.size - proved:,} of {log.size - log.start:,} entries lie behind the last proved anchor")


# --- The period


class Runs:
    """(11) What was expected, and what the log says of it; (7) the totals of each run."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._schedules: list[tuple[datetime, str]] = []
        self._open: dict[str, tuple[dict[str, Any], int]] = {}
        self._sums: dict[str, list[int]] = {}
        self._slots: dict[str, dict[datetime, set[str]]] = {}
        self._spans: list[tuple[str, datetime, datetime]] = []

    def judged(self, entry: dict[str, Any]) -> None:
        """Add the outcomes of one judgement to those of its run."""
        if entry["run"] in self._open:
            before = self._sums.get(entry["run"], [0, 0, 0, 0])
            self._sums[entry["run"]] = [count + entry["outcomes"][name] for count, name in zip(before, OUTCOMES, strict=True)]

    def take(self, kind: str, entry: dict[str, Any], position: int, absent: int) -> None:
        """Note a schedule, or what became of a run."""
        if kind == "schedule":
            self._schedules.append((moment(entry["at"]), entry["content"]))
        elif kind == "run.started":
            self._open[entry["run"]] = entry, absent
            self._note("begun", entry["frequencies"], entry["scheduled"])
        elif kind == "run.missed":
            self._note("missed", [entry["frequency"]], entry["scheduled"])
            if span := entry.get("span"):
                self._spans.append((entry["frequency"], moment(span["first"]), moment(span["last"])))
        else:
            started, before = self._open.pop(entry["run"], ({}, -1))
            self._note("performed" if kind == "run.finished" else "interrupted", started.get("frequencies", ()), entry["scheduled"])
            sums = self._sums.pop(entry["run"], [0, 0, 0, 0])
            if kind == "run.finished" and before == absent and sums != [entry["outcomes"][name] for name in OUTCOMES]:
                self._report.problem(7, f"entry {position}", "its outcomes are not the sum of its run's judgements")

    def _note(self, what: str, frequencies: Sequence[str], scheduled: str | None) -> None:
        for frequency in frequencies if scheduled else ():
            self._slots.setdefault(frequency, {}).setdefault(slot(frequency, moment(str(scheduled))), set()).add(what)

    def verify(self, archive: Archive, state: State) -> None:
        """Slot by slot, for each stretch of the period by its schedule."""
        manifest, told = archive.manifest, self._report.told
        start, end = moment(manifest["from"]), min(moment(manifest["to"]), moment(manifest["exported_at"]))
        schedules = sorted(self._schedules)
        first = stamp(schedules[0][0]) if schedules else "the end"
        if first > stamp(start):
            told.append(f"no schedule is logged here before {first}: what was expected until then is not known")
        counts, silent = Counter[str](), list[str]()
        ends = [*(at for at, _ in schedules[1:]), end]
        for (at, content), until in zip(schedules, ends, strict=False):
            if (said := state.schedules[content]) is None:
                continue  # (8) has told that it is missing
            for frequency in (name for name, checks in said["frequencies"].items() if checks):
                self._expected(frequency, max(at, start), min(until, end), end, counts, silent)
        words = ", ".join(f"{counts[name]:,} {name}" for name in ("performed", "interrupted", "missed", "begun", "silent"))
        told.append(f"of {sum(counts.values()):,} expected runs: {words}")
        if silent:
            told.append(
                f"SILENT SLOTS: {len(silent):,}, of which the log says nothing: {', '.join(silent[:KEPT])}{' ...' * (len(silent) > KEPT)}"
            )
        if self._open:
            told.append(f"{len(self._open):,} runs began, and the log does not say how they ended")

    def _expected(self, frequency: str, start: datetime, until: datetime, end: datetime, counts: Counter[str], silent: list[str]) -> None:
        at, known = slot(frequency, start), self._slots.get(frequency, {})
        at = at if at == start else following(frequency, at)
        while at < until and (after := following(frequency, at)) <= end:  # a slot that is not over may still be served
            words = known.get(at, set()) | {"missed" for name, first, last in self._spans if name == frequency and first <= at <= last}
            word = next((name for name in ("performed", "interrupted", "missed", "begun") if name in words), "silent")
            counts[word] += 1
            if sum(counts.values()) > MAX_SLOTS:
                raise ValueError("more slots than any log has")
            if word == "silent":
                silent.append(f"{frequency} {stamp(at)}")
            at = after


def slot(frequency: str, at: datetime) -> datetime:
    """The start (UTC) of the hour, day, ISO week, month, quarter or year. Raises `KeyError` if there is no such frequency."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "hourly": at.replace(minute=0, second=0, microsecond=0),
        "daily": day,
        "weekly": day - timedelta(days=day.weekday()),
        "monthly": day.replace(day=1),
        "quarterly": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "annual": day.replace(month=1, day=1),
    }[frequency]


def following(frequency: str, at: datetime) -> datetime:
    """The next slot."""
    longest = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 31, "quarterly": 24 * 92, "annual": 24 * 366}
    return slot(frequency, at + timedelta(hours=longest[frequency]))


def moment(text: str) -> datetime:
    """A time or a day in UTC. Raises `ValueError`."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shifted(text: str) -> str:
    """A time and the tolerated skew."""
    return stamp(moment(text) + SKEW)


# --- All of it


def verify(path: Path, key: Key | None, witnesses: Sequence[Key] = (), authority: Path | None = None) -> Report:
    """Go through all steps, as far as what was found allows."""
    report = Report()
    archive, collecting = Archive(path, report), gc.isenabled()
    gc.disable()  # nothing here refers to itself, and looking for what does takes a fifth of the time
    try:
        with archive.opened:
            _verify(archive, report, key, witnesses, authority)
    finally:
        if collecting:
            gc.enable()
    return report


def _verify(archive: Archive, report: Report, key: Key | None, witnesses: Sequence[Key], authority: Path | None) -> None:
    if not (report.stage(1, archive.unfold) and report.stage(2, archive.read_manifest)) or report.problems:
        return
    manifest = archive.manifest
    state, runs = State(report), Runs(report)
    log = Log(archive, report, state, runs)
    trusted = key
    if trusted is None and not report.stage(3, lambda: read_key(manifest["key"])):
        return
    trusted = trusted or read_key(manifest["key"])
    report.stage(2, archive.compare)
    report.stage(4, log.read_heads)
    whole = report.stage(5, log.read_start) and report.stage(5, log.walk, "log/entries.bin.xz")
    keys = Keys(trusted, log, report)
    report.stage(2, lambda: keys.verify_manifest(log, archive), "manifest.note")
    report.stage(4, lambda: keys.verify_heads(log, archive))
    report.reached |= {3, 6}
    if whole:
        if report.stage(8, lambda: state.walk(archive), "state/blobs.pack.xz"):
            report.stage(7, state.count)
        report.stage(9, lambda: compare_sources(archive, log, report))
        report.stage(10, Anchors(archive, log, report, witnesses, authority).verify)
        report.stage(11, lambda: runs.verify(archive, state))
    report.found = {"origin": log.origin, "key": f"{trusted.text}{'' if key else ' (its own: not given)'}", "root": log.root.hex()}
    report.found |= {"period": f"{manifest['from']} to {manifest['to']}", "controls": json.dumps(manifest["controls"])}
    report.found |= {"entries": f"{log.start} to {log.size}", "checkpoints": str(len(log.heads)), "pieces": str(state.blobs)}


def main(argv: Sequence[str] | None = None) -> int:
    """The command. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify a bundle of controlmon, offline.", epilog=OUTSIDE)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", help="the log's public key, NAME+ID+BASE64, as you got it from outside of the bundle")
    parser.add_argument("--witness", action="append", default=[], help="the public key of a witness that you trust; may be repeated")
    parser.add_argument("--tsa-ca", type=Path, metavar="FILE.pem", help="certificates of the time-stamp authorities that you trust")
    parser.add_argument("--json", action="store_true", help="tell it as JSON")
    try:
        given = parser.parse_args(argv)
    except SystemExit as error:
        return int(error.code or 0)
    try:
        key = read_key(given.key) if given.key is not None else None
        witnesses = [read_key(text) for text in given.witness]
        if (key and key.algorithm == 4) or any(one.algorithm != 4 for one in witnesses):
            raise ValueError("--key is a key of type 0x01 or 0x02, --witness one of type 0x04")
        for path in (given.bundle, *([given.tsa_ca] if given.tsa_ca else [])):
            if not path.is_file():
                raise ValueError(f"{path}: not a file")
    except MALFORMED as error:
        sys.stderr.write(f"verify.py: {safe(str(error))}\n")
        return 2
    report = verify(given.bundle, key, witnesses, given.tsa_ca)
    code = 1 if report.problems else 0 if key else 3
    sys.stdout.write(as_json(report, code) if given.json else as_text(report, code, given.bundle.name))
    return code


def safe(text: str) -> str:
    """Text of the bundle, which others chose, as a terminal may show it."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def as_json(report: Report, code: int) -> str:
    """The report for a program."""
    problems = [{"step": step, "place": place, "reason": reason} for step, place, reason in sorted(report.problems)]
    whole = {"exit": code, "found": report.found, "problems": problems, "count": report.count.total(), "told": report.told}
    whole["cannot"] = CANNOT
    return json.dumps(whole, indent=2) + "\n"


def as_text(report: Report, code: int, name: str) -> str:
    """The report for a person."""
    lines = [f"{name}", *(f"  {what:<12}{value}" for what, value in report.found.items()), ""]
    for number, step in enumerate(STEPS, 1):
        result = "nothing found against it" if number in report.reached else "NOT GONE THROUGH"
        own = [f"       {place}: {reason}" for at, place, reason in report.problems if at == number]
        lines += [f"  {number:>2}  {step:<14}{'DOES NOT HOLD' if own else result}", *own]
        if report.count[number] > len(own):
            lines.append(f"       and {report.count[number] - len(own):,} more")
    lines += ["", "To be known:", *(f"  - {one}" for one in report.told)]
    lines += ["", "What this cannot show:", *(f"  - {one}" for one in CANNOT), "", OUTSIDE, VERDICTS[code]]
    return "\n".join(safe(line) for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
