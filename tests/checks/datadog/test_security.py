"""The checks of Cloud SIEM on raw answers of Datadog."""

from typing import Any

import pytest

from controlmon.facts.datadog.organization import Organization
from controlmon.facts.datadog.security import CLASSES, NotificationRule, Rule, Signal, Suppression, Team
from controlmon.facts.datadog.users import User
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict
from tests.twins.datadog_company import routing as raw_routing
from tests.twins.datadog_company import rule as raw_rule
from tests.twins.datadog_company import signal as raw_signal
from tests.twins.datadog_company import user as raw_user

US = Given(Organization, ACCOUNT)
QUERY = "source:cloudtrail @userIdentity.type:Root"
ONE = {"required": ["root login"], "classes": {"root login": "@userIdentity.type:Root"}}


def rule(number: int = 1, *targets: str, query: str = QUERY, **said: Any) -> Given:
    return Given(Rule, f"r-{number}", name=f"rule {number}", settings=raw_rule(number, query, *targets, **said))


def routing(*severities: str, targets: tuple[str, ...] = ("@slack-security",), **said: Any) -> Given:
    return Given(NotificationRule, "n-1", name="on duty", settings=raw_routing(*severities, targets=targets, **said))


def silence(rules: str, suppression: str = "*", **said: Any) -> Given:
    usual = {"enabled": True, "rule_query": rules, "suppression_query": suppression, "data_exclusion_query": "", "name": "s"}
    return Given(Suppression, "s-1", settings={"id": "s-1", "attributes": {**usual, **said}})


PAST, FUTURE = 1_700_000_000_000, 1_900_000_000_000


