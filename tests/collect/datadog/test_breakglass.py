"""Uses of break-glass in logs: what is asked, what is kept of it, and what was not said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from controlmon.core.fact import Gap
from controlmon.facts.datadog.breakglass import DAYS, UsesLogged
from controlmon.facts.datadog.organization import Organization
from tests.twins.datadog import DatadogTwin, Fault

FIND = "v2.LogsApi:list_logs"


def event(*tags: str, at: str = "2026-11-20T03:00:00Z", **user: str) -> dict[str, Any]:
    attributes = {"timestamp": at, "tags": list(tags), "message": "private", "attributes": {"usr": user, "secret": "private"}}
    return {"id": at, "type": "log", "attributes": attributes}


def day(n: int) -> str:
    return (datetime.now(UTC) - timedelta(days=n)).date().isoformat()


def counted(call: Any) -> dict[str, Any]:
    """Counts by source and day: the vault every day, another on one."""
    assert call.body["compute"][0]["interval"] == "1d"
    vault = [{"time": f"{day(n)}T00:00:00.000Z", "value": 3} for n in range(DAYS + 1)]
    other = [{"time": f"{day(2)}T00:00:00.000Z", "value": 1}, {"time": f"{day(1)}T00:00:00.000Z", "value": 0}]
    buckets = [{"by": {"source": name}, "computes": {"c0": points}} for name, points in (("Azure.KeyVault", vault), ("other", other))]
    return {"data": {"buckets": buckets}, "meta": {"status": "done"}}


def test_what_logs_tell(twin: DatadogTwin, collect: Callable[..., Any]) -> None:
    """Each event that its pipeline tagged, with time, source and user and nothing else; and on which days each source spoke."""
    glass, vault = "breakglass:true", "source:Azure.KeyVault"
    found = [event(glass, vault, id="u-1", name="x"), event(glass, email="a@x.io"), event("breakglass:false", vault), event(glass, vault)]
    twin.answers[FIND] = {"data": found, "meta": {"status": "done"}}
    twin.answers["v2.LogsApi:aggregate_logs"] = counted
    collected = collect(Organization.breakglass)
    (raw,) = collected.of(Organization.breakglass).values()
    assert "private" not in str(raw)
    said: UsesLogged = Organization.breakglass.view(raw)
    assert [(one.source, one.who) for one in said.seen] == [("azure.keyvault", "u-1"), ("", "a@x.io"), ("azure.keyvault", "")]
    now = datetime.now(UTC)
    assert said.silent("azure.keyvault", now) == []
    assert [one.isoformat() for one in said.silent("other", now)] == [day(n) for n in range(DAYS - 1, 0, -1) if n != 2]
    assert len(said.silent("nobody", now)) == DAYS - 1
    assert twin.calls(FIND)[0].body["filter"]["query"] == glass


def test_a_count_that_was_cut(twin: DatadogTwin, collect: Callable[..., Any]) -> None:
    """It says so; a refusal is a gap with what it needs."""
    twin.answers["v2.LogsApi:aggregate_logs"] = {"data": {"buckets": []}, "meta": {"status": "timeout"}}
    (said,) = collect(Organization.breakglass).views(Organization.breakglass).values()
    assert said.cut == "Datadog's count ended as timeout"
    with twin.fault(FIND, Fault.DENIED):
        (gap,) = collect(Organization.breakglass).of(Organization.breakglass).values()
    assert isinstance(gap, Gap)
    assert gap.needs == ("logs_read_data",)
