"""One pass over a log, in its order, for what a period came to. Memory grows with streams, slots and deviations, not with runs.

Evidence of the period is what a run saw that started in it. A run that started later may still have served a slot of the period: then it
counts as that, and as no more. Ad hoc runs never count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from controlmon.core.errors import LedgerError
from controlmon.core.fact import Scope
from controlmon.core.times import moment, stamp
from controlmon.engine import campaigns
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.engine.changed import Changes
from controlmon.engine.coverage import Calendar, Place, Tally
from controlmon.engine.deviations import Judged, Watch, answered
from controlmon.engine.dossier import AnchorSeen, Deviation, ScopeEnd
from controlmon.engine.populations import Populations, Teller
from controlmon.facts.controlmon.exceptions import Exemption
from controlmon.ledger.history import History, Placed, decoded_bytes, rows

ADHOC = "~adhoc"
JUDGEMENT = b'"type":"check"}'
"""How the canonical JSON of a judgement ends: those of other periods need not be read to be passed over."""
EVERY = "*"
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, msgspec.MsgspecError)
Part = tuple[str, str]
"""A check, and the glob of its subjects that count."""


class _Check(Struct, frozen=True):
    id: str
    digest: str
    parameters: dict[str, Any]


class _List(Struct, frozen=True):
    root: str
    count: int


class Entry(Struct, frozen=True):
    """A judgement of one scope, as far as a period needs it."""

    run: str
    stream: str
    check: _Check
    scope: Scope
    identity: str
    skew: int
    populations: msgspec.Raw
    outcomes: dict[str, int]
    failing: dict[str, int]
    findings: _List
    others: _List | None = None


class _Run(Struct):
    """A run under way: when it started, the slots of the period that it serves, whether it started in it, what it found so far."""

    at: str
    started: datetime
    scheduled: bool
    places: list[tuple[Place, int]]
    inside: bool
    adhoc: bool
    found: dict[Part, Counter[str]] = {}


class _Stream(Struct):
    """A check in one scope: its deviations, its last findings by the globs that count, and its last statements.

    Statements are read when they are not those of the run before: `near` are the bytes of those in the entry, `far` is the root of the
    others, `whole` are the kinds of which all were seen in this scope.
    """

    watch: Watch
    globs: dict[str, Mapping[str, int]] = {}
    root: str = ""
    near: bytes = b""
    far: str = ""
    stated: dict[tuple[str, str], dict[str, Any]] = {}
    whole: frozenset[str] = frozenset()


class Judging(Struct):
    """A check over the period: the digests of its source, its last parameters, and the kinds and scopes that it judged."""

    parameters: dict[str, Any] = {}
    digests: dict[str, None] = {}
    populations: dict[tuple[str, str], None] = {}


class Reading:
    """What the log says of a period: `take` each entry in order, then `close`, then look."""

    def __init__(self, history: History, begin: datetime, end: datetime, made_at: datetime) -> None:
        self._history = history
        self._begin, self._end = stamp(begin), stamp(end)
        self.calendar = Calendar(begin, end, made_at)
        self.changes = Changes(ran=history.start > 0)
        self.populations = Populations()
        self.tallies: dict[Part, Tally] = {}
        self.checks: dict[str, Judging] = {}
        self.ends: dict[str, dict[str, ScopeEnd]] = {}
        self.responses: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self.anchors: list[AnchorSeen] = []
        self.campaigns = campaigns.Campaigns()
        self.interrupted: list[tuple[str, str]] = []
        self.catalog: Catalog | None = None
        self.exceptions: list[tuple[datetime, tuple[Exemption, ...]]] = []
        self.withheld = 0
        self._globs: dict[str, frozenset[str]] = {}
        self._runs: dict[str, _Run] = {}
        self._wanted = 0
        self._streams: dict[str, _Stream] = {}
        self._fetched: tuple[str, Any] = "", None
        self._decode = msgspec.json.Decoder(Entry).decode

    def take(self, placed: Placed) -> None:
        """The next entry of the log. Raises `LedgerError` if it is none, or names what is not there."""
        if placed.body is None:
            self.withheld += 1
            return
        try:
            if placed.body.endswith(JUDGEMENT):
                if self._wanted:
                    self._judged(placed.position, self._decode(placed.body))
            else:
                self._event(placed.position, decoded_bytes(placed.position, placed.body))
        except MALFORMED as error:
            raise LedgerError(f"entry {placed.position} is not as the record has it ({error!r}): verify the record") from error

    def close(self) -> None:
        """All is read."""
        self.calendar.close()

    def deviations(self) -> Iterator[Deviation]:
        """Every deviation of the period, with what people said of it."""
        for stream in self._streams.values():
            for one in stream.watch.deviations(self.calendar.over):
                yield replace(one, responses=answered(one, self.responses.get((one.check, one.scope, one.subject), ())))

    def fetch(self, digest: str) -> Any:  # noqa: ANN401 - JSON
        """The decoded content of a digest. The last one is remembered: a short list is its own lowest piece."""
        if self._fetched[0] != digest:
            self._fetched = digest, msgspec.json.decode(self._history.blob(digest))
        return self._fetched[1]

    def _event(self, position: int, entry: dict[str, Any]) -> None:
        match entry["type"]:
            case "run.started":
                self._started(entry)
            case "run.finished" | "run.interrupted":
                self._ended(entry)
            case "run.missed":
                span = entry.get("span", {"first": entry["scheduled"], "last": entry["scheduled"]})
                self.calendar.missed(entry["frequency"], moment(span["first"]), moment(span["last"]))
            case "schedule":
                self.calendar.schedule(moment(entry["at"]), self.fetch(entry["content"])["frequencies"])
                self.changes.told(
                    position, entry | {"what": "schedule", "from": self.changes.schedule, "to": entry["content"]}, self._within(entry["at"])
                )
            case "change":
                self.changes.told(position, entry, self._within(entry["at"]))
                if entry["what"] == "catalog" and entry["content"] and entry["at"] < self._end:
                    self._learn(entry["content"])
                if entry["what"] == "exceptions" and entry["content"] and entry["at"] < self._end:
                    several = msgspec.json.decode(self._history.blob(entry["content"]), type=tuple[Exemption, ...])
                    self.exceptions.append((moment(entry["at"]), several))
            case _:
                self._told(entry)

    def _told(self, entry: dict[str, Any]) -> None:
        """What people said, and what was seen outside."""
        match entry["type"]:
            case "deviation.response":
                self.responses.setdefault((entry["check"], entry["scope"], entry["subject"]), []).append(entry)
            case "anchor":
                self.anchors.append(msgspec.convert(entry, AnchorSeen))
            case kind if kind.startswith(campaigns.PREFIX):
                self.campaigns.take(entry, inside=self._within(entry["at"]))

    def _within(self, at: str) -> bool:
        return self._begin <= at < self._end

    def _learn(self, content: str) -> None:
        """The catalog in force, and which subjects of which check count."""
        self.catalog = msgspec.json.decode(self._history.blob(content), type=Catalog)
        globs: dict[str, set[str]] = {}
        promises: list[Control | Commitment] = [*self.catalog.controls, *self.catalog.commitments]
        for one in promises:
            for ref in one.checks:
                if ref.subjects != EVERY:
                    globs.setdefault(ref.check, set()).add(ref.subjects)
        self._globs = {check: frozenset(several) for check, several in globs.items()}

    def _started(self, entry: dict[str, Any]) -> None:
        at, scheduled = entry["started"], entry["scheduled"]
        places = list(self.calendar.places(entry["frequencies"], moment(scheduled))) if scheduled and not entry["adhoc"] else []
        inside = self._within(at)
        self._runs[entry["run"]] = _Run(at, moment(at), scheduled is not None, places, inside, entry["adhoc"])
        self._wanted += inside or bool(places)
        self.calendar.begun(places)

    def _ended(self, entry: dict[str, Any]) -> None:
        run = self._runs.pop(entry["run"], None)
        if run is None:
            return  # it began before what is here
        self._wanted -= run.inside or bool(run.places)
        if entry["type"] == "run.interrupted":
            self.calendar.interrupted(run.places)
            if run.inside:
                self.interrupted.append((entry["run"], entry["noticed"]))
            return
        self.calendar.performed(run.places, run.started)
        for part, outcomes in run.found.items():
            tally = self.tallies.get(part)
            if tally is None:
                tally = self.tallies[part] = Tally(self.calendar.begin)
            tally.serve(run.places, outcomes)
            if run.inside:
                tally.perform(run.started, outcomes, scheduled=run.scheduled)
        self.changes.ran()
        if run.inside and not run.adhoc:
            self.changes.found({check: found for (check, glob), found in run.found.items() if glob == EVERY}, entry["outcomes"])

    def _judged(self, position: int, entry: Entry) -> None:
        run = self._runs.get(entry.run)
        if run is None or run.adhoc or entry.stream.endswith(ADHOC) or not (run.inside or run.places):
            return
        check, scope = entry.check.id, str(entry.scope)
        stream = self._streams.get(entry.stream)
        if stream is None:
            stream = self._streams[entry.stream] = _Stream(Watch(check, scope))
        for glob, outcomes in ((EVERY, entry.outcomes), *self._by_glob(stream, entry)):
            found = run.found.get((check, glob))
            if found is None:
                run.found[check, glob] = Counter(outcomes)
            else:
                found.update(outcomes)
        if not run.inside:
            return
        judging = self.checks.get(check)
        if judging is None:
            judging = self.checks[check] = Judging()
        self._state(stream, entry, judging)
        stream.watch.see(Judged(position, run.at, entry.findings.root, stream.whole), self.fetch)
        self.ends.setdefault(check, {})[scope] = ScopeEnd(
            scope, run.at, position, entry.run, entry.outcomes, entry.failing, entry.findings.root
        )
        judging.parameters = entry.check.parameters
        judging.digests.setdefault(entry.check.digest)
        teller = Teller(position, run.at, entry.run, entry.identity, entry.skew)
        for key, said in stream.stated.items():
            self.populations.state(key, said, teller)

    def _state(self, stream: _Stream, entry: Entry, judging: Judging) -> None:
        """Read what the entry says of populations, unless the one before said the same."""
        near, far = bytes(entry.populations), entry.others.root if entry.others else ""
        if (near, far) == (stream.near, stream.far):
            return
        here: list[dict[str, Any]] = msgspec.json.decode(near, type=list[dict[str, Any]])
        several = [*here, *(rows(self._history, far) if far else ())]
        scope = msgspec.to_builtins(entry.scope)
        stream.near, stream.far = near, far
        stream.stated = {(said["kind"], str(msgspec.convert(said["scope"], Scope))): said for said in several}
        stream.whole = frozenset(said["kind"] for said in here if said["complete"] and said["scope"] == scope)
        judging.populations.update(dict.fromkeys(stream.stated))

    def _by_glob(self, stream: _Stream, entry: Entry) -> Iterable[tuple[str, Mapping[str, int]]]:
        """The outcomes of only the subjects that count, for each glob of the catalog. What is said of the scope counts for each."""
        globs = self._globs.get(entry.check.id, frozenset())
        if entry.findings.root != stream.root or globs != stream.globs.keys():
            stream.root = entry.findings.root
            counts = {glob: Counter[str]() for glob in globs}
            for row in rows(self._history, stream.root) if globs else ():
                for glob, count in counts.items():
                    if row["kind"] == "scope" or fnmatchcase(row["subject"], glob):
                        count[row["outcome"]] += 1
            stream.globs = dict(counts)
        return stream.globs.items()
