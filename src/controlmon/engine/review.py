"""Access reviews, the pure part: what is frozen, what is suggested, what a sheet says, and which decisions hold."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from msgspec import Struct

from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import UsageError
from controlmon.core.times import stamp
from controlmon.facts.access.grant import Grant, Roster
from controlmon.facts.controlmon.reviews import Decision, SheetRow, quarter, quarter_end

DECISIONS = ("keep", "revoke", "modify")
FIXED = (
    *("id", "system", "scope", "person", "title", "manager", "account", "kind", "role", "rights", "path", "since", "last_used", "flags"),
    *("suggested", "why"),
)
"""Columns that are what was frozen: a sheet that says something else there is refused."""
FREE = ("decision", "reason", "change_to", "decided_at")
"""Columns that the reviewer fills in."""
COLUMNS = (*FIXED, *FREE)
HEADER = re.compile(
    r"controlmon review (?P<campaign>\S+) \| reviewer (?P<reviewer>\S+) \| snapshot (?P<snapshot>sha256:[0-9a-f]{64}) \| .*"
)
REMINDED = (30, 14, 7, 3, 2, 1, 0)
"""Days before the end of a quarter on which a review that is not signed off is told of."""
REVOKED = {
    "leaver": "they left the company",
    "not yet here": "they have not begun yet",
    "inactive": "it was not used for long",
    "unknown person": "nobody of the roster goes by this name",
}
"""Flags for which revoking is suggested, and why."""
CHECKED = {
    "admin": "it makes an administrator",
    "guest": "they are a guest",
    "no owner": "it is a machine's, and nobody owns it",
    "no ticket": "no approved request is registered",
}


def suggestion(grant: Grant) -> tuple[Literal["keep", "revoke"], str]:
    """What is suggested to the reviewer, and why."""
    against = [why for flag, why in REVOKED.items() if flag in grant.flags]
    if against:
        return "revoke", "; ".join(against)
    look = [why for flag, why in CHECKED.items() if flag in grant.flags]
    return "keep", f"look twice: {'; '.join(look)}" if look else "nothing speaks against it"


def freeze(
    grants: Mapping[str, Sequence[Grant]], roster: Roster, reviewers: Mapping[str, Sequence[str]], now: datetime
) -> dict[str, list[SheetRow]]:
    """The rows of each system, each given to the first of its reviewers who is not its subject.

    Args:
        grants: those of each system, with persons and flags.
        roster: who is who.
        reviewers: ids of who may decide about a system, its owner first.
        now: the clock.

    Raises:
        UsageError: if a reviewer is nobody of the roster or has left, or a row has no reviewer but its own subject.

    """
    for system in grants:
        for person in reviewers.get(system, ()):
            if person not in roster.rows or not roster.rows[person].is_active(now):
                raise UsageError(f"{system}: {person} cannot review: no active person of the roster has that id")
    return {
        system: [_row(grant, roster, _reviewer(grant, reviewers.get(system, ()))) for grant in several]
        for system, several in grants.items()
    }


def _reviewer(grant: Grant, several: Sequence[str]) -> str:
    if not several:
        raise UsageError(
            f"{grant.system} has no reviewer: name its owner in the register system_owners, or give --reviewer {grant.system}=PERSON"
        )
    found = next((one for one in several if not is_own(grant, one)), None)
    if found is None:
        raise UsageError(
            f"{grant.system}: {grant.person} would review their own access ({grant.role}): name a deputy in system_owners, "
            f"or give a second --reviewer {grant.system}=PERSON"
        )
    return found


def is_own(grant: Grant, reviewer: str) -> bool:
    """Whether a reviewer would decide about their own access. A machine's owner may decide about the machine."""
    return grant.kind != "service" and grant.person == reviewer


