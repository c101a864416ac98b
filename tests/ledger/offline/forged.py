"""What a forger does, and what the verifier answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.bundles import DAY, Key, Log, company, dumped, resealed

HOUR = timedelta(hours=1)


@dataclass
class Told:
    """What the verifier answered."""

    code: int
    steps: set[int]
    text: str
    told: str


Verify = Callable[..., Told]


def position(log: Log, kind: str, nth: int = 0) -> int:
    return [i for i, one in enumerate(log.entries) if json.loads(one)["type"] == kind][nth]


def relogged(log: Log, kind: str, change: Callable[[dict[str, Any]], None], nth: int = 0) -> Log:
    """What the holder of the key can do: the same log, made anew with one entry changed, and signed."""
    place, made = position(log, kind, nth), Log(log.key)
    made.content, made.files = dict(log.content), dict(log.files)
    made.entries = list(log.entries)
    entry = json.loads(made.entries[place])
    change(entry)
    made.entries[place] = dumped(entry)
    return signed_again(made, log)


def signed_again(made: Log, log: Log) -> Log:
    whole = made.entries
    for head in log.heads:
        made.entries = whole[: head["size"]]
        made.checkpoint(datetime.fromisoformat(head["at"]))
    return made


def with_member(members: dict[str, bytes], name: str, data: bytes = b"x", key: Key | None = None) -> dict[str, bytes]:
    whole = {**members, name: data}
    return resealed(whole, key) if key else whole


def rotated(second: Key | None = None) -> tuple[Log, Key, Key]:
    log = company(2)
    old, new = log.key, second or Key()
    log.rotate(new, DAY + 2 * HOUR)
    log.run(DAY + 2 * HOUR, at=DAY + 2 * HOUR + timedelta(minutes=2))
    return log, old, new
