"""What a year in one file costs: exporting it, verifying it, making every judgement again. Time, memory at its highest, and size.

`python benchmarks/bundle.py [--hours 8760] [--checks 60] [--subjects 10000] [--keep DIRECTORY]`: hourly runs of so many checks over so many
subjects, in kinds of a thousand; every fourth hour some subjects of one kind change. Nothing here passes or fails: machines are noisy.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from controlmon.core.buckets import ListRef, ListWriter
from controlmon.core.canonical import canonical, digest
from controlmon.core.times import stamp
from controlmon.ledger.ledger import Ledger
from controlmon.service.software import agent_digest

START = datetime(2026, 1, 1, tzinfo=UTC)
WHERE = {"provider": "aws", "target": "123456789012", "region": ""}
EACH = 1000
SOURCE = '''"""Synthetic {n}."""
from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.base import Kind, aspect


class Thing(Kind, name="aws.thing.kind{kind}"):
    """A thing."""

    @aspect()
    def settings(raw: dict) -> int:
        return raw["Level"]


@check(title="t", severity="low", reads=[Thing.settings], remediation="r", proves="p", frequency="hourly", passes=Thing.example(settings=1),
       fails=Thing.example(settings=0))
def judge(thing: Thing) -> Verdict:
    return (passed if thing.settings % 10 else failed)(f"it is at {{thing.settings}} ({n})")
'''


@dataclass
class Kind:
    """A thousand subjects, and the lists about them as they were last."""

    number: int
    levels: list[int]
    statement: dict[str, Any] = field(default_factory=dict)
    findings: dict[int, tuple[ListRef, dict[str, int]]] = field(default_factory=dict)

    def answer(self, i: int) -> bytes:
        noise = Random(self.number * EACH + i)
        tags = [{"Key": f"tag{k}", "Value": f"{noise.getrandbits(64):x}"} for k in range(6)]
        return canonical({"Level": self.levels[i], "Arn": self.name(i), "Tags": tags, "State": "available", "Encrypted": True})

    def name(self, i: int) -> str:
        return f"arn:aws:thing:us-east-1:123456789012:kind{self.number}/{i:06}"

    def seal(self, keep: Any, checks: list[int], many: int) -> None:
        rows, how = ListWriter(keep), ListWriter(keep)
        states = [keep(self.answer(i)) for i in range(len(self.levels))]
        for i, state in enumerate(states):
            rows.add(self.name(i), {"id": self.name(i), "name": f"{i:06}", "region": "", "aspects": {"settings": {"state": state}}})
            how.add(self.name(i), {"settings": i // many})
        population, calls = rows.close(), how.close()
        kind = f"aws.thing.kind{self.number}"
        operation = {"operation": "thing:Describe", "parameters": {}, "pages": 10, "count": population.count}
        self.statement = {
            "kind": kind, "scope": WHERE, "root": population.root, "count": population.count, "complete": True, "how": calls.root,
            "operations": [operation],
        }  # fmt: skip
        for n in checks:
            found = ListWriter(keep)
            failing = 0
            for i, state in enumerate(states):
                level = self.levels[i]
                failing += not level % 10
                found.add(f"{kind}|{self.name(i)}", {
                    "subject": self.name(i), "kind": kind, "name": f"{i:06}", "region": "", "outcome": "pass" if level % 10 else "fail",
                    "severity": "low", "reason": f"it is at {level} ({n})", "facts": [state],
                })  # fmt: skip
            outcomes = {"pass": len(states) - failing, "fail": failing, "unknown": 0, "not_applicable": 0}
            self.findings[n] = (found.close(), outcomes)


def fill(directory: Path, hours: int, checks: int, subjects: int) -> None:
    """A ledger, recorded as `cycle` would have."""
    ledger, rng, many = Ledger.open(directory / "state"), Random(7), 100
    count = max(1, subjects // EACH)
    kinds = [Kind(n, [rng.randrange(1000) for _ in range(min(EACH, subjects))]) for n in range(count)]
    sources = {n: SOURCE.format(n=n, kind=n % count).encode() for n in range(checks)}
    for n, source in sources.items():
        path = directory / f"checks/aws/thing/check{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source)
    schedule = canonical({"frequencies": {"hourly": sorted(f"aws.thing.check{n}" for n in sources)}, "targets": []})
    told = {"type": "schedule", "at": stamp(START), "content": digest(schedule)}
    ledger.append("daemon", stamp(START), [("schedule", told)], [schedule, *sources.values()])
    agent = {"host": "h", "agent": {"version": "0.1.0", "digest": agent_digest()}}
    for hour in range(hours):
        at = stamp(START + timedelta(hours=hour))
        keeper = ledger.keeper()
        turned = kinds if not hour else [kinds[hour // 4 % count]] if not hour % 4 else []
        for kind in turned:
            for i in rng.sample(range(len(kind.levels)), 5):
                kind.levels[i] = rng.randrange(1000)
            kind.seal(keeper, [n for n in sources if n % count == kind.number], many)
        seen = ledger.seen_writer(keeper)
        for kind in kinds:
            for n in range(-(-len(kind.levels) // many)):
                said = [
                    f"aws.thing.kind{kind.number}",
                    "aws|123456789012|",
                    n,
                    "thing:Describe",
                    stamp(START + timedelta(hours=hour, seconds=n)),
                ]
                seen._calls.add(  # noqa: SLF001 - as `Calls` would
                    f"{kind.number}|{n}", [*said, f"request-{rng.getrandbits(64):x}", "", n, "https://thing.example"]
                )
        entries: list[tuple[str, dict[str, Any]]] = []
        for n, source in sources.items():
            kind, stream = kinds[n % count], f"check:aws.thing.check{n}@aws:123456789012"
            found, outcomes = kind.findings[n]
            seen.times(stream, [stamp(START + timedelta(hours=hour, seconds=i // many)) for i in range(found.count)])
            entries.append((stream, {
                "type": "check", "check": {"id": f"aws.thing.check{n}", "digest": digest(source), "parameters": {}}, "scope": WHERE,
                "scheduled": at, "clock": at, "started": at, "finished": at, **agent, "skew": 0, "populations": [kind.statement],
                "identity": "arn:aws:sts::123456789012:assumed-role/controlmon-read/controlmon", "outcomes": outcomes,
                "failing": {"low": outcomes["fail"]}, "findings": {"root": found.root, "count": found.count},
            }))  # fmt: skip
        closed = seen.close()
        keeper.flush()
        totals = {name: sum(e["outcomes"][name] for _, e in entries) for name in ("pass", "fail", "unknown", "not_applicable")}
        started = {"type": "run.started", "scheduled": at, "started": at, **agent, "frequencies": ["hourly"], "adhoc": False}
        ended = {"type": "run.finished", "scheduled": at, "started": at, "finished": at, "outcomes": totals, "seen": closed}
        ledger.append(f"run-{hour}", at, [("runs", started), *entries, ("runs", ended)])
    with ledger.store.writing() as connection:
        ledger.state.train(connection)
    ledger.close()


def export(directory: Path) -> None:
    from controlmon.ledger.bundle.write import Period, write

    ledger = Ledger.open(directory / "state")
    with (directory / "b.zip").open("wb") as out:
        written = write(ledger, out, Period("2020-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z"))
    print(f"  {written.shown:,} entries, {written.pieces:,} pieces")
    with Path(directory / "key").open("w") as key:
        key.write(ledger.verifier_key)
    ledger.close()


def verify(directory: Path) -> None:
    from controlmon.ledger.offline.verify import main

    print("  exit", main([str(directory / "b.zip"), "--key", (directory / "key").read_text(), "--json"]) and "1")


def replay(directory: Path) -> None:
    from controlmon.ledger.bundle.read import Bundle
    from controlmon.service.checks import load_checks
    from controlmon.service.replay import Sources
    from controlmon.service.replay import replay as again

    with Bundle.open(directory / "b.zip") as bundle:
        found = again(bundle, Sources(load_checks([directory / "checks"]), bundle, bundled=False))
    print(f"  {found.judgements:,} judgements, {found.identical:,} identical, {len(found.differences)} differences")


STEPS = {"export": export, "replay": replay, "verify": verify}


def measured() -> Iterator[str]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=int, default=8760)
    parser.add_argument("--checks", type=int, default=60)
    parser.add_argument("--subjects", type=int, default=10000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--step", choices=STEPS)
    given = parser.parse_args()
    if given.step:
        began = time.perf_counter()
        STEPS[given.step](given.keep)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield f"{given.step:8} {time.perf_counter() - began:8.1f} s {peak:6.0f} MB at most"
        return
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch)
        if not (place / "state").exists():
            fill(place, given.hours, given.checks, given.subjects)
        for step in STEPS:
            subprocess.run([sys.executable, __file__, "--step", step, "--keep", str(place)], check=True)
        yield f"ledger {(place / 'state/ledger.db').stat().st_size / 1e6:,.0f} MB, bundle {(place / 'b.zip').stat().st_size / 1e6:,.1f} MB"


if __name__ == "__main__":
    for line in measured():
        print(line, flush=True)
