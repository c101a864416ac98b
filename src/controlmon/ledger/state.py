"""State by content: what was seen, stored once per distinct content, compressed with dictionaries that the ledger trains on itself."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
import zstandard

from controlmon.core.canonical import MAX_ENTRY
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Raw
from controlmon.ledger.schema import blob, dictionary, entry
from controlmon.ledger.store import insert_or_ignore

LEVEL = 3
DICTIONARY_BYTES = 32 * 1024
SAMPLES = 2000
"""State blobs after which a dictionary is trained: fewer say too little about what is to come."""
ENTRY_SAMPLES = 500
"""The same for entries, which are much alike."""
FOR_STATE, FOR_ENTRIES = 1, 2
"""The dictionaries by number; 0 is none."""
CACHED = 1024
_WANTED = sa.select(blob).where(blob.c.digest == sa.bindparam("wanted"))  # built once: it is asked for every piece


class State:
    """The blobs of one ledger."""

    def __init__(self) -> None:
        self._dictionaries: dict[int, zstandard.ZstdCompressionDict] = {}
        self._compressors: dict[int, zstandard.ZstdCompressor] = {}
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}
        self._decoded: OrderedDict[bytes, Raw] = OrderedDict()

    def load(self, connection: sa.Connection) -> None:
        """Learn the dictionaries that the ledger has."""
        for row in connection.execute(sa.select(dictionary)):
            self._dictionaries.setdefault(row.id, zstandard.ZstdCompressionDict(row.data))

    def pack_entry(self, data: bytes) -> tuple[int, bytes]:
        """The bytes of an entry, compressed, and the number of the dictionary that it took."""
        number = FOR_ENTRIES if FOR_ENTRIES in self._dictionaries else 0
        return number, self._compressor(number).compress(data)

    def unpack_entry(self, number: int, data: bytes) -> bytes:
        """The bytes of an entry. Raises `LedgerError` if they cannot be had."""
        try:
            return self._decompressor(number).decompress(data, max_output_size=MAX_ENTRY)
        except (zstandard.ZstdError, TypeError) as error:
            raise LedgerError(f"an entry of the log is damaged ({error}): restore the ledger from a backup") from error

    def keep(self, connection: sa.Connection, contents: Sequence[bytes]) -> list[bytes]:
        """Store each content once. Returns their digests (32 bytes of SHA-256), in the same order."""
        digests = {content: hashlib.sha256(content).digest() for content in contents}
        known = set()
        wanted = list(digests.values())
        for start in range(0, len(wanted), 500):
            known |= set(connection.scalars(sa.select(blob.c.digest).where(blob.c.digest.in_(wanted[start : start + 500]))))
        number = FOR_STATE if FOR_STATE in self._dictionaries else 0
        rows = [
            {"digest": d, "dictionary": number, "size": len(content), "data": self._compressor(number).compress(content)}
            for content, d in digests.items()
            if d not in known
        ]
        if rows:
            connection.execute(insert_or_ignore(blob), rows)
        return [digests[content] for content in contents]

    def bytes_of(self, connection: sa.Connection, digest: bytes) -> bytes:
        """The content of a digest.

        Raises:
            LedgerError: if it is missing, or is not what the digest says.

        """
        row = connection.execute(_WANTED, {"wanted": digest}).one_or_none()
        if row is None:
            raise LedgerError(f"the state sha256:{digest.hex()} is missing from the ledger: restore it from a backup")
        if row.dictionary and row.dictionary not in self._dictionaries:
            self.load(connection)  # another process may have trained it since
        return self.unpack(row.dictionary, row.data, row.size, digest)

    def unpack(self, used: int, data: bytes, size: int, digest: bytes) -> bytes:
        """Decompress one blob, and hold it against its digest. Raises `LedgerError` if it does not agree."""
        try:
            content = self._decompressor(used).decompress(data, max_output_size=size or 1)
        except zstandard.ZstdError as error:
            raise LedgerError(f"the state sha256:{digest.hex()} is damaged ({error}): restore the ledger from a backup") from error
        if hashlib.sha256(content).digest() != digest:
            raise LedgerError(f"the state sha256:{digest.hex()} was altered: restore the ledger from a backup")
        return content

    def remembered(self, digest: bytes) -> Raw | None:
        """The decoded content of a digest, if it was read lately."""
        return self._decoded.get(digest)

    def raw(self, connection: sa.Connection, digest: bytes) -> Raw:
        """The decoded content of a digest; the most recent ones are remembered."""
        if digest in self._decoded:
            self._decoded.move_to_end(digest)
            return self._decoded[digest]
        decoded = msgspec.json.decode(self.bytes_of(connection, digest))
        self._decoded[digest] = decoded
        if len(self._decoded) > CACHED:
            self._decoded.popitem(last=False)
        return decoded

    def train(self, connection: sa.Connection) -> None:
        """Train each dictionary, once, when there is enough to learn from."""
        self.load(connection)
        if FOR_STATE not in self._dictionaries:
            rows = connection.execute(sa.select(blob).where(blob.c.size < 8192).limit(SAMPLES)).all()
            if len(rows) == SAMPLES:
                self._train(connection, FOR_STATE, [self.unpack(r.dictionary, r.data, r.size, r.digest) for r in rows])
        if FOR_ENTRIES not in self._dictionaries:
            latest = sa.select(entry.c.dictionary, entry.c.body).where(entry.c.body.is_not(None)).order_by(entry.c.position.desc())
            several = connection.execute(latest.limit(ENTRY_SAMPLES)).all()
            if len(several) == ENTRY_SAMPLES:
                self._train(connection, FOR_ENTRIES, [self.unpack_entry(r.dictionary, r.body) for r in several])

    def _train(self, connection: sa.Connection, number: int, samples: list[Any]) -> None:
        try:
            trained = zstandard.train_dictionary(DICTIONARY_BYTES, samples)
        except zstandard.ZstdError:
            return  # too much alike, or too little: compression goes on without
        connection.execute(dictionary.insert(), {"id": number, "data": trained.as_bytes()})
        self._dictionaries[number] = trained

    def _compressor(self, number: int) -> zstandard.ZstdCompressor:
        if number not in self._compressors:
            self._compressors[number] = zstandard.ZstdCompressor(level=LEVEL, dict_data=self._dictionaries.get(number))
        return self._compressors[number]

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        if number not in self._decompressors:
            if number and number not in self._dictionaries:
                raise LedgerError(f"the dictionary {number} is missing from the ledger: restore it from a backup")
            self._decompressors[number] = zstandard.ZstdDecompressor(dict_data=self._dictionaries.get(number))
        return self._decompressors[number]


def name(digest: bytes) -> str:
    """A digest as entries and findings write it."""
    return f"sha256:{digest.hex()}"


def split(raw: Any, volatile: tuple[str, ...]) -> tuple[Any, dict[str, Any] | None]:  # noqa: ANN401 - JSON
    """An answer without its volatile members, and those members apart (None if it has none)."""
    if not volatile or not isinstance(raw, dict):
        return raw, None
    moving = {k: raw[k] for k in volatile if k in raw}
    return ({k: v for k, v in raw.items() if k not in moving}, moving) if moving else (raw, None)
