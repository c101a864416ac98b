"""What the record costs: entries a second against bare SQLite that writes the same rows; the overhead of a cycle; a year on disk.

`python benchmarks/ledger.py [--batches 200] [--resources 10000] [--runs 12]`. The year is extrapolated from the
growth from run to run, and said to be. Nothing here passes or fails: machines are noisy.
"""

import argparse
import hashlib
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from controlmon.core.buckets import ListWriter
from controlmon.core.fact import Fact, Listing, Scope, Seen, Subject
from controlmon.core.times import stamp
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.record import Recorded

CHECKS = 60
START = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = Scope("aws", "123456789012", "us-east-1")
KINDS = ("aws.ec2.volume", "aws.ec2.snapshot", "aws.ec2.security_group", "aws.ec2.instance", "aws.iam.role", "aws.s3.bucket")
CALLED = {"aws.s3.bucket": 3}
"""Kinds of which each subject costs calls of its own, and every how manyth does; the others come in pages of 500."""


def entry(i: int, run: int) -> tuple[str, dict[str, Any]]:
    """A check entry of the usual length."""
    root = f"sha256:{hashlib.sha256(str(i).encode()).hexdigest()}"
    at = stamp(START + timedelta(hours=run, milliseconds=i))
    operation = {"operation": "ec2:DescribeVolumes", "parameters": {"MaxResults": 500}, "pages": 4, "count": 1666}
    scope = {"provider": "aws", "target": "123456789012", "region": "us-east-1"}
    statement = {
        "kind": KINDS[i % 6],
        "scope": scope,
        "root": root,
        "how": root,
        "count": 1666,
        "complete": True,
        "operations": [operation],
    }
    return f"check:aws.service.check_{i:02}@aws:123456789012:us-east-1", {
        "type": "check", "check": {"id": f"aws.service.check_{i:02}", "digest": root, "parameters": {}}, "scope": scope,
        "scheduled": stamp(START + timedelta(hours=run)), "clock": at, "started": at, "finished": at, "host": "collector-1",
        "agent": {"version": "0.1.0", "digest": root}, "identity": "arn:aws:sts::123456789012:assumed-role/controlmon-read/controlmon",
        "skew": 0, "populations": [statement], "outcomes": {"pass": 1660, "fail": 6, "unknown": 0, "not_applicable": 0},
        "failing": {"critical": 0, "high": 6, "medium": 0, "low": 0, "informational": 0}, "findings": {"root": root, "count": 1666},
    }  # fmt: skip


def append(batches: int) -> None:
    """Batches of 60 durable, hashed, compressed and signed entries; and the same rows by bare SQLite, turn by turn on the same disk."""
    with tempfile.TemporaryDirectory() as scratch:
        ledger = Ledger.open(Path(scratch) / "state")
        for warm in range(12):  # the dictionary is trained on the first 500
            ledger.append("warm", stamp(START), [entry(i, warm) for i in range(CHECKS)])
            with ledger.store.writing() as connection:
                ledger.state.train(connection)
        bare = sqlite3.connect(Path(scratch) / "bare.db", isolation_level=None)
        bare.execute("pragma journal_mode=wal")
        bare.execute("pragma synchronous=full")
        with sqlite3.connect(Path(scratch) / "state/ledger.db") as source:
            tables = ("entry", "entry_run", "entry_stream", "stream", "checkpoint")
            for (made,) in source.execute(f"select sql from sqlite_master where name in {tables} order by type desc"):
                bare.execute(made)
        source.close()
        ours, theirs = list[float](), list[float]()
        for batch in range(batches):
            entries = [entry(i, 12 + batch) for i in range(CHECKS)]
            began = time.perf_counter()
            ledger.append(f"run-{batch}", stamp(START + timedelta(hours=batch)), entries)
            ours.append(time.perf_counter() - began)
            rows, heads, checkpoint = _rows(Path(scratch) / "state/ledger.db")
            began = time.perf_counter()
            bare.execute("begin immediate")
            bare.executemany("insert into entry values (?, ?, ?, ?, ?, ?, ?)", rows)
            bare.executemany("insert or replace into stream values (?, ?, ?)", heads)
            bare.execute("insert into checkpoint values (?, ?, ?, ?, ?)", checkpoint)
            bare.execute("commit")
            theirs.append(time.perf_counter() - began)
        bare.close()
        ledger.close()
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"append    {CHECKS / a:9,.0f} entries/s ({a * 1000:.2f} ms a batch of {CHECKS})   bare {CHECKS / b:9,.0f}   ratio {ratio:.2f}")


def _rows(path: Path) -> tuple[list[Any], list[Any], Any]:
    """What the ledger wrote last, to the byte."""
    source = sqlite3.connect(path)
    rows = source.execute("select * from entry order by position desc limit ?", [CHECKS]).fetchall()[::-1]
    heads = source.execute("select * from stream where name like 'check:%'").fetchall()
    checkpoint = source.execute("select * from checkpoint order by size desc limit 1").fetchone()
    source.close()
    return rows, heads, checkpoint


