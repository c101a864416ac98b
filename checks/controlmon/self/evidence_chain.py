"""The record holds from its first entry, what lies outside of this host agrees with it, and it is kept for as long as it has to be.

A chain of hashes that only its owner can check proves that the owner can compute hashes. So each proof that was given outside, by a time
stamp, a witness or a locked copy, is held against the checkpoint that it is of, and what no proof covers yet may not be old.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, passed, waiting
from controlmon.facts.controlmon.ledger import Record

HELD: dict[str, object] = {"entries": 900, "pieces": 4000, "begun": "2026-01-01T00:00:00Z"}
OUTSIDE: dict[str, object] = {"places": ["witness https://w.example"], "proofs": 300, "behind": 4, "since": "2026-11-23T11:00:00Z"}


def case(held: dict[str, object] | None = None, outside: dict[str, object] | None = None, **kept: object) -> Record:
    verification, anchored = HELD | (held or {}), OUTSIDE | (outside or {})
    return Record.example(id="ledger", verification=verification, anchored=anchored, kept={"days": 2190} | kept)


@check(
    title="Evidence is complete and unaltered",
    severity="critical",
    reads=[Record.verification, Record.anchored, Record.kept],
    remediation="Restore the record from the locked copy, and open an incident; `controlmon ledger verify` tells all that is wrong.",
    proves="Signatures, tree, streams and state of the whole record under the key of this host, and each proof outside against it; the "
    "signature of a time stamp only where the configuration names the authority's `ca`, a locked copy by its receipt. Whoever has the key "
    "and this file can make anew what no proof covers.",
    passes=[case(), case(dropped_after=2191), case(outside={"behind": 0, "since": None})],
    fails=[
        case({"problems": ["(2) entry 7: its bytes are not the leaf that was logged"]}),
        case(outside={"wrong": ["witness https://w.example of 9 entries: it is of a checkpoint that this record does not have"]}),
        case(outside={"places": [], "proofs": 0}),
        case(outside={"since": "2026-11-21T11:00:00Z"}),
        case(days=365),
        case(dropped_after=400),
    ],
)
def judge(record: Record, now: datetime, *, retention_days: int = 2190, max_anchor_hours: int = 48) -> Verdict:
    held, outside, kept = record.verification, record.anchored, record.kept
    most = timedelta(hours=max_anchor_hours)
    if held.problems:
        more = f", and {len(held.problems) - 1} more" if len(held.problems) > 1 else ""
        return failed(f"it does not hold: {held.problems[0]}{more}")
    if not held.entries or held.begun is None:
        return waiting("nothing is recorded yet", due=(now + timedelta(days=1)).date())
    if outside.wrong:
        return failed(f"a proof does not match: {outside.wrong[0]}")
    if kept.days < retention_days:
        return failed(f"it is kept for {kept.days} days, and {retention_days} are required")
    if kept.dropped_after is not None and kept.dropped_after < retention_days:
        return failed(f"entries were dropped after {kept.dropped_after} days, and {retention_days} are required")
    if not outside.proofs:
        if outside.places and now - held.begun <= most:
            return waiting("no anchor has seen it yet", due=(held.begun + most).date())
        why = "no anchor has given a proof" if outside.places else "no anchor is configured"
        return failed(f"{why}: nothing outside of this host has seen it")
    if outside.since is not None and now - outside.since > most:
        return failed(
            f"the {outside.behind} entries since {outside.since:%Y-%m-%d %H:%M} are not anchored: {max_anchor_hours} h are the most"
        )
    return passed(f"{held.entries} entries and {held.pieces} pieces of state hold, and {outside.proofs} proofs outside of this host match")