def _row(grant: Grant, roster: Roster, reviewer: str) -> SheetRow:
    row = roster.rows.get(grant.person) or roster.rows.get(grant.owner)
    suggested, why = suggestion(grant)
    return SheetRow(
        id=grant.id, grant=grant, person=row.name if row else "", title=row.role if row else "",
        manager=roster.name_of(row.manager) if row and row.manager else "", suggested=suggested, why=why, reviewer=reviewer,
    )  # fmt: skip


def snapshot_of(campaign: str, taken_at: str, lists: Mapping[str, Any]) -> str:
    """The digest that binds everything to what was frozen: the campaign, when it was seen, and the list of each system."""
    return digest(canonical({"campaign": campaign, "taken_at": taken_at, "lists": dict(lists)}))


def header(campaign: str, reviewer: str, snapshot: str, rows: int) -> str:
    """The first line of a sheet."""
    return f"controlmon review {campaign} | reviewer {reviewer} | snapshot {snapshot} | {rows} rows; fill in the last {len(FREE)} columns"


def cells(row: SheetRow) -> list[str]:
    """The fixed cells of a row."""
    grant = row.grant
    used = "not told" if grant.known is None else f"{_day(grant.used) or 'never'}, as known on {_day(grant.known)}"
    name = f"{row.person} ({grant.person or grant.owner})" if row.person else ""
    values = (
        *(row.id, grant.system, grant.scope, name, row.title, row.manager, grant.name, grant.kind, grant.role, grant.rights, grant.path),
        *(_day(grant.since) or "not told", used, ", ".join(grant.flags), row.suggested, row.why),
    )
    return [f"id {value}" if value.isdigit() else value for value in values]  # a spreadsheet would make a number of it


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%d %b %Y}"


class Sheet(Struct, frozen=True):
    """A sheet that came back: what it says it is, and its rows with the line of each."""

    campaign: str
    reviewer: str
    snapshot: str
    rows: tuple[tuple[int, dict[str, str]], ...]


def read(table: Sequence[Sequence[str]], name: str) -> Sheet:
    """A sheet from its cells. Raises `UsageError` if it is none."""
    found = HEADER.match(plain(table[0][0])) if table and table[0] else None
    if found is None:
        raise UsageError(f"{name}:1: the first line does not tell of a review: give a sheet that `controlmon review export` made")
    heads = [cell.strip() for cell in table[1]] if len(table) > 1 else []
    missing = [column for column in COLUMNS if column not in heads]
    if missing or len(set(filter(None, heads))) != len([*filter(None, heads)]):
        raise UsageError(
            f"{name}:2: the columns are not those of the sheet (missing: {', '.join(missing) or 'none, but one is there twice'})"
        )
    rows = []
    for number, line in enumerate(table[2:], start=3):
        said = {head: plain(cell) for head, cell in zip(heads, line, strict=False) if head}
        if any(said.values()):
            rows.append((number, {column: said.get(column, "") for column in COLUMNS}))
    return Sheet(found["campaign"], found["reviewer"], found["snapshot"], tuple(rows))


def plain(cell: str) -> str:
    """A cell without the mark that keeps a spreadsheet from taking it for a formula."""
    return cell.strip().removeprefix("'").strip()


