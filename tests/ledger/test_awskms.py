"""Keys of AWS KMS over HTTP: what signs, what is refused, and ledgers that are signed there."""

import base64
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import ECDSA, ED25519, VerifierKey, open_note, parse_verifier_key
from controlmon.ledger.awskms import KmsSigner
from controlmon.ledger.keys import open_signer, parse_verifier, verifier_of
from controlmon.ledger.ledger import Ledger
from tests.twins.aws import AwsError, AwsTwin, Fault

NAME = "log.example/controlmon"
AT = "2026-11-25T12:00:00.000Z"
SECRETS = ("twin-secret-never-to-be-told", "AKIATWIN")
ED25519_ARN = "arn:aws:kms:us-east-1:123456789012:key/0f0f0f0f-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsTwin]:
    with AwsTwin() as twin:
        yield twin


@pytest.fixture
def twin(aws: AwsTwin, monkeypatch: pytest.MonkeyPatch) -> AwsTwin:
    """One for all tests, whose keys are told apart by their ids; credentials and endpoint in the environment."""
    for name, value in {**aws.env(), "AWS_SECRET_ACCESS_KEY": SECRETS[0]}.items():
        monkeypatch.setenv(name, value)
    aws.reset_journal()
    return aws


@pytest.fixture(scope="module")
def signer(aws: AwsTwin) -> KmsSigner:
    """A key on P-256, opened."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in aws.env().items():
            environment.setenv(name, value)
        return KmsSigner.open(created(aws), NAME)


def created(twin: AwsTwin, spec: str = "ECC_NIST_P256", usage: str = "SIGN_VERIFY", region: str = "us-east-1") -> str:
    arn: str = twin.client("kms", region=region).create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
    return arn


def refused(call: Callable[[], object], key: str, *, permission: str) -> str:
    """What is said, after the key and the permission that it names; no secret is in it."""
    with pytest.raises(LedgerError) as caught:
        call()
    said = str(caught.value)
    assert said.startswith(f"awskms:{key}: {permission} failed: ")
    assert not [secret for secret in SECRETS if secret in said]
    return said.removeprefix(f"awskms:{key}: {permission} failed: ")


def ed25519(twin: AwsTwin, key: Ed25519PrivateKey, signing: Ed25519PrivateKey | None = None) -> Any:
    """KMS as it answers for a key of type ECC_NIST_EDWARDS25519, which moto does not have."""
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    algorithms = ["ED25519_SHA_512", "ED25519_PH_SHA_512"]
    shown = {
        "KeyId": ED25519_ARN,
        "PublicKey": spki,
        "KeySpec": "ECC_NIST_EDWARDS25519",
        "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": algorithms,
    }

    def sign(asked: Mapping[str, Any]) -> Mapping[str, Any] | AwsError:
        if (asked["SigningAlgorithm"], asked["MessageType"]) != ("ED25519_SHA_512", "RAW"):
            return AwsError("InvalidKeyUsageException", 400)
        message = asked["Message"] if isinstance(asked["Message"], bytes) else base64.b64decode(asked["Message"])
        return {"KeyId": ED25519_ARN, "Signature": (signing or key).sign(message), "SigningAlgorithm": asked["SigningAlgorithm"]}

    return twin.answer("kms", "GetPublicKey", shown), twin.answer("kms", "Sign", sign)


def test_a_p256_key_signs_in_one_spelling(twin: AwsTwin, signer: KmsSigner) -> None:
    """Of a dozen signatures, whichever s KMS chose, each is taken by the strict verifier of the printed key, for its own text alone."""
    verifier = parse_verifier(str(signer.verifier_key))
    texts = [f"text {i}\n".encode() for i in range(12)]
    signatures = [signer.sign(text) for text in texts]
    assert (signer.verifier_key.algorithm, signer.name, signer.key_id) == (ECDSA, NAME, verifier.key_id)
    assert all(verifier.verify(*pair) for pair in zip(signatures, texts, strict=True))
    assert not verifier.verify(signatures[0], texts[1])
    assert [one.operation for one in twin.calls("kms")] == ["Sign"] * 12


def test_kms_may_choose_either_s(twin: AwsTwin, signer: KmsSigner) -> None:
    """A signature with the higher s, which KMS may well answer, is used with the lower one."""
    r, s = decode_dss_signature(low := signer.sign(b"x"))
    high = encode_dss_signature(r, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 - s)
    with twin.answer("kms", "Sign", {"KeyId": signer.key, "Signature": high, "SigningAlgorithm": "ECDSA_SHA_256"}):
        assert signer.sign(b"x") == low != high


def test_an_ed25519_key_signs_as_a_file_does(twin: AwsTwin) -> None:
    """The 64 bytes are those that the key itself makes, and the key is of type 0x01."""
    key = Ed25519PrivateKey.generate()
    shown, signing = ed25519(twin, key)
    with shown, signing:
        signer = KmsSigner.open(ED25519_ARN, NAME)
        assert signer.sign(b"text\n") == key.sign(b"text\n")
    assert signer.verifier_key == VerifierKey(NAME, ED25519, key.public_key().public_bytes_raw())


def test_an_alias_is_followed_once(twin: AwsTwin) -> None:
    """An alias that is pointed elsewhere after the opening changes nothing for the signer, and gives another key to the next one."""
    kms, first, second = twin.client("kms"), created(twin), created(twin)
    kms.create_alias(AliasName="alias/controlmon/log", TargetKeyId=first)
    signer = KmsSigner.open("alias/controlmon/log", NAME)
    kms.update_alias(AliasName="alias/controlmon/log", TargetKeyId=second)
    assert verifier_of(signer.verifier_key).verify(signer.sign(b"x"), b"x")
    assert KmsSigner.open("alias/controlmon/log", NAME).verifier_key != signer.verifier_key


def test_the_region_is_that_of_the_arn(twin: AwsTwin) -> None:
    """A key of another region is asked there, whatever the ambient one is."""
    signer = KmsSigner.open(created(twin, region="eu-west-1"), NAME)
    signer.sign(b"x")
    assert {call.region for call in twin.calls("kms")} == {"eu-west-1"}


@pytest.mark.parametrize("operation", ["GetPublicKey", "Sign"])
@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        (Fault.DENIED, r"AccessDeniedException: .*\. Grant kms:{} on the key to the identity that runs controlmon"),
        (Fault.THROTTLED, r"ThrottlingException: .*\. Try again later, or raise the account's request quota"),
        (Fault.ERROR_500, r"InternalServerError: .*\. Try again later"),
        (Fault.EXPIRED_TOKEN, r"ExpiredTokenException\. Renew the credentials"),
        (Fault.MALFORMED, r"the answer is not .*\. Find out who answers in the place of KMS"),
        (Fault.HTML, r"the answer is not .*\. Find out who answers in the place of KMS"),
        (AwsError("DisabledException", 400), r"DisabledException: .*\. Enable the key"),
        (AwsError("KMSInvalidStateException", 400), r"KMSInvalidStateException: .*\. Cancel the key's deletion"),
        (AwsError("NotFoundException", 400), r"NotFoundException: .*\. Give the ARN of a key that is there"),
        (AwsError("SignatureDoesNotMatch", 403), r"SignatureDoesNotMatch: .*\. Grant"),
    ],
    ids=str,
)
def test_what_kms_refuses_is_told_with_the_mend(
    twin: AwsTwin, signer: KmsSigner, operation: str, fault: Fault | AwsError, mend: str
) -> None:
    """Whatever KMS answers instead, opening and signing name the key, the permission and what to do."""
    call = (lambda: KmsSigner.open(signer.key, NAME)) if operation == "GetPublicKey" else (lambda: signer.sign(b"x"))
    with twin.fault("kms", operation, fault):
        said = refused(call, signer.key, permission=f"kms:{operation}")
    assert re.match(mend.format(operation), said)


@pytest.mark.parametrize(
    ("spec", "usage", "reason"),
    [
        ("RSA_2048", "SIGN_VERIFY", "it is a key of RSA_2048 for SIGN_VERIFY. Give a key of ECC_NIST_P256 or"),
        ("ECC_NIST_P384", "SIGN_VERIFY", "it is a key of ECC_NIST_P384 for SIGN_VERIFY. Give a key of ECC_NIST_P256 or"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "it is a key of ECC_NIST_P256 for KEY_AGREEMENT. Give a key of ECC_NIST_P256 or"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "it is a key of RSA_2048 for ENCRYPT_DECRYPT. Give a key of ECC_NIST_P256 or"),
    ],
)
def test_a_key_of_another_kind_is_refused(twin: AwsTwin, spec: str, usage: str, reason: str) -> None:
    """Only a key on P-256 or Ed25519 that is there to sign is opened."""
    arn = created(twin, spec, usage)
    assert refused(lambda: KmsSigner.open(arn, NAME), arn, permission="kms:GetPublicKey").startswith(reason)


def test_a_symmetric_key_is_refused(twin: AwsTwin) -> None:
    """A key without a public half is told as KMS tells it, with the kinds that can be used."""
    arn = created(twin, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    with twin.fault("kms", "GetPublicKey", AwsError("UnsupportedOperationException", 400)):
        assert "Give an asymmetric key" in refused(lambda: KmsSigner.open(arn, NAME), arn, permission="kms:GetPublicKey")


@pytest.mark.parametrize(
    "public",
    [b"", b"x", Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)],
    ids=["empty", "not DER", "of another kind"],
)
def test_a_public_key_that_is_none_is_refused(twin: AwsTwin, public: bytes) -> None:
    """An answer that says P-256 and is something else is not taken."""
    arn = created(twin)
    answer = {"KeyId": arn, "PublicKey": public, "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    with (
        twin.answer("kms", "GetPublicKey", answer),
        pytest.raises(LedgerError, match=r"not a public key in DER|not a key on P-256") as caught,
    ):
        KmsSigner.open(arn, NAME)
    assert str(caught.value).startswith(f"awskms:{arn}: kms:GetPublicKey failed: ")


@pytest.mark.parametrize("kind", ["another key's", "another text's", "nothing", "no DER"])
def test_a_wrong_signature_is_not_used(twin: AwsTwin, signer: KmsSigner, kind: str) -> None:
    """What does not verify under the key that was opened is refused, whoever answered it."""
    other = ec.generate_private_key(ec.SECP256R1()).sign(b"x", ec.ECDSA(hashes.SHA256()))
    value = {"another key's": other, "another text's": signer.sign(b"y"), "nothing": b"", "no DER": b"\x30\x45"}[kind]
    with twin.answer("kms", "Sign", {"KeyId": signer.key, "Signature": value, "SigningAlgorithm": "ECDSA_SHA_256"}):
        said = refused(lambda: signer.sign(b"x"), signer.key, permission="kms:Sign")
    assert said.startswith("the answer is not a signature of the text by this key, and was not used. Find out who answers")


def test_a_wrong_ed25519_signature_is_not_used(twin: AwsTwin) -> None:
    """The other algorithm is checked as strictly."""
    shown, signing = ed25519(twin, Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
    with shown, signing:
        signer = KmsSigner.open(ED25519_ARN, NAME)
        assert "was not used" in refused(lambda: signer.sign(b"x"), ED25519_ARN, permission="kms:Sign")


def test_a_text_that_is_too_long_is_not_sent(twin: AwsTwin, signer: KmsSigner) -> None:
    """4,096 bytes are signed; one more is refused here."""
    assert verifier_of(signer.verifier_key).verify(signer.sign(b"x" * 4096), b"x" * 4096)
    said = refused(lambda: signer.sign(b"x" * 4097), signer.key, permission="kms:Sign")
    assert said == "the text has 4,097 bytes, and KMS signs at most 4,096. Sign a shorter text"
    assert len(twin.calls("kms", "Sign")) == 1


def test_a_host_without_a_network_is_told(twin: AwsTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: the message says what stands between."""
    arn = created(twin)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        said = refused(lambda: KmsSigner.open(arn, NAME), arn, permission="kms:GetPublicKey")
    assert said.startswith("EndpointConnectionError: ")
    assert said.endswith("Let this host reach KMS (HTTPS_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL)")


