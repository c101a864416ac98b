"""Does a bundle of controlmon hold? One file, standard library only (Python 3.11 or later), no network, streaming.

    python verify.py BUNDLE.zip --key KEY [--witness KEY ...] [--tsa-ca FILE.pem] [--json]

Get this file and KEY from outside of the bundle, whose forger writes all of it. Each step is numbered here and at its line.

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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial, reduce
from pathlib import Path
from typing import IO, Any

STEPS = "archive manifest keys checkpoints tree streams counts state configuration anchors period".split()  # noqa: SIM905 - read across
CANNOT = (
    "what a collector made up before its first anchor: the log shows what was written, not that it was true",
    "cloud credentials that return fakes, and resources outside of the queries in ipe.json",
    "a check whose logic is wrong: read it in checks/, and judge again with `controlmon bundle replay`",
    "another log beside this one, and what was cut off or rewritten behind the last anchor",
    "whether the views (index.html, workbook.xlsx and the others) say what the log says: they are signed, not proved",
)
VERDICTS = "HOLDS, under the key that you gave.", "DOES NOT HOLD.", "", "HOLDS UNDER ITS OWN KEY: who signed is not known. Give --key."
OUTSIDE = "Get verify.py and the key from outside of the bundle: whoever can forge a bundle can forge those in it."

MIB, SKEW = 1 << 20, timedelta(seconds=60)
MAX_DIRECTORY = MAX_MANIFEST = 16 * MIB  # the zip's own table is read before anything else
MAX_CHECKPOINTS, MAX_BLOB, MAX_PIECE = 128 * MIB, 64 * MIB, 8 * MIB  # half a million; a piece of state; one that is parsed
MAX_DEFLATE = 250  # bytes out for one in, of members beyond a MiB; CSV and HTML of real bundles stay below 100
MAX_LZMA, MAX_MEMORY = 2000, 128 * MIB  # the same, beyond 64 MiB; a stream of zeroes gives 7,000; what a stream's dictionary may take
MAX_LEVEL, MAX_SLOTS, KEPT, ENOUGH = 64, 2_000_000, 20, 1000  # of one step: problems that are told, and that end it
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)
UNREADABLE = (*MALFORMED, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
POPULATION, STATEMENTS, FINDINGS, LIST, BLOB, SEEN = 1, 2, 4, 8, 16, 32  # what a digest stands for, and whether it has been met
OUTCOMES = ("pass", "fail", "unknown", "not_applicable")
WORDS = {"run.finished": "performed", "run.interrupted": "interrupted", "run.missed": "missed", "run.started": "begun"}  # the first counts
EMPTY = "sha256:" + hashlib.sha256(b'{"level":0,"rows":[]}').hexdigest()
from_base64 = partial(base64.b64decode, validate=True)
Entry = dict[str, Any]
Numbers = tuple[int, ...]  # the coordinates of a point; how many rows, and how many of each outcome


class GivenUp(Exception):
    """So much of a step does not hold that more would say nothing."""


def need(holds: object, reason: str) -> None:
    """Raise `ValueError` unless it holds: that ends the step, or the part of it, in whose name it is told."""
    if not holds:
        raise ValueError(reason)


def moment(text: str) -> datetime:
    """A time (RFC 3339), in UTC. Raises `ValueError`."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """The same in writing, with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sha256(*parts: bytes) -> bytes:
    """Of an entry behind a 0 it is a leaf of the tree, of two subtrees behind a 1 their node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"".join(parts)).digest()


# --- Signatures: Ed25519 (RFC 8032) and ECDSA on P-256 (FIPS 186-5), by tables of multiples, for thousands of checkpoints

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # the field and the order of edwards25519 (RFC 8032, section 5.1)
D, ED_Y = -121665 * pow(121666, -1, P) % P, 4 * pow(5, -1, P) % P
ED_X, D2 = 0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A, 2 * D % P
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
LOW_ORDER = {0, 1, P - 1, Y8, P - Y8}  # the y of the eight points whose order divides eight: for such a key anyone can sign
Q = 2**256 - 2**224 + 2**192 + 2**96 - 1  # the field of P-256, and below: its order, b and base point (SP 800-186, section 3.2.1.3)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
EC_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
EC_Y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # a P-256 key in DER, up to its coordinates


@lru_cache(32)  # a table takes a MB
def comb(point: Numbers, add: Callable[[Numbers, Numbers], Numbers]) -> Callable[[int, Numbers], Numbers]:
    """A point's multiples in 43 windows of six bits; what is given back adds `scalar` times the point to a sum, by 43 additions."""
    rows = list[list[Numbers]]()
    for _ in range(43):
        rows.append(list(itertools.accumulate(itertools.repeat(point, 64), add)))
        point = rows[-1].pop()

    def times(scalar: int, total: Numbers) -> Numbers:
        for row in rows:
            if digit := scalar & 63:
                total = add(total, row[digit - 1])
            scalar >>= 6
        return total

    return times


