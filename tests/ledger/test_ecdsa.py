"""ECDSA on P-256 against openssl, and each second spelling that the standard leaves open."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.errors import LedgerError
from controlmon.core.note import ECDSA, ED25519, VerifierKey
from controlmon.ledger.ecdsa import EcdsaVerifier, encoded, lowered, spelled

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEY = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
"""The key of RFC 6979, appendix A.2.5."""
# The signature of "sample" with SHA-256 there.
R = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
S = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8


def verifier(key: ec.EllipticCurvePrivateKey = KEY) -> EcdsaVerifier:
    return EcdsaVerifier(VerifierKey("log.example", ECDSA, encoded(key.public_key())))


def test_the_signature_of_rfc_6979_is_good_with_the_lower_s_alone() -> None:
    """Its s is the higher one: as it stands it is refused, lowered it is taken, and either solves the equation for others."""
    standing = encode_dss_signature(R, S)
    KEY.public_key().verify(standing, b"sample", ec.ECDSA(hashes.SHA256()))
    assert not verifier().verify(standing, b"sample")
    assert verifier().verify(lowered(standing), b"sample")
    assert not verifier().verify(lowered(standing), b"sample ")


@given(st.binary(max_size=300))
def test_whatever_is_signed_has_one_good_signature_of_its_two(message: bytes) -> None:
    """Of (r, s) and (r, N - s) exactly one is taken, and `lowered` makes it of either."""
    r, s = decode_dss_signature(KEY.sign(message, ec.ECDSA(hashes.SHA256())))
    both = [encode_dss_signature(r, s), encode_dss_signature(r, N - s)]
    assert [verifier().verify(one, message) for one in both].count(True) == 1
    assert {lowered(one) for one in both} == {one for one in both if verifier().verify(one, message)}


@given(st.binary(max_size=80))
def test_no_bytes_make_the_verifier_raise(signature: bytes) -> None:
    """What is no signature is wrong, whatever it is."""
    assert not verifier().verify(signature, b"sample")


def test_openssl_agrees(tmp_path: Path) -> None:
    """openssl verifies what we took, and we verify, lowered, what openssl signed."""
    (tmp_path / "key.pem").write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "public.der").write_bytes(verifier().verifier_key.public_key)
    (tmp_path / "text").write_bytes(b"sample")
    (tmp_path / "ours").write_bytes(spelled(R, S))
    check = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", "public.der", "-signature", "ours", "text"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=True).stdout == b"Verified OK\n"
    sign = ["openssl", "dgst", "-sha256", "-sign", "key.pem", "-out", "theirs", "text"]
    subprocess.run(sign, cwd=tmp_path, capture_output=True, check=True)
    assert verifier().verify(lowered((tmp_path / "theirs").read_bytes()), b"sample")


@pytest.mark.parametrize(
    ("spelling", "good"),
    [
        (lambda der: der, True),
        (lambda der: der + b"\0", False),
        (lambda der: der[:-1], False),
        (lambda der: b"\x30\x81" + der[1:], False),  # the length in two bytes
        (lambda der: b"\x30" + bytes([der[1] + 1]) + der[2:4].replace(b"\x21", b"\x22") + b"\0" + der[4:], False),  # a zero before r
    ],
    ids=["DER", "a byte more", "a byte less", "a long length", "a padded r"],
)
def test_a_second_encoding_is_refused(spelling: object, good: bool) -> None:
    """Whoever has a signature cannot write the same one in other bytes."""
    assert callable(spelling)
    assert verifier().verify(spelling(spelled(R, S)), b"sample") is good


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (N, 1), (1, N), (-1, 1)])
def test_numbers_out_of_range_are_no_signature(r: int, s: int) -> None:
    """r and s lie between 1 and the order of the group (FIPS 186-5, section 6.4.2)."""
    with pytest.raises(ValueError, match="between 1 and the order"):
        spelled(r, s)


def test_a_key_is_read_as_it_is_printed() -> None:
    """The verifier of the printed key has its name and id, and takes its signatures."""
    again = EcdsaVerifier.parse(str(verifier().verifier_key))
    assert (again.name, again.key_id) == ("log.example", verifier().key_id)
    assert again.verify(spelled(R, S), b"sample")


def _keys() -> dict[str, tuple[VerifierKey, str]]:
    numbers = KEY.public_key().public_numbers()
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    compressed += bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32)
    der = encoded(KEY.public_key())
    rsa_der = rsa.generate_private_key(65537, 2048).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "of another type": (VerifierKey("n", ED25519, der), "not an ECDSA key"),
        "no DER": (VerifierKey("n", ECDSA, b"x" * 91), "not a public key in DER"),
        "off the curve": (VerifierKey("n", ECDSA, der[:-1] + bytes([der[-1] ^ 1])), "not a public key in DER"),
        "RSA": (VerifierKey("n", ECDSA, rsa_der), "not a key on P-256"),
        "P-384": (VerifierKey("n", ECDSA, encoded(ec.generate_private_key(ec.SECP384R1()).public_key())), "not a key on P-256"),
        "compressed": (VerifierKey("n", ECDSA, compressed), "a second spelling"),
    }


@pytest.mark.parametrize("kind", _keys())
def test_another_key_is_refused_with_the_mend(kind: str) -> None:
    """Only a P-256 key in its one encoding is taken."""
    key, reason = _keys()[kind]
    with pytest.raises(LedgerError, match=reason):
        EcdsaVerifier(key)
