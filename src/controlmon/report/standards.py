"""The members of a bundle that other tools read: OSCAL, each document with a signed statement beside it, and OCSF.

A statement is an in-toto statement in a DSSE envelope. Its subject is the document: canonical JSON (RFC 8785), so that the digest is both
that of the file's bytes, which `sha256sum` shows, and that which `trestle verify` computes. The document itself is not signed, because
cloud keys sign no more than 4,096 bytes.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from controlmon.core.canonical import canonical
from controlmon.core.dsse import IN_TOTO, sign_envelope
from controlmon.core.note import Signer
from controlmon.engine.dossier import Dossier
from controlmon.report import ocsf
from controlmon.report.oscal import assessment_results
from controlmon.report.oscal_poam import poam

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://oscal-compass.github.io/compliance-trestle/predicates/oscal-signing/v1"
"""The predicate that `trestle verify` reads: how the digest of the subject is made."""

Member = tuple[str, Callable[[BinaryIO], None]]


def members(dossier: Dossier, signer: Signer) -> Iterator[Member]:
    """Name and writer of each member. `oscal/poam.json` is not there if there is nothing to plan."""
    for name, document in (("assessment-results.json", assessment_results(dossier)), ("poam.json", poam(dossier))):
        if document is not None:
            data = canonical(document)
            envelope = sign_envelope(IN_TOTO, statement(name, data), [signer]).encode()
            yield f"oscal/{name}", _writer(data)
            yield f"oscal/{name.removesuffix('.json')}.dsse.json", _writer(envelope)
    yield "ocsf.jsonl", lambda out: out.writelines(line.encode() for line in ocsf.lines(dossier))


def statement(name: str, data: bytes) -> bytes:
    """The in-toto statement about a document: its file name, and the SHA-256 of `data`, its canonical bytes."""
    predicate = {"canonicalization": "RFC8785", "digestAlgorithm": "sha256", "digestSource": "canonical-json", "tool": "controlmon"}
    subject = {"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
    return canonical({"_type": STATEMENT, "subject": [subject], "predicateType": PREDICATE, "predicate": predicate})


def _writer(data: bytes) -> Callable[[BinaryIO], None]:
    def write(out: BinaryIO) -> None:
        out.write(data)

    return write