def decisions_of(sheet: Sheet, mine: Sequence[SheetRow], opened: datetime, now: datetime) -> tuple[list[Decision], list[str]]:
    """The decisions of a sheet, and whatever is wrong with it, each as `line: what`. Order does not matter: rows are known by their ids.

    Args:
        sheet: what came back.
        mine: the rows that are the reviewer's to decide.
        opened: when the campaign was frozen.
        now: the clock; a decision that tells no time was made now.

    """
    # By the cell as it was written: an id of digits alone is guarded against spreadsheets, which would make a number of it.
    wanted = {plain(cells(row)[FIXED.index("id")]): row for row in mine}
    found: dict[str, Decision] = {}
    problems: list[str] = []
    for line, said in sheet.rows:
        row = wanted.get(said["id"])
        if row is None:
            problems.append(
                f"{line}: the row {said['id'] or 'without an id'} was added: it is none of those that were frozen for {sheet.reviewer}"
            )
        elif row.id in found:
            problems.append(f"{line}: the row {row.id} is there twice")
        else:
            problems += [f"{line}: {what}" for what in _wrong(row, said, sheet.reviewer)]
            at = _moment(said["decided_at"], now)
            if at is None or not opened <= at <= now:
                problems.append(
                    f"{line}: decided_at is {said['decided_at']}: write a time between {stamp(opened)} and now (RFC 3339), or nothing"
                )
            choice: Any = said["decision"].lower() if said["decision"].lower() in DECISIONS else "keep"  # a wrong one is a problem already
            found[row.id] = Decision(
                row=row.id, decision=choice, reason=said["reason"], change_to=said["change_to"] if choice == "modify" else "",
                by=sheet.reviewer, at=at or now,
            )  # fmt: skip
    problems += [f"0: the row {row.id} was removed ({row.grant.words})" for row in mine if row.id not in found]
    if not problems:
        problems += [f"0: {what}" for what in contradictions(mine, found.values())]
    return [found[row.id] for row in mine if row.id in found], problems


def _wrong(row: SheetRow, said: Mapping[str, str], reviewer: str) -> Iterator[str]:
    frozen = dict(zip(FIXED, map(plain, cells(row)), strict=True))
    for column in FIXED:
        if said[column] != frozen[column]:
            yield f"{column} was changed from {frozen[column]!r} to {said[column]!r} in the row {row.id}"
    choice = said["decision"].lower()
    if choice not in DECISIONS:
        told = f"is {said['decision']!r}" if choice else "is missing"
        yield f"the decision {told} in the row {row.id}: write keep, revoke or modify"
        return
    if is_own(row.grant, reviewer):
        yield f"the row {row.id} is about {reviewer}, who cannot decide about their own access"
    if row.needs_reason and not said["reason"]:
        yield f"the row {row.id} needs a reason ({', '.join(row.grant.flags)})"
    if choice == "modify" and not said["change_to"]:
        yield f"the row {row.id} is to be modified: write the role that it is to become under change_to"
    if choice == "modify" and said["change_to"] == row.grant.role:
        yield f"the row {row.id} is to be modified to what it is"


def contradictions(rows: Iterable[SheetRow], decisions: Iterable[Decision]) -> Iterator[str]:
    """Access that is taken away on one path and kept on another: taking it away would change nothing."""
    chosen = {one.row: one.decision for one in decisions}
    kept = {row.grant.access: row for row in rows if chosen.get(row.id) == "keep"}
    for row in rows:
        if chosen.get(row.id) in ("revoke", "modify") and row.grant.access in kept:
            other = kept[row.grant.access]
            yield f"{row.id} ({row.grant.path}) is taken away, and {other.id} ({other.grant.path}) keeps the same access: decide alike"


def _moment(text: str, now: datetime) -> datetime | None:
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def name_of(existing: Iterable[str], now: datetime) -> str:
    """The id of the next campaign: the quarter, with a number from the second on."""
    known, first = set(existing), quarter(now)
    return next(one for one in (first, *(f"{first}-{n}" for n in range(2, len(known) + 3))) if one not in known)


def days_left(now: datetime) -> int:
    """Days until the calendar quarter is over; 0 on its last."""
    return (quarter_end(now) - now.date()).days


def reminders(signed: Mapping[str, date | None], now: datetime) -> list[str]:
    """What to remind of today: systems whose review is not signed off in this quarter, on some days before it is over.

    Args:
        signed: the day of the last sign-off of each declared system.
        now: the clock.

    """
    left = days_left(now)
    late = sorted(system for system, day in signed.items() if day is None or quarter(day) != quarter(now))
    if left not in REMINDED or not late:
        return []
    when = "today" if not left else f"in {left} day{'s' if left > 1 else ''}"
    return [f"{quarter(now)} ends {when}: no access review is signed off for {', '.join(late)}"]
