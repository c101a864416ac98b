"""Uses of break-glass in logs, and on which days each source spoke at all."""

from datetime import timedelta

from controlmon.collect.base import Ask, Met, Service
from controlmon.collect.datadog.logs import AGGREGATE, FIND
from controlmon.core.fact import Raw
from controlmon.facts.datadog.breakglass import DAYS, TAG
from controlmon.facts.datadog.logs import GROUPS
from controlmon.facts.datadog.organization import Organization

breakglass = Service("datadog", "breakglass")


@breakglass.answers(Organization.breakglass, FIND, AGGREGATE)
def uses(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001 - it is the one that was logged in to
    """Who used it when, by the events' own tags, and the count of each source by day."""
    period = {"from": (ask.now - timedelta(days=DAYS)).isoformat(), "to": ask.now.isoformat()}
    body = {"filter": {"query": TAG, **period}, "sort": "timestamp"}
    found = [_kept(log["attributes"]) for log in ask.items("data", body=body) if TAG in log["attributes"].get("tags", ())]
    count = {
        "filter": {"query": "*", **period},
        "compute": [{"aggregation": "count", "type": "timeseries", "interval": "1d"}],
        "group_by": [{"facet": "source", "limit": GROUPS}],
    }
    pages = list(ask.to(AGGREGATE).whole(body=count))
    status = next((p["meta"]["status"] for p in pages if p["meta"]["status"] != "done"), "done")
    return {"events": found, "status": status, "buckets": [bucket for page in pages for bucket in page["data"]["buckets"]]}


def _kept(event: Raw) -> Raw:
    """When, where and who: what else a log tells is not kept."""
    user = (event.get("attributes") or {}).get("usr") or {}
    source = next((tag.partition(":")[2] for tag in event["tags"] if tag.startswith("source:")), "")
    return {"at": event["timestamp"], "source": source, "who": str(user.get("id") or user.get("name") or user.get("email") or "")}