@pytest.mark.parametrize(
    ("given", "more", "outcome", "because"),
    [
        pytest.param([rule(1, "@slack-x")], {}, "pass", "1 classes has a rule", id="a rule with a notification"),
        pytest.param([rule(1, "@slack-x", query="source:nginx")], {}, "fail", "no enabled rule looks for root login", id="another rule"),
        pytest.param([], {}, "fail", "no enabled rule", id="no rule"),
        pytest.param([rule(1, "@slack-x", isEnabled=False)], {}, "fail", "no enabled rule", id="disabled"),
        pytest.param([rule(1, "@slack-x", isDeleted=True)], {}, "fail", "no enabled rule", id="deleted"),
        pytest.param([rule(1, "@slack-x", isDefault=True)], {}, "pass", "rule at work", id="Datadog's own: by class, not by id"),
        pytest.param([rule(1)], {}, "fail", "nobody is told", id="without notifications it reaches nobody"),
        pytest.param([rule(1), routing("high")], {}, "pass", "rule at work", id="unless a notification rule takes it"),
        pytest.param([rule(1), routing("low")], {}, "fail", "nobody is told", id="of its severity"),
        pytest.param([rule(1), routing("high", enabled=False)], {}, "fail", "nobody", id="that is enabled"),
        pytest.param([rule(1), routing("high", targets=())], {}, "fail", "nobody", id="and tells somebody"),
        pytest.param([rule(1), routing("high", selectors={"trigger_source": "security_findings"})], {}, "fail", "nobody", id="of signals"),
        pytest.param([rule(1), routing("high", selectors={"rule_types": ["workload_security"]})], {}, "fail", "nobody", id="of its type"),
        pytest.param([rule(1), routing("high", selectors={"query": "source:cloudtrail"})], {}, "pass", "at work", id="by its tags"),
        pytest.param([rule(1), routing("high", selectors={"query": "env:prod"})], {}, "unknown", "cannot be told", id="perhaps"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1")], {}, "fail", "it is suppressed", id="a suppression silences it"),
        pytest.param([rule(1, "@x"), silence("type:log_detection")], {}, "fail", "suppressed", id="or all of its type"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-2")], {}, "pass", "at work", id="not one of another rule"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1", "env:staging")], {}, "pass", "at work", id="nor of some signals only"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1", enabled=False)], {}, "pass", "at work", id="nor one that is disabled"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1", expiration_date=PAST)], {}, "pass", "at work", id="nor one that is over"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1", start_date=FUTURE)], {}, "pass", "at work", id="nor one that is to come"),
        pytest.param([rule(1, "@x"), silence("ruleId:r-1", expiration_date=FUTURE)], {}, "fail", "suppressed", id="but one that holds"),
        pytest.param([rule(1, "@x"), silence("team:a")], {}, "unknown", "whether a suppression", id="one that may be about it is unknown"),
        pytest.param([rule(1), rule(2, "@x")], {}, "pass", "at work", id="one heard rule is enough"),
        pytest.param([rule(1, "@x")], {"classes": {}}, "unknown", "no rule query is given for root login", id="a class without a query"),
        pytest.param([rule(1, "@x")], {"required": CLASSES}, "unknown", "trail stopped", id="every class that matters is asked for"),
        pytest.param([rule(1, "@x")], {"classes": {"root login": "*type:Ro?t"}}, "pass", "at work", id="a query may be a glob"),
        pytest.param([rule(1, "@x")], {"gaps": {Rule: DENIED}}, "unknown", "grant", id="rules denied"),
        pytest.param([rule(1, "@x")], {"gaps": {Suppression: DENIED}}, "unknown", "grant", id="suppressions denied"),
        pytest.param([rule(1)], {"gaps": {NotificationRule: DENIED}}, "unknown", "grant", id="notification rules denied"),
        pytest.param([rule(1, "@x")], {"gaps": {NotificationRule: DENIED}}, "pass", "at work", id="if they matter"),
    ],
)  # fmt: skip
def test_required_rules(given: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    gaps = more.get("gaps", {})
    empty = tuple(k for k in (Rule, NotificationRule, Suppression) if k not in gaps and not any(g.kind is k for g in given))
    found = verdict("datadog.security.required_rules", US, *given, **{**ONE, "empty": empty, **more})
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_by_default_every_class_is_required_and_none_is_mapped() -> None:
    """Nothing declared is unknown, and names all eleven."""
    found = verdict("datadog.security.required_rules", US, rule(1, "@x"), empty=(NotificationRule, Suppression))
    assert found.outcome == "unknown"
    assert all(name in found.reason for name in CLASSES)


def team(name: str, *people: str, **more: Any) -> Given:
    on_call = {"data": {"relationships": {"responders": {"data": [{"id": p} for p in people]}}}}
    return Given(Team, f"{name}-id", name=name, **{"on_call": on_call, **more})


ANN, GONE = raw_user(2, "ann@example.com"), raw_user(4, "gone@example.com", disabled=True)
PEOPLE = [Given(User, one["id"], name=one["attributes"]["email"], profile=one) for one in (ANN, GONE)]
STAFFED, NOBODY = team("security", "u-1"), team("security")
BOTH = ("critical", "high")


@pytest.mark.parametrize(
    ("given", "more", "outcome", "because"),
    [
        pytest.param([routing(*BOTH), STAFFED], {}, "pass", "somebody is on call", id="told, and somebody is there"),
        pytest.param([routing("critical"), STAFFED], {}, "fail", "tells of high signals", id="high is not told of"),
        pytest.param([routing(), STAFFED], {}, "pass", "somebody", id="no severity chosen means all"),
        pytest.param([routing(*BOTH, enabled=False), STAFFED], {}, "fail", "critical or high", id="disabled"),
        pytest.param([routing(*BOTH, targets=()), STAFFED], {}, "fail", "no enabled rule", id="without targets"),
        pytest.param([STAFFED], {}, "fail", "no enabled rule", id="no rule"),
        pytest.param([routing(*BOTH), NOBODY], {}, "fail", "nobody is on call", id="nobody on call"),
        pytest.param([routing(*BOTH)], {}, "fail", "nobody is on call", id="no team"),
        pytest.param([routing(*BOTH), team("a", on_call={"Error": {"Code": "404"}})], {}, "fail", "nobody", id="a team that is not in On-Call"),
        pytest.param([routing(*BOTH), NOBODY, team("b", "u")], {}, "pass", "somebody", id="one team is enough"),
        pytest.param([routing(*BOTH), NOBODY, team("b", "u")], {"on_call_teams": ["security"]}, "fail", "nobody", id="if it is one that counts"),
        pytest.param([routing(*BOTH, targets=("@gone@example.com",)), STAFFED], {}, "fail", "not dead", id="a dead e-mail handle"),
        pytest.param([routing(*BOTH, targets=("@ann@example.com",)), STAFFED], {}, "pass", "somebody", id="one that lives"),
        pytest.param([routing(*BOTH, targets=("@slack-old",)), STAFFED], {"staffed": ["@slack-security"]}, "fail", "dead", id="a removed channel"),
        pytest.param([routing(*BOTH), STAFFED], {"staffed": ["@slack-*"]}, "pass", "somebody", id="one that is declared to be there"),
        pytest.param([routing(*BOTH, selectors={"query": "env:prod"}), STAFFED], {}, "unknown", "not of all", id="of some signals only"),
        pytest.param([routing(*BOTH, selectors={"trigger_source": "security_findings"}), STAFFED], {}, "fail", "no enabled", id="of findings"),
        pytest.param([routing(*BOTH), team("a", on_call=DENIED)], {}, "unknown", "grant", id="on call denied"),
        pytest.param([routing(*BOTH), STAFFED, team("a", on_call=DENIED)], {}, "pass", "somebody", id="unless another is"),
        pytest.param([STAFFED], {"gaps": {NotificationRule: DENIED}}, "unknown", "grant", id="rules denied"),
        pytest.param([routing(*BOTH)], {"gaps": {Team: DENIED}}, "unknown", "grant", id="teams denied"),
    ],
)  # fmt: skip
def test_notification_route(given: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    gaps = more.get("gaps", {})
    empty = tuple(k for k in (NotificationRule, Team) if k not in gaps and not any(g.kind is k for g in given))
    found = verdict("datadog.security.notification_route", US, *given, *PEOPLE, **{"empty": empty, **more})
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_users_that_were_denied_matter_only_to_a_target_that_is_a_person() -> None:
    """A channel needs no user list; an e-mail handle may be dead for all that was seen."""
    for targets, outcome in ((("@slack-security",), "pass"), (("@ann@example.com",), "unknown")):
        given = (routing(*BOTH, targets=targets), STAFFED)
        assert verdict("datadog.security.notification_route", US, *given, gaps={User: DENIED}).outcome == outcome


def signal(state: str | None, at: str = "2026-11-23T11:00:00Z", *, inside: str = "custom", **triage: Any) -> Given:
    raw = raw_signal("s-1", state or "open", **triage)
    raw["attributes"]["timestamp"] = at
    if state is None:
        del raw["attributes"]["custom"]["workflow"]["triage"]["state"]
    raw["attributes"][inside] = raw["attributes"].pop("custom")
    return Given(Signal, "s-1", triage=raw)


ANN_DID = {"archiveReason": "false_positive", "stateUpdateUser": {"handle": "ann@example.com"}}


@pytest.mark.parametrize(
    ("given", "parameters", "outcome", "because"),
    [
        pytest.param(signal("open"), {}, "pass", "open for 1 h; 24 h allowed", id="open, and young"),
        pytest.param(signal("open", "2026-11-22T12:00:00Z"), {}, "pass", "open for 24 h", id="just in time"),
        pytest.param(signal("open", "2026-11-22T11:59:00Z"), {}, "fail", "open for 24 h", id="just late"),
        pytest.param(signal("open"), {"sla_hours": 0}, "fail", "0 h allowed", id="is a parameter"),
        pytest.param(signal("open", "2026-01-01T00:00:00Z", inside="attributes"), {}, "fail", "open for", id="where newer answers have it"),
        pytest.param(signal("under_review", "2026-01-01T00:00:00Z"), {}, "pass", "under review", id="under review"),
        pytest.param(signal("archived", **ANN_DID), {}, "pass", "false_positive by ann@example.com", id="archived with reason and person"),
        pytest.param(signal("archived", **{**ANN_DID, "archiveReason": "none"}), {}, "fail", "without a reason", id="without a reason"),
        pytest.param(signal("archived", archiveReason="other"), {}, "fail", "without a person", id="without a person"),
        pytest.param(signal("archived"), {}, "fail", "a reason or a person", id="without either"),
        pytest.param(signal("archived", archive_reason="other", assignee={"name": "Ann"}), {}, "pass", "other by Ann", id="in snake case"),
        pytest.param(signal("snoozed"), {}, "unknown", "snoozed, which is new", id="a state that is new is unknown"),
        pytest.param(signal(None), {}, "unknown", "state", id="and none"),
        pytest.param(Given(Signal, "s-1", triage=DENIED), {}, "unknown", "grant", id="denied"),
    ],
)  # fmt: skip
def test_signals_triaged(given: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.security.signals_triaged", given, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_denied_search_is_unknown_and_an_empty_one_not_applicable() -> None:
    """No signal is no pass; not seen is not none."""
    check = "datadog.security.signals_triaged"
    assert [f.outcome for f in findings(check, MemoryEvidence(gaps={Signal: DENIED}))] == ["unknown"]
    assert [f.outcome for f in findings(check, MemoryEvidence(empty=(Signal,)))] == ["not_applicable"]
