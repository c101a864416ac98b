"""The checks of logs, of the audit trail and of integrations on raw answers of Datadog."""

from typing import Any

import pytest

from controlmon.facts.datadog.integrations import AwsIntegration, AzureIntegration
from controlmon.facts.datadog.logs import Archive, LogIndex
from controlmon.facts.datadog.organization import Organization
from tests.support import ACCOUNT, DENIED, Given, verdict
from tests.twins.datadog_company import TENANT, aws, azure
from tests.twins.datadog_company import archive as raw_archive
from tests.twins.datadog_company import index as raw_index


def us(**answers: Any) -> Given:
    return Given(Organization, ACCOUNT, **answers)


def counts(*points: tuple[str, str], status: str = "done", value: Any = 19) -> dict[str, Any]:
    """Counts of sources at times of 23 November 2026; it is noon."""
    buckets = [{"by": {"source": s}, "computes": {"c0": [{"time": f"2026-11-23T{at}:00.000Z", "value": value}]}} for s, at in points]
    return {"status": status, "buckets": buckets}


TWO = {"sources": {"cloudtrail": 30, "jira": 1440}}
FRESH = counts(("cloudtrail", "11:50"), ("jira", "01:00"))


@pytest.mark.parametrize(
    ("answers", "parameters", "outcome", "because"),
    [
        pytest.param({"arrivals": FRESH}, TWO, "pass", "cloudtrail, jira", id="each in its own rhythm"),
        pytest.param({"arrivals": counts(("cloudtrail", "11:24"), ("jira", "01:00"))}, TWO, "fail", "cloudtrail last spoke 31 min", id="late"),
        pytest.param({"arrivals": counts(("cloudtrail", "11:25"), ("jira", "01:00"))}, TWO, "pass", "in time", id="just in time"),
        pytest.param({"arrivals": counts(("jira", "11:50"))}, TWO, "fail", "cloudtrail last spoke not within a day", id="a silent source"),
        pytest.param({"arrivals": counts(("cloudtrail", "11:50"), ("jira", "01:00"), value=0)}, TWO, "fail", "day", id="nothing"),
        pytest.param({"arrivals": counts(("CloudTrail", "11:50"), ("jira", "01:00"))}, TWO, "pass", "in time", id="whatever the case"),
        pytest.param({"arrivals": counts(status="timeout")}, TWO, "unknown", "ended as timeout", id="a count that ended early is unknown"),
        pytest.param({"arrivals": {**FRESH, "status": "timeout"}}, TWO, "pass", "in time", id="unless all were found all the same"),
        pytest.param({"arrivals": counts()}, {"sources": {"x": 3000}}, "unknown", "only 1500 are looked at", id="slower than is looked back"),
        pytest.param({"arrivals": counts(*[(f"s{i}", "11:50") for i in range(1000)])}, TWO, "unknown", "gives no others", id="a full list"),
        pytest.param(
            {"arrivals": counts(("jira", "11:50")), "arrivals_flex": counts(("cloudtrail", "11:50"))}, {**TWO, "flex": True}, "pass", "in time",
            id="a source in Flex Logs",
        ),
        pytest.param(
            {"arrivals": counts(("jira", "11:50")), "arrivals_archived": counts(("cloudtrail", "11:50"))},
            {**TWO, "online_archives": True}, "pass", "in time", id="or in online archives",
        ),
        pytest.param({"arrivals": FRESH, "arrivals_flex": DENIED}, {**TWO, "flex": True}, "unknown", "grant", id="a tier denied"),
        pytest.param({"arrivals": FRESH, "arrivals_flex": DENIED}, TWO, "pass", "in time", id="that is not asked for"),
        pytest.param({"arrivals": DENIED}, TWO, "unknown", "grant svc:Permission", id="denied"),
        pytest.param({"arrivals": {"buckets": {}}}, TWO, "unknown", "status", id="another shape"),
        pytest.param({"arrivals": FRESH}, {"sources": {}}, "unknown", "no source", id="no source declared"),
    ],
)  # fmt: skip
def test_source_fresh(answers: dict[str, Any], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.log.source_fresh", us(**answers), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def marks(*written: str) -> dict[str, Any]:
    found = [{"attributes": {"attributes": {"controlmon": {"written": at}}}} for at in written]
    return {"written": "2026-11-23T12:00:00Z", "data": found}


ON: dict[str, Any] = {"enabled": True}
LONG = {**ON, "since": "2026-11-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("answers", "parameters", "outcome", "because"),
    [
        pytest.param({}, {}, "not_applicable", "would write one marked log", id="off by default, and it says so"),
        pytest.param({"canary": marks("2026-11-22T12:00:00Z")}, ON, "pass", "was found", id="the mark of yesterday"),
        pytest.param({"canary": marks("2026-11-20T13:00:00Z")}, LONG, "fail", "last mark found is of 2026-11-20", id="an older one"),
        pytest.param({"canary": marks()}, LONG, "fail", "no mark", id="none, though it has been on for long"),
        pytest.param({"canary": marks()}, {**ON, "since": "2026-11-23T09:00:00Z"}, "unknown", "not long ago", id="none in the first run"),
        pytest.param({"canary": marks()}, ON, "unknown", "not known", id="none, and not known since when it is on"),
        pytest.param({"canary": marks()}, {**ON, "since": "yesterday"}, "unknown", "not known", id="nor is this a time"),
        pytest.param({"canary": marks()}, {**ON, "since": "2026-11-01"}, "unknown", "with zone", id="nor this one with a zone"),
        pytest.param({"canary": DENIED}, LONG, "unknown", "grant", id="denied"),
        pytest.param({"canary": {"written": "x", "data": []}}, LONG, "unknown", "read", id="another shape"),
    ],
)  # fmt: skip
def test_canary_roundtrip(answers: dict[str, Any], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.log.canary_roundtrip", us(**answers), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def index(name: str = "main", query: str = "", **said: Any) -> Given:
    return Given(LogIndex, name, settings=raw_index(name, query, **said))


def archive(name: str = "a1", query: str = "*", state: str = "WORKING", bucket: str = "logs") -> Given:
    raw = raw_archive(name, query, state, bucket)
    return Given(Archive, raw["id"], name=name, settings=raw)


def drops(query: str, rate: float = 1.0, *, on: bool = True) -> dict[str, Any]:
    return {"exclusion_filters": [{"name": "noise", "is_enabled": on, "filter": {"query": query, "sample_rate": rate}}]}


TRAIL = {"sources": ["cloudtrail"]}
NO_ARCHIVE = {"empty": (Archive,)}


@pytest.mark.parametrize(
    ("indexes", "more", "outcome", "because"),
    [
        pytest.param([index()], {}, "pass", "indexed for 15 days", id="a catch-all"),
        pytest.param([index("a", "source:nginx", num_retention_days=3), index()], {}, "pass", "indexed", id="the first that matches takes it"),
        pytest.param([index("a", "source:cloudtrail", num_retention_days=3), index()], {}, "fail", "kept 3 days", id="and decides"),
        pytest.param([index("a", "source:nginx")], {}, "fail", "no index takes cloudtrail", id="none"),
        pytest.param([index(num_retention_days=14)], {}, "fail", "14 days; 15 required", id="too short"),
        pytest.param([index(num_retention_days=14)], {"min_days": 14}, "pass", "14 days", id="is a parameter"),
        pytest.param([index(is_rate_limited=True)], {}, "fail", "daily quota", id="a full quota"),
        pytest.param([index(**drops("source:cloudtrail"))], {}, "fail", "noise drops 100%", id="an exclusion filter"),
        pytest.param([index(**drops("*", 0.5))], {}, "fail", "drops 50%", id="that drops half of all"),
        pytest.param([index(**drops("*", on=False))], {}, "pass", "none is excluded", id="that is disabled"),
        pytest.param([index(**drops("*", 0.0))], {}, "pass", "none is excluded", id="that drops nothing"),
        pytest.param([index(**drops("source:nginx"))], {}, "pass", "none is excluded", id="of another source"),
        pytest.param([index(**drops("status:debug"))], {}, "unknown", "may drop", id="that may match is unknown"),
        pytest.param([index("a", "env:prod"), index()], {}, "pass", "indexed", id="part of it in a good index before"),
        pytest.param([index("a", "env:prod", num_retention_days=3), index()], {}, "unknown", "kept 3 days", id="in a bad one is unknown"),
        pytest.param([index("a", "env:prod")], {}, "unknown", "cannot be told", id="perhaps all, perhaps not"),
        pytest.param([index(num_retention_days=3, num_flex_logs_retention_days=90), archive()], {}, "pass", "indexed", id="flex and an archive"),
        pytest.param([index(num_retention_days=3, num_flex_logs_retention_days=90)], NO_ARCHIVE, "fail", "no archive", id="flex alone"),
        pytest.param(
            [index(num_retention_days=3, num_flex_logs_retention_days=90), archive(state="FAILING")], {}, "fail", "archive", id="a broken one",
        ),
        pytest.param(
            [index(num_retention_days=3, num_flex_logs_retention_days=90)], {"gaps": {Archive: DENIED}}, "unknown", "grant", id="archives denied",
        ),
        pytest.param([index()], {"gaps": {Archive: DENIED}}, "pass", "indexed", id="which matter to flex alone"),
        pytest.param([index()], {"order": ["other"]}, "unknown", "the order names other", id="an order of other indexes"),
        pytest.param([index()], {"order": DENIED}, "unknown", "grant", id="order denied"),
        pytest.param([index()], {"gaps": {LogIndex: DENIED}}, "unknown", "grant", id="an incomplete list"),
        pytest.param([Given(LogIndex, "main", settings={"name": "main", "filter": {}})], {}, "unknown", "num_retention", id="another shape"),
    ],
)  # fmt: skip
def test_index_health(indexes: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    order = more.pop("order", [i.subject.id for i in indexes if i.kind is LogIndex])
    answer = {"index_names": order} if isinstance(order, list) else order
    found = verdict("datadog.log.index_health", us(index_order=answer), *indexes, **{**TRAIL, **more})
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


LOCKED = {"locked_days": {"logs": 400}}


@pytest.mark.parametrize(
    ("archives", "more", "outcome", "because"),
    [
        pytest.param([archive()], LOCKED, "pass", "archived, locked for 365", id="working and locked"),
        pytest.param([archive(state="WORKING_AUTH_LEGACY")], LOCKED, "pass", "archived", id="with an old way to log in"),
        pytest.param([archive(state="FAILING")], LOCKED, "fail", "FAILING", id="failing"),
        pytest.param([archive(state="UNKNOWN")], LOCKED, "unknown", "UNKNOWN", id="Datadog does not know"),
        pytest.param([archive(query="source:nginx")], LOCKED, "fail", "no archive takes cloudtrail", id="not covering"),
        pytest.param([], {**LOCKED, "empty": (Archive,)}, "fail", "no archive takes", id="none"),
        pytest.param([archive("a", "source:nginx", "FAILING"), archive()], LOCKED, "pass", "archived", id="a failing one of other logs"),
        pytest.param([archive("a", "source:cloudtrail", "FAILING"), archive()], LOCKED, "fail", "FAILING", id="the first that matches wins"),
        pytest.param([archive("a", "env:prod", "FAILING"), archive()], LOCKED, "unknown", "FAILING", id="that may match is unknown"),
        pytest.param([archive(query="env:prod")], LOCKED, "unknown", "cannot be told", id="perhaps all"),
        pytest.param([archive()], {"locked_days": {"logs": 364}}, "fail", "364 days; 365 required", id="locked too short"),
        pytest.param([archive()], {**LOCKED, "min_days": 400}, "pass", "400 days", id="is a parameter"),
        pytest.param([archive()], {}, "unknown", "judged in its account", id="a bucket that nobody spoke for is unknown"),
        pytest.param([archive(bucket="other")], LOCKED, "unknown", "other", id="joined by its name"),
        pytest.param([archive()], {**LOCKED, "order": ["x"]}, "unknown", "the order names", id="an order of others"),
        pytest.param([archive()], {**LOCKED, "order": DENIED}, "unknown", "grant", id="order denied"),
        pytest.param([archive()], {**LOCKED, "gaps": {Archive: DENIED}}, "unknown", "grant", id="an incomplete list"),
        pytest.param([Given(Archive, "a1-id", settings={"attributes": {}})], LOCKED, "unknown", "destination", id="another shape"),
    ],
)  # fmt: skip
def test_archive(archives: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    more = dict(more)
    order = more.pop("order", [a.subject.id for a in archives])
    answer = {"data": {"attributes": {"archive_ids": order}}} if isinstance(order, list) else order
    found = verdict("datadog.log.archive", us(archive_order=answer), *archives, **{**TRAIL, **more})
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def event(at: str) -> dict[str, Any]:
    return {"data": [{"attributes": {"timestamp": at}}]}


NEW, NOTHING = event("2026-11-23T11:00:00Z"), {"data": []}


@pytest.mark.parametrize(
    ("latest", "earliest", "parameters", "outcome", "because"),
    [
        pytest.param(NEW, event("2026-08-25T12:00:00Z"), {}, "pass", "the oldest 90 days", id="on, and kept"),
        pytest.param(NOTHING, NOTHING, {}, "fail", "no event", id="silent"),
        pytest.param(NEW, event("2026-11-01T12:00:00Z"), {}, "unknown", "22 days old", id="kept too short, or young, cannot be told"),
        pytest.param(NEW, event("2026-11-01T12:00:00Z"), {"retention_days": 20}, "pass", "22 days", id="is a parameter"),
        pytest.param(NEW, event("2026-11-01T12:00:00Z"), {"archived": True}, "pass", "archived", id="archiving is separate, and declared"),
        pytest.param(DENIED, DENIED, {}, "unknown", "grant", id="denied"),
        pytest.param(NEW, DENIED, {}, "unknown", "grant", id="the oldest denied"),
        pytest.param({"data": [{}]}, NEW, {}, "unknown", "attributes", id="another shape"),
    ],
)  # fmt: skip
def test_trail_on(latest: Any, earliest: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.audit.trail_on", us(audit_latest=latest, audit_earliest=earliest), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


ONE, TWO_ACCOUNTS = "111111111111", ("111111111111", "222222222222")
LINKED = Given(AwsIntegration, "1", settings=aws(ONE, "cloudtrail"))
METRICS = Given(AwsIntegration, "2", settings=aws(TWO_ACCOUNTS[1]))
AZURE = Given(AzureIntegration, "t", tenant=azure(TENANT))


@pytest.mark.parametrize(
    ("given", "more", "outcome", "because"),
    [
        pytest.param([LINKED, AZURE], {"production": [ONE, TENANT]}, "pass", "all 2 are integrated", id="all"),
        pytest.param([LINKED, AZURE], {"production": TWO_ACCOUNTS}, "fail", "222222222222 is not integrated", id="an account missing"),
        pytest.param([LINKED], {"production": [TENANT], "empty": (AzureIntegration,)}, "fail", TENANT, id="a tenant missing"),
        pytest.param([LINKED, AZURE], {"production": [TENANT.upper()]}, "pass", "all 1", id="whatever the case"),
        pytest.param([LINKED, METRICS, AZURE], {"production": TWO_ACCOUNTS}, "pass", "no logs of 222222222222", id="metrics are not logs"),
        pytest.param([LINKED, METRICS, AZURE], {"production": TWO_ACCOUNTS, "forwarder": True}, "fail", "no logs", id="and may have to be"),
        pytest.param([LINKED, AZURE], {}, "unknown", "no production", id="nothing declared is unknown"),
        pytest.param([AZURE], {"production": [ONE], "gaps": {AwsIntegration: DENIED}}, "unknown", "grant", id="accounts denied"),
        pytest.param([LINKED], {"production": [ONE], "gaps": {AzureIntegration: DENIED}}, "pass", "all 1", id="tenants, if they matter"),
        pytest.param([LINKED], {"production": [TENANT], "gaps": {AzureIntegration: DENIED}}, "unknown", "grant", id="denied"),
    ],
)  # fmt: skip
def test_coverage(given: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.integration.coverage", us(), *given, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
