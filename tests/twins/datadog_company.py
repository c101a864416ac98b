"""What a small, well-kept organization answers, in the shapes of Datadog's OpenAPI examples, and what each operation needs of a role.

The vendor's own models read all of it back without a remainder: see tests/collect/test_datadog_twin.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

ORG, UUID = "abc123", "00000000-0000-4000-8000-00000000abcd"
CHILD = "def456"
MINUTES_AGO = {"cloudtrail": 6, "azure.activity_logs": 20, "azure.activedirectory": 30, "github": 60, "auth0": 10}
NEEDED = {
    "v1.OrganizationsApi:list_orgs": ("org_management",),
    "v2.OrganizationsApi:list_org_configs": ("org_management",),
    "v2.OrganizationsApi:list_saml_configurations": ("org_management",),
    "v2.UsersApi:list_users": ("user_access_read",),
    "v2.RolesApi:list_roles": ("user_access_read",),
    "v2.RolesApi:list_role_users": ("user_access_read",),
    "v2.RolesApi:list_role_permissions": ("user_access_read",),
    "v2.KeyManagementApi:list_api_keys": ("api_keys_read",),
    "v2.KeyManagementApi:list_application_keys": ("org_app_keys_read",),
    "v2.KeyManagementApi:list_personal_access_tokens": ("org_app_keys_read",),
    "v2.LogsApi:aggregate_logs": ("logs_read_data",),
    "v2.LogsApi:list_logs": ("logs_read_data",),
    "v1.LogsIndexesApi:list_log_indexes": ("logs_read_config",),
    "v1.LogsIndexesApi:get_logs_index_order": ("logs_read_config",),
    "v2.LogsArchivesApi:list_logs_archives": ("logs_read_archives",),
    "v2.LogsArchivesApi:get_logs_archive_order": ("logs_read_config",),
    "v2.SecurityMonitoringApi:list_security_monitoring_rules": ("security_monitoring_rules_read",),
    "v2.SecurityMonitoringApi:list_security_monitoring_suppressions": ("security_monitoring_suppressions_read",),
    "v2.SecurityMonitoringApi:get_signal_notification_rules": ("security_monitoring_notification_profiles_read",),
    "v2.SecurityMonitoringApi:search_security_monitoring_signals": ("security_monitoring_signals_read",),
    "v2.OnCallApi:get_team_on_call_users": ("on_call_read",),
    "v2.TeamsApi:list_teams": ("teams_read",),
    "v2.AuditApi:search_audit_logs": ("audit_logs_read",),
    "v2.AWSIntegrationApi:list_aws_accounts": ("aws_configuration_read",),
    "v1.AzureIntegrationApi:list_azure_integration": ("azure_configuration_read",),
}
TOTALS = {
    "v2.UsersApi:list_users": "page.total_filtered_count",
    "v2.RolesApi:list_roles": "page.total_filtered_count",
    "v2.RolesApi:list_role_users": "page.total_filtered_count",
    "v2.KeyManagementApi:list_api_keys": "page.total_filtered_count",
    "v2.KeyManagementApi:list_application_keys": "page.total_filtered_count",
    "v2.KeyManagementApi:list_personal_access_tokens": "page.total_filtered_count",
    "v2.SecurityMonitoringApi:list_security_monitoring_rules": "page.total_count",
    "v2.SecurityMonitoringApi:list_security_monitoring_suppressions": "page.total_count",
    "v2.TeamsApi:list_teams": "pagination.total",
}


def iso(**back: float) -> str:
    return (datetime.now(UTC) - timedelta(**back)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user(number: int, email: str, **said: Any) -> dict[str, Any]:
    attributes = {
        "name": email.partition("@")[0],
        "handle": email,
        "email": email,
        "created_at": "2025-01-10T09:00:00+00:00",
        "modified_at": "2025-01-10T09:00:00+00:00",
        "icon": "/path/to/matching/gravatar/icon",
        "title": None,
        "verified": True,
        "service_account": False,
        "disabled": False,
        "mfa_enabled": False,
        "allowed_login_methods": [],
        "status": "Active",
        **said,
    }
    relationships = {"org": {"data": {"type": "orgs", "id": UUID}}, "roles": {"data": []}}
    return {"type": "users", "id": f"00000000-0000-4000-8000-{number:012}", "attributes": attributes, "relationships": relationships}


def org(public_id: str = ORG, name: str = "Artemis", *, saml: bool = True, strict: bool = True) -> dict[str, Any]:
    settings = {
        "private_widget_share": False,
        "saml": {"enabled": saml},
        "saml_autocreate_access_role": "ro",
        "saml_autocreate_users_domains": {"domains": ["example.com"], "enabled": False},
        "saml_can_be_enabled": True,
        "saml_idp_endpoint": "https://my.saml.endpoint",
        "saml_idp_initiated_login": {"enabled": False},
        "saml_idp_metadata_uploaded": True,
        "saml_login_url": "https://my.saml.login.url",
        "saml_strict_mode": {"enabled": strict},
    }
    return {"created": "2019-09-26T17:28:28Z", "name": name, "public_id": public_id, "settings": settings}


def key(kind: str, name: str, owner: int, **said: Any) -> dict[str, Any]:
    used = "date_last_used" if kind == "api_keys" else "last_used_at"
    attributes = {"name": name, "created_at": iso(days=30), "last4": "abcd", used: iso(days=1), **said}
    link = {"data": {"type": "users", "id": f"00000000-0000-4000-8000-{owner:012}"}}
    relationships = {"created_by": link} if kind == "api_keys" else {"owned_by": link}
    return {"type": kind, "id": f"{name}-id", "attributes": attributes, "relationships": relationships}


def arrivals(call: Any) -> dict[str, Any]:
    """Counts by source and five minutes, within the span that was asked for."""
    since = datetime.fromisoformat(call.body["filter"]["from"])
    found = []
    for source, minutes in MINUTES_AGO.items():
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        at = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
        if at >= since:
            point = {"time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "value": 19}
            found.append({"by": {"source": source}, "computes": {"c0": [point]}})
    return {"data": {"buckets": found}, "meta": {"elapsed": 132, "request_id": "MWlFUjVaWGZTTTZPYzM0VXp1OXU2d", "status": "done"}}


def audit(call: Any) -> dict[str, Any]:
    at = iso(days=100) if call.body["sort"] == "timestamp" else iso(hours=1)
    attributes = {"service": "web-app", "message": "m", "tags": ["team:A"], "timestamp": at, "attributes": {"customAttribute": 123}}
    return {"data": [{"id": f"audit-{at}", "type": "audit", "attributes": attributes}], "meta": {"status": "done"}}


def signal(name: str, state: str, *, hours: float = 1, **triage: Any) -> dict[str, Any]:
    rule = {"id": "0f5-e0c-805", "name": "Brute Force Attack Grouped By User"}
    custom = {"status": "high", "workflow": {"rule": rule, "triage": {"state": state, **triage}}}
    attributes = {"custom": custom, "message": name, "tags": ["security:attack"], "timestamp": iso(hours=hours)}
    return {"id": name, "type": "signal", "attributes": attributes}


def rule(number: int, query: str, *notifications: str, **said: Any) -> dict[str, Any]:
    case = {"name": "case", "status": "high", "condition": "a > 0", "notifications": list(notifications)}
    return {
        "id": f"r-{number}",
        "name": f"rule {number}",
        "type": "log_detection",
        "isEnabled": True,
        "isDeleted": False,
        "isDefault": False,
        "tags": ["source:cloudtrail"],
        "queries": [{"query": query, "aggregation": "count", "groupByFields": [], "distinctFields": [], "name": "a"}],
        "cases": [case],
        "options": {"evaluationWindow": 900, "keepAlive": 3600, "maxSignalDuration": 86400, "detectionMethod": "threshold"},
        "filters": [],
        "message": "m",
        "version": 1,
        **said,
    }


def routing(*severities: str, targets: tuple[str, ...] = ("@slack-security",), **said: Any) -> dict[str, Any]:
    selectors = {"severities": list(severities), "rule_types": ["log_detection"], "query": "", "trigger_source": "security_signals"}
    person = {"name": "Ann", "handle": "ann@example.com"}
    attributes = {
        "name": "to the people on duty", "enabled": True, "selectors": {**selectors, **said.pop("selectors", {})}, "targets": list(targets),
        "created_at": 1722439510282, "modified_at": 1722439510282, "created_by": person, "modified_by": person, "time_aggregation": 86400,
        "version": 1, **said,
    }  # fmt: skip
    return {"id": "aaa-bbb-ccc", "type": "notification_rules", "attributes": attributes}


def index(name: str = "main", query: str = "", **said: Any) -> dict[str, Any]:
    usual = {"daily_limit": 300000000, "is_rate_limited": False, "num_retention_days": 15, "exclusion_filters": []}
    return {"name": name, "filter": {"query": query}, **usual, **said}


def archive(name: str = "a1", query: str = "*", state: str = "WORKING", bucket: str = "artemis-logs") -> dict[str, Any]:
    to = {"type": "s3", "bucket": bucket, "path": "/logs", "integration": {"account_id": "111111111111", "role_name": "Datadog"}}
    attributes = {"name": name, "query": query, "state": state, "destination": to, "include_tags": True, "rehydration_tags": []}
    return {"id": f"{name}-id", "type": "archives", "attributes": attributes}


def aws(account: str, *sources: str) -> dict[str, Any]:
    lambdas = [f"arn:aws:lambda:us-east-1:{account}:function:DatadogForwarder"] if sources else []
    attributes = {
        "aws_account_id": account,
        "aws_partition": "aws",
        "account_tags": ["env:prod"],
        "auth_config": {"role_name": "DatadogIntegrationRole", "external_id": "0123456789abcdef"},
        "logs_config": {"lambda_forwarder": {"lambdas": lambdas, "sources": list(sources)}},
    }
    return {"id": f"00000000-abcd-0001-0000-{account}", "type": "account", "attributes": attributes}


def azure(tenant: str) -> dict[str, Any]:
    return {"tenant_name": tenant, "client_id": "testc7f6-1234-5678-9101-3fcbf464test", "errors": [], "host_filters": "key:value"}


ME = user(1, "controlmon@example.com", service_account=True)
PEOPLE = [ME, user(2, "ann@example.com"), user(3, "bob@example.com"), user(4, "gone@example.com", disabled=True, status="Disabled")]
TENANT = "11111111-2222-4333-8444-555555555555"
RESPONDERS = {"responders": {"data": [{"id": PEOPLE[1]["id"], "type": "users"}]}, "escalations": {"data": []}}
ANSWERS: dict[str, Any] = {
    "v2.UsersApi:get_current_user": {
        "data": ME,
        "included": [{"type": "orgs", "id": UUID, "attributes": {"name": "Artemis", "public_id": ORG}}],
    },
    "v1.OrganizationsApi:list_orgs": {"orgs": [org()]},
    "v2.OrganizationsApi:list_org_configs": {
        "data": [
            {
                "id": "abcd1234",
                "type": "org_configs",
                "attributes": {
                    "name": "monitor_timezone",
                    "description": "The time zone of alerts",
                    "value_type": "enum",
                    "value": "UTC",
                    "modified_at": None,
                },
            }
        ]
    },
    "v2.OrganizationsApi:list_saml_configurations": {
        "data": [{"id": UUID, "type": "saml_configurations", "attributes": {"sso_url": "https://my.saml.endpoint", "idp_initiated": False}}]
    },
    "v2.UsersApi:list_users": {"data": PEOPLE, "included": []},
    "v2.RolesApi:list_roles": {
        "data": [
            {"type": "roles", "id": "role-admin", "attributes": {"name": "Datadog Admin Role", "user_count": 1}},
            {"type": "roles", "id": "role-read", "attributes": {"name": "Datadog Read Only Role", "user_count": 2}},
        ]
    },
    "v2.RolesApi:list_role_permissions": lambda call: {
        "data": [
            {"type": "permissions", "id": f"p-{name}", "attributes": {"name": name}}
            for name in (("user_access_manage", "org_management") if call.path["role_id"] == "role-admin" else ("logs_read_data",))
        ]
    },
    "v2.RolesApi:list_role_users": lambda call: {"data": [PEOPLE[1]] if call.path["role_id"] == "role-admin" else PEOPLE[1:]},
    "v2.KeyManagementApi:list_api_keys": {"data": [key("api_keys", "agents", 2)]},
    "v2.KeyManagementApi:list_application_keys": {"data": [key("application_keys", "controlmon", 1, scopes=["user_access_read"])]},
    "v2.KeyManagementApi:list_personal_access_tokens": {
        "data": [
            key(
                "personal_access_tokens",
                "laptop",
                2,
                scopes=["logs_read_data"],
                expires_at=None,
                modified_at=None,
                public_portion="ddpat_1",
            )
        ]
    },
    "v2.LogsApi:aggregate_logs": arrivals,
    "v2.LogsApi:list_logs": {"data": [], "meta": {"status": "done"}},
    "v2.LogsApi:submit_log": {},
    "v1.LogsIndexesApi:list_log_indexes": {"indexes": [index()]},
    "v1.LogsIndexesApi:get_logs_index_order": {"index_names": ["main"]},
    "v2.LogsArchivesApi:list_logs_archives": {"data": [archive()]},
    "v2.LogsArchivesApi:get_logs_archive_order": {"data": {"type": "archive_order", "attributes": {"archive_ids": ["a1-id"]}}},
    "v2.SecurityMonitoringApi:list_security_monitoring_rules": {"data": [rule(1, "source:cloudtrail @userIdentity.type:Root", "@slack-x")]},
    "v2.SecurityMonitoringApi:list_security_monitoring_suppressions": {
        "data": [
            {
                "id": "3dd-0uc-h1s",
                "type": "suppressions",
                "attributes": {
                    "name": "staging",
                    "enabled": True,
                    "rule_query": "type:log_detection source:cloudtrail",
                    "suppression_query": "env:staging",
                    "data_exclusion_query": "",
                    "version": 1,
                },
            }
        ]
    },
    "v2.SecurityMonitoringApi:get_signal_notification_rules": {"data": [routing("critical", "high")]},
    "v2.SecurityMonitoringApi:search_security_monitoring_signals": {"data": [signal("s-1", "open"), signal("s-2", "under_review")]},
    "v2.TeamsApi:list_teams": {
        "data": [{"id": "team-1", "type": "team", "attributes": {"handle": "security", "name": "Security", "user_count": 2}}]
    },
    "v2.OnCallApi:get_team_on_call_users": {"data": {"id": "team-1", "type": "team_oncall_responders", "relationships": RESPONDERS}},
    "v2.AuditApi:search_audit_logs": audit,
    "v2.AWSIntegrationApi:list_aws_accounts": {"data": [aws("111111111111", "cloudtrail", "s3"), aws("222222222222")]},
    "v1.AzureIntegrationApi:list_azure_integration": [azure(TENANT)],
}
