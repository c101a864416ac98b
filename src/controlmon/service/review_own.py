"""What checks are told of access reviews: how each declared system stands, and what became of what was taken away."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import to_builtins

from controlmon.core.fact import Raw
from controlmon.core.times import moment
from controlmon.facts.controlmon.reviews import GONE, SYSTEMS, Campaign, Decision, Look, Ordered, Reviewed, SheetRow, Standing
from controlmon.ledger.reader import Reader
from controlmon.service.config import Config
from controlmon.service.review_record import Campaigns, Recorded, signed_at

POPULATION = "cross.access_review.population_complete"
EXECUTED = "cross.access_review.revocations_executed"
BEGINNING = f"check:{EXECUTED}@"


def declared(config: Config) -> tuple[str, ...]:
    """The systems in the scope of reviews: the parameter `systems` of the check of the population, else those that the company uses."""
    return tuple(config.settings.checks.parameters.get(POPULATION, {}).get("systems", config.settings.systems or SYSTEMS))


def standings(config: Config, _now: datetime) -> Raw:
    """Each declared system with its campaigns, its rows and decisions."""
    reader = Reader.of(config.state_directory)
    if reader is None:
        return {"systems": [_said(name, Standing(), Reviewed()) for name in declared(config)]}
    try:
        known = Campaigns(reader)
        head = next(reader.heads(), None)
        since = moment(head.at) if head else None
        return {"systems": [_said(name, _standing(known, name, since), _reviewed(known, name)) for name in declared(config)]}
    finally:
        reader.close()


def _said(system: str, standing: Standing, reviewed: Reviewed) -> dict[str, Any]:
    return {"system": system, "standing": to_builtins(standing), "reviewed": to_builtins(reviewed)}


def _standing(known: Campaigns, system: str, since: datetime | None) -> Standing:
    newest, signed = known.newest(system), known.newest(system, whole=True)
    return Standing(since=since, newest=_told(known, newest, system), signed=_told(known, signed, system))


def _told(known: Campaigns, campaign: Recorded | None, system: str) -> Campaign | None:
    if campaign is None:
        return None
    return campaign.of(system, {person: known.spread(campaign, person) for person in campaign.decided})


def _reviewed(known: Campaigns, system: str) -> Reviewed:
    signed = known.newest(system, whole=True)
    campaign = signed or known.newest(system)
    if campaign is None:
        return Reviewed()
    frozen = known.rows(campaign, system)
    ids = {row.id for row in frozen}
    decisions = [one for person in campaign.reviewers(system) for one in known.decisions(campaign, person) if one.row in ids]
    return Reviewed(campaign=campaign.id, signed=signed is not None, rows=tuple(frozen), decisions=tuple(decisions))


def revocations(config: Config, _now: datetime) -> Raw:
    """Each row that the last signed review of a declared system took away or changed, and what runs found of it since."""
    reader = Reader.of(config.state_directory)
    if reader is None:
        return {"revocations": []}
    try:
        known = Campaigns(reader)
        found = [one for system in declared(config) for one in _ordered(known, system)]
        since = min((at for _, _, _, at in found), default=None)
        seen = _looks(reader, since) if since else {}
        return {"revocations": [_revocation(*one, seen) for one in found]}
    finally:
        reader.close()


def _ordered(known: Campaigns, system: str) -> Iterator[tuple[str, SheetRow, Decision, datetime]]:
    campaign = known.newest(system, whole=True)
    if campaign is None:
        return
    frozen = {row.id: row for row in known.rows(campaign, system)}
    for person in campaign.reviewers(system):
        for one in known.decisions(campaign, person):
            if one.row in frozen and one.decision != "keep":
                yield campaign.id, frozen[one.row], one, signed_at(campaign, system)


def _revocation(campaign: str, row: SheetRow, decision: Decision, at: datetime, seen: dict[str, list[Look]]) -> dict[str, Any]:
    name = f"{campaign}/{row.id}"
    looks = tuple(look for look in seen.get(name, ()) if look.at >= at)
    ordered = Ordered(campaign=campaign, row=row, decision=decision, signed_at=at, looks=looks)
    return {"id": name, "name": row.grant.words, "ordered": to_builtins(ordered)}


def _looks(reader: Reader, since: datetime) -> dict[str, list[Look]]:
    """What runs found of each revocation: where that changed, the last look before and the first after."""
    found: dict[str, list[Look]] = {}
    for last in reader.latest(BEGINNING):
        if last["stream"].endswith("~adhoc"):
            continue
        root, told = "", dict[str, bool]()
        for entry in reader.stream(last["stream"]):
            at = moment(entry["clock"])
            if at < since:
                continue
            if entry["findings"]["root"] != root:
                root = entry["findings"]["root"]
                judged = (row for row in reader.rows(root) if row["kind"] != "scope" and row["outcome"] != "unknown")
                told = {row["subject"]: row["reason"].startswith(GONE) for row in judged}
            for subject, gone in told.items():
                found.setdefault(subject, []).append(Look(at=at, gone=gone))
    return {subject: list(_ends(several)) for subject, several in found.items()}


def _ends(several: list[Look]) -> Iterator[Look]:
    """The first of those that say the same, and the last of them once something else was said."""
    ordered = sorted(several, key=lambda look: look.at)
    groups = [list(group) for _, group in groupby(ordered, key=lambda look: look.gone)]
    for i, group in enumerate(groups):
        yield group[0]
        if i < len(groups) - 1 and len(group) > 1:
            yield group[-1]
