"""How a signer is written, and which verifier a public key has."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import ECDSA, VerifierKey
from controlmon.ledger.ecdsa import EcdsaVerifier, encoded
from controlmon.ledger.keys import open_signer, parse_verifier, verifier_of
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.signer import Ed25519Verifier

NAME = "log.example/controlmon"
AT = "2026-11-25T12:00:00.000Z"


@pytest.mark.parametrize(
    ("spec", "place"),
    [("file", "signing.key"), ("file:other.key", "other.key"), ("file:deep/er.key", "deep/er.key"), ("file:/{}/a:b", "a:b")],
)
def test_a_file_is_found_from_the_ledger(tmp_path: Path, spec: str, place: str) -> None:
    """`file` is `signing.key` beside the ledger; a relative path starts there, and an absolute one is taken as it is."""
    (tmp_path / "deep").mkdir()
    signer = open_signer(spec.format(str(tmp_path)[1:]), NAME, tmp_path, create=True)
    assert (tmp_path / place).is_file()
    assert parse_verifier(str(signer.verifier_key)).verify(signer.sign(b"text"), b"text")


@pytest.mark.parametrize(
    "spec", ["", "file:", "files", "awskms:", "awskms:key", "awskms:arn:aws:s3:::bucket", "azurekeyvault:", "gcpkms:x", "File"]
)
def test_what_names_no_signer_is_refused(tmp_path: Path, spec: str) -> None:
    """A word that means nothing here is told, with what may be written, before anything is asked or made."""
    with pytest.raises(UsageError, match=r"(?i)give"):
        open_signer(spec, NAME, tmp_path, create=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://artemis.vault.azure.net/keys/log",
        "https://artemis.vault.azure.net/secrets/log",
        "https://artemis.vault.azure.net/keys/log/newest",
        "https://artemis.vault.azure.net/keys/log?api-version=7.4",
        "https://artemis.vault.azure.net@evil.example/keys/log",
        "https://vault/keys/log",
        "artemis.vault.azure.net/keys/log",
    ],
)
def test_what_names_no_key_of_a_vault_is_refused(tmp_path: Path, url: str) -> None:
    """Only the URL of a key over TLS is asked."""
    with pytest.raises(UsageError, match=r"not a key's URL\. Give https"):
        open_signer(f"azurekeyvault:{url}", NAME, tmp_path, create=True)


def test_the_verifier_is_that_of_the_algorithm(tmp_path: Path) -> None:
    """Type 0x01 is verified as Ed25519, 0x02 as ECDSA, and what nobody here verifies is refused by its type."""
    assert isinstance(verifier_of(open_signer("file", NAME, tmp_path, create=True).verifier_key), Ed25519Verifier)
    key = VerifierKey(NAME, ECDSA, encoded(ec.generate_private_key(ec.SECP256R1()).public_key()))
    assert isinstance(parse_verifier(str(key)), EcdsaVerifier)
    with pytest.raises(LedgerError, match=r"a key of type 0x06\. Give one of type 0x01"):
        verifier_of(VerifierKey(NAME, 6, bytes(32)))


def test_a_key_that_was_rotated_away_signs_no_more(tmp_path: Path) -> None:
    """The checkpoint of a change is signed by both keys; opened with the old one, the ledger is refused all the same."""
    ledger = Ledger.open(tmp_path, NAME)
    ledger.rotate(open_signer("file:new.key", NAME, tmp_path, create=True), AT, "a test")
    ledger.close()
    with pytest.raises(LedgerError, match="did not sign this log"):
        Ledger.open(tmp_path, NAME)
    again = Ledger.open(tmp_path, NAME, "file:new.key")
    again.append("later", AT, [("other", {"type": "note"})])
    assert again.verify().problems == ()
    again.close()
