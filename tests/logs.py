"""A log in memory that can lie: it forks, is cut, and is read in part; and a witness's server on loopback, ours or a scripted one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from controlmon.core.merkle import leaf_hash, root
from controlmon.core.note import Checkpoint, sign_note
from controlmon.ledger.history import Head, Placed
from controlmon.ledger.proofs import consistency
from controlmon.ledger.signer import FileSigner

ORIGIN = "log.example/controlmon"

Answering = Callable[[bytes], tuple[int, str, bytes]]
"""From the body of a request to status, content type and body of the answer."""


class MemoryLog:
    """A `History` of short entries. `start` hides what is before it; `missing` is an entry that is not there."""

    def __init__(self, directory: Path, size: int, origin: str = ORIGIN) -> None:
        self.signer = FileSigner.open(directory / f"{origin.replace('/', '-')}.key", origin, create=True)
        self.key, self.origin, self.start = self.signer.verifier_key, origin, 0
        self.bodies = [b"entry %d" % i for i in range(size)]
        self.missing: int | None = None
        self.read: list[int] = []

    @property
    def size(self) -> int:
        return len(self.bodies)

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(body) for body in self.bodies]

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        for position in range(max(start or 0, self.start), self.size if end is None else end):
            if position != self.missing:
                self.read.append(position)
                yield Placed(position, self.leaves[position], self.bodies[position])

    def heads(self) -> Iterator[Head]:
        return iter(())

    def blob(self, digest: str) -> bytes:
        raise KeyError(digest)

    def grow(self, count: int, word: bytes = b"more") -> "MemoryLog":
        self.bodies += [b"%s %d" % (word, i) for i in range(count)]
        return self

    def checkpoint(self, size: int | None = None) -> bytes:
        size = self.size if size is None else size
        return sign_note(Checkpoint(self.origin, size, root(self.leaves[:size])).text(), [self.signer]).encode()

    def prove(self, old: int, new: int) -> tuple[bytes, ...]:
        return consistency(self, old, new)


@contextmanager
def serving(answering: Answering) -> Iterator[tuple[str, list[bytes]]]:
    """An HTTP server: its URL, and the bodies that were posted to `add-checkpoint`."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/w/add-checkpoint"
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, kind, body = answering(asked[-1])
            if not status:  # hang up without an answer
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/w", asked
        finally:
            server.shutdown()
            thread.join()
