"""The record, gone through: does it hold, do the proofs outside match it, how long is it kept."""

from datetime import datetime
from typing import Any

from controlmon.core.canonical import digest
from controlmon.core.errors import ControlmonError
from controlmon.core.fact import Raw
from controlmon.core.note import parse_checkpoint, parse_note
from controlmon.core.times import moment
from controlmon.ledger.past import first_of
from controlmon.ledger.reader import DATABASE
from controlmon.service import flow
from controlmon.service.anchors import STREAM, lag
from controlmon.service.config import Config

YEAR = 365
"""Days of a year of retention: six years are 2,190."""


def verification(config: Config) -> Raw:
    """Goes through the whole record, from its first entry. Raises `LedgerError` if it cannot be opened."""
    if not (config.state_directory / DATABASE).is_file():
        return {"entries": 0}
    ledger = flow.open_ledger(config)
    try:
        found = ledger.verify()
        first = first_of(ledger, "runs") if not found.problems else None
        problems = [str(problem) for problem in found.problems]
        return {"entries": found.entries, "pieces": found.pieces, "begun": first["started"] if first else None, "problems": problems}
    finally:
        ledger.close()


def anchored(config: Config) -> Raw:
    """Holds each proof that an anchor gave against the checkpoint that it is of. Raises `LedgerError` if the record cannot be read."""
    named = config.settings.anchors
    places = [*(f"rfc3161 {one.url}" for one in named.rfc3161), *(f"witness {one.url}" for one in named.witness)]
    places += [f"objectlock {one.bucket}" for one in named.objectlock]
    if not (config.state_directory / DATABASE).is_file():
        return {"places": places}
    ledger = flow.open_ledger(config)
    try:
        heads = {head.size: head.note for head in ledger.heads()}
        wrong, proofs = [], 0
        for entry in ledger.stream(STREAM):
            if entry["type"] == "anchor":
                why = _wrong(config, entry, heads.get(entry["size"]), ledger)
                wrong += [f"{entry['kind']} {entry['place']} of {entry['size']} entries: {why}"] if why else []
                proofs += not why
        behind = lag(ledger)
        return {"places": places, "proofs": proofs, "wrong": wrong, "behind": behind.entries, "since": behind.since}
    finally:
        ledger.close()


def _wrong(config: Config, entry: dict[str, Any], note: bytes | None, ledger: Any) -> str:  # noqa: ANN401 - a ledger
    """Why a proof does not match; empty if it does."""
    if note is None or parse_checkpoint(parse_note(note).text).root.hex() != entry["root"]:
        return "it is of a checkpoint that this record does not have"
    try:
        proof = ledger.blob(entry["receipt"])
        if digest(proof) != entry["receipt"]:
            return "the proof is not the one that was given"
        authority = next((one for one in config.settings.anchors.rfc3161 if one.url == entry["place"]), None)
        if entry["kind"] == "rfc3161" and authority is not None and authority.ca:
            from controlmon.ledger.rfc3161 import verify_token  # noqa: PLC0415 - loaded when it is needed

            verify_token(proof, note, config.beside(authority.ca), entry["place"])
    except ControlmonError as error:
        return str(error)
    return ""


def kept(config: Config) -> Raw:
    """How long the record is kept, by the configuration and by what was dropped."""
    days = config.settings.retention_years * YEAR
    if not (config.state_directory / DATABASE).is_file():
        return {"days": days}
    ledger = flow.open_ledger(config)
    try:
        dropped = [_days(entry) for entry in ledger.stream("retention") if entry["type"] == "ledger.pruned"]
    finally:
        ledger.close()
    return {"days": days, "dropped_after": min(dropped, default=None)}


def _days(entry: dict[str, Any]) -> int:
    at: datetime = moment(entry["at"])
    return (at - moment(entry["before"])).days
