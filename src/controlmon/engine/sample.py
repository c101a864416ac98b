"""Drawing a sample that neither side could choose: a frozen population, a seed from outside of it, and a rank for each item.

Pure. Anyone can draw it again: the population is lines of text, its digest is theirs, and an item's rank is HMAC-SHA256 (RFC 2104)
of its line under the seed; the lowest ranks are the sample.
"""

import hashlib
import heapq
import hmac
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

SIZES = {
    "annual": (1, 1, 1),
    "quarterly": (2, 3, 4),
    "monthly": (2, 3, 5),
    "weekly": (5, 9, 15),
    "daily": (20, 30, 40),
    "hourly": (25, 40, 60),
}
"""Items by frequency, for a low, a moderate and a high risk: what auditors commonly take, the upper end of a range. To be overridden."""
RISKS = ("low", "moderate", "high")
_RISK_OF = {"critical": "high", "high": "high", "medium": "moderate", "low": "low", "informational": "low"}


class Item(Struct, frozen=True):
    """One item that was drawn: its line of the population, its rank (hexadecimal), the entry that is its evidence, and what that says.

    `position` and `leaf` (hexadecimal) are the entry's; `proof` is its RFC 6962 inclusion proof in the tree of the last checkpoint.
    """

    line: str
    rank: str
    position: int
    leaf: str
    proof: tuple[str, ...]
    entry: str
    rows: tuple[dict[str, Any], ...]
    """Findings: of a sampled subject its own; of a sampled performance all that are not a pass."""
    state: dict[str, Any] = {}
    """Of a sampled subject, what the provider answered, by digest."""


class Sheet(Struct, frozen=True):
    """The sample of one control."""

    control: str
    promise: str
    checks: tuple[str, ...]
    frequency: str
    risk: str
    population: int
    digest: str
    """SHA-256 of the population's lines, each ended by a newline."""
    seed: str
    source: str
    size: int
    items: tuple[Item, ...]


def size_of(frequency: str, risk: str) -> int:
    """How many items are taken by default. Raises `KeyError` for a frequency or a risk that is none."""
    return SIZES[frequency][RISKS.index(risk) if risk in RISKS else RISKS.index(_RISK_OF[risk])]


def risk_of(severities: Iterable[str]) -> str:
    """The risk of a control by the severities of the checks that decide it, the highest; high if nothing is known of them."""
    known = [RISKS.index(_RISK_OF[severity]) for severity in severities if severity in _RISK_OF]
    return RISKS[max(known)] if known else "high"


class Frame:
    """A population, frozen: lines in an order of their own, and the digest of all of them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = sorted(lines)
        total = hashlib.sha256()
        for line in self.lines:
            total.update(f"{line}\n".encode())
        self.digest = f"sha256:{total.hexdigest()}"

    def seed(self, control: str, source: str) -> bytes:
        """The seed for one control: SHA-256 over what it is for, the population's digest, and a source that came after that froze."""
        return hashlib.sha256(f"controlmon sample v1\n{control}\n{self.digest}\n{source}\n".encode()).digest()

    def draw(self, seed: bytes, size: int) -> list[tuple[str, str]]:
        """The items of the lowest ranks: rank (hexadecimal) and line. All of them, if there are no more than `size`."""
        ranked = ((hmac.new(seed, line.encode(), hashlib.sha256).hexdigest(), line) for line in self.lines)
        return heapq.nsmallest(size, ranked)
