"""What the twin of Datadog takes: metrics, service checks and events, each refused unless the vendor's own models read it whole."""

import importlib
from typing import Any

from datadog_api_client import Configuration
from datadog_api_client.model_utils import validate_and_convert_types

LIMITS = {"title": 100, "text": 4000, "aggregation_key": 100, "message": 500, "tag": 200}
"""Characters that Datadog takes, by what they are of."""


def strangers(model: Any) -> list[str]:
    """Where the models could not read something: a value that is not of the enumeration, a member that is of no type."""
    if isinstance(model, list):
        return [where for one in model for where in strangers(one)]
    if not hasattr(model, "_data_store"):
        return []
    own = [type(model).__name__] if getattr(model, "_unparsed", False) else []
    known = set(getattr(model, "attribute_map", {}))
    extra = [f"{type(model).__name__}.{name}" for name in model._data_store if known and name not in known]
    return own + extra + [where for value in model._data_store.values() for where in strangers(value)]


def too_long(body: Any, name: str = "") -> list[str]:
    """Which texts are longer than Datadog takes."""
    if isinstance(body, dict):
        return [where for key, value in body.items() for where in too_long(value, "tag" if key == "tags" else key)]
    if isinstance(body, list):
        return [where for one in body for where in too_long(one, name)]
    return [name] if isinstance(body, str) and len(body) > LIMITS.get(name, len(body)) else []


def taking(version: str, model: str, answer: Any) -> Any:
    """An operation that takes a body of a model."""

    def take(call: Any) -> Any:
        module = "".join(f"_{c.lower()}" if c.isupper() else c for c in model).lstrip("_")
        cls = getattr(importlib.import_module(f"datadog_api_client.{version}.model.{module}"), model)
        try:
            read = validate_and_convert_types(call.body, (cls,), ["body"], True, True, configuration=Configuration())
        except (TypeError, ValueError, AttributeError) as error:
            return 400, f"{model}: {error}"
        wrong = [*strangers(read), *too_long(call.body)]
        return (400, *wrong) if wrong else answer

    return take


INTAKE = {
    "v2.MetricsApi:submit_metrics": taking("v2", "MetricPayload", {"errors": []}),
    "v1.ServiceChecksApi:submit_service_check": taking("v1", "ServiceChecks", {"status": "ok"}),
    "v1.EventsApi:create_event": taking("v1", "EventCreateRequest", {"status": "ok", "event": {"id": 1}}),
}
