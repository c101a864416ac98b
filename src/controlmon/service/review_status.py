"""How far the campaigns are, and what to remind of before a quarter is over."""

from datetime import date, datetime, timedelta
from typing import Any

from controlmon.engine import review as pure
from controlmon.facts.controlmon.reviews import quarter
from controlmon.ledger.reader import Reader
from controlmon.service.config import Config
from controlmon.service.review_own import declared
from controlmon.service.review_record import Campaigns, Recorded, signed_at

OPEN = timedelta(days=14)
"""How long after its snapshot a review may be signed off."""


def progress(config: Config, now: datetime) -> list[dict[str, Any]]:
    """A row for each campaign, system and reviewer, the newest first; and one for each declared system without a review in this quarter."""
    reader = Reader.of(config.state_directory)
    if reader is None:
        return _without(declared(config), now)
    try:
        known = Campaigns(reader)
        told = [row for campaign in reversed(known.every) for row in _rows(known, campaign, now)]
        here = {system for one in known.every if quarter(one.opened_at) == quarter(now) for system in one.systems}
        return [*_without([system for system in declared(config) if system not in here], now), *told]
    finally:
        reader.close()


def _without(systems: Any, now: datetime) -> list[dict[str, Any]]:  # noqa: ANN401 - names
    empty = {"campaign": "", "reviewer": "", "rows": 0, "decided": 0, "revoked": 0, "signed_at": None, "snapshot": None}
    return [{"state": "no review", "system": system, "days_left": pure.days_left(now), **empty} for system in systems]


def _rows(known: Campaigns, campaign: Recorded, now: datetime) -> list[dict[str, Any]]:
    told = []
    for system, said in campaign.systems.items():
        ids = {row.id: row.reviewer for row in known.rows(campaign, system)}
        for person, rows in said["reviewers"].items():
            mine = [one for one in known.decisions(campaign, person) if ids.get(one.row) == person]
            until = campaign.opened_at + OPEN
            signed = campaign.signed.get(person)
            late = now > until and not _superseded(known, campaign, system)
            state = (
                "signed" if signed else "overdue" if late else "decided" if len(mine) == rows and person in campaign.decided else "waiting"
            )
            told.append({
                "state": state, "campaign": campaign.id, "system": system, "reviewer": person, "rows": rows, "decided": len(mine),
                "revoked": sum(one.decision != "keep" for one in mine), "signed_at": signed["at"] if signed else None,
                "days_left": None if signed else (until.date() - now.date()).days, "snapshot": campaign.opened["snapshot"],
            })  # fmt: skip
    return told


def _superseded(known: Campaigns, campaign: Recorded, system: str) -> bool:
    """Whether a later campaign of the system took its place."""
    newest = known.newest(system)
    return newest is not None and newest.id != campaign.id


def reminders(config: Config, now: datetime) -> list[str]:
    """What to remind of today. Raises `LedgerError` if the ledger cannot be read."""
    reader = Reader.of(config.state_directory)
    if reader is None:
        return pure.reminders(dict.fromkeys(declared(config)), now)
    try:
        known = Campaigns(reader)
        return pure.reminders({system: _day(known.newest(system, whole=True), system) for system in declared(config)}, now)
    finally:
        reader.close()


def _day(campaign: Recorded | None, system: str) -> date | None:
    return None if campaign is None else signed_at(campaign, system).date()
