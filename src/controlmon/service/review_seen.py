"""What a review freezes: the grants of each system as one run recorded them, made by the same functions that checks use."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from controlmon.core.errors import UsageError
from controlmon.core.fact import Gap, GapKind
from controlmon.core.times import moment
from controlmon.engine.catalog import Catalog
from controlmon.facts.access.grant import Grant, Roster
from controlmon.facts.access.live import CONNECTED, KINDS, PROVIDERS, Live
from controlmon.facts.access.uploads import listed_at
from controlmon.facts.base import All, Kind, Unseen
from controlmon.facts.document.access import Access
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import SystemOwner
from controlmon.ledger.ledger import Ledger
from controlmon.service import flow, providers
from controlmon.service.checks import Registry
from controlmon.service.config import Config
from controlmon.service.cycle import Clock, Request, cycle
from controlmon.service.evidence import Pieces, Rebuilt
from controlmon.service.evidence import Seen as HowSeen
from controlmon.service.readback import statements_in
from controlmon.service.review_own import POPULATION, declared

CHECKS = (POPULATION, "cross.access_review.reviewer_sheet")
"""The checks that read between them all that a review needs: the access, the roster, the owners."""
K = TypeVar("K", bound=Kind)


class Seen(Struct, frozen=True):
    """What a run saw: the grants of the systems that it saw whole, why others are missing, who is who, who owns what."""

    run: str
    at: datetime
    grants: Mapping[str, Sequence[Grant]]
    missing: Mapping[str, str]
    roster: Roster
    owners: Mapping[str, Sequence[str]]


def see(config: Config, registry: Registry, catalog: Catalog, ledger: Ledger, systems: Collection[str], clock: Clock) -> Seen:
    """Run what a review needs, and read it back from the record.

    Args:
        config: names the targets.
        registry: the installed checks.
        catalog: the catalog in force.
        ledger: where the run is recorded.
        systems: which systems; none for all that are declared.
        clock: the time.

    Raises:
        UsageError: if the roster was not seen.
        LedgerError: if the ledger does not take the run.

    """
    wanted = tuple(systems) or declared(config)
    overrides = {POPULATION: {"systems": list(wanted)}} if systems else {}
    checks = [registry.get(check) for check in CHECKS]
    needed = {"controlmon", "document", *(PROVIDERS[system] for system in wanted if system in PROVIDERS)}
    asked = [provider for provider in flow.asked(config, checks) if provider in needed]
    services = [service for provider in asked for service in providers.services(provider)]
    request = Request(
        config.selected(checks, overrides), providers.targets(config, asked), adhoc=bool(systems), known=flow.known(config, catalog, asked)
    )
    done = cycle(ledger, request, services, config.settings.budget, clock)
    evidence, now = _rebuilt(ledger, done.run), moment(done.started)
    people = everyone(evidence, Person)
    try:
        roster = Roster(people)
    except Unseen as unseen:
        raise UsageError(f"a review needs the roster, and it was not seen: {unseen}: keep the register personnel") from unseen
    live = Live(now, {kind: everyone(evidence, kind) for kind in KINDS})
    uploads = everyone(evidence, Access)
    grants, missing = dict[str, Sequence[Grant]](), dict[str, str]()
    for system in wanted:
        try:
            if system not in CONNECTED and listed_at(uploads, system) is None:
                missing[system] = "nothing is connected to it, and the register access_lists has no list of it"
            else:
                grants[system] = live.grants(system)
        except Unseen as unseen:
            missing[system] = str(unseen)
    return Seen(done.run, now, grants, missing, roster, _owners(everyone(evidence, SystemOwner)))


def _rebuilt(ledger: Ledger, run: str) -> Rebuilt:
    entries = list(ledger.entries_of(run))
    pieces = Pieces(ledger)
    ended = next(entry for entry in entries if entry["type"] == "run.finished")
    judged = [entry for entry in entries if entry["type"] == "check"]
    return Rebuilt(pieces, (said for entry in judged for said in statements_in(ledger, entry)), HowSeen(pieces, ended["seen"]))


def everyone(evidence: Rebuilt, kind: type[K]) -> All[K]:
    """Every subject of a kind, of every target: incomplete if any listing was, or if nothing was asked."""
    populations = evidence.populations(kind.kind, None)
    unexplained = Gap(GapKind.UNAVAILABLE, kind.kind, "its listing did not come to its end")
    gaps = [p.gap or unexplained for p in populations if not p.complete]
    never = None if populations else Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was asked for")
    members = [kind(one.subject, one) for p in populations for one in evidence.subjects(kind.kind, p.scope)]
    return All(lambda: iter(members), next(iter(gaps), never))


def _owners(several: All[SystemOwner]) -> dict[str, Sequence[Any]]:
    """Owner and deputy of each system; nobody's, where the register is not kept."""
    try:
        return {one.id: [person for person in (one.row.owner, one.row.deputy) if person] for one in several}
    except Unseen:
        return {}
