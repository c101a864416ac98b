"""Campaigns of access reviews, step by step: open, export, import, sign. Each step is an entry; nothing is ever changed in place."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, convert, to_builtins

from controlmon.core.buckets import ListWriter
from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import UsageError
from controlmon.core.times import moment, stamp
from controlmon.engine import review as pure
from controlmon.facts.controlmon.reviews import Decision, SheetRow, quarter
from controlmon.ledger.ledger import Ledger
from controlmon.report.review_sheet import as_csv, as_xlsx
from controlmon.service.review_record import DECIDED, EXPORTED, OPENED, SIGNED, STREAM, Campaigns, Recorded
from controlmon.service.review_seen import Seen

MEANING = "I reviewed this access and decided about each row"
RUN = "review"
SKEW = timedelta(seconds=1)


class Imported(Struct, frozen=True):
    """What came of an import: how many rows were decided how, the seconds since the sheet was made, and those between decisions."""

    campaign: str
    reviewer: str
    counts: dict[str, int]
    seconds: int | None
    spread: int
    again: bool


def open_(ledger: Ledger, seen: Seen, reviewers: Mapping[str, Sequence[str]], now: datetime, name: str = "") -> Recorded:
    """Freeze what a run saw.

    Args:
        ledger: where it is kept.
        seen: the grants of each system, and why others are missing.
        reviewers: who decides about a system, instead of those of the register.
        now: the clock.
        name: the id of the campaign; the quarter, if empty.

    Raises:
        UsageError: if nothing was seen, the id is taken, or a row has no reviewer who is not its subject.

    """
    if not seen.grants:
        raise UsageError(f"no system could be seen whole: {'; '.join(f'{system}: {why}' for system, why in seen.missing.items())}")
    known = [one.id for one in Campaigns(ledger).every]
    campaign = name or pure.name_of(known, now)
    if campaign in known:
        raise UsageError(f"there is a campaign {campaign} already: give another --id")
    deciding = {system: tuple(reviewers.get(system) or seen.owners.get(system, ())) for system in seen.grants}
    frozen = pure.freeze(seen.grants, seen.roster, deciding, now)
    lists = {system: _kept(ledger, several) for system, several in frozen.items()}
    counts = {system: _counts(several, deciding[system]) for system, several in frozen.items()}
    people = {person: seen.roster.name_of(person) for several in counts.values() for person in several}
    entry = {
        "type": OPENED, "campaign": campaign, "period": quarter(now), "at": stamp(now), "taken_at": stamp(seen.at), "source": seen.run,
        "snapshot": pure.snapshot_of(campaign, stamp(seen.at), lists), "seen": lists, "people": people, "missing": dict(seen.missing),
        "systems": {system: {"rows": len(several), "reviewers": counts[system]} for system, several in frozen.items()},
    }  # fmt: skip
    ledger.append(RUN, stamp(now), [(f"{STREAM}{campaign}", entry)])
    return Recorded(campaign, entry)


def _kept(ledger: Ledger, rows: Sequence[SheetRow]) -> dict[str, Any]:

    keeper = ledger.keeper()
    out = ListWriter(keeper)
    for row in rows:
        out.add(row.id, to_builtins(row))
    kept = out.close()
    keeper.flush()
    return {"root": kept.root, "count": kept.count}


def _counts(rows: Sequence[SheetRow], reviewers: Sequence[str]) -> dict[str, int]:
    """How many rows each decides about. A system without a row has to be signed off too: by its owner."""
    counts = dict.fromkeys(reviewers[:1], 0) if not rows else {}
    for row in rows:
        counts[row.reviewer] = counts.get(row.reviewer, 0) + 1
    return counts


def export(ledger: Ledger, campaign: Recorded, reviewer: str, directory: Path, now: datetime) -> list[Path]:
    """Write a reviewer's sheet as XLSX and CSV, and record which.

    Raises:
        UsageError: if that person decides about nothing of the campaign, or the files cannot be written.

    """
    _assigned(campaign, reviewer)
    rows = Campaigns(ledger).mine(campaign, reviewer)
    head = pure.header(campaign.id, reviewer, campaign.opened["snapshot"], len(rows))
    made = {"csv": as_csv(head, rows), "xlsx": as_xlsx(head, rows)}
    paths = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for form, content in made.items():
            paths.append(directory / f"{campaign.id}-{reviewer.replace('/', '_')}.{form}")
            paths[-1].write_bytes(content)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror or error}: give a directory that can be written") from error
    systems = {system: said["reviewers"][reviewer] for system, said in campaign.systems.items() if reviewer in said["reviewers"]}
    entry = {
        "type": EXPORTED, "campaign": campaign.id, "at": stamp(now), "reviewer": reviewer, "rows": len(rows), "systems": systems,
        "snapshot": campaign.opened["snapshot"], "content": digest(made["csv"]), "xlsx": digest(made["xlsx"]),
    }  # fmt: skip
    ledger.append(RUN, stamp(now), [(f"{STREAM}{campaign.id}", entry)], [made["csv"]])
    return paths


def import_(
    ledger: Ledger, table: Sequence[Sequence[str]], raw: bytes, name: str, now: datetime, by: str = ""
) -> tuple[Imported, list[str]]:
    """Take the decisions of a sheet; nothing is recorded unless all of it holds. Gives what is wrong with it, each as `line: what`.

    Args:
        ledger: where they are kept.
        table: the cells of the sheet.
        raw: the file as it came, which is kept with them.
        name: what the file is called.
        now: the clock.
        by: who says that the decisions are theirs; whom the sheet names, if empty.

    Raises:
        UsageError: if it is no sheet, or one of another campaign, snapshot or reviewer, or of one who signed already.

    """
    sheet = pure.read(table, name)
    known = Campaigns(ledger)
    campaign = known.get(sheet.campaign)
    if sheet.snapshot != campaign.opened["snapshot"]:
        raise UsageError(f"{name}:1: the sheet is of another snapshot than {campaign.id}: export it again, and decide on what was frozen")
    if by and by != sheet.reviewer:
        raise UsageError(f"{name}:1: the sheet is {sheet.reviewer}'s, not {by}'s: only they may decide about its rows")
    _assigned(campaign, sheet.reviewer, f"{name}:1: ")
    mine = known.mine(campaign, sheet.reviewer)
    found, problems = pure.decisions_of(sheet, mine, campaign.opened_at - SKEW, now)
    before = known.decisions(campaign, sheet.reviewer)
    if sheet.reviewer in campaign.signed:
        changed = sum(_said(one) not in set(map(_said, before)) for one in found) + len(problems)
        raise UsageError(
            f"{name}: {sheet.reviewer} signed {campaign.id} on {campaign.signed[sheet.reviewer]['at']}, and {changed} things in it are "
            "not as they were signed: what was signed stays, and `controlmon review open` begins another review"
        )
    times = [one.at for one in found]
    made = max((moment(one["at"]) for one in campaign.exported if one["reviewer"] == sheet.reviewer), default=None)
    seconds = int((now - made).total_seconds()) if made else None
    counts = {choice: sum(one.decision == choice for one in found) for choice in pure.DECISIONS}
    spread = int((max(times) - min(times)).total_seconds()) if times else 0
    told_of = Imported(campaign.id, sheet.reviewer, counts, seconds, spread, bool(before))
    if problems:
        return told_of, problems
    said = {"campaign": campaign.id, "reviewer": sheet.reviewer, "snapshot": sheet.snapshot, "decisions": to_builtins(found)}
    content = canonical(said)
    entry = {
        "type": DECIDED, "campaign": campaign.id, "at": stamp(now), "reviewer": sheet.reviewer, "snapshot": sheet.snapshot,
        "counts": counts, "content": digest(content), "receipt": digest(raw), "file": Path(name).name, "seconds": seconds, "spread": spread,
    }  # fmt: skip
    ledger.append(RUN, stamp(now), [(f"{STREAM}{campaign.id}", entry)], [content, raw])
    return told_of, []


def _said(one: Decision) -> tuple[str, str, str, str]:
    return one.row, one.decision, one.reason, one.change_to


def sign(ledger: Ledger, campaign: Recorded, by: str, now: datetime, meaning: str = MEANING) -> dict[str, Any]:
    """Sign what somebody decided: name, time and meaning, bound to the digest of the decisions. Gives the entry.

    Raises:
        UsageError: if they decide about nothing of it, signed already, left a row undecided, or decided about their own access.

    """
    _assigned(campaign, by)
    if not meaning.strip():
        raise UsageError("--meaning is empty: say what the signature stands for")
    if by in campaign.signed:
        raise UsageError(f"{by} signed {campaign.id} on {campaign.signed[by]['at']} already")
    entry = campaign.decided.get(by)
    if entry is None:
        raise UsageError(f"{by} has decided nothing of {campaign.id} yet: `controlmon review import` takes their sheet")
    rows = Campaigns(ledger).mine(campaign, by)
    decided = {one.row for one in convert(json.loads(ledger.blob(entry["content"]))["decisions"], list[Decision])}
    if own := [row.id for row in rows if pure.is_own(row.grant, by)]:
        raise UsageError(f"{by} is the subject of {', '.join(own)}, and cannot sign that: another person has to")
    if left := [row.id for row in rows if row.id not in decided]:
        raise UsageError(f"{len(left)} rows are not decided: {', '.join(left[:3])}")
    signed = {
        "type": SIGNED, "campaign": campaign.id, "at": stamp(now), "by": by, "name": campaign.opened["people"].get(by, by),
        "meaning": meaning.strip(), "decisions": entry["content"], "snapshot": campaign.opened["snapshot"], "rows": len(rows),
    }  # fmt: skip
    ledger.append(RUN, stamp(now), [(f"{STREAM}{campaign.id}", signed)])
    return signed


def _assigned(campaign: Recorded, person: str, where: str = "") -> None:
    several = campaign.reviewers()
    if person not in several:
        raise UsageError(f"{where}{person} decides about nothing of {campaign.id}: its reviewers are {', '.join(sorted(several))}")