def year(resources: int, runs: int) -> None:
    """Hourly runs over a company in which four of ten thousand resources change within the hour; what each costs, and a year of them."""
    rng = random.Random(7)
    versions = [0] * resources
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch) / "state"
        ledger = Ledger.open(state)
        concluded, recorded, sizes, calls = list[float](), list[float](), list[int](), 0
        for run in range(runs):
            for changed in rng.sample(range(resources), max(1, resources // 2500)):
                versions[changed] += 1
            began = time.perf_counter()
            calls = _record(ledger, f"run-{run}", versions, run, rng)
            entries, closed = _judge(ledger, f"run-{run}", run, resources)
            recorded.append(time.perf_counter() - began)
            finished = {"type": "run.finished", "scheduled": stamp(START + timedelta(hours=run)), "seen": closed}
            began = time.perf_counter()
            ledger.conclude(f"run-{run}", "finished", stamp(START + timedelta(hours=run, minutes=1)), [*entries, ("runs", finished)])
            concluded.append(time.perf_counter() - began)
            with ledger.store.engine.connect() as connection:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            sizes.append((state / "ledger.db").stat().st_size)
        ledger.close()
    growth = (sizes[-1] - sizes[runs // 2 - 1]) / (runs - runs // 2)
    print(f"cycle     conclude {statistics.median(concluded) * 1000:.0f} ms, record and seal {statistics.median(recorded):.2f} s: "
          f"{resources:,} resources, {calls:,} calls, {CHECKS} checks")  # fmt: skip
    print(f"year      {growth * 8760 / 1e9:.2f} GB (extrapolated: {growth / 1000:.0f} kB a run x 8,760; the first {sizes[0] / 1e6:.1f} MB)")


def _record(ledger: Ledger, run: str, versions: list[int], hour: int, rng: random.Random) -> int:
    """Facts as a collector gives them: pages of 500, and for some kinds a call for a subject. Gives the number of calls."""
    ledger.begin(run, None, stamp(START + timedelta(hours=hour)), [("runs", {"type": "run.started"})])
    recorder, calls, seen = ledger.recorder(run, {}), 0, Seen("", "")
    for i, version in enumerate(versions):
        kind = KINDS[i * len(KINDS) // len(versions)]
        if i % 500 == 0 or (kind in CALLED and i % CALLED[kind] == 0):
            calls += 1
            at = START + timedelta(hours=hour, milliseconds=calls * 7)
            seen = Seen(
                "service:Operation", stamp(at), str(uuid.UUID(int=rng.getrandbits(128))), f"{at:%a, %d %b %Y %H:%M:%S} GMT", calls % 9
            )
        name = f"resource-{i:06}"
        said = {"Id": name, "Version": version, "Encrypted": bool(i % 3), "Tags": [{"Key": "Name", "Value": f"{name} of team {i % 17}"}]}
        recorder.add(Fact(Subject(kind, f"arn:aws:x:us-east-1:123456789012:{name}", name, SCOPE, SCOPE.region), "described", said, seen))
    for kind in KINDS:
        recorder.add(Listing(kind, SCOPE, "service:List", len(versions) // len(KINDS), 4, ("described",), seen=seen))
    recorder.flush()
    return calls


def _judge(ledger: Ledger, run: str, hour: int, resources: int) -> tuple[list[Any], dict[str, Any]]:
    """Seal what was recorded and write the findings of 60 checks, as a cycle does, without the judging itself."""
    recorded: Recorded = ledger.recorded(run)
    keeper = ledger.keeper()
    seen = ledger.seen_writer(keeper)
    sealed = {kind: recorded.seal(kind, SCOPE, keeper, seen) for kind in KINDS}
    entries = []
    for i in range(CHECKS):
        stream, body = entry(i, hour)
        writer, each = ListWriter(keeper), resources // len(KINDS)
        for j in range(each):
            reason = "it is encrypted" if j % 100 else "it is not encrypted"
            who = {"subject": f"{i}-{j}", "kind": KINDS[i % 6], "name": f"r-{j}", "region": "us-east-1"}
            found_is = {"severity": "high", "outcome": "pass" if j % 100 else "fail", "reason": reason, "facts": []}
            writer.add(f"{i}|{j}", {**who, **found_is})
        found = writer.close()
        seen.times(stream, [body["clock"]] * each)
        population, how = sealed[KINDS[i % 6]]
        body["populations"][0] |= {"root": population.root, "how": how.root, "count": population.count}
        entries.append((stream, body | {"findings": {"root": found.root, "count": found.count}}))
    closed = seen.close()
    keeper.flush()
    return entries, closed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--resources", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=12)
    chosen = parser.parse_args()
    append(chosen.batches)
    year(chosen.resources, chosen.runs)


if __name__ == "__main__":
    main()
