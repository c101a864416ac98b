"""Resources by their ids: azure-mgmt-resource forms the question, and what came back is handed out as it came."""

from typing import Any

import pytest

from controlmon.collect.azure.authorization import ROLE
from controlmon.collect.azure.sql import sql
from controlmon.collect.azure.target import AzureTarget
from controlmon.collect.base import Refused
from controlmon.collect.microsoft import Terms
from controlmon.core.fact import GapKind, Scope
from controlmon.facts.azure.sql import SqlServer
from tests.collect.azure.conftest import NOW, PROD, Collect
from tests.twins.azure import AzureTwin, Reply

READER_ID = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def asked(twin: AzureTwin, attempts: int = 1) -> Any:
    session = AzureTarget(terms=Terms(attempts=attempts, connect=5, read=5)).open(NOW, regional=False)
    twin.reset_journal()
    return session.ask(ROLE, Scope("azure", PROD))(id=READER_ID)


def test_what_the_models_do_not_know_is_recorded_too(twin: AzureTwin) -> None:
    """GenericResource knows no `unheardOf`, and takes `sku` for an object: neither is lost, and nothing is added."""
    role = {"id": READER_ID, "sku": "none", "unheardOf": {"since": "2027", "most": 2**60}, "properties": None}
    twin.answers[READER_ID.lower()] = role
    assert asked(twin) == {**role, "unheardOf": {"since": "2027", "most": str(2**60)}}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(409, {"error": {"code": "MissingSubscriptionRegistration", "message": "Register Microsoft.Sql."}}), GapKind.UNAVAILABLE),
        (Reply(302, b"", {"Location": f"https://arm.private.example{READER_ID}?api-version=2022-04-01"}), GapKind.UNAVAILABLE),
        (Reply(404, {"error": {"code": "SubscriptionNotFound", "message": "It is not there."}}), GapKind.DENIED),
        (Reply(200, b'{"id": "cut sho'), GapKind.MALFORMED),
        (Reply(200, ["no object"]), GapKind.MALFORMED),
    ],
)
def test_the_client_does_nothing_of_its_own(reply: Reply, kind: GapKind, twin: AzureTwin) -> None:
    """By itself it would register a provider, which is a write, or follow a redirect with our token: here it is one GET, and a gap."""
    with twin.fault(ROLE.id, reply), pytest.raises(Refused) as refused:
        asked(twin)
    assert refused.value.gap.kind is kind
    assert [(call.method, call.operation) for call in twin.calls()] == [("GET", ROLE.id)]


def test_an_answer_that_is_late_is_asked_again(twin: AzureTwin) -> None:
    """By our own patience, not the client's."""
    twin.answers[READER_ID.lower()] = {"id": READER_ID}
    with twin.fault(ROLE.id, Reply(503, {"error": {"code": "Busy"}}, {"Retry-After": "0"}), times=1):
        assert asked(twin, attempts=2) == {"id": READER_ID}


def test_further_pages_of_what_hangs_from_a_resource(twin: AzureTwin, collect: Collect) -> None:
    """They go the plain way, and to no other host."""
    server = twin.add(PROD, "Microsoft.Sql/servers", "db")
    rules = [{"name": f"r{i}", "properties": {"startIpAddress": "10.0.0.1", "endIpAddress": "10.0.0.1"}} for i in range(3)]
    twin.answers[f"{server}/firewallRules".lower()] = rules
    twin.page = 2
    (view,) = collect(sql, SqlServer.firewall).views(SqlServer.firewall).values()
    assert len(view) == 3
    assert len(twin.calls("Microsoft.Sql:FirewallRules_ListByServer")) == 2
