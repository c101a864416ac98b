"""Whose certificates are believed: those of REQUESTS_CA_BUNDLE or SSL_CERT_FILE, else the system's, else those that Mozilla's list has."""

import os
import ssl
from pathlib import Path

import certifi

WRONG = {9, 10, 18, 62, 64}
"""Errors of OpenSSL (x509_vfy.h) that are the server's own: not yet valid, expired, signed by itself, another name, another address. The
others may come from a proxy that ends TLS with an authority that is not known here.
"""


def context() -> ssl.SSLContext:
    """A context that believes them, and looks at the name. Raises `OSError` if a file that the environment names cannot be read."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    if named:
        return ssl.create_default_context(capath=named) if Path(named).is_dir() else ssl.create_default_context(cafile=named)
    places = ssl.get_default_verify_paths()
    there = places.cafile or (places.capath and any(Path(places.capath).iterdir()))
    return ssl.create_default_context() if there else ssl.create_default_context(cafile=certifi.where())


def refusal(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The certificate's part in a failure, however deep it lies."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLCertVerificationError):
        seen = seen.__cause__ or seen.__context__
    return seen
