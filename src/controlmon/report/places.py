"""What the views of a bundle have in common: the names of its files, which any file system takes, and the rows of its populations."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from controlmon.engine.dossier import Dossier, PopulationSeen

_UNSAFE = re.compile(r"[^A-Za-z0-9.@_-]|^\.")
_LONGEST = 120


def safe(name: str) -> str:
    """The name as a file may have it, in ASCII. Two names may come to the same: see `population_files`."""
    return _UNSAFE.sub("_", name)


def population_files(dossier: Dossier) -> dict[tuple[str, str], str]:
    """The member that lists each population, by kind and scope. No two differ in case alone: some file systems do not see that."""
    files: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for kind, scope in sorted({(seen.kind, seen.scope) for seen in dossier.populations}):
        name = safe(f"{kind}@{scope}" if scope else kind)
        if name.lower() in taken or len(name) > _LONGEST:
            name = f"{name[:_LONGEST]}~{hashlib.sha256(f'{kind}@{scope}'.encode(errors='surrogatepass')).hexdigest()[:8]}"
        taken.add(name.lower())
        files[kind, scope] = f"population/{name}.csv"
    return files


def control_folder(control: str) -> str:
    """The folder of one control, with the slash that ends it."""
    return f"controls/{safe(control)}/"


def present(seen: PopulationSeen, dossier: Dossier) -> Iterator[tuple[dict[str, Any], str]]:
    """The subjects of a population at the end of the period, then those that left it, each with how long it was there."""
    added, removed = set(seen.added), set(seen.removed)
    for row in dossier.subjects(seen.end_root):
        yield row, "since it arrived" if row["id"] in added else "throughout"
    if removed:
        yield from ((row, "until it left") for row in dossier.subjects(seen.start_root) if row["id"] in removed)
