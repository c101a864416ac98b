"""What the agent is made of, as the record names it."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import controlmon
from controlmon.collect.base import Service
from controlmon.collect.plan import Itinerary


@cache
def agent_digest() -> str:
    """One digest over every file of the installed package, by relative path: what judged and collected, to the byte."""
    root = Path(controlmon.__file__).parent
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        total.update(f"{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def volatile_members(way: Itinerary, services: Iterable[Service]) -> dict[str, tuple[str, ...]]:
    """The members that change by themselves, by the id of the aspect that will be recorded."""
    kinds = {kind for service in services for source in service.sources for kind in source.kinds}
    aspects = {aspect.id: aspect.volatile for kind in kinds for aspect in kind.aspects.values()}
    return {name: members for name, members in aspects.items() if members and name in way.aspects}