@pytest.mark.parametrize(
    ("without", "mend"),
    [
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "Log in to AWS, as an identity that has kms:GetPublicKey and kms:Sign"),
        (("AWS_DEFAULT_REGION",), "Give the ARN of the key, or set AWS_DEFAULT_REGION"),
    ],
)
def test_an_incomplete_environment_is_told(twin: AwsTwin, monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...], mend: str) -> None:
    """Without credentials or a region nothing is asked, and the message says what to set."""
    for name in without:
        monkeypatch.delenv(name)
    assert refused(lambda: KmsSigner.open("alias/log", NAME), "alias/log", permission="kms:GetPublicKey").endswith(mend)
    assert twin.calls("kms") == []


def test_a_name_that_is_no_key_is_not_asked(twin: AwsTwin) -> None:
    """An ARN of something else is a wrong argument."""
    with pytest.raises(UsageError, match=r"not a key of AWS KMS\. Give its ARN"):
        KmsSigner.open("arn:aws:iam::123456789012:role/x", NAME)
    assert twin.calls() == []


def test_a_ledger_is_signed_in_kms(twin: AwsTwin, tmp_path: Path) -> None:
    """It is opened, appended to, opened again and verified, and no key lies on the host."""
    directory, signer = tmp_path / "ledger", f"awskms:{created(twin)}"
    ledger = Ledger.open(directory, NAME, signer)
    ledger.append("one", AT, [("other", {"type": "note"})])
    ledger.close()
    again = Ledger.open(directory, NAME, signer)
    again.append("two", AT, [("other", {"type": "note"})])
    assert (again.verify().problems, again.size) == ((), 2)
    open_note(again.checkpoint().encode(), [parse_verifier(again.verifier_key)])
    again.close()
    assert [path.name for path in directory.rglob("*") if "key" in path.name] == []


