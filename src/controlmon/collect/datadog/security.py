"""Cloud SIEM: detection rules, suppressions, notification rules, signals; and who is on call."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.collect.datadog.operation import Paging, Read
from controlmon.core.fact import Raw
from controlmon.facts.datadog.security import NotificationRule, Rule, Signal, Suppression, Team

security = Service("datadog", "security")
API = "v2.SecurityMonitoringApi"
RULES = ("security_monitoring_rules_read",)
KEPT = timedelta(days=455)
"""Datadog keeps signals for fifteen months."""


@security.lists(
    Rule,
    Read(API, "list_security_monitoring_rules", needs=RULES, paging=Paging.NUMBER),
    at=Place.ACCOUNT,
    gives=[Rule.settings],
)
def rules(ask: Ask) -> Iterator[Found]:
    """Every detection rule, Datadog's own and the organization's."""
    for rule in ask.items("data"):
        yield Found(Rule, rule["id"], rule["name"], answers={Rule.settings: rule})


@security.lists(
    Suppression,
    Read(API, "list_security_monitoring_suppressions", needs=("security_monitoring_suppressions_read",), paging=Paging.NUMBER),
    at=Place.ACCOUNT,
    gives=[Suppression.settings],
)
def suppressions(ask: Ask) -> Iterator[Found]:
    """Every suppression, in force or not."""
    for one in ask.items("data"):
        yield Found(Suppression, one["id"], one["attributes"].get("name") or one["id"], answers={Suppression.settings: one})


@security.lists(
    NotificationRule,
    Read(API, "get_signal_notification_rules", needs=("security_monitoring_notification_profiles_read",)),
    at=Place.ACCOUNT,
    gives=[NotificationRule.settings],
)
def notification_rules(ask: Ask) -> Iterator[Found]:
    """Every rule for signals."""
    for one in ask()["data"]:
        yield Found(NotificationRule, one["id"], one["attributes"].get("name") or one["id"], answers={NotificationRule.settings: one})


@security.lists(
    Signal,
    Read(API, "search_security_monitoring_signals", needs=("security_monitoring_signals_read",), paging=Paging.CURSOR, size=1000),
    at=Place.ACCOUNT,
    gives=[Signal.triage],
)
def signals(ask: Ask) -> Iterator[Found]:
    """Every signal of severity high or critical that Datadog still keeps."""
    span = {"from": (ask.now - KEPT).isoformat(), "to": ask.now.isoformat()}
    body = {"filter": {"query": "status:(high OR critical)", **span}, "sort": "timestamp"}
    for signal in ask.items("data", body=body):
        yield Found(Signal, signal["id"], signal["attributes"].get("message", "")[:80] or signal["id"], answers={Signal.triage: signal})


@security.lists(Team, Read("v2.TeamsApi", "list_teams", needs=("teams_read",), paging=Paging.NUMBER), at=Place.ACCOUNT)
def teams(ask: Ask) -> Iterator[Found]:
    """Every team."""
    for team in ask.items("data"):
        yield Found(Team, team["id"], team["attributes"]["handle"])


@security.answers(Team.on_call, Read("v2.OnCallApi", "get_team_on_call_users", needs=("on_call_read",), absent=("404",)))
def on_call(ask: Ask, team: Met) -> Raw:
    """Who is on call for it now."""
    return ask(team_id=team.id, include="responders")
