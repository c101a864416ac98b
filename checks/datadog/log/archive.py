"""Access logs are kept long enough in a bucket of our own, where nobody can take them away.

The first archive whose query matches takes a log. That an archive works says nothing of how long its bucket keeps: that is judged in the
cloud account, and joined by the bucket's name.
"""

from collections.abc import Iterator

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.logs import SOURCES, Archive, takers
from controlmon.facts.datadog.organization import Organization

ORG = Organization.example(archive_order=["a"])
TRAIL = {"sources": ["cloudtrail"], "locked_days": {"artemis-logs": 400}}


def archive(**settings: object) -> All[Archive]:
    return All.of(Archive.example(id="a", settings={"query": "*", "bucket": "artemis-logs", **settings}))


@check(
    title="Access logs are archived long enough in our own storage",
    severity="high",
    reads=[Organization.archive_order, Archive.settings],
    remediation="Repair the archive, widen its query, and lock the bucket's objects for as long as the logs have to be kept.",
    proves="That an archive that works takes each source, and that its bucket is declared to be locked for long enough. The declaration "
    "(locked_days) is not proved here. Not that every object arrived.",
    passes=Example((ORG, archive()), TRAIL),
    fails=[
        Example((ORG, archive(state="FAILING")), TRAIL),
        Example((ORG, archive(query="source:nginx")), TRAIL),
        Example((ORG, archive()), {**TRAIL, "locked_days": {"artemis-logs": 30}}),
    ],
)
def judge(
    organization: Organization,
    archives: All[Archive],
    *,
    min_days: int = 365,
    sources: tuple[str, ...] = tuple(SOURCES),
    locked_days: dict[str, int] | None = None,
) -> Verdict:
    by_id = {archive.id: archive for archive in archives}
    order = organization.archive_order
    if set(order) != set(by_id):
        return unknown(f"the order names {len(order)} archives, of which {len(set(order) & set(by_id))} are among the {len(by_id)} listed")
    bad: list[str] = []
    doubtful: list[str] = []
    used: dict[str, bool] = {}
    for source in sources:
        found, whole = takers(source, [(key, by_id[key].settings.query) for key in order])
        names = ", ".join(by_id[key].name for key, _ in found)
        if not found:
            bad.append(f"no archive takes {source}")
        elif not whole:
            doubtful.append(f"whether all of {source} is archived cannot be told: {names} may")
        used |= {key: sure or used.get(key, False) for key, sure in found}
    for key, sure in sorted(used.items()):
        for certain, wrong in _wrong(by_id[key], min_days, locked_days or {}):
            (bad if sure and certain else doubtful).append(wrong)
    if bad:
        return failed("; ".join(bad))
    if doubtful or not sources:
        return unknown("; ".join(doubtful) or "no source is declared")
    return passed(f"{len(sources)} sources are archived, locked for {min_days} days or more")


def _wrong(archive: Archive, min_days: int, locked_days: dict[str, int]) -> Iterator[tuple[bool, str]]:
    """What is wrong with an archive, and whether that is certain."""
    state, bucket = archive.settings.state, archive.settings.bucket
    if not archive.settings.works:
        yield state != "UNKNOWN", f"{archive.name} is {state}"
    if bucket not in locked_days:
        yield False, f"how long the bucket {bucket} is locked is judged in its account: declare it in locked_days"
    elif locked_days[bucket] < min_days:
        yield True, f"{bucket} is locked for {locked_days[bucket]} days; {min_days} required"