def test_a_ledger_is_not_signed_by_another_key(twin: AwsTwin, tmp_path: Path) -> None:
    """An alias that names another key by now is noticed before anything is written."""
    ledger = Ledger.open(tmp_path / "ledger", NAME, f"awskms:{created(twin)}")
    ledger.append("one", AT, [("other", {"type": "note"})])
    ledger.close()
    with pytest.raises(LedgerError, match="did not sign this log"):
        Ledger.open(tmp_path / "ledger", NAME, f"awskms:{created(twin)}")


def test_what_kms_does_not_sign_is_not_recorded(twin: AwsTwin, tmp_path: Path) -> None:
    """An entry whose head stays unsigned is not in the log, which holds, and takes it at the next try."""
    ledger = Ledger.open(tmp_path / "ledger", NAME, f"awskms:{created(twin)}")
    ledger.append("one", AT, [("other", {"type": "note"})])
    with twin.fault("kms", "Sign", Fault.THROTTLED), pytest.raises(LedgerError, match="Try again later"):
        ledger.append("two", AT, [("other", {"type": "note"})])
    assert (ledger.verify().problems, ledger.size) == ((), 1)
    ledger.append("two", AT, [("other", {"type": "note"})])
    assert (ledger.verify().problems, ledger.size) == ((), 2)
    ledger.close()


