"""The key of a witness: what it cosigns is what OpenSSL verifies, and nothing else does."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controlmon.core.cosign import COSIGNATURE, cosigned_message
from controlmon.core.errors import LedgerError
from controlmon.core.note import ED25519, VerifierKey
from controlmon.ledger.cosigner import CosignatureVerifier, Cosigner

NAME = "witness.example/w1"
TEXT = "log.example/controlmon\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n"


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return Cosigner.open(tmp_path / "key", NAME, create=True)


def test_openssl_verifies_a_cosignature(cosigner: Cosigner, tmp_path: Path) -> None:
    """The 64 bytes after the time are an Ed25519 signature of header, time and text."""
    line = cosigner.cosign(TEXT, 1679315147)
    public = Ed25519PublicKey.from_public_bytes(cosigner.verifier_key.public_key)
    (tmp_path / "public").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(line.value[8:])
    (tmp_path / "message").write_bytes(b"cosignature/v1\ntime 1679315147\n" + TEXT.encode())
    options = ["-pubin", "-inkey", "public", "-rawin", "-in", "message", "-sigfile", "signature"]
    subprocess.run(["openssl", "pkeyutl", "-verify", *options], cwd=tmp_path, check=True, capture_output=True)


def test_a_cosignature_is_of_one_text_one_time_and_one_key(cosigner: Cosigner, tmp_path: Path) -> None:
    """Any flipped bit of it, another text, another key: it does not verify."""
    verifier = CosignatureVerifier.parse(str(cosigner.verifier_key))
    value = cosigner.cosign(TEXT, 1679315147).value
    assert verifier.verify(value, TEXT.encode())
    assert (verifier.name, verifier.key_id) == (cosigner.name, cosigner.key_id)
    for bit in range(len(value) * 8):
        assert not verifier.verify((int.from_bytes(value, "big") ^ 1 << bit).to_bytes(72, "big"), TEXT.encode())
    assert not verifier.verify(value, TEXT.replace("3", "4", 1).encode())
    assert not verifier.verify(value[:-1], TEXT.encode())
    other = Cosigner.open(tmp_path / "other", NAME, create=True)
    assert not CosignatureVerifier(other.verifier_key).verify(value, TEXT.encode())


def test_a_signature_without_a_time_is_no_cosignature(cosigner: Cosigner) -> None:
    """What the key signs is told from what a log signs: the bare text is never signed."""
    assert cosigner.verifier_key.algorithm == COSIGNATURE
    value = cosigner.cosign(TEXT, 0).value
    public = Ed25519PublicKey.from_public_bytes(cosigner.verifier_key.public_key)
    public.verify(value[8:], cosigned_message(TEXT.encode(), 0))
    assert not hasattr(cosigner, "sign")


@pytest.mark.parametrize("algorithm", [ED25519, 0x02, 0x06])
def test_a_key_of_another_type_is_refused(cosigner: Cosigner, algorithm: int) -> None:
    """Only 0x04; and of those none for which anyone could sign."""
    with pytest.raises(LedgerError, match="whose type is 0x04"):
        CosignatureVerifier(VerifierKey(NAME, algorithm, cosigner.verifier_key.public_key))
    with pytest.raises(LedgerError, match="for which anyone can sign"):
        CosignatureVerifier(VerifierKey(NAME, COSIGNATURE, b"\x01" + bytes(31)))
