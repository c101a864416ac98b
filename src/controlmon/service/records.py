"""Records of registers, as they were when they were first seen: the ledger keeps their digests, so that a later edit in place shows."""

import json
from datetime import datetime
from pathlib import Path

from controlmon.collect.document.shelf import Shelf, digest_of
from controlmon.core.canonical import canonical
from controlmon.facts.document.registers import REGISTERS
from controlmon.ledger.reader import Reader
from controlmon.service.changes import Known
from controlmon.service.config import Config

NAMES = tuple(register.name for register in REGISTERS if register.records)


def first_of(state: Path) -> dict[str, dict[str, str]]:
    """The digest of each record as it was first recorded, by register and by what the record is known by."""
    reader = Reader.of(state)
    if reader is None:
        return {}
    try:
        known = {name: reader.known(f"records {name}") for name in NAMES}
        return {name: json.loads(reader.blob(digest)) for name, digest in known.items() if digest}
    finally:
        reader.close()


def was_recorded(config: Config, what: str) -> bool:
    """Whether the record says anything of a matter: then it has to be told when that is gone, too."""
    reader = Reader.of(config.state_directory)
    if reader is None:
        return False
    try:
        return bool(reader.known(what))
    finally:
        reader.close()


def known_records(config: Config, now: datetime) -> dict[str, Known]:
    """What is known of each register of records from now on: what was known, and what is new. Nothing of it is ever taken back."""
    if not config.registers_directory.is_dir():
        return {}
    first = first_of(config.state_directory)
    shelf = Shelf(config.registers_directory, now, first)
    told = {}
    for name, content in shelf.contents().items():
        if content.register.records:
            new = {row.key: digest_of(row.plain) for row in content.rows if row.value is not None and row.key}
            if every := {**new, **first.get(name, {})}:
                told[f"records {name}"] = Known.of(canonical(every))
    return told
