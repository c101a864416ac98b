"""What entries name, and what that names in turn: each content once, after whatever names it first."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from controlmon.core.errors import LedgerError
from controlmon.core.refs import Role, below
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.schema import blob

LOWEST = b'{"level":0,'
"""How a piece without pieces under it begins, in canonical JSON."""
_BITS = {role.value: 1 << i for i, role in enumerate(Role)}
_WANTED = sa.select(blob.c.dictionary, blob.c.data, blob.c.size).where(blob.c.digest == sa.bindparam("wanted"))
Named = tuple[bytes, str]
"""A digest (32 bytes) and its role."""


class Walk:
    """Goes depth first through what is named, and writes it.

    Args:
        ledger: where it is.
        write: takes the length and the content of each.
        progress: told of every thousand.

    """

    def __init__(self, ledger: Ledger, write: Callable[[bytes, bytes], None], progress: Callable[[int], None]) -> None:
        self._ledger, self._write, self._progress = ledger, write, progress
        self._done: dict[bytes, int] = {}  # the roles in which each digest has been gone through

    def through(self, roots: Iterable[Named]) -> int:
        """Write all that is named by these. Gives the number of pieces. Raises `LedgerError` if one is missing or altered."""
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        with self._ledger.store.reading() as connection:
            self._ledger.state.load(connection)
            for root in roots:
                waiting = [root]
                while waiting:
                    digest, role = waiting.pop()
                    bits = self._done.get(digest, 0)
                    if bits & _BITS[role]:
                        continue
                    content = self._content(connection, digest)
                    if not bits:
                        self._write(len(content).to_bytes(4, "big"), content)
                        if not len(self._done) % 1000:
                            self._progress(1000)
                    self._done[digest] = bits | _BITS[role]
                    if role == Role.BLOB or (role in (Role.LIST, Role.FINDINGS) and content.startswith(LOWEST)):
                        continue
                    waiting += reversed([(bytes.fromhex(ref.digest[7:]), ref.role.value) for ref in below(Role(role), decode(content))])
        return len(self._done)

    def _content(self, connection: sa.Connection, digest: bytes) -> bytes:
        row = connection.execute(_WANTED, {"wanted": digest}).one_or_none()
        if row is None:
            raise LedgerError(f"the state sha256:{digest.hex()} is missing from the ledger: restore it from a backup")
        return self._ledger.state.unpack(row.dictionary, row.data, row.size, digest)
