"""Logs in Datadog: how they arrive, which index takes them, where they are archived."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.parts import flag, moment, number, text
from controlmon.facts.datadog.query import Takes, of_source, takes

SOURCES = {
    "cloudtrail": 30,
    "azure.activity_logs": 60,
    "azure.activedirectory": 60,
    "github": 120,
    "auth0": 60,
    "azure.devops": 240,
    "jira": 1440,
    "kubernetes-audit": 30,
}
"""The sources of access logs, and the minutes within which each is expected to speak."""
STEP = timedelta(minutes=5)
"""How exact arrivals are known."""
WINDOW = timedelta(hours=25)
"""How far back arrivals are looked for."""
GROUPS = 1000
"""The most groups that Datadog gives."""


class Arrivals(View, frozen=True):
    """When the last event of each source arrived, at the latest (to five minutes). `cut` says why not every source may be there."""

    last: dict[str, datetime]
    cut: str = ""


def arrivals_of(raw: Raw) -> Arrivals:
    """What aggregate_logs counted, by source and five minutes."""
    last: dict[str, datetime] = {}
    for bucket in raw["buckets"]:
        source = text(bucket["by"], "source").lower()
        for point in bucket["computes"]["c0"]:
            if number(point, "value") > 0:
                end = moment(point["time"]) + STEP
                last[source] = max(end, last.get(source, end))
    cut = "" if raw["status"] == "done" else f"the count ended as {raw['status']}"
    if len(raw["buckets"]) >= GROUPS:
        cut = cut or f"there are {GROUPS} sources or more, and Datadog gives no others"
    return Arrivals(last=last, cut=cut)


class Exclusion(View, frozen=True):
    """An exclusion filter that is enabled: `rate` of what its query takes is dropped (1.0: all)."""

    name: str
    query: str
    rate: float


class Index(View, frozen=True):
    """A log index."""

    query: str = ""
    days: int = 15
    flex_days: int = 0
    limited: bool = False
    exclusions: tuple[Exclusion, ...] = ()


class LogIndex(Kind, name="datadog.log_index"):
    """A log index of Datadog."""

    @aspect()
    def settings(raw: Raw) -> Index:
        """What it takes, drops and keeps (v1.LogsIndexesApi:list_log_indexes)."""
        dropped = [
            Exclusion(name=str(one.get("name", "")), query=str(one["filter"].get("query", "")), rate=number(one["filter"], "sample_rate"))
            for one in raw.get("exclusion_filters") or []
            if flag(one, "is_enabled")
        ]
        return Index(
            query=str(raw["filter"].get("query") or ""),
            days=int(number(raw, "num_retention_days")),
            flex_days=int(number(raw, "num_flex_logs_retention_days")) if raw.get("num_flex_logs_retention_days") is not None else 0,
            limited=flag(raw, "is_rate_limited"),
            exclusions=tuple(dropped),
        )


class Store(View, frozen=True):
    """Where an archive goes, what it takes, and whether it works."""

    query: str = ""
    state: str = "WORKING"
    bucket: str = ""
    kind: str = "s3"

    @property
    def works(self) -> bool:
        """True if Datadog says so, with a current or an old way to log in to the bucket."""
        return self.state in ("WORKING", "WORKING_AUTH_LEGACY")


class Archive(Kind, name="datadog.log_archive"):
    """A log archive of Datadog, in a bucket of ours."""

    @aspect()
    def settings(raw: Raw) -> Store:
        """Query, state and destination (v2.LogsArchivesApi:list_logs_archives)."""
        said = raw["attributes"]
        to = said["destination"]
        return Store(
            query=text(said, "query"),
            state=text(said, "state"),
            bucket=str(to.get("bucket") or to.get("container") or ""),
            kind=text(to, "type"),
        )


def takers(source: str, offered: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, bool]], bool]:
    """Who takes the logs of a source, where the first that matches takes a log.

    Args:
        source: the source.
        offered: names and queries, in order.

    Returns:
        Names in order, each with True if it takes all that is left; and whether all is taken in the end.

    """
    found = []
    for name, query in offered:
        taken = takes(query, of_source(source))
        if taken is not Takes.NONE:
            found.append((name, taken is Takes.ALL))
        if taken is Takes.ALL:
            return found, True
    return found, False