def ed_add(p: Numbers, q: Numbers) -> Numbers:
    """In extended coordinates, for any two points (RFC 8032, section 5.1.4)."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = p, q
    a, b, c, d = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P, t1 * t2 * D2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_minus(key: bytes) -> Numbers:
    """The point of a key, negated (RFC 8032, section 5.1.3). Raises `ValueError` for a key that is weak or not a point."""
    y = int.from_bytes(key, "little") & ~(1 << 255)
    need(len(key) == 32 and y < P and y not in LOW_ORDER, "a key for which anyone can sign, or that is not encoded canonically")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    need(x * x % P == square, "the key is not a point of the curve")
    x = P - x if x & 1 == key[31] >> 7 else x
    return x, y, 1, x * y % P


def ed25519(minus: Numbers, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether it is a signature, by the strict rules."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L or int.from_bytes(r, "little") & ~(1 << 255) in LOW_ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y, z, _ = comb(minus, ed_add)(k, comb((ED_X, ED_Y, 1, ED_X * ED_Y % P), ed_add)(s, (0, 1, 1, 0)))  # R = sB - kA
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little") == r


def ec_add(p: Numbers, q: Numbers) -> Numbers:
    """In projective coordinates, for any two points (Renes, Costello and Batina, 2016, algorithm 4); infinity is (0, 1, 0)."""
    (x1, y1, z1), (x2, y2, z2) = p, q
    xx, yy, zz = x1 * x2 % Q, y1 * y2, z1 * z2 % Q
    xy, yz, xz = (x1 * y2 + x2 * y1) % Q, (y1 * z2 + y2 * z1) % Q, (x1 * z2 + x2 * z1) % Q
    u, v, w = 3 * (xz - B * zz), 3 * (B * xz - 3 * zz - xx) % Q, 3 * (xx - zz)
    plus, minus = (yy + u) % Q, (yy - u) % Q
    return (xy * plus - yz * v) % Q, (minus * plus + w * v) % Q, (yz * minus + xy * w) % Q


def ec_point(key: bytes) -> Numbers:
    """The point of a P-256 key in DER. Raises `ValueError` for another key."""
    x, y = int.from_bytes(key[27:59], "big"), int.from_bytes(key[59:], "big")
    need(key[:27] == SPKI and len(key) == 91 and max(x, y) < Q and not (x * x * x - 3 * x + B - y * y) % Q, "not a P-256 key in DER")
    return x, y, 1


def ecdsa(public: Numbers, signature: bytes, message: bytes) -> bool:
    """Whether it is a signature in its one spelling: DER, lower s."""
    cut = 4 + (signature[3] if len(signature) > 8 else 0)
    r, s = int.from_bytes(signature[4:cut], "big"), int.from_bytes(signature[cut + 2 :], "big")
    numbers = b"".join(bytes([2, (size := n.bit_length() // 8 + 1) & 0xFF]) + n.to_bytes(size, "big") for n in (r, s))
    if not 0 < r < N or not 0 < s <= N // 2 or signature != bytes([0x30, len(numbers)]) + numbers:
        return False
    e, w = int.from_bytes(sha256(message), "big"), pow(s, -1, N)
    x, _, z = comb(public, ec_add)(r * w % N, comb((EC_X, EC_Y, 1), ec_add)(e * w % N, (0, 1, 0)))
    return z != 0 and x * pow(z, -1, Q) % Q % N == r


class Key:
    """A public key of C2SP signed-note: `name+id+base64(type, key)`. It signs (types 0x01, 0x02) or cosigns (0x04). Raises `ValueError`."""

    def __init__(self, text: str) -> None:
        self.text, (self.name, stated, material) = text, text.split("+", 2)
        data = from_base64(material)
        self.id, self.algorithm, public = bytes.fromhex(stated), int.from_bytes(data[:1], "big"), data[1:]
        named = public if self.algorithm == 2 else f"{self.name}\n".encode() + data
        known = sha256(named).hex()[:8] == stated and self.algorithm in {1, 2, 4} and re.fullmatch(r"\S+", self.name)
        need(known, "not a key NAME+ID+BASE64 of type 0x01, 0x02 or 0x04, or its id is not its own: copy it again")
        self.verify = partial(ecdsa, ec_point(public)) if self.algorithm == 2 else partial(ed25519, ed_minus(public), public)


read_key = lru_cache(32)(Key)


class Note:
    """A text and its signatures (C2SP signed-note); nothing is believed yet. Raises `ValueError`."""

    def __init__(self, data: bytes) -> None:
        text, blank, lines = data.decode().rpartition("\n\n")
        need(len(data) <= MIB and blank and not re.search(r"[\x00-\x09\x0b-\x1f]", text + lines), "not a signed note")
        need(re.fullmatch(r"(— \S+ \S+\n)+", lines), "a line of a signature is an em dash, a key's name and Base64")
        self.data, self.text = data, text + "\n"
        self.signatures = [(name, from_base64(signature)) for _, name, signature in map(str.split, lines[:-1].split("\n"))]

    def by(self, key: Key) -> list[bytes]:
        """The signatures that are said to be by the key."""
        return [data[4:] for name, data in self.signatures if (name, data[:4]) == (key.name, key.id)]

    def signed_by(self, key: Key) -> bool:
        """Whether there is a signature by the key, and each one of it is right."""
        return bool(self.by(key)) and all(key.verify(signature, self.text.encode()) for signature in self.by(key))


class Checkpoint(Note):
    """A size and a root (C2SP tlog-checkpoint), signed at `at` by our clock, and the latest time that an entry before it tells."""

    def __init__(self, origin: str, text: str, at: str) -> None:
        super().__init__(text.encode())
        named, size, root, *_ = self.text.split("\n")
        self.root, self.at, self.latest = from_base64(root), moment(at), ""
        need(named == origin and re.fullmatch(r"0|[1-9][0-9]{0,18}", size) and len(self.root) == 32, "not a checkpoint of this log")
        self.size = int(size)


class Verifier:
    """A bundle, step by step: what does not hold, and what a reader should know besides."""

    def __init__(self, key: Key | None, witnesses: Sequence[Key], authority: Path | None) -> None:
        self.problems, self.count = list[tuple[int, str, str]](), Counter[int]()
        self.told, self.found, self.reached = list[str](), dict[str, str](), set[int]()
        self._key, self._witnesses, self._authority = key, witnesses, authority
        self._heads, self._before = dict[int, Checkpoint](), list[Checkpoint]()  # by size; the one before the period, if there is one
        self._hashes, self._root = list[bytes](), b""  # the roots of the complete subtrees so far, largest first; of all
        self._streams: dict[str, tuple[int, int, int]] = {}  # seq, position, entries without a body until then
        self._holes: list[tuple[int, int, int, str, str]] = []  # entries, of them without a body, position before; place, reason
        self._absent, self._last_absent, self._latest = 0, -1, ("", 0)  # the latest time that an entry tells, and which
        self._kept: dict[str, list[tuple[int, Entry]]] = {"key.rotated": [], "anchor": [], "ledger.pruned": []}  # by position
        self._roles, self._claims = dict[str, int](), dict[tuple[str, Numbers], str]()
        self._lists: dict[str, tuple[int, Numbers | bytes]] = {EMPTY: (0, (0,) * 5)}  # level, and the counts or, until then, digests below
        self._sources, self._contents, self._said, self._expected = set[tuple[str, str]](), set[str](), Counter[str](), dict[str, Any]()
        self._proved, self._schedules = list[tuple[int, datetime]](), list[tuple[datetime, str]]()
        self._open: dict[str, tuple[Sequence[str], int, Counter[str]]] = {}  # frequencies, entries without a body until then, outcomes
        self._slots, self._spans = defaultdict[tuple[str, datetime], set[str]](set), list[tuple[str, datetime, datetime]]()

    def problem(self, step: int, place: str, reason: str) -> None:
        """Note what does not hold. Raises `GivenUp`."""
        self.count[step] += 1
        if self.count[step] <= KEPT:
            self.problems.append((step, str(place), reason))
        elif self.count[step] == ENOUGH:
            self.problems.append((step, str(place), "given up: too much does not hold"))
            raise GivenUp

    @contextlib.contextmanager
    def step(self, number: int, place: str = "") -> Iterator[None]:
        """What does not hold or cannot be read ends the step, or the part of it that is called `place`, and is told."""
        self.reached.add(number)
        with contextlib.suppress(GivenUp):
            try:
                yield
            except UNREADABLE as error:
                reason = f"{error!s:.200}" if isinstance(error, ValueError) else f"it cannot be read: {error!r:.200}"
                self.problem(number, place or STEPS[number - 1], reason)

    def verify(self, path: Path) -> None:
        """Go through all steps, as far as what was found allows."""
        parts = [(2, self.members), (4, self.heads), (5, self.tree), (6, self.streams), (3, self.keys), (2, self.note)]
        parts += [(4, self.checkpoints), (8, self.state), (7, self.counts), (9, self.configuration), (10, self.anchors), (11, self.period)]
        with self.step(1), path.open("rb") as file:
            self.archive(file)
            with self.step(2):
                self.manifest()
            for number, part in () if self.problems else parts:
                if self._root or number < 6:  # the log is whole
                    with self.step(number):
                        part()

    def archive(self, file: IO[bytes]) -> None:
        """(1) The zip's table is small enough to be read, stands at the end, where nothing follows, and does not lie."""
        length, end, names = file.seek(0, 2), 0, set[str]()
        file.seek(max(0, length - 98))
        tail = file.read().rjust(98, b"\0")
        size = int.from_bytes(tail[-58:-50] if tail[-42:-38] == b"PK\6\7" else tail[-10:-6], "little")
        need(tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0", "not a zip, or something stands behind it")
        need(size <= MAX_DIRECTORY, "its table of contents is too long")
        self._zip = zipfile.ZipFile(file)
        for info in sorted(self._zip.infolist(), key=lambda one: one.header_offset):
            name, how, start = info.orig_filename, info.compress_type, info.header_offset
            inside = name.isprintable() and not set(name) & {"\\", ":"} and not set(name.split("/")) & {"", ".", ".."}
            packed = name.startswith(("log/", "state/")) and name.endswith(".xz")
            with self.step(1, name):
                need(inside and name == info.filename, "its name does not stay inside of the archive")
                need(name.casefold() not in names, "its name is there twice")
                need(not stat.S_ISLNK(info.external_attr >> 16), "a link")
                need(not info.flag_bits & 1, "encrypted")
                need(how == zipfile.ZIP_STORED or (how == zipfile.ZIP_DEFLATED and not packed), "packed in a way unknown")
                need(info.file_size <= max(MIB, MAX_DEFLATE * info.compress_size), "it would expand too much")
                need(start >= end and (end or not start), "it shares bytes with another member, or something stands before the first")
            names.add(name.casefold())
            end = start + 30 + len(info.filename.encode()) + info.compress_size
        need(end <= length, "it is cut off")

    def _read(self, name: str, limit: int = MIB) -> bytes:
        """A small member, whole. Raises `ValueError` for a long one, and what reading raises."""
        need(self._zip.getinfo(name).file_size <= limit, f"{name} is longer than {limit:,} bytes")
        return self._zip.read(name)

    def _unpack(self, name: str) -> Callable[[int], bytes]:
        """(1) What takes the next bytes of a member of LZMA streams, or none at the end: unpacked as it is read, in bounded memory."""
        file, fresh = self._zip.open(name), partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, MAX_MEMORY)
        stream, left, held, at = fresh(), 64 * MIB + MAX_LZMA * self._zip.getinfo(name).file_size, bytearray(), 0

        def take(size: int) -> bytes:
            nonlocal stream, left, at
            while len(held) < at + size:
                wanting = stream.eof or stream.needs_input
                data = (stream.unused_data or file.read(MIB >> 4)) if wanting else b""
                if wanting and not data:
                    need(stream.eof and len(held) == at, f"{name} is cut off")
                    return b""
                del held[:at]
                stream, at, before = fresh() if stream.eof else stream, 0, len(held)
                held.extend(stream.decompress(data, MIB))
                left -= len(held) - before
                need(left >= 0, f"{name} would expand too much")
            at += size
            return bytes(held[at - size : at])

        return take

    def manifest(self) -> None:
        """(2) What it must say; and (1) the size of each member as declared, before anything of it is unpacked."""
        data = self._read("manifest.json", MAX_MANIFEST)
        said, self._digest = json.loads(data), sha256(data).hex()
        self._start, self._size = said["log"]["start"], said["log"]["size"]
        sizes = {name: one["size"] for name, one in said["files"].items()}
        fits = said["format"] == "controlmon-bundle/1" and type(self._start) is type(self._size) is int
        need(fits and 0 <= self._start <= self._size, "not of the format controlmon-bundle/1")
        self._origin, self._own, self._whole = str(said["origin"]), read_key(said["key"]), said["controls"] is None
        self._files, self._chain = {name: str(one["sha256"]) for name, one in said["files"].items()}, [self._key or self._own]
        self._begin, self._end, self._exported = (moment(said[name]) for name in ("from", "to", "exported_at"))
        self.found |= {"origin": self._origin, "key": self._key.text if self._key else f"{self._own.text} (its own: not given)"}
        self.found |= {"period": f"{said['from']} to {said['to']}", "controls": "all" if self._whole else json.dumps(said["controls"])}
        for info in self._zip.infolist():
            if sizes.get(info.filename, info.file_size) != info.file_size:
                self.problem(1, info.filename, "its size is not the one that the manifest declares")

    def members(self) -> None:
        """(2) Every member is as the manifest says, and nothing else is there."""
        for name in sorted({*self._files, *self._zip.namelist()} - {"manifest.json", "manifest.note"}):
            with self.step(2, name), self._zip.open(name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it has what is asked for
                need(digest == self._files.get(name), "it is not what the manifest says")

    def heads(self) -> None:
        """(4) The checkpoints; their signatures are verified once the keys are known."""
        for number, line in enumerate(self._read("log/checkpoints.jsonl", MAX_CHECKPOINTS).splitlines(), 1):
            with self.step(4, f"line {number} of log/checkpoints.jsonl"):
                said = json.loads(line)
                head = Checkpoint(self._origin, said["note"], said["at"])
                right = head.size == said["size"] and next(reversed(self._heads), self._start - 1) < head.size <= self._size
                need(right, "not of the size that is said, not in order, or outside of the bundle")
                self._heads[head.size] = head
        whole = self._size in self._heads and self._read("log/checkpoint") == self._heads[self._size].data
        need(whole, "no checkpoint signs the last entries, or log/checkpoint is another one")

    def _read_start(self) -> None:
        """(5) The tree before the period is the one that its checkpoint signs, and what held is in it (RFC 9162, section 2.1.3.2)."""
        said, root = json.loads(self._read("log/start.json")), b""
        self._hashes = [bytes.fromhex(one) for one in said["frontier"]]
        need(said["size"] == self._start and self._start.bit_count() == len(self._hashes), "not of the size of the bundle's start")
        if self._start:
            first, root = Checkpoint(self._origin, said["checkpoint"], "0001-01-01T00:00:00.000Z"), self._fold()
            need((first.size, first.root) == (self._start, root), "the checkpoint before the period signs another tree")
            self._before = [first]
        for one in said["in_force"]:
            position, data, last = int(one["position"]), one["entry"].encode(), self._start - 1
            node, index, kind = sha256(b"\0", data), position, json.loads(data)["type"]
            for other in map(bytes.fromhex, one["proof"]):
                right = index & 1 or index == last
                while right and index and not index & 1:
                    index, last = index >> 1, last >> 1
                node = sha256(b"\1", other, node) if right else sha256(b"\1", node, other)
                index, last = index >> 1, last >> 1
            proved = node == root and index == last == 0 <= position and kind in {"schedule", "change", "key.rotated"}
            need(proved, f"entry {position} is not proved to have been in the log before the period")
            self._entry(position, data, held=True)

    def tree(self) -> None:
        """(5) Every position, in order: the root is as each checkpoint says."""
        self._read_start()
        name, hashes = "log/entries.bin.xz", self._hashes
        take, most = self._unpack(name), MIB + self._zip.getinfo(name).file_size
        self._compare(self._start)
        for position in range(self._start, self._size):
            length = int.from_bytes(take(2), "big")
            data = take(length or 32)
            need(data, f"{name} is cut off")
            if length:
                node = sha256(b"\0", data)
                self._entry(position, data)
            else:
                node, self._absent, self._last_absent = data, self._absent + 1, position
                need(16 * self._absent <= most, f"{name} would expand too much")  # (1) hashes do not compress
            carry = position
            while carry & 1:
                node = sha256(b"\1", hashes.pop(), node)
                carry >>= 1
            hashes.append(node)
            self._compare(position + 1)
        need(not take(1), "there are more entries than the bundle's size")
        self._root = self._fold()
        self.found |= {"root": self._root.hex(), "entries": f"{self._start} to {self._size}", "checkpoints": str(len(self._heads))}

    def _fold(self) -> bytes:
        return reduce(lambda right, left: sha256(b"\1", left, right), self._hashes[::-1] or [sha256()])

    def _compare(self, size: int) -> None:
        """(5) The root is the one that is signed; (4) no entry tells a later time than the checkpoint that first signs it."""
        if head := self._heads.get(size):
            head.latest, position = self._latest
            if head.latest > stamp(head.at + SKEW):
                self.problem(4, f"entry {position}", f"it tells of {head.latest}, and was signed at {stamp(head.at)}")
                self._latest = "", 0  # told once
            need(head.root == self._fold(), f"the entries give another root than the one that checkpoint {size} signs")

    def _entry(self, position: int, data: bytes, *, held: bool = False) -> None:
        step, place = 6, f"entry {position}"
        try:
            entry = json.loads(data.decode())
            stream, seq, kind = entry["stream"], entry["seq"], entry["type"]
            need(type(seq) is int and type(stream) is type(kind) is type(entry["run"]) is str, "seq is a number, the others are texts")
            if not held or kind != "change":  # of changes, the last of each thing holds: the next is not the next of the stream
                last, before, absent = self._streams.get(stream, (seq - 1 if self._start else -1, -1, 0))  # (6)
                self._streams[stream] = seq, position, self._absent
                if hole := seq - last - 1:
                    self._holes.append((hole, self._absent - absent, before, place, f"{stream} goes from {last} to {seq}"))
            for told in map(entry.get, ("at", "clock", "started", "finished", "noticed")):
                if type(told) is str and len(told) == 24 and told > self._latest[0]:
                    self._latest = told, position
            step = 8
            self._name(entry, kind, place)
            step = 7 if kind == "check" else 11
            self._note_run(entry, kind, place, self._absent)
            if kind in self._kept:
                self._kept[kind].append((position, entry))
        except MALFORMED as error:
            self.problem(step, place, f"{error!r:.200}")

    def streams(self) -> None:
        """(6) Each counts up by one; only where bodies are absent may there be a hole, and only if they were pruned."""
        pruned = max((int(entry["through"]) for _, entry in self._kept["ledger.pruned"]), default=-1)
        for hole, without, before, place, reason in self._holes:
            with self.step(6, place):
                need(0 < hole <= without and before < pruned, f"{reason}, and nothing says that those between were pruned")
        why = "pruned" if self._whole else "withheld from this partial bundle, or pruned"
        self.told += [f"{self._absent:,} entries are here by their hash alone: {why}"] if self._absent else []
        need(sum(hole for hole, *_ in self._holes) <= self._absent, "more is missing in them than there are entries without a body")
        with self.step(5, f"entry {self._last_absent}"):
            need(not self._whole or self._last_absent <= pruned, "its body is not here, and nothing says that it was pruned or withheld")

    def keys(self) -> None:
        """(3) The keys of the log, from the first to the last: the trusted one is one of them, and both keys sign each change."""
        changes = [entry for _, entry in self._kept["key.rotated"]]
        texts = [*(entry["old"] for entry in changes), *(entry["new"] for entry in changes[-1:])] or [self._chain[0].text]
        need(texts[1:] == [entry["new"] for entry in changes], "a change is from a key that was not in force")
        need(self._chain[0].text in texts, "the key that you gave is none of this log's")
        for entry, who in itertools.product(changes, ("old", "new")):
            said = f"controlmon key rotation v1\n{entry['old']}\n{entry['new']}\n{entry['at']}\n".encode()
            key, signature = read_key(entry[who]), from_base64(entry["signatures"][who])
            need(key.verify(signature, said), f"the change of {entry['at']} is not signed by the {who} key")
        self._chain = [read_key(text) for text in texts]

    def note(self) -> None:
        """(2) A key of the log signs the manifest."""
        note, expected = Note(self._read("manifest.note")), f"controlmon bundle manifest v1\n{self._origin}\n{self._digest}\n"
        need(note.text == expected and note.signed_by(self._own), "manifest.note does not sign this manifest with its key")
        need(self._own.text in {key.text for key in self._chain}, "the manifest's key is none that yours leads to")

    def checkpoints(self) -> None:
        """(4) By the key in force, the first after a rotation by both; at times that do not go back."""
        changed = [position for position, _ in self._kept["key.rotated"]][: len(self._chain) - 1]
        before, latest = sum(position < self._start for position in changed), datetime.min.replace(tzinfo=UTC)
        for head in (*self._before, *self._heads.values()):
            with self.step(4, f"checkpoint {head.size}"):
                first, before = before, sum(position < head.size for position in changed)
                for key in self._chain[first : before + 1]:
                    need(head.signed_by(key), f"not signed by {key.text}, the key in force")
                need(latest <= head.at + SKEW, f"it says {stamp(head.at)}, after one of {stamp(latest)}")
                latest = max(latest, head.at)
        need(latest <= self._exported + SKEW, f"the bundle was written before its last checkpoint, of {stamp(latest)}")

    def _name(self, entry: Entry, kind: str, place: str) -> None:
        """What an entry names, and the counts that it states."""
        if kind == "check":
            check, outcomes = entry["check"], tuple(entry["outcomes"][name] for name in OUTCOMES)
            self._expect(check["digest"], BLOB)
            self._sources.add((f"checks/{check['id']}/{check['digest'][7:]}.py", check["digest"][7:]))
            self._list(entry["findings"], FINDINGS, place, outcomes)
            failing, said = sum(entry["failing"].values()), entry["outcomes"].values()
            if sum(said) != entry["findings"]["count"] or failing != outcomes[1] or len(said) != 4:  # (7)
                self.problem(7, place, "its outcomes do not add up to its findings, or its failures to those by severity")
        for statement in entry.get("populations", ()):
            self._list(statement, POPULATION, place)
        if "others" in entry:
            self._list(entry["others"], STATEMENTS, place)
        for one in entry.get("seen", {}).values():
            self._expect(one["root"], LIST)
        for digest in filter(None, (entry.get("content"), entry.get("receipt"))):
            self._expect(digest, BLOB)
        if kind in {"change", "schedule"}:
            self._contents.add(str(entry["content"])[7:])
        if kind == "schedule":
            self._expected.setdefault(entry["content"], None)

    def _list(self, said: Entry, role: int, place: str, outcomes: Numbers = ()) -> None:
        self._expect(said["root"], role)
        if role == POPULATION:
            self._expect(said["how"], LIST)
        self._claims.setdefault((said["root"], (said["count"], *outcomes)), place)

    def _expect(self, digest: str, role: int) -> None:
        known = self._roles.get(digest, 0)
        if not known & role:
            self._roles[digest] = known | role
            if known & SEEN and digest != EMPTY:
                self.problem(8, digest, "it stands before what names it")

    def state(self) -> None:
        """(8) The pack, in one pass."""
        take = self._unpack("state/blobs.pack.xz")
        while head := take(4):
            need((length := int.from_bytes(head, "big")) <= MAX_BLOB, f"a piece of more than {MAX_BLOB:,} bytes")
            data = take(length)
            digest = "sha256:" + sha256(data).hex()
            role = self._roles.get(digest, 0)
            with self.step(8, digest):
                need(role, "no entry names it, or not by these bytes")
                need(not role & SEEN, "it is there twice")
                self._roles[digest] = role | SEEN
                self._piece(digest, role, data)
        for digest in (digest for digest, role in self._roles.items() if not role & SEEN):
            self.problem(8, digest, "it is named and not there")
        self.found |= {"pieces": str(len(self._roles))}

    def _piece(self, digest: str, role: int, data: bytes) -> None:
        if digest in self._expected and len(data) <= MAX_PIECE:
            self._expected[digest] = json.loads(data)
        role &= ~BLOB
        if not role or (role == LIST and data.startswith(b'{"level":0,"rows":[')):
            return  # bytes, or rows that name nothing
        need(len(data) <= MAX_PIECE, "too long for a piece of a list")
        piece = json.loads(data.decode())
        level = piece["level"]
        need(type(level) is int and 0 <= level <= MAX_LEVEL and len(piece) == 2, "not a piece of a list: a level, and rows or pieces")
        for one, bit in itertools.product(piece["pieces"] if level else (), (POPULATION, STATEMENTS, FINDINGS, LIST)):
            if role & bit:
                self._expect(one, bit)
        digests = "".join(one[7:] for one in piece["pieces"]) if level else ""
        self._lists[digest] = level, bytes.fromhex(digests) if level else self._read_rows(role, piece["rows"])  # a quarter of the memory

    def _read_rows(self, role: int, rows: list[Any]) -> Numbers:
        for answer in (answer for row in rows for answer in row["aspects"].values()) if role & POPULATION else ():
            if (state := answer.get("state")) is not None and not self._roles.get(state, 0) & BLOB:  # mostly known: no call
                self._expect(state, BLOB)
        for row in rows if role & STATEMENTS else ():
            self._list(row, POPULATION, "a list of statements")
        outcomes = Counter(row["outcome"] for row in rows) if role & FINDINGS else {}
        need(outcomes.keys() <= set(OUTCOMES), "an outcome that is none")
        return len(rows), *(outcomes.get(name, 0) for name in OUTCOMES)

    def counts(self) -> None:
        """(7) What entries say of each list is what it holds."""
        for (root, said), place in self._claims.items():
            with self.step(7, place):
                held = self._total(root)[: len(said)]
                need(held == said, f"it says {list(said)} of a list that holds {list(held)} (rows, then outcomes)")

    def _total(self, digest: str, above: int | None = None) -> Numbers:
        level, held = self._lists[digest]
        need(above in {None, level + 1}, f"{digest} is a piece of the wrong level")
        if isinstance(held, bytes):
            below = (self._total(f"sha256:{held[i : i + 32].hex()}", level) for i in range(0, len(held), 32))
            held = tuple(map(sum, zip((0,) * 5, *below, strict=True)))
            self._lists[digest] = level, held
        return held

    def configuration(self) -> None:
        """(9) Each source in `checks/` judged, each that judged is there; each file in `config/` is named by a change or a schedule."""
        config = {(name, digest) for name, digest in self._files.items() if name.startswith("config/") and digest not in self._contents}
        checks = {(name, digest) for name, digest in self._files.items() if name.startswith("checks/")}
        for name, _ in sorted(config | (checks ^ self._sources)):
            self.problem(9, name, "it is here, and no entry names it by these bytes; or it judged, and is not here")

    def anchors(self) -> None:
        """(10) Each against the checkpoints, its raw proof against what it must say; and what lies behind the last."""
        told, named = self.told, set[str]()
        there = {name: digest for name, digest in self._files.items() if name.startswith("anchors/")}
        for position, entry in self._kept["anchor"]:
            with self.step(10, f"entry {position}"):
                named |= (own := {name for name, digest in there.items() if f"sha256:{digest}" == entry["receipt"]})
                self._anchor(entry, own)
        for name in sorted(there.keys() - named):
            self.problem(10, name, "no entry names it")
        told += [f"{count} anchors: {what}" for what, count in sorted(self._said.items())]
        if self._proved:
            heads = [head.at for head in self._heads.values()]
            ends = [*heads[:1], *(at for _, at in sorted(self._proved)), *heads[-1:]]
            gap = max(after - before for before, after in itertools.pairwise(ends))
            told.append(f"at most {gap.total_seconds() / 3600:,.1f} hours lie between the beginning, the proved anchors and the end")
        else:
            told.append("NO ANCHOR was proved here: whoever holds the key could have written all of this log at once")
        proved = max((size for size, _ in self._proved), default=self._start)
        told.append(f"{self._size - proved:,} of {self._size - self._start:,} entries lie behind the last proved anchor")

    def _anchor(self, entry: Entry, named: set[str]) -> None:
        kind, size = entry["kind"], entry["size"]
        head = {head.size: head for head in self._before}.get(size) or self._heads.get(size)
        name = next((name for name in named if name.startswith(f"anchors/{size}-{kind}-")), "")
        need(name, f"its receipt is not in anchors/ as {size}-{kind}-N")
        if head is None and type(size) is int and size < self._start:
            self._said["of checkpoints before this bundle, not looked at"] += 1
        elif head is None or entry["root"] != head.root.hex():
            raise ValueError("it speaks of a checkpoint that this log does not have")
        elif kind == "rfc3161":
            self._timestamp(entry, head, self._read(name))
        elif kind == "witness":
            self._witness(entry, head, self._read(name).decode())
        else:
            self._said[f"{kind}: what the receipt claims cannot be proved offline; ask the place that it names"] += 1

    def _timestamp(self, entry: Entry, head: Checkpoint, data: bytes) -> None:
        """A response of RFC 3161 (section 2.4.2); `openssl ts` judges the certificates as of its time."""
        info, openssl = der(data, 0, 1, 1, 0, 2, 1, 0, 0), shutil.which("openssl")  # token, SignedData, encapContentInfo, eContent, TSTInfo
        algorithm, value = der(info[2])
        at = datetime.strptime(info[4].decode().removesuffix("Z").partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        need(der(algorithm)[0].hex() == "608648016503040201", "the hash in the time stamp is not SHA-256")
        need(value == sha256(head.data), f"the time stamp is of something else than checkpoint {head.size}")
        if not self._authority or not openssl:
            why = "openssl is not installed" if self._authority else "give --tsa-ca"
            said = f"rfc3161: of this checkpoint; the authority's signature was not verified: {why}"
            return self._seen(entry, head, at, said, proved=False)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "stamp").write_bytes(data)
            command = [openssl, "ts", "-verify", "-digest", value.hex(), "-in", f"{folder}/stamp", "-attime", str(int(at.timestamp()))]
            command += ["-CAfile", str(self._authority), "-untrusted", str(self._authority)]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - no shell, and no text of the bundle
        need(not done.returncode, f"the time stamp is not signed under {self._authority.name}: {done.stderr.strip()[-200:]}")
        return self._seen(entry, head, at, f"rfc3161: signed under {self._authority.name}")

    def _witness(self, entry: Entry, head: Checkpoint, receipt: str) -> None:
        """Signature lines, alone or below the text of the checkpoint (C2SP tlog-cosignature)."""
        note = Note((receipt if "\n\n" in receipt else f"{head.text}\n{receipt}").encode())
        need(note.text == head.text, f"the witness signed something else than checkpoint {head.size}")
        signed = [(key, value) for key in self._witnesses for value in note.by(key)]
        for key, value in signed:
            at = int.from_bytes(value[:8], "big")
            said = f"cosignature/v1\ntime {at}\n{head.text}".encode()
            need(len(value) == 72 and key.verify(value[8:], said), f"the cosignature by {key.name} is wrong")
            self._seen(entry, head, datetime.fromtimestamp(at, UTC), f"witness: cosigned by {key.name}")
        if not signed:
            self._said["witness: not verified: give the key of the witness with --witness"] += 1

    def _seen(self, entry: Entry, head: Checkpoint, at: datetime, said: str, *, proved: bool = True) -> None:
        """What was seen at a time holds nothing that happened after it, and its own clock agrees."""
        latest = max(head.latest, stamp(head.at))
        need(latest <= stamp(at + SKEW), f"checkpoint {head.size}, seen outside at {stamp(at)}, is of {latest}, or an entry before it is")
        need(abs(moment(entry["at"]) - at) <= SKEW, f"it says {entry['at']}, and the receipt {stamp(at)}")
        self._said[said] += 1
        self._proved += [(head.size, at)] if proved else []

    def _note_run(self, entry: Entry, kind: str, place: str, absent: int) -> None:
        """Note a schedule, the outcomes of a judgement, or what became of a run."""
        run, frequencies = entry["run"], entry.get("frequencies", ())
        if kind == "schedule":
            self._schedules.append((moment(entry["at"]), entry["content"]))
        elif kind == "check" and run in self._open:
            self._open[run][2].update(entry["outcomes"])
        elif kind == "run.started":
            self._open[run] = entry["frequencies"], absent, Counter()
        elif kind == "run.missed":
            frequencies, span = [entry["frequency"]], entry.get("span")
            self._spans += [(frequencies[0], moment(span["first"]), moment(span["last"]))] if span else []
        elif kind in WORDS:
            frequencies, before, sums = self._open.pop(run, ((), -1, Counter[str]()))
            if kind == "run.finished" and before == absent and any(sums[name] != entry["outcomes"][name] for name in OUTCOMES):
                self.problem(7, place, "its outcomes are not the sum of its run's judgements")
        for frequency in frequencies if kind in WORDS and entry["scheduled"] else ():
            self._slots[frequency, slot(frequency, moment(entry["scheduled"]))].add(WORDS[kind])

    def period(self) -> None:
        """(11) Slot by slot, for each stretch of the period by its schedule; one that is not over may still be served."""
        end, told, words = min(self._end, self._exported), self.told, [*WORDS.values(), "silent"]
        stretches, counts, silent = [*sorted(self._schedules), (end, "")], Counter[str](), list[str]()
        if stretches[0][0] > self._begin:
            told.append(f"no schedule is logged here before {stamp(stretches[0][0])}: what was expected until then is not known")
        for (since, content), (until, _) in itertools.pairwise(stretches):
            said = self._expected[content]  # if it is missing, (8) has told
            for frequency in () if said is None else (name for name, checks in said["frequencies"].items() if checks):
                start = max(since, self._begin)
                at = start if slot(frequency, start) == start else following(frequency, start)
                while at < until and (after := following(frequency, at)) <= end:
                    missed = any(name == frequency and first <= at <= last for name, first, last in self._spans)
                    found = self._slots.get((frequency, at), set()) | ({"missed"} if missed else {"silent"})
                    word = next(word for word in words if word in found)
                    counts[word] += 1
                    silent += [f"{frequency} {stamp(at)}"] if word == "silent" else []
                    need(counts.total() <= MAX_SLOTS, "more slots than any log has")
                    at = after
        told.append(f"of {counts.total():,} expected runs: {', '.join(f'{counts[word]:,} {word}' for word in words)}")
        some = ", ".join(silent[:KEPT]) + " ..." * (len(silent) > KEPT)
        told += [f"SILENT SLOTS: {len(silent):,}, of which the log says nothing: {some}"] if silent else []
        told += [f"{len(self._open):,} runs began, and the log does not say how they ended"] if self._open else []


def der(data: bytes, *way: int) -> list[bytes]:
    """The contents of one level of DER (X.690), down a way of places. Raises `ValueError`, or `IndexError` if there is none."""
    found, at = list[bytes](), 0
    while at < len(data):
        size, at = data[at + 1], at + 2
        if size >= 0x80:
            size, at = int.from_bytes(data[at : at + (size & 0x7F)], "big"), at + (size & 0x7F)
        need(at + size <= len(data), "not DER: it is cut off")
        found.append(data[at : at + size])
        at += size
    return der(found[way[0]], *way[1:]) if way else found


def slot(frequency: str, at: datetime) -> datetime:
    """The start (UTC) of the hour, day, ISO week, month, quarter or year. Raises `KeyError` if there is no such frequency."""
    day, months = at.replace(hour=0, minute=0, second=0, microsecond=0), {"monthly": 1, "quarterly": 3, "annual": 12}
    if frequency in months:
        return day.replace(month=day.month - (day.month - 1) % months[frequency], day=1)
    return day + {"hourly": timedelta(hours=at.hour), "daily": timedelta(), "weekly": timedelta(days=-day.weekday())}[frequency]


def following(frequency: str, at: datetime) -> datetime:
    """The slot after the one of a time."""
    longest = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 31, "quarterly": 24 * 92, "annual": 24 * 366}
    return slot(frequency, slot(frequency, at) + timedelta(hours=longest[frequency]))


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
        for path in filter(None, (given.bundle, given.tsa_ca)):
            need(path.is_file(), f"{path}: not a file")
        key, witnesses = None if given.key is None else read_key(given.key), [read_key(text) for text in given.witness]
        need(key is None or key.algorithm != 4, "--key is a key of type 0x01 or 0x02")
        need(all(one.algorithm == 4 for one in witnesses), "--witness is a key of type 0x04")
    except ValueError as error:
        sys.stderr.write(f"verify.py: {error}\n")
        return 2
    except SystemExit as error:
        return int(error.code or 0)
    verifier = Verifier(key, witnesses, given.tsa_ca)
    verifier.verify(given.bundle)
    code = 1 if verifier.problems else 0 if key else 3
    problems = [dict(zip(("step", "place", "reason"), one, strict=True)) for one in sorted(verifier.problems)]
    whole = {"exit": code, "found": verifier.found, "problems": problems, "count": verifier.count.total(), "told": verifier.told}
    sys.stdout.write(json.dumps({**whole, "cannot": CANNOT}, indent=2) + "\n" if given.json else as_text(verifier, code, given.bundle.name))
    return code


def as_text(verifier: Verifier, code: int, name: str) -> str:
    """The report for a person. Text that others chose is shown as a terminal may show it."""
    lines = [name, *(f"  {what:<12}{value}" for what, value in verifier.found.items()), ""]
    for number, step in enumerate(STEPS, 1):
        result = "nothing found against it" if number in verifier.reached else "NOT GONE THROUGH"
        own = [f"       {place}: {reason}" for at, place, reason in verifier.problems if at == number]
        lines += [f"  {number:>2}  {step:<14}{'DOES NOT HOLD' if own else result}", *own]
        lines += [f"       and {verifier.count[number] - len(own):,} more"] if verifier.count[number] > len(own) else []
    lines += ["", "To be known:", *(f"  - {one}" for one in verifier.told)]
    lines += ["", "What this cannot show:", *(f"  - {one}" for one in CANNOT), "", OUTSIDE, VERDICTS[code]]
    return "\n".join("".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in line) for line in lines) + "\n"


if __name__ == "__main__":
    gc.disable()  # nothing here refers to itself, and looking for what does takes a fifth of the time
    sys.exit(main())