def test_a_ledger_moves_from_a_file_to_kms(twin: AwsTwin, tmp_path: Path) -> None:
    """After the change the log holds for whoever trusts the old key and for whoever trusts the new one, and for nobody else."""
    directory, spec = tmp_path / "ledger", f"awskms:{created(twin)}"
    ledger = Ledger.open(directory, NAME)
    old = parse_verifier_key(ledger.verifier_key)
    ledger.append("one", AT, [("other", {"type": "note"})])
    new = open_signer(spec, NAME, directory, create=False)
    ledger.rotate(new, AT, "the key moves to KMS")
    both = open_note(ledger.checkpoint().encode(), [verifier_of(old), verifier_of(new.verifier_key)])
    assert [signature.key_id for signature in both.signatures] == [old.key_id, new.key_id]
    ledger.append("two", AT, [("other", {"type": "note"})])
    ledger.close()
    again = Ledger.open(directory, NAME, spec)
    for trusted in (old, new.verifier_key):
        assert again.verify(trusted).problems == ()
    stranger = open_signer("file:stranger.key", NAME, directory, create=True).verifier_key
    assert {problem.step for problem in again.verify(stranger).problems} >= {1}
    again.close()


def test_a_change_of_keys_that_kms_does_not_sign_changes_nothing(twin: AwsTwin, tmp_path: Path) -> None:
    """The old key stays in force, and the next entry is signed by it."""
    ledger = Ledger.open(tmp_path / "ledger", NAME)
    ledger.append("one", AT, [("other", {"type": "note"})])
    new = open_signer(f"awskms:{created(twin)}", NAME, tmp_path, create=False)
    with twin.fault("kms", "Sign", Fault.DENIED), pytest.raises(LedgerError, match="Grant kms:Sign"):
        ledger.rotate(new, AT, "the key moves to KMS")
    ledger.append("two", AT, [("other", {"type": "note"})])
    assert (ledger.verify().problems, ledger.size) == ((), 2)
    ledger.close()
