"""How the twin of Datadog knows an operation: by the path and method of datadog-api-client's own description."""

import importlib
import re
from dataclasses import dataclass

from datadog_api_client import ApiClient, Configuration

MODULES = {
    "v1": {
        "organizations_api": "OrganizationsApi",
        "logs_indexes_api": "LogsIndexesApi",
        "azure_integration_api": "AzureIntegrationApi",
        "service_checks_api": "ServiceChecksApi",
        "events_api": "EventsApi",
    },
    "v2": {
        "audit_api": "AuditApi",
        "aws_integration_api": "AWSIntegrationApi",
        "key_management_api": "KeyManagementApi",
        "logs_api": "LogsApi",
        "logs_archives_api": "LogsArchivesApi",
        "metrics_api": "MetricsApi",
        "on_call_api": "OnCallApi",
        "organizations_api": "OrganizationsApi",
        "roles_api": "RolesApi",
        "security_monitoring_api": "SecurityMonitoringApi",
        "teams_api": "TeamsApi",
        "users_api": "UsersApi",
    },
}


@dataclass(frozen=True)
class Route:
    """An operation of the client: how it is recognized."""

    operation: str
    method: str
    pattern: re.Pattern[str]


def routes() -> list[Route]:
    """Every operation of the classes that the product uses, those that write too."""
    client = ApiClient(Configuration(api_key={"apiKeyAuth": "x", "appKeyAuth": "x"}))
    found = []
    for version, modules in MODULES.items():
        for module, name in modules.items():
            api = getattr(importlib.import_module(f"datadog_api_client.{version}.api.{module}"), name)(client)
            for key, endpoint in vars(api).items():
                if key.endswith("_endpoint"):
                    path = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(endpoint.settings["endpoint_path"]))
                    operation = f"{version}.{name}:{endpoint.settings['operation_id']}"
                    found.append(Route(operation, endpoint.settings["http_method"], re.compile(path)))
    return sorted(found, key=lambda r: r.pattern.pattern.count("(?P"))
