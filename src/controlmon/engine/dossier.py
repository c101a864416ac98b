"""What a period came to, control by control: the one model of which the table, the page, the workbook and the exports are views.

Pure data. Times are UTC, RFC 3339 with milliseconds; days are `YYYY-MM-DD`; durations are seconds. `service.dossier` fills it from a log.
"""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from controlmon.engine.campaigns import CampaignSeen
from controlmon.engine.catalog import Commitment, Control


class Day(Struct, frozen=True):
    """One day (UTC) of the calendar: runs by what became of them, and what those that were performed found (findings, summed)."""

    date: str
    expected: int = 0
    performed: int = 0
    late: int = 0
    missed: int = 0
    interrupted: int = 0
    silent: int = 0
    unknown: int = 0
    failing: int = 0


class Coverage(Struct, frozen=True):
    """Expected runs by the logged schedule, and what became of them.

    `performed` includes those that were late (`late`) and those in which something could not be judged (`unknown`). `missed`,
    `interrupted` and `silent` (a slot of which the log says nothing) were not performed, and with `performed` they add up to `expected`.
    `unscheduled` were performed on request: evidence, but not coverage. `longest_gap` is the longest time without a performance, in
    seconds, the ends of the period included. `unjudged` are those of the silent in which a run was performed that says nothing of the
    check: it found no population to judge. A run is late if it starts later than its slot by more than a tenth of the time to the next,
    or by more than an hour.
    """

    expected: int = 0
    performed: int = 0
    late: int = 0
    missed: int = 0
    interrupted: int = 0
    silent: int = 0
    unknown: int = 0
    unscheduled: int = 0
    longest_gap: int = 0
    days: tuple[Day, ...] = ()
    unjudged: int = 0

    @property
    def percent(self) -> float | None:
        """Performed of expected, or None where no schedule was logged."""
        return 100 * self.performed / self.expected if self.expected else None


class Response(Struct, frozen=True):
    """What people said of a deviation."""

    root_cause: str
    response: str
    ticket: str
    by: str
    at: str


class Deviation(Struct, frozen=True):
    """One subject that did not pass one check, from the first run that saw it to the first that saw it pass (or gone).

    `id` is stable: a prefix of the SHA-256 of check, scope, subject and first position. A run that could not see does not end it. `seen`
    is the number of performances that saw it; `position` the log entry that saw it first. `ended` is None while it is open; `retest` is
    the position of the entry that ended it. `severity` is the worst that was said, `reason` the last. What is unknown is no deviation.
    """

    id: str
    check: str
    scope: str
    subject: str
    name: str
    kind: str
    severity: str
    reason: str
    first_seen: str
    last_seen: str
    seen: int
    position: int
    before: bool = False
    """True if it was there at the first performance in the period: it may have begun before."""
    ended: str | None = None
    retest: int | None = None
    how_ended: str = ""
    """`passed`, `gone` (the subject is no longer there), `not_applicable`, or empty while it is open."""
    responses: tuple[Response, ...] = ()
    duration: int = 0
    """Seconds from first_seen to ended, or to the end of the period."""


class Rate(Struct, frozen=True):
    """Performances with a deviation, of those that were conclusive, and the exact (Clopper-Pearson) 95 % upper bound of the rate.

    A performance is a scheduled run, whatever its scopes. It is conclusive if something failed, or if something passed and all was seen.
    """

    deviating: int
    of: int
    upper: float

    @property
    def rate(self) -> float | None:
        """The observed rate, or None where nothing was performed."""
        return self.deviating / self.of if self.of else None


class ChangeSeen(Struct, frozen=True):
    """A change in mid-period of software, catalog, configuration, schedule, check or parameters; what was found just before and after."""

    position: int
    at: str
    what: str
    before: str | None
    after: str
    outcomes_before: dict[str, int] = {}
    outcomes_after: dict[str, int] = {}


class PopulationSeen(Struct, frozen=True):
    """One population at the start and the end of the period. `added` and `removed` compare those two; counts are of subjects."""

    kind: str
    scope: str
    start_at: str
    start_root: str
    start_count: int
    end_at: str
    end_root: str
    end_count: int
    complete: bool
    """True if every listing of it in the period came to its end."""
    incomplete_runs: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    source: dict[str, Any]
    """The last statement about it: operations with parameters, pages and counts (information produced by the entity)."""
    identity: str
    """Who asked the provider."""
    skew: int
    run: str
    position: int


