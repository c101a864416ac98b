"""Whose key signs a ledger, and who verifies it: a file, AWS KMS or Azure Key Vault, behind one protocol."""

from pathlib import Path
from typing import Protocol

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import ECDSA, ED25519, Signer, Verifier, VerifierKey, parse_verifier_key
from controlmon.ledger.ecdsa import EcdsaVerifier
from controlmon.ledger.signer import Ed25519Verifier, FileSigner

SIGNERS = "`file`, `file:PATH`, `awskms:ARN-OR-ALIAS` or `azurekeyvault:https://VAULT.vault.azure.net/keys/NAME[/VERSION]`"
"""How a signer is written."""


class KeyedSigner(Signer, Protocol):
    """A signer that knows its public key."""

    @property
    def verifier_key(self) -> VerifierKey:
        """The public key, as an auditor gets it."""
        ...


def verifier_of(key: VerifierKey) -> Verifier:
    """The strict verifier of a public key, by its algorithm. Raises `LedgerError` if nobody here verifies such a key."""
    if key.algorithm == ED25519:
        return Ed25519Verifier(key)
    if key.algorithm == ECDSA:
        return EcdsaVerifier(key)
    raise LedgerError(f"{key}: a key of type 0x{key.algorithm:02x}. Give one of type 0x01 (Ed25519) or 0x02 (ECDSA on P-256)")


def parse_verifier(text: str) -> Verifier:
    """The strict verifier of a public key written `name+id+base64(type, key)`. Raises `LedgerError` if it is malformed or weak."""
    return verifier_of(parse_verifier_key(text))


def open_signer(spec: str, name: str, directory: Path, *, create: bool) -> KeyedSigner:
    """The signer that `spec` names, under the key name `name`.

    A key of AWS or Azure is made by people, never here, whatever `create` says. It is pinned as it is opened; whether it is the key
    of the checkpoints that are there already is for the caller to see, who compares `verifier_key` with the key of the last.

    Args:
        spec: `file` (`signing.key` in `directory`), `file:PATH` (a relative one from `directory`), `awskms:` and the ARN of a key or alias
            or `alias/NAME`, or `azurekeyvault:` and the key's URL.
        name: the key's name, usually the log's origin.
        directory: the ledger's.
        create: whether a file that is missing is written first; see `FileSigner.open`.

    Raises:
        UsageError: if `spec` means nothing here.
        LedgerError: if the key cannot be used; the message names it, what went wrong and the mend.

    """
    kind, _, place = spec.partition(":")
    if spec == "file":
        return FileSigner.open(directory / "signing.key", name, create=create)
    if kind == "file" and place:
        return FileSigner.open(directory / place, name, create=create)
    if kind == "awskms":
        from controlmon.ledger.awskms import KmsSigner  # noqa: PLC0415 - the SDK is loaded when it is needed

        return KmsSigner.open(place, name)
    if kind == "azurekeyvault":
        try:
            from controlmon.ledger.keyvault import KeyVaultSigner  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise LedgerError(f"{spec}: {error.name} is not installed. Install controlmon[anchors]") from error
        return KeyVaultSigner.open(place, name)
    raise UsageError(f"There is no signer {spec!r}: give {SIGNERS}")
