"""A key in AWS KMS that signs checkpoints: the private half never leaves KMS, and each signature is verified before it is used."""

import re
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, NoReturn, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError, NoRegionError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from urllib3.exceptions import HTTPError

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import ECDSA, ED25519, VerifierKey
from controlmon.ledger.ecdsa import lowered
from controlmon.ledger.keys import verifier_of

GET, SIGN = "kms:GetPublicKey", "kms:Sign"
"""The permissions that signing needs."""
MAX_MESSAGE = 4096
"""The bytes that KMS signs as they are (Sign, `Message`). A checkpoint has fewer than 200."""

_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/[\w/-]+|alias/[\w/-]+|(mrk-)?[0-9a-f-]{32,36}", re.ASCII)
_ALGORITHMS = {"ECC_NIST_P256": (ECDSA, "ECDSA_SHA_256"), "ECC_NIST_EDWARDS25519": (ED25519, "ED25519_SHA_512")}  # by KeySpec
_CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, HTTPError, HTTPException, OSError, ValueError)
_DENIED = {"AccessDenied", "AccessDeniedException", "NotAuthorized", "401", "403"}
_STALE = {
    "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException",
    "MissingAuthenticationToken", "UnrecognizedClientException",
}  # fmt: skip
_THROTTLED = {"LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException", "429"}
_MENDS = {
    "DisabledException": "Enable the key",
    "InvalidArnException": "Give the ARN of the key, or of its alias, as KMS shows it",
    "InvalidKeyUsageException": "Give a key that was created to sign (KeyUsage SIGN_VERIFY)",
    "KMSInvalidStateException": "Cancel the key's deletion, or bring back its key material",
    "NotFoundException": "Give the ARN of a key that is there, in its own region",
    "UnsupportedOperationException": "Give an asymmetric key: KeySpec ECC_NIST_P256 or ECC_NIST_EDWARDS25519",
}


