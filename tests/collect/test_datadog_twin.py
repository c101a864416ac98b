"""The double of Datadog speaks as Datadog does: the vendor's own client and models read all of it."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration

from tests.twins.datadog import API_KEY, APP_KEY, CURSORS, DatadogTwin
from tests.twins.datadog_company import ANSWERS, TOTALS
from tests.twins.datadog_paths import MODULES

NOT_IN_THE_SPEC = {"allowed_login_methods", "last4"}
"""Members that Datadog sends and its specification, as of this client, does not name."""


@pytest.fixture(scope="module")
def twin() -> Iterator[DatadogTwin]:
    with DatadogTwin() as twin:
        yield twin


def strangers(model: Any) -> list[str]:
    """Where the vendor's models could not read something: a value that is not of the enumeration, a member that is of no type."""
    if isinstance(model, list):
        return [where for one in model for where in strangers(one)]
    if not hasattr(model, "_data_store"):
        return []
    own = [type(model).__name__] if getattr(model, "_unparsed", False) else []
    known = set(getattr(model, "attribute_map", {}))
    loose = getattr(type(model), "additional_properties_type", None)
    extra = [f"{type(model).__name__}.{name}" for name in model._data_store if known and name not in known | NOT_IN_THE_SPEC]
    return own + (extra if loose is None or known else []) + [w for value in model._data_store.values() for w in strangers(value)]


BODIES = {
    "aggregate_logs": {"filter": {"from": "2020-01-01T00:00:00+00:00"}},
    "search_audit_logs": {"sort": "timestamp"},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_role_users": {"role_id": "role-admin"},
    "list_role_permissions": {"role_id": "role-admin"},
    "get_team_on_call_users": {"team_id": "team-1"},
    "submit_log": {"body": [{"message": "m"}]},
    "list_logs": {"body": {}},
    "search_security_monitoring_signals": {"body": {}},
}


@pytest.mark.parametrize("operation", sorted(ANSWERS))
def test_the_vendors_models_read_every_answer(twin: DatadogTwin, operation: str) -> None:
    """Nothing in it is of a wrong type, of an unknown value, or of a name that the specification does not have."""
    service, name = operation.split(":")
    version, cls = service.split(".")
    settings = Configuration(host=twin.url, api_key={"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY}, check_input_type=False)
    module = next(module for module, name_ in MODULES[version].items() if name_ == cls)
    api = getattr(importlib.import_module(f"datadog_api_client.{version}.api.{module}"), cls)(ApiClient(settings))
    endpoint = getattr(api, f"_{name}_endpoint")
    arguments = {"body": BODIES[name]} if name in BODIES else ARGUMENTS.get(name, {})
    assert strangers(endpoint.call_with_http_info(**arguments)) == []


def test_every_list_that_pages_is_cut(twin: DatadogTwin) -> None:
    """What pages in the client's description pages here."""
    assert {*TOTALS, *CURSORS} <= set(ANSWERS)


def test_a_write_is_noticed(twin: DatadogTwin) -> None:
    """The journal tells reads from writes by the operation, not by what it is hoped to be."""
    from datadog_api_client.v2.api.roles_api import RolesApi

    settings = Configuration(host=twin.url, api_key={"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY})
    twin.reset_journal()
    with pytest.raises(Exception, match="404"):
        RolesApi(ApiClient(settings)).delete_role("role-admin")
    with pytest.raises(AssertionError, match="RolesApi:delete_role"):
        twin.assert_read_only()
    twin.reset_journal()


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("v2.LogsArchivesApi:list_logs_archives", {"data": [{"type": "archives", "id": "a", "attributes": {"state": "SHINY"}}]}),
        ("v2.UsersApi:list_users", {"data": [{"type": "users", "id": "u", "attributes": {"invented": True}}]}),
        ("v2.UsersApi:list_users", {"data": [{"type": "users", "id": "u", "attributes": {"disabled": "no"}}]}),
    ],
)
def test_an_invented_answer_is_noticed(twin: DatadogTwin, monkeypatch: pytest.MonkeyPatch, operation: str, answer: Any) -> None:
    """An unknown value, a made-up member or a wrong type would not go through."""
    monkeypatch.setitem(twin.answers, operation, answer)
    with pytest.raises((AssertionError, TypeError)):
        test_the_vendors_models_read_every_answer(twin, operation)
