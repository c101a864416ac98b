"""What the anchors' clients share: whom they trust."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controlmon.core.errors import LedgerError
from controlmon.ledger.anchor import Anchor
from controlmon.ledger.cosigner import Cosigner
from controlmon.ledger.rfc3161 import TimeStampAuthority
from controlmon.ledger.witness import Witness
from tests.logs import ORIGIN, MemoryLog
from tests.twins.tunnel import Reply, Tunnel

NAMES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_PROXY", "no_proxy")


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The authority of a company that inspects TLS, and whose proxy every client goes through."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    tunnel = Tunnel(tmp_path, ("anchor.example",), lambda _request: Reply(503, b"later"))
    monkeypatch.setenv("HTTPS_PROXY", tunnel.environment["HTTPS_PROXY"])
    yield tunnel.environment["REQUESTS_CA_BUNDLE"]
    tunnel.close()


def authority(_log: MemoryLog, _directory: Path) -> Anchor:
    return TimeStampAuthority("https://anchor.example/tsa", None)


def witness(log: MemoryLog, directory: Path) -> Anchor:
    key = Cosigner.open(directory / "cosigner.key", "witness.example/w1", create=True).verifier_key
    return Witness("https://anchor.example", key, ORIGIN, log.prove)


@pytest.mark.parametrize("make", [authority, witness])
def test_a_company_that_inspects_tls(
    make: Callable[[MemoryLog, Path], Anchor], bundle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its authority may stand in either variable, REQUESTS_CA_BUNDLE first; without it nobody is believed, and a file that is not there is told."""
    log = MemoryLog(tmp_path, 5)

    def said(**environment: str) -> str:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(LedgerError) as refused:
            make(log, tmp_path).anchor(log.checkpoint())
        return str(refused.value)

    missing = str(tmp_path / "missing.pem")
    assert "CERTIFICATE_VERIFY_FAILED" in said()
    assert "answered" in said(SSL_CERT_FILE=bundle)
    assert "answered" in said(REQUESTS_CA_BUNDLE=bundle, SSL_CERT_FILE=missing)
    assert "FileNotFoundError" in said(REQUESTS_CA_BUNDLE=missing, SSL_CERT_FILE=bundle)