class KmsSigner:
    """Signs with an asymmetric key of AWS KMS, on P-256 or Ed25519.

    What names the key may be an alias, which can be pointed elsewhere: the key that it names as the signer opens is the one that signs.
    """

    def __init__(self, kms: Any, key: str, pinned: str, verifier_key: VerifierKey, algorithm: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        self._kms, self.key, self._pinned, self.verifier_key, self._algorithm = kms, key, pinned, verifier_key, algorithm
        self._verifier = verifier_of(verifier_key)

    @classmethod
    def open(cls, key: str, name: str) -> Self:
        """The signer of a key in AWS KMS, with the credentials, region and endpoint of boto3's own chain.

        Args:
            key: the ARN of a key or of an alias, whose region is then asked; or `alias/NAME` or a key's id in the ambient region.
            name: the key's name in notes.

        Raises:
            UsageError: if `key` names none of these.
            LedgerError: if KMS does not answer with a public key that can verify what it signs.

        """
        named = _KEY.fullmatch(key)
        if named is None:
            raise UsageError(f"awskms:{key}: not a key of AWS KMS. Give its ARN, the ARN of an alias, or alias/NAME")
        try:
            config = Config(connect_timeout=10, read_timeout=20, user_agent_extra="controlmon")
            kms = boto3.Session().client("kms", region_name=named["region"], config=config)
        except _CALL_ERRORS as error:
            _refuse_failure(key, GET, error)
        answer = _ask(kms.get_public_key, key, GET, KeyId=key)
        spec, usage = answer.get("KeySpec") or answer.get("CustomerMasterKeySpec"), answer.get("KeyUsage")
        if spec is None or usage is None:  # botocore takes whatever has status 200 for an answer
            _refuse(key, GET, "the answer is not one of KMS", _CHECK_THE_WAY)
        if usage != "SIGN_VERIFY" or spec not in _ALGORITHMS:
            _refuse(key, GET, f"it is a key of {spec} for {usage}", f"Give a key of {' or '.join(_ALGORITHMS)} for SIGN_VERIFY")
        algorithm, signing = _ALGORITHMS[spec]
        public = bytes(answer.get("PublicKey") or b"")
        try:
            raw = _raw_ed25519(public) if algorithm == ED25519 else public
        except ValueError as error:
            _refuse(key, GET, f"the answer is not the public key of {spec} ({error})", _CHECK_THE_WAY)
        verifier_key = VerifierKey(name, algorithm, raw)
        try:
            return cls(kms, key, str(answer.get("KeyId") or key), verifier_key, signing)
        except LedgerError as error:
            _refuse(key, GET, f"the answer is not the public key of {spec} ({error})", _CHECK_THE_WAY)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    def sign(self, message: bytes) -> bytes:
        """The signature that KMS makes: 64 bytes for Ed25519, DER with the lower s for P-256.

        Raises:
            LedgerError: if the message is too long for KMS, if KMS does not sign it, or if what it answers is not the key's signature.

        """
        if len(message) > MAX_MESSAGE:
            _refuse(self.key, SIGN, f"the text has {len(message):,} bytes, and KMS signs at most {MAX_MESSAGE:,}", "Sign a shorter text")
        answer = _ask(
            self._kms.sign, self.key, SIGN, KeyId=self._pinned, Message=message, MessageType="RAW", SigningAlgorithm=self._algorithm
        )
        signature = bytes(answer.get("Signature") or b"")
        if self.verifier_key.algorithm == ECDSA:
            try:
                signature = lowered(signature)
            except ValueError:
                signature = b""  # which nobody's key verifies
        if not self._verifier.verify(signature, message):
            _refuse(self.key, SIGN, "the answer is not a signature of the text by this key, and was not used", _CHECK_THE_WAY)
        return signature


_CHECK_THE_WAY = "Find out who answers in the place of KMS (AWS_ENDPOINT_URL, a proxy)"


def _ask(call: Callable[..., dict[str, Any]], key: str, permission: str, **parameters: object) -> dict[str, Any]:
    try:
        return call(**parameters)
    except _CALL_ERRORS as error:
        _refuse_failure(key, permission, error)


def _refuse_failure(key: str, permission: str, error: Exception) -> NoReturn:
    """Say what botocore raised, in one sentence, and the mend."""
    if not isinstance(error, ClientError):
        _refuse(key, permission, _plain(f"{type(error).__name__}: {error}"), _mend_of_failure(error), error)
    said = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _STALE:  # whose messages may quote the request
        _refuse(key, permission, code, "Renew the credentials of the identity that runs controlmon", error)
    _refuse(key, permission, _plain(f"{code}: {said.get('Message', '')}"), _mend(code, status, permission), error)


def _mend(code: str, status: int, permission: str) -> str:
    if code in _MENDS:
        return _MENDS[code]
    if code in _THROTTLED or status == 429:
        return "Try again later, or raise the account's request quota"
    if code in _DENIED or status in (401, 403):
        return f"Grant {permission} on the key to the identity that runs controlmon, in the key's policy or in IAM"
    return "Try again later"


def _mend_of_failure(error: Exception) -> str:
    if isinstance(error, NoRegionError):
        return "Give the ARN of the key, or set AWS_DEFAULT_REGION"
    if isinstance(error, NoCredentialsError):
        return f"Log in to AWS, as an identity that has {GET} and {SIGN}"
    if isinstance(error, NoConnectionError | HTTPClientError | OSError | HTTPError | HTTPException):
        return "Let this host reach KMS (HTTPS_PROXY, AWS_CA_BUNDLE, AWS_ENDPOINT_URL)"
    return "Mend the AWS configuration or AWS_PROFILE of the user that runs controlmon"


def _raw_ed25519(der: bytes) -> bytes:
    public = load_der_public_key(der)
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError("it is of another algorithm")  # noqa: TRY004 - a wrong answer, as a malformed one is
    return public.public_bytes_raw()


def _plain(text: str) -> str:
    return " ".join(text.split())[:300].rstrip(" .")  # a mend follows


def _refuse(key: str, permission: str, reason: str, mend: str, cause: Exception | None = None) -> NoReturn:
    raise LedgerError(f"awskms:{key}: {permission} failed: {reason}. {mend}") from cause
