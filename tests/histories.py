"""Logs written by hand, in memory: what happened, hour by hour, as entries and what they name."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

from controlmon.core.buckets import ListRef, ListWriter
from controlmon.core.canonical import canonical, digest, entry_bytes
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import Frontier, leaf_hash
from controlmon.core.note import Checkpoint, sign_note
from controlmon.core.times import stamp
from controlmon.engine.catalog import Catalog, CheckRef, Control, Frequency, Kind, Method, Role
from controlmon.ledger.history import Head, Placed

ORIGIN = "artemis.example/ledger"
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
CHECK, OTHER = "p.s.one", "p.s.two"
SCOPE = "p:1"
KIND = "p.s.thing"
Rows = Mapping[str, str]
"""Outcome, or outcome and severity (`fail/low`), by subject. The subject `~` is the scope itself."""


class Ink:
    """Signs nothing: who signed is not what these tests are about."""

    name = ORIGIN
    key_id = b"\0\0\0\1"

    def sign(self, message: bytes) -> bytes:
        return b"\0" * 64


class MemoryHistory:
    """A whole log. `read` counts how often each content was asked for."""

    def __init__(self) -> None:
        self.origin, self.start = ORIGIN, 0
        self._entries: list[bytes | None] = []
        self._blobs: dict[str, bytes] = {}
        self._seqs: dict[str, int] = {}
        self._heads: list[Head] = []
        self._frontier = Frontier()
        self._runs = 0
        self.read: dict[str, int] = {}

    # --- what the protocol asks for

    @property
    def size(self) -> int:
        return len(self._entries)

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        for position, body in list(enumerate(self._entries))[start:end]:
            yield Placed(position, b"\0" * 32 if body is None else leaf_hash(body), body)

    def heads(self) -> Iterator[Head]:
        return iter(self._heads)

    def blob(self, name: str) -> bytes:
        self.read[name] = self.read.get(name, 0) + 1
        if name not in self._blobs:
            raise LedgerError(f"{name} is missing")
        return self._blobs[name]

    # --- what happens

    def keep(self, data: bytes) -> str:
        name = digest(data)
        self._blobs[name] = data
        return name

    def add(self, stream: str, body: Mapping[str, Any], run: str = "daemon") -> int:
        """An entry; gives its position."""
        self._seqs[stream] = seq = self._seqs.get(stream, -1) + 1
        data = entry_bytes({**body, "stream": stream, "seq": seq, "run": run})
        self._entries.append(data)
        self._frontier.append(leaf_hash(data))
        return len(self._entries) - 1

    def sign(self, at: datetime) -> None:
        checkpoint = Checkpoint(ORIGIN, self._frontier.size, self._frontier.root())
        self._heads.append(Head(checkpoint.size, stamp(at), sign_note(checkpoint.text(), [Ink()]).encode()))

    def withhold(self, position: int) -> None:
        self._entries[position] = None

    def schedule(self, at: datetime, **frequencies: Sequence[str]) -> None:
        content = self.keep(canonical({"frequencies": {f: list(ids) for f, ids in frequencies.items()}, "targets": []}))
        self.add("schedule", {"type": "schedule", "at": stamp(at), "content": content})

    def change(self, at: datetime, what: str, before: str | None, after: bytes | str) -> int:
        to = self.keep(after) if isinstance(after, bytes) else after
        content = to if isinstance(after, bytes) else None
        return self.add("changes", {"type": "change", "what": what, "from": before, "to": to, "content": content, "at": stamp(at)})

    def catalog(self, at: datetime, *controls: Control, commitments: Sequence[Any] = ()) -> None:
        self.change(at, "catalog", None, canonical(to_builtins(Catalog(controls, tuple(commitments), (), "sha256:" + "0" * 64))))

    def missed(self, frequency: str, first: datetime, last: datetime | None = None) -> None:
        body = {"type": "run.missed", "scheduled": stamp(first), "frequency": frequency, "noticed": stamp(first), "checks": 1}
        span = {} if last is None else {"span": {"first": stamp(first), "last": stamp(last), "count": 2}}
        self.add(f"schedule:{frequency}", body | span)

    def begin(self, at: datetime, *frequencies: str, scheduled: datetime | None = None, adhoc: bool = False) -> str:
        self._runs += 1
        run = f"run-{self._runs}"
        said = {"type": "run.started", "scheduled": stamp(scheduled) if scheduled else None, "started": stamp(at)}
        self.add("runs", {**said, "frequencies": list(frequencies), "adhoc": adhoc, "targets": []}, run)
        return run

    def finish(self, run: str, at: datetime, outcomes: Mapping[str, int] | None = None) -> None:
        self.add("runs", {"type": "run.finished", "finished": stamp(at), "outcomes": dict(outcomes or {}), "seen": {}}, run)
        self.sign(at)

    def interrupt(self, run: str, noticed: datetime) -> None:
        self.add("runs", {"type": "run.interrupted", "noticed": stamp(noticed), "seen": {}}, run)
        self.sign(noticed)

    def judge(
        self,
        run: str,
        rows: Rows,
        *,
        check: str = CHECK,
        scope: str = SCOPE,
        complete: bool = True,
        populations: Sequence[Mapping[str, Any]] | None = None,
        others: Sequence[Mapping[str, Any]] | None = None,
        source: str = "1",
        adhoc: bool = False,
    ) -> int:
        """A judgement of one scope; gives its position."""
        provider, target, region = [*scope.split(":"), ""][:3]
        place = {"provider": provider, "target": target, "region": region}
        told = [self.statement([s for s in rows if s != "~"], place, complete=complete)] if populations is None else populations
        found = [row(subject, said) for subject, said in sorted(rows.items())]
        outcomes = {o: sum(r["outcome"] == o for r in found) for o in ("pass", "fail", "unknown", "not_applicable")}
        failing = {s: sum(r["outcome"] == "fail" and r["severity"] == s for r in found) for s in ("low", "medium", "high", "critical")}
        body = {
            "type": "check",
            "check": {"id": check, "digest": digest(source.encode()), "parameters": {}},
            "scope": place,
            "identity": f"arn:role/{provider}",
            "skew": 0,
            "populations": list(told),
            "outcomes": outcomes,
            "failing": failing,
            "findings": asdict(self.list(found, lambda r: f"{r['kind']}|{r['subject']}")),
        }
        more = {} if others is None else {"others": asdict(self.list(list(others), lambda s: s["kind"] + s["scope"]["region"]))}
        return self.add(f"check:{check}@{scope}{'~adhoc' if adhoc else ''}", body | more, run)

    def statement(self, subjects: Sequence[str], scope: Mapping[str, str], *, complete: bool = True, kind: str = KIND) -> dict[str, Any]:
        listed = self.list([{"id": s, "name": s, "region": "", "aspects": {}} for s in sorted(subjects)], lambda r: r["id"])
        gap = {} if complete else {"gap": {"kind": "denied"}, "aspects": []}
        operation = {"operation": "s:List", "parameters": {}, "pages": 1, "count": len(subjects)} | gap
        return {"kind": kind, "scope": dict(scope), **asdict(listed), "complete": complete, "how": listed.root, "operations": [operation]}

    def list(self, rows: Sequence[Any], key: Any) -> ListRef:
        writer = ListWriter(self.keep)
        for one in rows:
            writer.add(key(one), one)
        return writer.close()

    def run(self, at: datetime, rows: Rows | None, *frequencies: str, scheduled: datetime | None = None, **more: Any) -> int:
        """A whole run at one moment that judges one scope, or nothing; gives the position of the judgement (-1: none)."""
        run = self.begin(at, *frequencies, scheduled=scheduled, adhoc=more.get("adhoc", False))
        position = -1 if rows is None else self.judge(run, rows, **more)
        self.finish(run, at + timedelta(seconds=30))
        return position

    def hours(self, first: int, last: int, rows: Rows, **more: Any) -> None:
        """Hourly runs on time, from one hour after `BEGIN` to before another."""
        for hour in range(first, last):
            self.run(hours(hour), rows, "hourly", scheduled=hours(hour), **more)


def row(subject: str, said: str) -> dict[str, Any]:
    outcome, _, severity = said.partition("/")
    kind, name = ("scope", SCOPE) if subject == "~" else (KIND, subject)
    where = {"subject": name, "kind": kind, "name": name.upper(), "region": ""}
    return {**where, "outcome": outcome, "severity": severity or "high", "reason": f"it is {outcome}", "facts": []}


def hours(number: float) -> datetime:
    """So many hours after `BEGIN`."""
    return BEGIN + timedelta(hours=number)


def control(*refs: CheckRef | tuple[str, Role], name: str = "c.one") -> Control:
    checks = tuple(one if isinstance(one, CheckRef) else CheckRef(*one) for one in refs)
    return Control(name, "C", "Cat", "Promise.", Kind.ACTIVITY, Method.AUTOMATED, Frequency.DAILY, timedelta(days=2), (), (), checks)
