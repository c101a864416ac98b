"""Facts on their way into the ledger, and out of it again to be judged: what is judged is what was recorded."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict

from controlmon.core.buckets import ListRef, ListWriter
from controlmon.core.canonical import canonical
from controlmon.core.fact import Fact, Gap, GapKind, Listing, Population, Raw, Scope, Seen, Subject
from controlmon.ledger.schema import listing, observation
from controlmon.ledger.state import State, name, split
from controlmon.ledger.store import Store, insert_or_ignore, insert_or_replace

BATCH = 500
"""Facts a transaction."""
PIECES = 64
"""Pieces of lists a transaction: each is some 25 KB, and what is held is memory."""
COARSE = 2048
"""Rows in a bucket of a list that changes with every run."""
CALLS_HELD = 4096
"""Calls that are remembered while a population is sealed, so that one that answered for many subjects is written once."""
TIMES_IN_ROW = 512


def scope_key(scope: Scope) -> str:
    """A scope as the tables write it."""
    return f"{scope.provider}|{scope.target}|{scope.region}"


def scope_of(key: str) -> Scope:
    """The scope that `scope_key` wrote."""
    return Scope(*key.split("|"))


class Recorder:
    """Takes the facts of one run, and commits them in batches. `volatile` names the members to keep apart, by aspect id."""

    def __init__(self, store: Store, state: State, run: str, volatile: Mapping[str, tuple[str, ...]]) -> None:
        self._store, self._state, self._run, self._volatile = store, state, run, volatile
        self._facts: list[Fact] = []

    def add(self, item: Fact | Listing) -> None:
        """Record a fact or the end of a listing. Raises `LedgerError` if the ledger does not take it."""
        if isinstance(item, Listing):
            self.flush()
            body = msgspec.json.encode(item).decode()
            row = {"run": self._run, "kind": item.kind, "scope": scope_key(item.scope), "operation": item.operation, "body": body}
            with self._store.writing() as connection:
                connection.execute(insert_or_replace(listing), row)
            return
        self._facts.append(item)
        if len(self._facts) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Commit what has been taken so far."""
        facts, self._facts = self._facts, []
        if not facts:
            return
        rows, contents = [], []
        for fact in facts:
            row, content = self._row(fact)
            rows.append(row)
            contents.append(content)
        with self._store.writing() as connection:
            digests = iter(self._state.keep(connection, [c for c in contents if c is not None]))
            for row, content in zip(rows, contents, strict=True):
                row["digest"] = None if content is None else next(digests)
            # What names a subject without saying anything of it gives way to what does.
            if named := [r for r in rows if not r["aspect"]]:
                connection.execute(insert_or_ignore(observation), named)
            if said := [r for r in rows if r["aspect"]]:
                connection.execute(insert_or_replace(observation), said)

    def _row(self, fact: Fact) -> tuple[dict[str, Any], bytes | None]:
        subject = fact.subject
        row: dict[str, Any] = {
            "run": self._run, "kind": subject.kind, "scope": scope_key(subject.scope), "subject": subject.id, "aspect": fact.aspect,
            "name": subject.name, "region": subject.region, "volatile": None, "gap": None, "seen": msgspec.json.encode(fact.seen).decode(),
        }  # fmt: skip
        if not fact.aspect:
            return row, None
        if isinstance(fact.answer, Gap):
            row["gap"] = msgspec.json.encode(fact.answer).decode()
            return row, None
        stable, moving = split(fact.answer, self._volatile.get(f"{subject.kind}.{fact.aspect}", ()))
        row["volatile"] = None if moving is None else canonical(moving).decode()  # what is judged is what is sealed
        return row, canonical(stable)


