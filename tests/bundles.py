"""Bundles written by hand from docs/evidence.md, apart from our exporter: the second reading of the contract, and the forger's workshop.

`Log` is a small company's log; `Log.bundle` cuts a `Bundle` out of it, whose parts can be changed before it is written. What a forger
without the key does: change `Bundle.members()` and zip them again with `zipped`. What one with the key does: `resealed` first.
"""

import base64
import hashlib
import json
import lzma
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "artemis.example/ledger"
DAY = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE = b'"""Buckets are encrypted."""\n'
CHECK = "aws.s3.bucket_encryption"
SCOPE = {"provider": "aws", "target": "123456789012", "region": ""}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def dumped(value: object) -> bytes:
    """Canonical JSON, for values without fractions and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def frontier(leaves: list[bytes]) -> list[bytes]:
    """The roots of the complete subtrees, largest first."""
    if not leaves:
        return []
    k = 1 << len(leaves).bit_length() - 1
    return [tree_hash(leaves[:k]), *frontier(leaves[k:])]


def audit_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*audit_path(index, leaves[:k]), tree_hash(leaves[k:])]
    return [*audit_path(index - k, leaves[k:]), tree_hash(leaves[:k])]


class Key:
    """A key that signs notes, made for a test: `type` is 1 (Ed25519), 2 (ECDSA on P-256) or 4 (a witness's Ed25519)."""

    def __init__(self, name: str = ORIGIN, type: int = 1) -> None:
        self.name, self.type = name, type
        self._private: Any = ec.generate_private_key(ec.SECP256R1()) if type == 2 else Ed25519PrivateKey.generate()
        public = self._private.public_key()
        raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if type == 2 else public.public_bytes_raw()
        self.id = hashlib.sha256(raw if type == 2 else name.encode() + b"\n" + bytes([type]) + raw).digest()[:4]
        self.text = f"{name}+{self.id.hex()}+{base64.b64encode(bytes([type]) + raw).decode()}"

    def sign(self, message: bytes) -> bytes:
        if self.type != 2:
            return bytes(self._private.sign(message))
        r, s = decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256())))
        return encode_dss_signature(r, min(s, ORDER - s))

    def line(self, text: str) -> str:
        """The signature line below `text`."""
        return f"— {self.name} {base64.b64encode(self.id + self.sign(text.encode())).decode()}\n"

    def cosign(self, text: str, time: int) -> str:
        """The line of a witness (cosignature v1)."""
        signature = self.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"— {self.name} {base64.b64encode(self.id + time.to_bytes(8, 'big') + signature).decode()}\n"


def note(text: str, *keys: Key) -> str:
    return f"{text}\n{''.join(key.line(text) for key in keys)}"


class Hash(bytes):
    """A leaf hash that stands for an entry whose body is not there."""


@dataclass
class Bundle:
    """The parts of a bundle before they are packed; change them at will."""

    key: Key
    manifest: dict[str, Any]
    start: dict[str, Any]
    entries: list[bytes]
    heads: list[dict[str, Any]]
    blobs: list[bytes]
    files: dict[str, bytes] = field(default_factory=dict)

    def members(self) -> dict[str, bytes]:
        """Every member by name, the manifest and its signature among them."""
        lines = b"".join(dumped(head) + b"\n" for head in self.heads)
        members = {
            "log/start.json": dumped(self.start),
            "log/entries.bin.xz": lzma.compress(joined_entries(self.entries), preset=0),
            "log/checkpoints.jsonl": lines,
            "log/checkpoint": self.heads[-1]["note"].encode() if self.heads else b"",
            "state/blobs.pack.xz": lzma.compress(joined_blobs(self.blobs), preset=0),
            **self.files,
        }
        return resealed({"manifest.json": dumped(self.manifest), **members}, self.key)

    def write(self, path: Path) -> Path:
        return zipped(path, self.members())


