"""For each production system and each way into it, access logs arrive in Datadog; or somebody owns the gap, until a day.

A fresh source proves nothing of a system that nobody listed, so the matrix starts at the systems and not at what arrives. "All access" is
more than the console: database logins, the Kubernetes API, sessions, break-glass, reads of vaults and the administration of services each
have a log of their own, and each has to be listed by some system.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from controlmon.check import All, Everywhere, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.datadog.logs import SOURCES, STEP, WINDOW, Arrivals
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.systems import Logged, System

KINDS = ("console", "api", "database", "session", "kubernetes", "break_glass", "vault", "admin")
ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"})
ARRIVED = Organization.example(arrivals={"last": {"cloudtrail": "2026-11-23T11:50:00Z", "jira": "2026-11-23T10:00:00Z"}})
GAP = {"gap": "pgaudit is not on yet", "gap_owner": "ada", "gap_until": "2026-12-31"}
SOME = {"console": {"source": "cloudtrail"}, "database": GAP}


def case(**access: object) -> tuple[object, ...]:
    one = System.example(id="product", row={"id": "product", "name": "Product", "access": access})
    return one, All.of(one), All.of(ADA), Everywhere.of(ARRIVED)


@check(
    title="Each production system has access logs arriving in Datadog",
    severity="critical",
    reads=[
        *(System.row, Person.row, Organization.arrivals),
        *(Organization.arrivals_flex.when("flex"), Organization.arrivals_archived.when("online_archives")),
    ],
    remediation="Connect the log of this kind of access, or declare the gap with who closes it and by when (the register `systems`).",
    proves="That for each way into a production system that the register lists, an event of its source arrived in time, or somebody owns "
    "the gap. A source that several systems share shows that one of them speaks; not that the register lists every system.",
    passes=[case(**SOME), (Company.example(), *case(**dict.fromkeys(KINDS, GAP))[1:])],
    fails=[
        case(),
        case(console={"source": "github"}),
        case(console={"source": "jira"}, database={}),
        case(database=GAP | {"gap_owner": None}),
        case(database=GAP | {"gap_until": "2026-11-22"}),
        (Company.example(), *case(**SOME)[1:]),
    ],
)
def judge(
    subject: System | Company,
    systems: All[System],
    people: All[Person],
    organizations: Everywhere[Organization],
    now: datetime,
    *,
    kinds: tuple[str, ...] = KINDS,
    sources: dict[str, int] = SOURCES,
    other_minutes: int = 1440,
    flex: bool = False,
    online_archives: bool = False,
) -> Verdict:
    if isinstance(subject, Company):
        named = {kind for one in systems if one.row.production for kind in one.row.access}
        missing = [kind for kind in kinds if kind not in named]
        if missing:
            return failed(f"no production system lists how access by {', '.join(missing)} is logged, or that it is not")
        return passed(f"each kind of access is listed by some production system: {', '.join(kinds)}")
    row = subject.row
    if not row.production:
        return not_applicable("it is no production system")
    if not row.access:
        return failed("its row lists no kind of access")
    gaps = {kind: undeclared(one, people, now) for kind, one in row.access.items() if one.gap.strip() or not (one.source or one.query)}
    declared = {kind for kind, why in gaps.items() if not why}
    if wrong := [f"{kind}: {why}" for kind, why in gaps.items() if why]:
        return failed("; ".join(wrong))
    sourced = {kind: one for kind, one in row.access.items() if one.source and kind not in declared}
    tiers = list(arrivals(organizations, flex=flex, archives=online_archives)) if sourced else []
    limits = {name.lower(): limit for name, limit in sources.items()}
    heard = {kind: hear(one.source, tiers, limits.get(one.source.lower(), other_minutes), now) for kind, one in sourced.items()}
    if silent := [f"{kind}: {why}" for kind, (outcome, why) in heard.items() if outcome is False]:
        return failed("; ".join(silent))
    doubtful = [f"{kind}: {why}" for kind, (outcome, why) in heard.items() if outcome is None]
    asked = {kind: one.query for kind, one in row.access.items() if kind not in declared and not one.source}
    doubtful += [f"{kind}: whether anything arrives by {query} is not asked" for kind, query in asked.items()]
    if doubtful:
        return unknown("; ".join(doubtful))
    return passed("; ".join(f"{kind}: {heard[kind][1] if kind in heard else 'a declared gap'}" for kind in row.access))


def arrivals(organizations: Iterable[Organization], *, flex: bool, archives: bool) -> Iterator[Arrivals]:
    """What arrived in each tier that is in use, of each organization."""
    for one in organizations:
        yield one.arrivals
        if flex:
            yield one.arrivals_flex
        if archives:
            yield one.arrivals_archived


def hear(source: str, tiers: Iterable[Arrivals], minutes: int, now: datetime) -> tuple[bool | None, str]:
    """Whether a source spoke in its time, and when; None if that cannot be told."""
    every = [*tiers]
    last = max((tier.last[source.lower()] for tier in every if source.lower() in tier.last), default=None)
    ago = f"{(now - last) // timedelta(minutes=1)} min ago" if last else "not within a day"
    if last is not None and now - last <= timedelta(minutes=minutes):
        return True, f"{source} spoke {ago}"
    if last is None and timedelta(minutes=minutes) > WINDOW - STEP:
        return None, f"{source} is allowed {minutes} min, which is longer than is looked back"
    if cut := next((tier.cut for tier in every if tier.cut), ""):
        return None, f"{source} was not found, but {cut}"
    return (None, "no Datadog organization was seen") if not every else (False, f"{source} last spoke {ago}; {minutes} min allowed")


def undeclared(one: Logged, people: All[Person], now: datetime) -> str:
    """Why a kind of access is no declared gap; "" if it is one."""
    if not one.gap.strip() or one.gap_owner is None or one.gap_until is None:
        return "no gap is declared with owner and date" + ("" if one.source else ", and it has no source")
    if one.gap_until < now.date():
        return f"its gap was to be closed by {one.gap_until.isoformat()}"
    return "" if worked_here(people, one.gap_owner, now) else f"its gap is owned by {one.gap_owner}, who does not work here"
