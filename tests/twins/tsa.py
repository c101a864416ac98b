"""A time-stamp authority on a loopback port, made with `openssl ts`: real keys, real certificates, real answers.

with TsaTwin(tmp_path) as tsa:
    TimeStampAuthority(tsa.url, tsa.roots).anchor(note)
    tsa.mode = Mode.REFUSES
"""

import subprocess
import threading
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_CONFIG = """
[tsa]
default_tsa = {name}
[{name}]
serial = {directory}/{name}.serial
crypto_device = builtin
signer_cert = {directory}/{name}.pem
certs = {directory}/{name}.ca.pem
signer_key = {directory}/{name}.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
_EXTENSIONS = "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"
_DIGEST = b"\x05\x00\x04\x20"  # what stands before the imprint of a query over SHA-256: NULL parameters, OCTET STRING of 32 bytes


class Mode(Enum):
    """How the authority answers."""

    HONEST = auto()
    REFUSES = auto()
    WRONG_IMPRINT = auto()
    WRONG_NONCE = auto()
    GARBAGE = auto()
    HTTP_500 = auto()
    TOO_LONG = auto()
    UNTRUSTED = auto()  # the same name, below another CA


class TsaTwin:
    """An authority for as long as the `with` lasts; its keys live in `directory`. `queries` are the bodies that came, `kinds` their types."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._lock = directory, threading.Lock()
        self.mode = Mode.HONEST
        self.queries: list[bytes] = []
        self.kinds: list[str | None] = []
        for name in ("good", "stranger"):
            self._found(name)

    @property
    def roots(self) -> Path:
        """The CA certificate of the honest authority, in PEM."""
        return self._directory / "good.ca.pem"

    @property
    def stranger(self) -> Path:
        """The CA certificate of the other one."""
        return self._directory / "stranger.ca.pem"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}/tsr"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"tsa": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, query: bytes, kind: str | None) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer to a query."""
        with self._lock:  # openssl keeps its serial number in a file
            self.queries.append(query)
            self.kinds.append(kind)
            match self.mode:
                case Mode.GARBAGE:
                    return 200, "text/html", b"<html><body>Sign in to the network</body></html>"
                case Mode.HTTP_500:
                    return 500, "text/plain", b"out of order"
                case Mode.REFUSES:
                    query = query.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040203"))  # SHA-512 of 32 bytes
                case Mode.WRONG_IMPRINT:
                    before, mark, after = query.partition(_DIGEST)
                    query = before + mark + bytes(32) + after[32:]
                case Mode.WRONG_NONCE:
                    query = query[:-4] + bytes([query[-4] ^ 1]) + query[-3:]  # its last byte stands before certReq, three bytes
            body = self.stamp(query, "stranger" if self.mode is Mode.UNTRUSTED else "good")
            return 200, "application/timestamp-reply", body + bytes(10_000_000 if self.mode is Mode.TOO_LONG else 0)

    def stamp(self, query: bytes, name: str = "good") -> bytes:
        """What `openssl ts -reply` answers to a query."""
        path = self._directory / "query.tsq"
        path.write_bytes(query)
        config = str(self._directory / f"{name}.cnf")
        return self._openssl("ts", "-reply", "-config", config, "-section", name, "-queryfile", str(path))

    def _found(self, name: str) -> None:
        """A CA, and an authority below it."""

        def at(suffix: str) -> str:
            return str(self._directory / f"{name}.{suffix}")

        new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch")
        self._openssl(*new, "-x509", "-days", "30", "-subj", "/CN=Root of the twins", "-keyout", at("ca.key"), "-out", at("ca.pem"))
        self._openssl(*new, "-subj", "/O=Twins/CN=Time Stamps", "-keyout", at("key"), "-out", at("csr"))
        Path(at("ext")).write_text(_EXTENSIONS)
        signed = ("-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-set_serial", "2", "-days", "20", "-extfile", at("ext"))
        self._openssl("x509", "-req", "-in", at("csr"), *signed, "-out", at("pem"))
        Path(at("serial")).write_text("01\n")
        Path(at("cnf")).write_text(_CONFIG.format(name=name, directory=self._directory))

    def _openssl(self, *arguments: str) -> bytes:
        done = subprocess.run(["openssl", *arguments], capture_output=True, check=False, cwd=self._directory)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


class _Handler(BaseHTTPRequestHandler):
    tsa: TsaTwin

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, kind, body = self.tsa.answer(query, self.headers.get("Content-Type"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # a client that hangs up is no news

    def log_message(self, *_: Any) -> None:
        """Says nothing."""