def joined_entries(entries: Iterable[bytes]) -> bytes:
    return b"".join(b"\0\0" + one if isinstance(one, Hash) else len(one).to_bytes(2, "big") + one for one in entries)


def split_entries(data: bytes) -> Iterator[bytes]:
    while data:
        size = int.from_bytes(data[:2], "big")
        yield data[2 : 2 + size] if size else Hash(data[2:34])
        data = data[2 + (size or 32) :]


def joined_blobs(blobs: Iterable[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(4, "big") + one for one in blobs)


def split_blobs(data: bytes) -> Iterator[bytes]:
    while data:
        size = int.from_bytes(data[:4], "big")
        yield data[4 : 4 + size]
        data = data[4 + size :]


def resealed(members: Mapping[str, bytes], key: Key) -> dict[str, bytes]:
    """The members with a manifest that fits them, signed by `key`."""
    rest = {name: data for name, data in members.items() if name not in {"manifest.json", "manifest.note"}}
    files = {name: {"sha256": sha256(data), "size": len(data)} for name, data in rest.items()}
    manifest = {**json.loads(members["manifest.json"]), "files": files}
    text = f"controlmon bundle manifest v1\n{manifest['origin']}\n{sha256(dumped(manifest))}\n"
    return {"manifest.json": dumped(manifest), "manifest.note": note(text, key).encode(), **rest}


def zipped(path: Path, members: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> Path:
    """A zip of the members, those that end in `.xz` stored and the rest deflated."""
    several = members.items() if isinstance(members, Mapping) else members
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in several:
            archive.writestr(name, data, zipfile.ZIP_STORED if name.endswith(".xz") else zipfile.ZIP_DEFLATED)
    return path


def members_of(path: Path) -> dict[str, bytes]:
    """Every member of a bundle, whoever wrote it."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class Log:
    """A log, entry by entry, and the content that its entries name."""

    def __init__(self, key: Key | None = None) -> None:
        self.key = key or Key()
        self.entries: list[bytes] = []
        self.heads: list[dict[str, Any]] = []
        self.content: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {"index.html": b"<!doctype html>"}
        self._seqs: dict[str, int] = {}

    def keep(self, content: bytes) -> str:
        """Content, by its digest."""
        name = f"sha256:{sha256(content)}"
        self.content[name] = content
        return name

    def rows(self, rows: list[Any], width: int = 3) -> dict[str, Any]:
        """A list, cut every `width` rows."""
        level, items = 0, list(rows)
        while True:
            cuts = [items[i : i + width] for i in range(0, len(items), width)] or [[]]
            items = [self.keep(dumped({"level": level, "rows" if level == 0 else "pieces": cut})) for cut in cuts]
            if len(items) == 1:
                return {"root": items[0], "count": len(rows)}
            level += 1

    def add(self, stream: str, run: str = "daemon", **fields: Any) -> int:
        """An entry at its place in the log and its stream. Gives its position."""
        self._seqs[stream] = seq = self._seqs.get(stream, -1) + 1
        self.entries.append(dumped({"stream": stream, "seq": seq, "run": run, **fields}))
        return len(self.entries) - 1

    def leaves(self) -> list[bytes]:
        return [hashlib.sha256(b"\0" + one).digest() for one in self.entries]

    def checkpoint(self, at: datetime, *keys: Key) -> dict[str, Any]:
        """Sign all there is."""
        root = base64.b64encode(tree_hash(self.leaves())).decode()
        text = f"{ORIGIN}\n{len(self.entries)}\n{root}\n"
        self.heads.append({"size": len(self.entries), "at": stamp(at), "note": note(text, *(keys or [self.key]))})
        return self.heads[-1]

    def schedule(self, at: datetime, **frequencies: list[str]) -> None:
        content = dumped({"frequencies": frequencies, "targets": ["aws:123456789012"]})
        self.add("schedule", type="schedule", at=stamp(at), content=self.keep(content))
        self.files[f"config/schedule-{len(self.entries)}.json"] = content

    def statement(self, buckets: Mapping[str, Any]) -> dict[str, Any]:
        """What is said of a population: an answer for each bucket."""
        rows = [
            {"id": name, "name": name, "region": "", "aspects": {"encryption": {"state": self.keep(dumped(answer))}, "policy": {"gap": {}}}}
            for name, answer in buckets.items()
        ]
        listed = [{"operation": "s3:ListBuckets", "parameters": {}, "pages": 1, "count": len(rows)}]
        how = self.rows([{"encryption": n} for n, _ in enumerate(rows)])
        return {"kind": "aws.s3.bucket", "scope": SCOPE, **self.rows(rows), "complete": True, "how": how["root"], "operations": listed}

    def run(
        self,
        scheduled: datetime,
        frequencies: Iterable[str] = ("hourly",),
        outcomes: Iterable[str] = ("pass", "fail"),
        at: datetime | None = None,
    ) -> str:
        """One whole run, and the checkpoint that ends it: a check whose findings have these outcomes. Gives its id."""
        began = at or scheduled + timedelta(seconds=20)
        run, times = f"run-{began:%Y%m%dT%H%M%S}", {"started": stamp(began), "finished": stamp(began + timedelta(seconds=30))}
        common = {"scheduled": stamp(scheduled), "started": times["started"]}
        self.add("runs", run, type="run.started", frequencies=list(frequencies), adhoc=False, targets=[], count=1, **common)
        self.judge(run, {**common, **times}, list(outcomes))
        counts = {name: list(outcomes).count(name) for name in ("pass", "fail", "unknown", "not_applicable")}
        seen = {what: self.rows([[what, run, 1]]) for what in ("calls", "volatile", "observed")}
        self.add("runs", run, type="run.finished", scheduled=stamp(scheduled), **times, logins=[], outcomes=counts, failing={}, seen=seen)
        self.checkpoint(began + timedelta(seconds=31))
        return run

    def judge(self, run: str, times: Mapping[str, str], outcomes: list[str], check: str = CHECK, source: bytes = SOURCE) -> int:
        """A judgement of as many buckets as there are outcomes."""
        rows = [
            {"subject": f"b{n}", "outcome": outcome, "severity": "high", "reason": "", "facts": {}} for n, outcome in enumerate(outcomes)
        ]
        statement = self.statement({f"b{n}": {"Algorithm": outcome} for n, outcome in enumerate(outcomes)})
        counts = {name: outcomes.count(name) for name in ("pass", "fail", "unknown", "not_applicable")}
        self.files[f"checks/{check}/{sha256(source)}.py"] = source
        return self.add(
            f"check:{check}@aws/123456789012", run, type="check", check={"id": check, "digest": self.keep(source), "parameters": {}},
            scope=SCOPE, **{**times, "clock": times["started"]}, host="h", agent={}, identity="", skew=0, populations=[statement],
            others=self.rows([statement]), outcomes=counts, failing={"high": counts["fail"]}, findings=self.rows(rows),
        )  # fmt: skip

    def rotate(self, new: Key, at: datetime, *signers: Key) -> None:
        """Change keys: the entry, and the checkpoint that both sign."""
        old = self.key
        said = f"controlmon key rotation v1\n{old.text}\n{new.text}\n{stamp(at)}\n".encode()
        by_old, by_new = signers or (old, new)
        signatures = {"old": base64.b64encode(by_old.sign(said)).decode(), "new": base64.b64encode(by_new.sign(said)).decode()}
        self.add("keys", "keys", type="key.rotated", old=old.text, new=new.text, at=stamp(at), reason="yearly", signatures=signatures)
        self.checkpoint(at, old, new)
        self.key = new

    def anchor(self, kind: str, proof: bytes, at: datetime, size: int | None = None) -> str:
        """An anchor of the checkpoint of this size (the last, if None), by a proof that was got for it. Gives its file's name."""
        head = next(one for one in reversed(self.heads) if size in (None, one["size"]))
        root = base64.b64decode(head["note"].split("\n")[2]).hex()
        receipt = self.keep(proof)
        self.add(
            "anchors",
            type="anchor",
            kind=kind,
            place="https://x.example",
            size=head["size"],
            root=root,
            at=stamp(at),
            receipt=receipt,
            says={},
        )
        name = f"anchors/{head['size']}-{kind}-{sum(one.startswith('anchors/') for one in self.files)}"
        self.files[name] = proof
        return name

    def bundle(
        self,
        start: int = 0,
        size: int | None = None,
        *,
        absent: Iterable[int] = (),
        controls: list[str] | None = None,
        period: tuple[datetime, datetime] = (DAY, DAY + timedelta(days=1)),
        exported: datetime | None = None,
    ) -> Bundle:
        """The entries from `start` to before `size`, both of which a checkpoint signs; those of `absent` by their hashes alone."""
        size = self.heads[-1]["size"] if size is None else size
        leaves, gone = self.leaves(), set(absent)
        entries = [Hash(leaves[i]) if i in gone else self.entries[i] for i in range(start, size)]
        before = next((head["note"] for head in self.heads if head["size"] == start), None) if start else None
        manifest = {
            "format": "controlmon-bundle/1", "origin": ORIGIN, "exported_at": stamp(exported or period[1]), "from": stamp(period[0]),
            "to": stamp(period[1]), "controls": controls, "key": self.key.text, "log": {"start": start, "size": size}, "files": {},
        }  # fmt: skip
        held = self.in_force(start)
        first = {"size": start, "frontier": [one.hex() for one in frontier(leaves[:start])], "checkpoint": before, "in_force": held}
        heads = [dict(head) for head in self.heads if start < head["size"] <= size]
        return Bundle(
            self.key, manifest, first, entries, heads, self._pack([*(one["entry"].encode() for one in held), *entries]), dict(self.files)
        )

    def in_force(self, start: int) -> list[dict[str, Any]]:
        """The entries before `start` that still hold there, each with its proof."""
        last: dict[str, int] = {}
        for position, one in enumerate(self.entries[:start]):
            entry = json.loads(one)
            what = {"schedule": "schedule", "change": f"change {entry.get('what')}", "key.rotated": f"key {position}"}.get(
                entry.get("type")
            )
            last |= {what: position} if what else {}
        leaves = self.leaves()[:start]
        return [
            {"position": one, "entry": self.entries[one].decode(), "proof": [each.hex() for each in audit_path(one, leaves)]}
            for one in sorted(last.values())
        ]

    def _pack(self, entries: Iterable[bytes]) -> list[bytes]:
        """Whatever the entries name, and what that names, what names before what is named."""
        todo = [json.loads(one) for one in entries if not isinstance(one, Hash)]
        found: dict[str, bytes] = {}
        while todo:
            above, todo = todo, []
            for name in _names(above):
                if name in self.content and name not in found:
                    found[name] = self.content[name]
                    todo += [json.loads(found[name])] if found[name].startswith(b'{"level":') else []
        return list(found.values())


def _names(value: Any) -> Iterator[str]:
    """Every digest in some JSON."""
    if isinstance(value, str) and value.startswith("sha256:"):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _names(one)


def company(hours: int = 24, key: Key | None = None, day: datetime = DAY) -> Log:
    """A log of one day of hourly runs, begun a minute before it."""
    log = Log(key)
    log.schedule(day - timedelta(minutes=1), hourly=[CHECK])
    catalog = dumped({"controls": ["CC6.1"]})
    log.add("changes", type="change", what="catalog", **{"from": None, "to": log.keep(catalog), "content": log.keep(catalog)})
    log.add("changes", type="change", what="configuration", **{"from": None, "to": f"sha256:{'0' * 64}", "content": None})
    log.files["config/catalog.json"] = catalog
    for hour in range(hours):
        log.run(day + timedelta(hours=hour), outcomes=["pass"] * 4 + ["fail"] * (hour % 3))
    return log
