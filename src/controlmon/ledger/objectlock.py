"""An S3 bucket with Object Lock as an anchor: nobody, not even the account's root, deletes a checkpoint there before its date.

Best in an account that the operator of this host does not administer. S3 says when it saw a checkpoint; our clock says nothing.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any, NoReturn

from msgspec import Struct

from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import UsageError
from controlmon.core.note import Checkpoint, parse_checkpoint, parse_note
from controlmon.core.times import stamp
from controlmon.ledger.anchor import OBJECTLOCK, Receipt, refusal

LOCKED, PUT, GET = "s3:GetBucketObjectLockConfiguration", "s3:PutObject", "s3:GetObject"
PERMISSIONS = (LOCKED, PUT, "s3:PutObjectRetention", GET, "s3:GetObjectVersion", "s3:GetObjectRetention")
"""The permissions that anchoring needs, on the bucket and on what lies below the prefix."""
MODE = "COMPLIANCE"
"""The mode of Object Lock that no permission overrides."""
MAX_DAYS = 36_500
"""Days; S3 locks for at most a hundred years (PutObjectRetention)."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_OPERATIONS = {LOCKED: "get_object_lock_configuration", PUT: "put_object", GET: "get_object"}
_DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "401", "403"}
_STALE = {"ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "RequestExpired", "SignatureDoesNotMatch", "TokenRefreshRequired"}
_ENABLE = "Enable versioning and Object Lock on it, or give a bucket that was created with Object Lock"
_MENDS = {
    "AuthorizationHeaderMalformed": "Give the bucket's own region",
    "InvalidRequest": _ENABLE,
    "NoSuchBucket": "Give a bucket that is there",
    "ObjectLockConfigurationNotFoundError": _ENABLE,
    "PermanentRedirect": "Give the bucket's own region",
    "RequestTimeTooSkewed": "Set this host's clock",
}
_THERE: dict[str, Any] = {}  # the answer to a PutObject that found an object of this name (412, PreconditionFailed)
_WHO_ANSWERS = "Find out who answers in the place of S3 (its endpoint, a proxy)"


class Access(Struct, frozen=True):
    """How to reach S3: a profile of the shared configuration, a region, an endpoint, seconds for one request. None leaves it to boto3."""

    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None
    seconds: float = 30


class LockedBucket:
    """An S3 bucket with Object Lock as an anchor.

    Args:
        bucket: its name.
        prefix: what the keys begin with; `PREFIX/ORIGIN/SIZE-ROOT.checkpoint`.
        days: how long a checkpoint is locked, 1 to 36,500.
        access: how to reach S3.
        clock: the time from which the days count (UTC). It never becomes the time of the anchoring.

    Raises:
        UsageError: for a name that no bucket has, or days out of range.

    """

    kind = OBJECTLOCK

    def __init__(
        self,
        bucket: str,
        prefix: str,
        days: int,
        access: Access = Access(),  # noqa: B008 - immutable
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not _BUCKET.fullmatch(bucket):
            raise UsageError(f"{bucket!r} is no name of an S3 bucket. Give the name alone, without s3:// and without a path")
        if not 1 <= days <= MAX_DAYS:
            raise UsageError(f"s3://{bucket}: a checkpoint cannot be locked for {days} days. Give 1 to {MAX_DAYS:,}")
        self._bucket, self._prefix, self._days, self._access, self._clock = bucket, prefix.strip("/"), days, access, clock
        self.place = f"s3://{bucket}/{self._prefix}".rstrip("/")
        self._s3: Any = None

    def anchor(self, checkpoint: bytes) -> Receipt:
        """Lock a checkpoint in the bucket. What is there already, locked and with these bytes, is an earlier anchoring.

        The proof is canonical JSON of what S3 said of the object as it was read back.

        Raises:
            LedgerError: naming the bucket, what went wrong and the mend.

        """
        key = self._key(parse_checkpoint(parse_note(checkpoint).text))
        self._require_lock()  # (1) nothing is written where it could be deleted
        until = self._clock().replace(microsecond=0) + timedelta(days=self._days)
        version = self._put(key, checkpoint, until)  # (2) written once: never over another object
        answer = self._ask(GET, Key=key, **({"VersionId": version} if version else {}))
        self._require_bytes(key, answer, checkpoint)  # (3) these bytes are there
        locked = answer.get("ObjectLockRetainUntilDate")
        if answer.get("ObjectLockMode") != MODE or locked is None:  # (4) and locked
            self._refuse(
                f"{key} is there, and S3 does not say that it is locked", f"Grant s3:GetObjectRetention, or find out who put it. {_ENABLE}"
            )
        if version and locked < until:
            self._refuse(f"{key} is locked until {stamp(locked)}, and not until {stamp(until)}", _WHO_ANSWERS)
        return self._receipt(key, answer, checkpoint, stamp(locked))

    def _receipt(self, key: str, answer: dict[str, Any], checkpoint: bytes, until: str) -> Receipt:
        at, meta = stamp(answer["LastModified"]), answer.get("ResponseMetadata", {})
        version = str(answer.get("VersionId", ""))
        said = {
            "bucket": self._bucket,
            "date": str(meta.get("HTTPHeaders", {}).get("date", "")),
            "etag": str(answer.get("ETag", "")),
            "key": key,
            "lastModified": at,
            "mode": MODE,
            "requestId": str(meta.get("RequestId", "")),
            "retainUntil": until,
            "sha256": digest(checkpoint),
            "versionId": version,
        }
        says = {"key": key, "version": version, "locked": f"in {MODE} mode until {until}"}
        return Receipt(OBJECTLOCK, self.place, at, canonical(said), says)

    def _key(self, head: Checkpoint) -> str:
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", head.origin).strip("-.") or "log"
        return "/".join(filter(None, (self._prefix, slug, f"{head.size}-{head.root.hex()}.checkpoint")))

    def _require_lock(self) -> None:
        said = self._ask(LOCKED).get("ObjectLockConfiguration", {})
        if said.get("ObjectLockEnabled") != "Enabled":
            self._refuse("Object Lock is not enabled on this bucket", _ENABLE)

    def _put(self, key: str, checkpoint: bytes, until: datetime) -> str | None:
        """The version that was written; None if an object of this name is there."""
        lock = {"ObjectLockMode": MODE, "ObjectLockRetainUntilDate": until}
        fixed = {"ContentType": "text/plain; charset=utf-8", "ChecksumAlgorithm": "SHA256", "IfNoneMatch": "*"}
        answer = self._ask(PUT, Key=key, Body=checkpoint, **lock, **fixed)
        if answer is _THERE:
            return None
        if not answer.get("VersionId"):
            self._refuse(f"S3 gave {key} no version", _ENABLE)
        return str(answer["VersionId"])

    def _require_bytes(self, key: str, answer: dict[str, Any], checkpoint: bytes) -> None:
        try:
            body = answer["Body"].read(len(checkpoint) + 1) if "Body" in answer else b""
        except _call_errors() as error:
            self._refuse_failure(GET, error)
        if body != checkpoint:
            self._refuse(
                f"{key} is there with other bytes than this checkpoint's", f"Find out who put it, or give another prefix. {_WHO_ANSWERS}"
            )
        if not isinstance(answer.get("LastModified"), datetime):
            self._refuse(f"S3 does not say when it saw {key}", _WHO_ANSWERS)

    def _ask(self, permission: str, **parameters: object) -> dict[str, Any]:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - loaded when a bucket is asked

        try:
            answer: dict[str, Any] = getattr(self._client(), _OPERATIONS[permission])(Bucket=self._bucket, **parameters)
        except _call_errors() as error:
            if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") == "PreconditionFailed":
                return _THERE
            self._refuse_failure(permission, error)
        return answer

    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        if self._s3 is None:
            config = Config(
                connect_timeout=10, read_timeout=self._access.seconds, retries={"mode": "standard"}, user_agent_extra="controlmon"
            )
            session = boto3.Session(profile_name=self._access.profile, region_name=self._access.region)
            self._s3 = session.client("s3", endpoint_url=self._access.endpoint, config=config)
        return self._s3

    def _refuse_failure(self, permission: str, error: Exception) -> NoReturn:
        """Say what botocore raised, in one sentence, and the mend."""
        from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound  # noqa: PLC0415

        if not isinstance(error, ClientError):
            mend = "Let this host reach S3 (HTTPS_PROXY, AWS_CA_BUNDLE, its endpoint), or try again later"
            if isinstance(error, NoCredentialsError | ProfileNotFound):
                mend = f"Log in to AWS, as an identity that has {', '.join(PERMISSIONS)}"
            self._refuse(f"{permission} failed: {_plain(f'{type(error).__name__}: {error}')}", mend, error)
        said = error.response.get("Error", {})
        code, status = str(said.get("Code", "")), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        told, mend = f"{code}: {said.get('Message', '')}", _MENDS.get(code, "Try again later")
        if code in _STALE:  # whose messages may quote the request
            told, mend = code, "Renew the credentials of the identity that runs controlmon"
        elif code in _DENIED or status in (401, 403):
            also = " and s3:PutObjectRetention" if permission == PUT else ""
            mend = f"Grant {permission}{also} on the bucket to the identity that runs controlmon"
        self._refuse(f"{permission} failed: {_plain(told)}", mend, error)

    def _refuse(self, what: str, mend: str, cause: Exception | None = None) -> NoReturn:
        raise refusal(self.place, what, mend) from cause


def _call_errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return (BotoCoreError, ClientError, ResponseParserError, HTTPError, HTTPException, OSError, ValueError)


def _plain(text: str) -> str:
    return " ".join(text.split())[:300]
