"""ECDSA on P-256 (signed-note, type 0x02): what AWS KMS and Azure Key Vault sign, and a verifier that takes one spelling of it."""

from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from controlmon.core.errors import LedgerError
from controlmon.core.note import ECDSA, VerifierKey, parse_verifier_key

_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of P-256's group (SEC 2, section 2.4.2)


class EcdsaVerifier:
    """Verifies with one P-256 key, strictly: whoever lacks the private key cannot turn a good signature into another good one.

    If (r, s) is a signature, (r, N - s) is one too, of the same text: anyone can write it, and an altered record would still verify.
    So only the lower s is taken, in the one encoding that DER has for it; `lowered` finds it, and each signer of ours uses it.
    The price: of logs that write either, such as Rekor, half of the signatures are refused here. Ours are good everywhere.

    The type allows P-384 and P-521 as well (signed-note, "Signature types"). No signer here makes them, so they are refused.
    """

    def __init__(self, key: VerifierKey) -> None:
        if key.algorithm != ECDSA:
            raise LedgerError(f"{key}: not an ECDSA key. Give the public key that the log's signer printed")
        self.verifier_key = key
        self._key = _read(key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verifier of a public key written `name+id+base64(0x02, DER)`. Raises `LedgerError` if it is malformed or not P-256."""
        return cls(parse_verifier_key(text))

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the key signed the SHA-256 of `message` (FIPS 186-5, section 6.4.2), and the signature is spelled the one way."""
        try:
            if lowered(signature) != signature:
                return False
            self._key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


def lowered(signature: bytes) -> bytes:
    """The one spelling of a signature, DER with the lower s, from either. Raises `ValueError` if it is not DER or out of range."""
    return spelled(*decode_dss_signature(signature))


def spelled(r: int, s: int) -> bytes:
    """The one spelling of a signature of two numbers. Raises `ValueError` if one of them is out of range."""
    if not (0 < r < _N and 0 < s < _N):
        raise ValueError("r and s of an ECDSA signature lie between 1 and the order of the group")
    return encode_dss_signature(r, min(s, _N - s))


def encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    """The public key as notes carry it: DER SubjectPublicKeyInfo, named curve, uncompressed point."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _read(key: VerifierKey) -> ec.EllipticCurvePublicKey:
    try:
        public = load_der_public_key(key.public_key)  # refuses points that are not on their curve
    except (ValueError, UnsupportedAlgorithm):
        raise LedgerError(f"{key}: not a public key in DER. Copy the key again") from None
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise LedgerError(f"{key}: not a key on P-256, the one curve that is verified here. Sign with a P-256 key")
    if encoded(public) != key.public_key:
        raise LedgerError(f"{key}: a second spelling of a P-256 key. Give the public key that the log's signer printed")
    return public
