"""DSSE envelopes: the specification's own vector, and what a verifier must refuse."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as Reference
from securesystemslib.signer import SSlibKey

from controlmon.core.dsse import DsseError, open_envelope, pae, parse_envelope, public_pem, sign_envelope
from controlmon.core.note import ECDSA, ED25519, NoteError, VerifierKey, key_id, parse_checkpoint

TYPE, BODY = "http://example.com/HelloWorld", b"hello world"
VECTOR = b"""{"payload": "aGVsbG8gd29ybGQ=",
 "payloadType": "http://example.com/HelloWorld",
 "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"""
X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820


class SpecKey:
    """The specification's example key: P-256, whose signature is r and s, joined."""

    name, key_id = "spec", b"\0\0\0\0"

    def __init__(self) -> None:
        self._key = ec.EllipticCurvePublicNumbers(X, Y, ec.SECP256R1()).public_key()

    def verify(self, signature: bytes, message: bytes) -> bool:
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            self._key.verify(der, message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


class Key:
    """An Ed25519 key that signs and verifies."""

    def __init__(self, seed: int = 1) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.name, self.public = f"example.com/{seed}", self._key.public_key().public_bytes_raw()
        self.key_id = key_id(self.name, ED25519, self.public)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def verify(self, signature: bytes, message: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


def test_what_is_signed() -> None:
    """The example of protocol.md; lengths are of bytes, not of characters."""
    assert pae(TYPE, BODY) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("é", b"\n") == b"DSSEv1 2 \xc3\xa9 1 \n"


def test_the_specification_s_envelope_opens() -> None:
    """Signature, payload and type are those of protocol.md."""
    envelope = open_envelope(VECTOR, TYPE, [SpecKey()])
    assert (envelope.payload, len(envelope.signatures)) == (BODY, 1)


def test_either_base64_is_accepted() -> None:
    """Protocol.md: verifiers must take the URL-safe alphabet too."""
    assert b"+FnZ+O88" in VECTOR
    assert open_envelope(VECTOR.replace(b"+", b"-").replace(b"/F", b"_F"), TYPE, [SpecKey()]).payload == BODY


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"aGVsbG8gd29ybGQ=", base64.b64encode(b"hello worle")),
        (b"A3JqsQ", b"B3JqsQ"),
    ],
)
def test_an_altered_envelope_is_refused(old: bytes, new: bytes) -> None:
    """Payload and signature."""
    assert old in VECTOR
    with pytest.raises(DsseError, match="altered"):
        open_envelope(VECTOR.replace(old, new), TYPE, [SpecKey()])


def test_the_type_is_signed_too() -> None:
    """Neither another type than was asked for, nor one that was written over the signed one, opens."""
    with pytest.raises(DsseError, match="HelloWorld"):
        open_envelope(VECTOR, "application/vnd.in-toto+json", [SpecKey()])
    with pytest.raises(DsseError, match="altered"):
        open_envelope(VECTOR.replace(b"HelloWorld", b"HelloEarth"), TYPE.replace("World", "Earth"), [SpecKey()])


def test_the_hint_at_the_key_decides_nothing() -> None:
    """A signature opens under a wrong hint, and a right hint makes no signature good (protocol.md, KEYID)."""
    one, other = Key(1), Key(2)
    data = sign_envelope(TYPE, BODY, [one]).encode()
    said = json.loads(data)
    assert said["signatures"][0]["keyid"] == f"example.com/1+{one.key_id.hex()}"
    said["signatures"][0]["keyid"] = f"example.com/2+{other.key_id.hex()}"
    assert open_envelope(json.dumps(said).encode(), TYPE, [one]).payload == BODY
    with pytest.raises(DsseError, match="not signed by any key"):
        open_envelope(json.dumps(said).encode(), TYPE, [other])


def test_only_believed_signatures_are_left() -> None:
    """Of two, the one whose key is known; with no key at all, none."""
    envelope = sign_envelope(TYPE, BODY, [Key(1), Key(2)])
    assert parse_envelope(envelope.encode()) == envelope
    assert open_envelope(envelope.encode(), TYPE, [Key(2)]).signatures == envelope.signatures[1:]
    with pytest.raises(DsseError):
        open_envelope(envelope.encode(), TYPE, [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a DSSE envelope"),
        (b"[]", "not a DSSE envelope"),
        (b'{"payload": "", "signatures": []}', "payloadType"),
        (b'{"payload": 1, "payloadType": "x", "signatures": []}', "payload"),
        (b'{"payload": "", "payloadType": "x", "signatures": []}', "0 signatures"),
        (b'{"payload": "!", "payloadType": "x", "signatures": [{"sig": ""}]}', "the payload is not Base64"),
        (b'{"payload": "", "payloadType": "x", "signatures": [{"sig": "="}]}', "signature 1 is not Base64"),
        (b'{"payload": "", "payloadType": "x", "signatures": [{}]}', "sig"),
        (b'{"payload": "", "payloadType": "\xff", "signatures": [{"sig": ""}]}', "not a DSSE envelope"),
        (b'{"payload": "", "payloadType": "x", "signatures": [' + b",".join([b'{"sig": ""}'] * 17) + b"]}", "17 signatures"),
    ],
)
def test_what_is_no_envelope(data: bytes, says: str) -> None:
    """Is refused, saying what is wrong."""
    with pytest.raises(DsseError, match=says):
        parse_envelope(data)


def test_members_that_we_do_not_know_are_ignored() -> None:
    """Envelope.md asks for it."""
    assert parse_envelope(VECTOR.replace(b"{", b'{"more": [1], ', 1)).payload == BODY


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_the_reference_implementation_agrees(payload_type: str, payload: bytes) -> None:
    """It reads what we write, computes the same bytes to sign, and verifies the signature."""
    key = Key()
    data = sign_envelope(payload_type, payload, [key]).encode()
    theirs = Reference.from_dict(json.loads(data))
    assert (theirs.payload, theirs.payload_type, theirs.pae()) == (payload, payload_type, pae(payload_type, payload))
    (signature,) = theirs.signatures.values()
    public = SSlibKey.from_crypto(load_pem_public_key(public_pem(VerifierKey(key.name, ED25519, key.public)).encode()), signature.keyid)
    public.verify_signature(signature, theirs.pae())
    assert open_envelope(data, payload_type, [key]).payload == payload


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_no_envelope_is_a_checkpoint(payload_type: str, payload: bytes) -> None:
    """What the log's key signs for a statement cannot be shown as its checkpoint."""
    message = pae(payload_type.replace("\n", ""), payload.replace(b"\n", b"")).decode(errors="replace")
    with pytest.raises(NoteError):
        parse_checkpoint(message)


def test_keys_for_other_tools() -> None:
    """Ed25519 and P-256 keys come back from PEM as they were; a key of another type is refused."""
    public = Key().public
    read = load_pem_public_key(public_pem(VerifierKey("x", ED25519, public)).encode())
    assert read.public_bytes(Encoding.Raw, PublicFormat.Raw) == public
    der = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = public_pem(VerifierKey("x", ECDSA, der))
    assert load_pem_public_key(pem.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der
    assert max(map(len, pem.splitlines())) == 64
    with pytest.raises(DsseError, match="0x04"):
        public_pem(VerifierKey("x", 0x04, public))