class RecordedSubject:
    """One subject as it was recorded."""

    def __init__(self, rows: list[Any], subject: Subject, read: Callable[[bytes], Raw], listed: dict[str, Gap]) -> None:
        self.subject, self._read, self._listed = subject, read, listed
        self._rows = {row.aspect: row for row in rows if row.aspect}

    def answer(self, aspect: str) -> Raw | Gap:
        """The raw answer, or the gap where there is none."""
        row = self._rows.get(aspect)
        if row is None:
            missing = Gap(GapKind.UNAVAILABLE, f"{self.subject.kind}.{aspect}", "the listing that answers it did not name this subject")
            return self._listed.get(aspect, missing)
        if row.gap is not None:
            return msgspec.json.decode(row.gap, type=Gap)
        raw = self._read(row.digest)
        return raw if row.volatile is None else {**raw, **msgspec.json.decode(row.volatile)}

    def seen(self, aspect: str) -> tuple[str, str]:
        """The digest of the answer and when it was seen."""
        row = self._rows.get(aspect)
        return (name(row.digest), msgspec.json.decode(row.seen)["at"]) if row is not None and row.digest else ("", "")

    def recorded(self) -> dict[str, Any]:
        """The row of the population: who it is, and the digest or the gap of each aspect."""
        aspects = {a: {"gap": msgspec.json.decode(r.gap)} if r.gap else {"state": name(r.digest)} for a, r in self._rows.items()}
        return {"id": self.subject.id, "name": self.subject.name, "region": self.subject.region, "aspects": aspects}

    def calls(self) -> dict[str, str]:
        """How each aspect was seen, as it was written."""
        return {a: r.seen for a, r in self._rows.items()}

    def volatile(self) -> Iterator[tuple[str, Raw]]:
        """The members of each aspect that change by themselves."""
        return ((a, msgspec.json.decode(r.volatile)) for a, r in self._rows.items() if r.volatile)


class Recorded:
    """The evidence of one run, as the ledger holds it."""

    def __init__(self, store: Store, state: State, run: str) -> None:
        self._store, self._state, self._run = store, state, run
        self._listings = self._read_listings()
        self._populations = {key: self._population(*key, several) for key, several in self._listings.items()}

    def population(self, kind: str, scope: Scope) -> Population | None:
        """The population of `kind` in `scope`."""
        return self._populations.get((kind, scope))

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        """Every population of `kind` in the target of `target`; in all targets, if that is None."""
        here = None if target is None else target.wide()
        return [p for (k, s), p in self._populations.items() if k == kind and here in (None, s.wide())]

    def every_population(self) -> list[Population]:
        """All of them, in the order of kind and scope."""
        return list(self._populations.values())

    def listings(self, kind: str, scope: Scope) -> list[Listing]:
        """The listings behind one population, the one that defines it first."""
        return self._listings.get((kind, scope), [])

    def subjects(self, kind: str, scope: Scope) -> Iterator[RecordedSubject]:
        """The subjects of one population, in the order of their ids, a page at a time."""
        listed = {a: one.gap for one in self.listings(kind, scope) if one.gap for a in one.aspects}
        o = observation.c
        chosen = sa.select(observation).where(o.run == self._run, o.kind == kind, o.scope == scope_key(scope))
        with self._store.reading() as connection:
            rows = connection.execution_options(yield_per=2000).execute(chosen.order_by(o.subject, o.aspect))
            for subject_id, group in groupby(rows, key=lambda row: row.subject):
                several = list(group)
                subject = Subject(kind, subject_id, several[0].name, scope, several[0].region)
                yield RecordedSubject(several, subject, self._read, listed)

    def seal(self, kind: str, scope: Scope, keep: "PieceKeeper", seen: "SeenWriter") -> tuple[ListRef, ListRef]:
        """Write one population, and how each of its aspects was seen, as lists. Returns both."""
        population, how = ListWriter(keep), ListWriter(keep)
        calls = seen.calls_of(kind, scope)
        for one in self.listings(kind, scope):
            if one.seen:
                calls.listed(one.seen)
        for subject in self.subjects(kind, scope):
            name_of = subject.subject.id
            population.add(name_of, subject.recorded())
            how.add(name_of, {aspect: calls.number(said) for aspect, said in subject.calls().items()})
            for aspect, members in subject.volatile():
                seen.volatile.add(f"{kind}|{name_of}|{aspect}", [kind, scope_key(scope), name_of, aspect, members])
        return population.close(), how.close()

    def _read(self, digest: bytes) -> Raw:
        """One answer. Subjects outlive the query that named them, so each answer is fetched by itself; the last ones are remembered."""
        known = self._state.remembered(digest)
        if known is not None:
            return known
        with self._store.reading() as connection:
            return self._state.raw(connection, digest)

    def _read_listings(self) -> dict[tuple[str, Scope], list[Listing]]:
        found: dict[tuple[str, Scope], list[Listing]] = {}
        with self._store.reading() as connection:
            rows = connection.execute(sa.select(listing).where(listing.c.run == self._run).order_by(listing.c.kind, listing.c.scope)).all()
        for row in rows:
            found.setdefault((row.kind, scope_of(row.scope)), []).append(msgspec.json.decode(row.body, type=Listing))
        for several in found.values():
            several.sort(key=lambda one: one.order)
        return found

    def _population(self, kind: str, scope: Scope, listings: list[Listing]) -> Population:
        o = observation.c
        chosen = sa.select(sa.func.count(sa.distinct(o.subject))).where(o.run == self._run, o.kind == kind, o.scope == scope_key(scope))
        with self._store.reading() as connection:
            count = connection.scalar(chosen) or 0
        return Population.of(listings[0], count)


