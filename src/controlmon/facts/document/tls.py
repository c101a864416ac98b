"""How an endpoint was met: the versions of TLS that each of its addresses takes, its certificate, and what it says over HTTP."""

import re
from datetime import datetime

from msgspec import field

from controlmon.core.fact import Raw
from controlmon.facts.base import View
from controlmon.facts.document.schema import converted

OLD, GOOD = ("SSL 3.0", "TLS 1.0", "TLS 1.1"), ("TLS 1.2", "TLS 1.3")
REFUSALS = ("alert", "closed")
ALERTS = {0: "close_notify", 40: "handshake_failure", 47: "illegal_parameter", 50: "decode_error", 70: "protocol_version"}
ALERTS |= {71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 112: "unrecognized_name"}
"""RFC 8446 section 6, and RFC 7507."""


class Shaken(View, frozen=True):
    """What came back for a ClientHello of one version.

    `answer` is `hello` (`selected` and `suite` were taken), `alert`, `closed` (twice, without a word), `cut`, `other` (no TLS), `timeout`
    or `unreachable`.
    """

    answer: str
    selected: str = ""
    suite: str = ""
    alert: int | None = None

    @property
    def words(self) -> str:
        """What came back, in words."""
        if self.answer == "hello":
            return f"{self.selected} was taken"
        return f"alert {ALERTS.get(self.alert or 0, self.alert)}" if self.answer == "alert" else self.answer


class Chain(View, frozen=True):
    """The certificate: whether it is believed for this name (None: not seen, as `unseen` says), and if so until when it holds."""

    valid: bool | None = None
    why: str = ""
    unseen: str = ""
    not_after: datetime | None = None
    names: tuple[str, ...] = ()
    issuer: str = ""
    sha256: str = ""


class Met(View, frozen=True):
    """One address: what came back for each version, and its certificate; or why it could not be reached."""

    versions: dict[str, Shaken] = field(default_factory=dict)
    chain: Chain = Chain()
    unreachable: str = ""

    def old(self) -> list[str]:
        """The versions below 1.2 that it takes."""
        return sorted({one.selected for one in self.versions.values() if one.answer == "hello" and one.selected not in GOOD})

    def good(self) -> list[str]:
        """The versions from 1.2 on that it takes."""
        return sorted({one.selected for one in self.versions.values() if one.answer == "hello" and one.selected in GOOD})

    def unsaid(self) -> list[str]:
        """The old versions to which it said neither yes nor no."""
        return [f"{name}: {self.versions[name].answer}" for name in OLD if self.versions[name].answer not in (*REFUSALS, "hello")]


class Handshakes(View, frozen=True):
    """Every address of a name, by what it said."""

    results: tuple[Met, ...] = ()
    addresses: dict[str, int] = field(default_factory=dict)

    def each(self) -> list[tuple[str, Met]]:
        """Each address and what it said."""
        return [(address, self.results[i]) for address, i in sorted(self.addresses.items())]


class Spoken(View, frozen=True):
    """An answer over HTTP: its status and headers. Or that nobody listens (`closed`), or why there was none (`unseen`)."""

    status: int = 0
    location: str = ""
    hsts: str | None = None
    closed: bool = False
    unseen: str = ""
    silent: bool = False

    @property
    def hsts_seconds(self) -> int:
        """How long a browser has to remember to come over TLS (RFC 6797 section 6.1.1); 0 if it has not to."""
        found = re.search(r'(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)', self.hsts or "", re.IGNORECASE)
        return int(found[1]) if found else 0


class Web(View, frozen=True):
    """What an endpoint says over HTTP: over TLS, and in the clear; None for what was not asked."""

    https: Spoken | None = None
    plain: Spoken | None = None


def handshakes_of(raw: Raw) -> Handshakes:
    """Which versions each address takes, and its certificate."""
    told = converted(raw, Handshakes)
    if any(i >= len(told.results) for i in told.addresses.values()):
        raise ValueError("an address names a result that is not there")
    return told


def web_of(raw: Raw) -> Web:
    """What it says over HTTP."""
    return converted(raw, Web)
