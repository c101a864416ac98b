"""The small company's Datadog: who has an account there, what arrives, what is kept, and who is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from controlmon_twins.azure import TENANT
from controlmon_twins.datadog import DatadogTwin
from controlmon_twins.datadog_company import archive, aws, azure, index, iso, key, org, routing, rule, signal, user

from controlmon.demo.inventory import PRODUCTION, SECURITY, STAGING
from controlmon.demo.people import BEN, JANE, MARIA, PEOPLE, RAVI, SOFIA, TOM, Person

OWN = 1  # the number of controlmon's own account; people have theirs by their place in the register
BUCKET = "artemis-security-audit-trail"
SPOKE = {"azure.activedirectory": 30, "azure.activity_logs": 20, "cloudtrail": 6, "github": 60}  # minutes ago
SOURCES = {"azure.activedirectory": 60, "azure.activity_logs": 60, "cloudtrail": 30, "github": 120}  # and how often they should
CLASSES = {"root login": "@userIdentity.type:Root", "trail stopped": "StopLogging", "break-glass use": "break-glass"}
ADMINS = (JANE, RAVI)


def fill(twin: DatadogTwin) -> None:
    """Puts the company into the organization."""
    accounts = [person for person in PEOPLE if person.datadog]
    users = {person: _user(person) for person in accounts}
    keys = {
        "api_keys": [
            _key("api_keys", "agents", RAVI),
            _key("api_keys", "old-forwarder", BEN, created_at=iso(days=700), date_last_used=None),
        ],
        "application_keys": [
            key("application_keys", "controlmon", OWN, scopes=["user_access_read"]),
            _key("application_keys", "dashboards", MARIA, scopes=["dashboards_read"]),
            _key("application_keys", "scripts", TOM, scopes=None),
        ],
    }
    expires = {"scopes": ["logs_read_data"], "expires_at": None, "modified_at": None, "public_portion": "ddpat_1"}
    twin.answers |= {
        "v1.OrganizationsApi:list_orgs": {"orgs": [org()]},
        "v2.UsersApi:list_users": {"data": [twin.answers["v2.UsersApi:get_current_user"]["data"], *users.values()], "included": []},
        "v2.RolesApi:list_role_users": _holders([users[one] for one in ADMINS], list(users.values())),
        "v2.KeyManagementApi:list_api_keys": {"data": keys["api_keys"]},
        "v2.KeyManagementApi:list_application_keys": {"data": keys["application_keys"]},
        "v2.KeyManagementApi:list_personal_access_tokens": {"data": [_key("personal_access_tokens", "laptop", RAVI, **expires)]},
        "v2.LogsApi:aggregate_logs": _arrivals,
        "v1.LogsIndexesApi:list_log_indexes": {"indexes": [index(num_retention_days=30)]},
        "v2.LogsArchivesApi:list_logs_archives": {"data": [archive(bucket=BUCKET)]},
        "v2.SecurityMonitoringApi:list_security_monitoring_rules": {"data": _rules()},
        "v2.SecurityMonitoringApi:list_security_monitoring_suppressions": {"data": []},
        "v2.SecurityMonitoringApi:get_signal_notification_rules": {"data": [routing("critical", "high")]},
        "v2.SecurityMonitoringApi:search_security_monitoring_signals": {"data": _signals()},
        "v2.OnCallApi:get_team_on_call_users": _on_call(users[MARIA]),
        "v2.AWSIntegrationApi:list_aws_accounts": {
            "data": [aws(PRODUCTION, "cloudtrail", "s3"), aws(SECURITY, "cloudtrail"), aws(STAGING)]
        },
        "v1.AzureIntegrationApi:list_azure_integration": [azure(TENANT)],
    }


def _number(person: Person) -> int:
    return PEOPLE.index(person) + OWN + 1


def _user(person: Person) -> dict[str, Any]:
    """Sofia's account was disabled on her last day; nobody thought of Ben's."""
    gone = {"disabled": True, "status": "Disabled"} if person is SOFIA else {}
    dates = {"created_at": iso(days=300), "modified_at": iso(days=300)}
    made: dict[str, Any] = user(_number(person), person.datadog, name=person.name, title=person.role, **dates, **gone)
    return made


def _key(kind: str, name: str, owner: Person, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - members of an answer of Datadog
    made: dict[str, Any] = key(kind, name, _number(owner), **said)
    return made


def _holders(admins: list[dict[str, Any]], readers: list[dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    return lambda call: {"data": admins if call.path["role_id"] == "role-admin" else readers}


def _on_call(person: dict[str, Any]) -> dict[str, Any]:
    responders = {"responders": {"data": [{"id": person["id"], "type": "users"}]}, "escalations": {"data": []}}
    return {"data": {"id": "team-1", "type": "team_oncall_responders", "relationships": responders}}


def _rules() -> list[dict[str, Any]]:
    """Root logins and stopped trails are looked for; nothing looks for the break-glass accounts."""
    return [
        rule(1, "source:cloudtrail @userIdentity.type:Root", "@slack-security", name="Root login"),
        rule(2, "source:cloudtrail @evt.name:StopLogging", "@slack-security", name="Trail stopped"),
        rule(3, "source:azure.activedirectory break-glass", name="Break-glass use", isEnabled=False),
    ]


def _signals() -> list[dict[str, Any]]:
    return [
        signal("signal-1", "open"),
        signal("signal-2", "under_review", hours=40),
        signal("signal-3", "archived", hours=50, archiveReason="false_positive", archiveCommentUser={"handle": MARIA.datadog}),
    ]


def _arrivals(call: Any) -> dict[str, Any]:  # noqa: ANN401 - the call of the double
    """When each source spoke last, in steps of five minutes, within the span that was asked for."""
    since = datetime.fromisoformat(call.body["filter"]["from"])
    found = []
    for source, minutes in SPOKE.items():
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        at = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
        if at >= since:
            point = {"time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "value": 19}
            found.append({"by": {"source": source}, "computes": {"c0": [point]}})
    return {"data": {"buckets": found}, "meta": {"elapsed": 132, "request_id": "arrivals", "status": "done"}}


def parameters() -> dict[str, dict[str, Any]]:
    """What the company declares of its monitoring, by check."""
    return {
        "datadog.integration.coverage": {"production": [SECURITY, PRODUCTION, TENANT]},
        "datadog.log.archive": {"sources": list(SOURCES), "locked_days": {BUCKET: 400}},
        "datadog.log.index_health": {"sources": list(SOURCES)},
        "datadog.log.source_fresh": {"sources": SOURCES},
        "datadog.role.admins": {"listed": [person.email for person in ADMINS]},
        "datadog.security.required_rules": {"classes": CLASSES, "required": list(CLASSES)},
    }
