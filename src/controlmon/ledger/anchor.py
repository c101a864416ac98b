"""Anchors: places outside this host that say when they saw a checkpoint, so that whoever holds the key cannot rewrite the past."""

import os
import ssl
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from controlmon.core.errors import LedgerError

RFC3161 = "rfc3161"
"""A time-stamp authority."""
OBJECTLOCK = "objectlock"
"""An S3 bucket with Object Lock."""
WITNESS = "witness"
"""A witness of the log."""


class Receipt(Struct, frozen=True):
    """What an anchor gave for one checkpoint.

    Attributes:
        kind: `rfc3161`, `objectlock` or `witness`.
        place: where it is anchored; no credentials in it.
        at: when, as the anchor itself states it (UTC, RFC 3339).
        proof: the anchor's own bytes, kept as they came.
        says: what a reader wants to know of them, in words.

    """

    kind: str
    place: str
    at: str
    proof: bytes
    says: dict[str, str]


class Anchor(Protocol):
    """Whoever takes checkpoints: a time-stamp authority, a locked bucket, a witness."""

    @property
    def kind(self) -> str:
        """One of the kinds above."""
        ...

    @property
    def place(self) -> str:
        """Where it is, as receipts and errors name it."""
        ...

    def anchor(self, checkpoint: bytes) -> Receipt:
        """Anchor exactly these bytes, those of a signed checkpoint note.

        Raises:
            LedgerError: naming the place, what went wrong and the mend. Nothing is anchored then, as far as we know.

        """
        ...


def refusal(place: str, what: str, mend: str) -> LedgerError:
    """The error of an anchor: where, what went wrong, and what to do."""
    return LedgerError(f"{place}: {what}. {mend}")


def trusted() -> ssl.SSLContext | bool:
    """Whom an HTTP client of an anchor trusts: the bundle or directory that REQUESTS_CA_BUNDLE names; True if it names none.

    httpx then heeds SSL_CERT_FILE by itself. Raises `OSError` for certificates that cannot be read.
    """
    named = os.environ.get("REQUESTS_CA_BUNDLE")
    if not named:
        return True
    is_directory = Path(named).is_dir()
    return ssl.create_default_context(cafile=None if is_directory else named, capath=named if is_directory else None)