class SeenWriter:
    """What a run saw besides the state, for all of its populations: the calls, the members that change by themselves, the times."""

    def __init__(self, keep: "PieceKeeper") -> None:
        self._calls, self.volatile, self._observed = (ListWriter(keep, COARSE) for _ in range(3))

    def calls_of(self, kind: str, scope: Scope) -> "Calls":
        """Where the calls behind one population are numbered."""
        return Calls(kind, scope_key(scope), self._calls)

    def times_of(self, stream: str) -> "Times":
        """Where it is told when the facts behind the findings of one entry were seen."""
        return Times(stream, self._observed)

    def close(self) -> dict[str, dict[str, Any]]:
        """The three lists, as the entry that ends the run names them."""
        several = {"calls": self._calls, "volatile": self.volatile, "observed": self._observed}
        return {what: asdict(writer.close()) for what, writer in several.items()}


class Times:
    """When the facts behind each finding of one entry were seen, in their order: equal ones in a row count together. `close` at the end."""

    def __init__(self, stream: str, out: ListWriter) -> None:
        self._stream, self._out = stream, out
        self._runs: list[tuple[str, int]] = []

    def add(self, at: str) -> None:
        """The next finding's."""
        if self._runs and self._runs[-1][0] == at:
            self._runs[-1] = (at, self._runs[-1][1] + 1)
            return
        if len(self._runs) == TIMES_IN_ROW:
            self.close()
        self._runs.append((at, 1))

    def close(self) -> None:
        """Write what is held."""
        if self._runs:
            self._out.add(f"{self._stream}|{self._runs[0][0]}", [self._stream, [list(run) for run in self._runs]])
            self._runs.clear()


class Calls:
    """The calls behind one population, each numbered and written when it is first met."""

    def __init__(self, kind: str, scope: str, out: ListWriter) -> None:
        self._kind, self._scope, self._out = kind, scope, out
        self._known: OrderedDict[str, int] = OrderedDict()
        self._next = 0

    def number(self, said: str) -> int:
        """The number of a call, given how it was seen as JSON."""
        known = self._known.get(said)
        if known is not None:
            self._known.move_to_end(said)
            return known
        number = self._next
        self._write(number, msgspec.json.decode(said, type=Seen))
        self._known[said], self._next = number, number + 1
        if len(self._known) > CALLS_HELD:
            self._known.popitem(last=False)
        return number

    def listed(self, seen: Seen) -> None:
        """The last call of a listing, which has no number: it may have named nobody."""
        self._write(None, seen)

    def _write(self, number: int | None, seen: Seen) -> None:
        row = [self._kind, self._scope, number, seen.operation, seen.at, seen.request_id, seen.date, seen.page, seen.endpoint]
        self._out.add(f"{self._kind}|{self._scope}|{number}", row)


class PieceKeeper:
    """Keeps the pieces of lists, a batch to a transaction."""

    def __init__(self, store: Store, state: State) -> None:
        self._store, self._state = store, state
        self._held: list[bytes] = []

    def __call__(self, piece: bytes) -> str:
        """Take a piece; it is stored by the next `flush` at the latest."""
        self._held.append(piece)
        if len(self._held) >= PIECES:
            self.flush()
        return name(sha256(piece).digest())

    def flush(self) -> None:
        """Commit what has been taken so far."""
        held, self._held = self._held, []
        if held:
            with self._store.writing() as connection:
                self._state.keep(connection, held)


def forget(connection: sa.Connection, run: str) -> None:
    """Drop the staged facts of a run, once they are sealed."""
    for table in (observation, listing):
        connection.execute(table.delete().where(table.c.run == run))
