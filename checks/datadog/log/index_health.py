"""The indexes keep access logs long enough, and drop none.

Order decides: the first index whose filter matches takes a log, and its exclusion filters and daily quota decide whether it can be found.
How long an index keeps is not how long an archive does; both are needed.
"""

from collections.abc import Iterator

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.logs import SOURCES, Archive, LogIndex, takers
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.datadog.query import Takes, of_source, takes

ORG = Organization.example(index_order=["main"])
TRAIL = {"sources": ["cloudtrail"]}
DROPS = {"name": "noise", "query": "source:cloudtrail", "rate": 1.0}


def index(**settings: object) -> All[LogIndex]:
    return All.of(LogIndex.example(id="main", settings=settings))


@check(
    title="Access logs are indexed, not excluded or rate-limited",
    severity="high",
    reads=[Organization.index_order, LogIndex.settings, Archive.settings],
    remediation="Put an index for access logs first, with enough days, and without exclusion filters that match; raise its daily quota.",
    proves="What filters, exclusion filters and quotas do to each source as far as Datadog's search syntax can be read: the rest is "
    "unknown. Not that the events arrive (datadog.log.source_fresh).",
    passes=[
        Example((ORG, index(), All[Archive].of()), TRAIL),
        Example((ORG, index(exclusions=[{**DROPS, "query": "source:nginx"}]), All[Archive].of()), TRAIL),
        Example((ORG, index(days=3, flex_days=90), All.of(Archive.example(settings={"query": "*"}))), TRAIL),
    ],
    fails=[
        Example((ORG, index(days=3), All[Archive].of()), TRAIL),
        Example((ORG, index(exclusions=[DROPS]), All[Archive].of()), TRAIL),
        Example((ORG, index(limited=True), All[Archive].of()), TRAIL),
        Example((ORG, index(query="source:nginx"), All[Archive].of()), TRAIL),
        Example((ORG, index(days=3, flex_days=90), All[Archive].of()), TRAIL),
    ],
)
def judge(
    organization: Organization,
    indexes: All[LogIndex],
    archives: All[Archive],
    *,
    min_days: int = 15,
    sources: tuple[str, ...] = tuple(SOURCES),
) -> Verdict:
    by_name = {index.name: index for index in indexes}
    order = organization.index_order
    if set(order) != set(by_name):
        return unknown(f"the order names {', '.join(order) or 'none'}, but the indexes are {', '.join(sorted(by_name)) or 'none'}")
    bad, doubtful = [], []
    for source in sources:
        found, whole = takers(source, [(name, by_name[name].settings.query) for name in order])
        if not found:
            bad.append(f"no index takes {source}")
        elif not whole:
            doubtful.append(f"whether an index takes all of {source} cannot be told: {', '.join(name for name, _ in found)} may")
        for name, all_of_it in found:
            for certain, wrong in _wrong(by_name[name], source, min_days, archives):
                (bad if certain and all_of_it else doubtful).append(f"{source} in {name}: {wrong}")
    if bad:
        return failed("; ".join(bad))
    if doubtful or not sources:
        return unknown("; ".join(doubtful) or "no source is declared")
    return passed(f"{len(sources)} sources are indexed for {min_days} days or more, and none is excluded or rate-limited")


def _wrong(index: LogIndex, source: str, min_days: int, archives: All[Archive]) -> Iterator[tuple[bool, str]]:
    """What an index does wrong to a source, and whether that is certain."""
    settings = index.settings
    if settings.days < min_days:
        if settings.flex_days < min_days:
            yield True, f"kept {max(settings.days, settings.flex_days)} days; {min_days} required"
        elif not archives.some(lambda one: one.settings.works and takes(one.settings.query, of_source(source)) is Takes.ALL):
            yield True, f"kept {settings.days} days and in Flex Logs, but in no archive that works and takes all of it"
    if settings.limited:
        yield True, "the daily quota is used up, and events are dropped"
    for exclusion in settings.exclusions:
        taken = takes(exclusion.query, of_source(source))
        if exclusion.rate > 0 and taken is not Takes.NONE:
            sure = "drops" if taken is Takes.ALL else "may drop"
            yield taken is Takes.ALL, f"the exclusion filter {exclusion.name} {sure} {exclusion.rate:.0%} of it"