class ScopeEnd(Struct, frozen=True):
    """What a check last said of one scope in the period."""

    scope: str
    at: str
    position: int
    run: str
    outcomes: dict[str, int]
    failing: dict[str, int]
    findings: str
    """Root of the findings list."""


class CheckPeriod(Struct, frozen=True):
    """One check over the period. `digests` are those of its source, in the order in which they judged."""

    id: str
    title: str
    severity: str
    frequency: str
    proves: str
    remediation: str
    digests: tuple[str, ...]
    parameters: dict[str, Any]
    performances: int
    findings: dict[str, int]
    """All findings of the period by outcome."""
    coverage: Coverage
    deviations: tuple[Deviation, ...]
    rate: Rate
    ends: tuple[ScopeEnd, ...]
    populations: tuple[tuple[str, str], ...]
    """Kind and scope of those that it judged."""


class ControlPeriod(Struct, frozen=True):
    """One control over the period: its checks by role (those that never ran are named in `not_run`), summed."""

    control: Control
    checks: tuple[tuple[str, str, str], ...]
    """Check id, role, glob of the subjects that count."""
    not_run: tuple[str, ...]
    coverage: Coverage
    deviations: tuple[Deviation, ...]
    """Of its primary and operating checks, on subjects that count, worst first."""
    rate: Rate
    conclusion: str
    """`operated`, `operated with deviations`, `not concluded` (something expected was not seen), or `not tested` (no check ran)."""
    why: str
    proves: str
    """What the procedure shows."""
    does_not_prove: tuple[str, ...]


class CommitmentPeriod(Struct, frozen=True):
    """One commitment over the period."""

    commitment: Commitment
    checks: tuple[str, ...]
    not_run: tuple[str, ...]
    deviations: tuple[Deviation, ...]
    conclusion: str
    why: str


class AnchorSeen(Struct, frozen=True):
    """A checkpoint that was seen outside of this host."""

    kind: str
    place: str
    size: int
    root: str
    at: str
    says: dict[str, str]


class ExceptionSeen(Struct, frozen=True):
    """An exception in force: who accepted what for how long, and how many subjects it hid."""

    id: str
    control: str
    subjects: int
    days: int
    by: str
    why: str
    until: str


class Dossier(Struct, frozen=True):
    """The whole period. `findings` gives the rows of a findings list, `subjects` those of a population, by root, one at a time."""

    origin: str
    key: str
    size: int
    root: str
    checkpoint_at: str
    begin: str
    end: str
    made_at: str
    controls: tuple[ControlPeriod, ...]
    commitments: tuple[CommitmentPeriod, ...]
    checks: dict[str, CheckPeriod]
    populations: tuple[PopulationSeen, ...]
    changes: tuple[ChangeSeen, ...]
    anchors: tuple[AnchorSeen, ...]
    unanchored: int
    """Entries after the last anchor."""
    unanchored_since: str
    """When that was; empty if there is none."""
    exceptions: tuple[ExceptionSeen, ...]
    interrupted: tuple[tuple[str, str], ...]
    """Runs that died: id, and when that was noticed."""
    limits: tuple[str, ...]
    """What none of this can show, in words."""
    findings: Callable[[str], Iterator[dict[str, Any]]]
    subjects: Callable[[str], Iterator[dict[str, Any]]]
    campaigns: tuple[CampaignSeen, ...] = ()
    """The access reviews of which anything happened in the period."""


LIMITS = (
    "A collector that lied before its first anchor: whoever holds the signing key could have made up facts and results.",
    "Cloud credentials that answered fakes: what was recorded is what the provider's endpoint said.",
    "Resources outside of the inventory queries: a population is what the listed operations named.",
    "Wrong check logic: read the source under checks/, or re-perform with your own.",
    "The entries after the last anchor: they can still be replaced by whoever holds the key.",
    "A verifier and a public key that came with the evidence: get both from elsewhere.",
)
"""What evidence of this kind cannot show."""
