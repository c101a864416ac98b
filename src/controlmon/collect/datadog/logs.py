"""Logs: what arrives, the indexes and archives that take it, and the canary."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.ask import timestamp
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.collect.datadog.operation import Paging, Read
from controlmon.core.fact import Raw
from controlmon.facts.datadog.logs import GROUPS, WINDOW, Archive, LogIndex
from controlmon.facts.datadog.organization import Organization

logs = Service("datadog", "logs")
AGGREGATE = Read("v2.LogsApi", "aggregate_logs", needs=("logs_read_data",), paging=Paging.CURSOR, member="data.buckets", size=0)
SUBMIT = Read("v2.LogsApi", "submit_log", needs=())
"""The one write of all: it is asked only where `datadog.log.canary_roundtrip` is enabled. An API key is all that it takes."""
FIND = Read("v2.LogsApi", "list_logs", needs=("logs_read_data",), paging=Paging.CURSOR, size=1000)
MARK = "controlmon-canary"


@logs.answers(Organization.arrivals, AGGREGATE)
def arrivals(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001 - it is the one that was logged in to
    """What arrived in the indexes."""
    return _count(ask, "indexes")


@logs.answers(Organization.arrivals_flex, AGGREGATE)
def arrivals_flex(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001
    """What arrived in Flex Logs."""
    return _count(ask, "flex")


@logs.answers(Organization.arrivals_archived, AGGREGATE)
def arrivals_archived(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001
    """What arrived in online archives."""
    return _count(ask, "online-archives")


def _count(ask: Ask, tier: str) -> Raw:
    """How many events each source sent in each five minutes. A count that ended early says so in `status`."""
    body = {
        "filter": {
            "query": "*",
            "from": (ask.now - WINDOW).isoformat(),
            "to": ask.now.isoformat(),
            "storage_tier": tier,
        },
        "compute": [{"aggregation": "count", "type": "timeseries", "interval": "5m"}],
        "group_by": [{"facet": "source", "limit": GROUPS}],
    }
    pages = list(ask.whole(body=body))
    status = next((p["meta"]["status"] for p in pages if p["meta"]["status"] != "done"), "done")
    return {"status": status, "buckets": [bucket for page in pages for bucket in page["data"]["buckets"]]}


@logs.lists(
    LogIndex,
    Read("v1.LogsIndexesApi", "list_log_indexes", needs=("logs_read_config",)),
    at=Place.ACCOUNT,
    gives=[LogIndex.settings],
)
def indexes(ask: Ask) -> Iterator[Found]:
    """Every index."""
    for index in ask()["indexes"]:
        yield Found(LogIndex, index["name"], index["name"], answers={LogIndex.settings: index})


@logs.answers(Organization.index_order, Read("v1.LogsIndexesApi", "get_logs_index_order", needs=("logs_read_config",)))
def index_order(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001
    """The order of the indexes: the first whose filter matches takes a log."""
    return ask()


@logs.lists(
    Archive,
    Read("v2.LogsArchivesApi", "list_logs_archives", needs=("logs_read_archives",)),
    at=Place.ACCOUNT,
    gives=[Archive.settings],
)
def archives(ask: Ask) -> Iterator[Found]:
    """Every archive."""
    for archive in ask()["data"]:
        yield Found(Archive, archive["id"], archive["attributes"]["name"], answers={Archive.settings: archive})


@logs.answers(Organization.archive_order, Read("v2.LogsArchivesApi", "get_logs_archive_order", needs=("logs_read_config",)))
def archive_order(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001
    """The order of the archives: the first whose query matches takes a log."""
    return ask()


@logs.answers(Organization.canary, FIND, SUBMIT)
def canary(ask: Ask, organization: Met) -> Raw:
    """Look for the marked logs of the last three days, then write one: the next run finds it."""
    written = timestamp(ask.now)
    body = {
        "filter": {"query": f"service:{MARK}", "from": (ask.now - timedelta(days=3)).isoformat(), "to": ask.now.isoformat()},
        "sort": "timestamp",
    }
    found = [log for log in ask.items("data", body=body) if log["attributes"].get("service") == MARK]
    mark = {"controlmon": {"written": written, "organization": organization.id}}
    ask.to(SUBMIT)(body=[{"ddsource": "controlmon", "service": MARK, "message": "canary of controlmon", **mark}])
    return {"written": written, "data": found}
