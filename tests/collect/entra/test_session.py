"""Asking Graph: pages, batches, patience, licences, and where the token may go."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.collect.ask import DROPPED
from controlmon.collect.base import Refused
from controlmon.collect.entra.apps import APPLICATIONS
from controlmon.collect.entra.policies import MEMBERS
from controlmon.collect.entra.target import EntraTarget
from controlmon.collect.microsoft import Login, Terms
from controlmon.core.fact import GapKind, Scope, is_absent
from tests.twins.entra import TENANT, EntraTwin, Fault, Reply, error
from tests.twins.entra_company import holding, member, password, policy, user

from .conftest import TERMS, Told

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONSENT, MFA = "entra.policy.user_consent", "entra.conditionalaccess.mfa_all_users"
USERS, GROUPS = "GET /v1.0/users", "GET /v1.0/groups/{id}/transitiveMembers"
Judge = Callable[..., Told]


def opened(terms: Terms = TERMS, **more: Any) -> Any:
    return EntraTarget("artemis", Login("environment", TENANT, **more), terms=terms).open(NOW, regional=False)


@pytest.fixture
def crowd(tenant: EntraTwin) -> Any:
    """Twelve users, and forty-five groups that a policy excludes, in pages of five."""
    before = {path: tenant.at(path) for path in ("/v1.0/users", "/v1.0/identity/conditionalAccess/policies")}
    tenant.put("/v1.0/users", [user(f"u{i}") for i in range(12)])
    tenant.put("/v1.0/identity/conditionalAccess/policies", [policy(excludeGroups=[f"g{i}" for i in range(45)])])
    for i in range(45):
        tenant.put(f"/v1.0/groups/g{i}/transitiveMembers", [member(f"other{n}") for n in range(7)] + [member("u3")] * (i == 44))
    tenant.page = 5
    tenant.reset_journal()
    yield tenant
    tenant.page = 100
    for path, thing in before.items():
        tenant.put(path, thing)


def test_the_fewest_calls_that_can_answer(tenant: EntraTwin, judged: Judge) -> None:
    """Two settings of the tenant are two calls, besides the login."""
    tenant.reset_journal()
    judged(CONSENT)
    asked = [call.operation for call in tenant.calls() if call.operation != "login"]
    assert sorted(asked) == ["GET /v1.0/policies/adminConsentRequestPolicy", "GET /v1.0/policies/authorizationPolicy"]


def test_pages_are_followed_to_their_end_and_groups_asked_in_batches(crowd: EntraTwin, judged: Judge) -> None:
    """All twelve users are judged, the member on the last page of the last group is excluded, and groups share requests."""
    findings, gaps = judged(MFA)
    assert not gaps
    assert findings[0].outcome == "pass"
    assert "11 of 12 enabled members" in findings[0].reason
    assert "u3@" in findings[0].reason
    assert len(crowd.calls(USERS)) == 3
    first = [call for call in crowd.calls(GROUPS) if "$skiptoken" not in call.query and call.path.startswith("/v1.0/groups/g")]
    assert len(first) == 45
    batches = len(crowd.calls("$batch"))
    assert batches < 20
    assert sum(call.batched for call in first) >= 40


def test_a_throttled_question_in_a_batch_is_asked_again(crowd: EntraTwin, judged: Judge) -> None:
    """The others keep their answers; the one waits as long as it was told."""
    throttled = error(429, "TooManyRequests", "Too many requests.", Retry_After="0")
    with crowd.fault(GROUPS, throttled, where=lambda call: call.path.endswith("/g7/transitiveMembers"), times=2) as rule:
        findings, gaps = judged(MFA, terms=Terms(attempts=4, connect=5, read=30))
    assert rule.hits == 2
    assert (findings[0].outcome, gaps) == ("pass", [])
    assert (
        len([call for call in crowd.calls(GROUPS) if call.path.endswith("/g6/transitiveMembers") and "$skiptoken" not in call.query]) == 1
    )


@pytest.mark.parametrize(
    "fault", [Fault.THROTTLED, Fault.ERROR_500, Fault.HTML, Fault.WRONG_SHAPE, Reply(200, {"responses": [{"id": "0"}]})]
)
def test_a_batch_that_fails_is_a_gap_for_each_question_in_it(crowd: EntraTwin, judged: Judge, fault: Any) -> None:
    """And the check is unknown: any of these groups may hold anybody."""
    with crowd.fault("$batch", fault) as rule:
        findings, gaps = judged(MFA)
    assert rule.hits
    assert findings[0].outcome == "unknown"
    assert {gap.operation for _, _, gap in gaps} == {f"graph:{GROUPS}"}


def test_retry_after_is_kept_to_but_not_for_ever(tenant: EntraTwin, judged: Judge) -> None:
    """Told to wait a second, we wait; told to wait an hour, we give up at once, and say that we were throttled."""
    path = "GET /v1.0/policies/authorizationPolicy"
    began = time.monotonic()
    with tenant.fault(path, error(429, "TooManyRequests", "Too many.", Retry_After="1"), times=1):
        findings, _ = judged(CONSENT, terms=Terms(attempts=3, connect=5, read=30))
    assert findings[0].outcome == "pass"
    assert time.monotonic() - began >= 1
    with tenant.fault(path, error(429, "TooManyRequests", "Too many.", Retry_After="3600")) as rule:
        findings, _ = judged(CONSENT, terms=Terms(attempts=3, connect=5, read=30))
    assert rule.hits == 1
    assert "was throttled" in findings[0].reason


def test_a_licence_that_is_not_there_is_not_a_permission_that_is_not_there(tenant: EntraTwin, judged: Judge) -> None:
    """By the code, or by the words where the code is that of a denial; nobody is told to grant something."""
    for operation in ("GET /v1.0/reports/authenticationMethods/userRegistrationDetails", "GET /beta/auditLogs/signIns"):
        with tenant.fault(operation, Fault.UNLICENSED):
            findings, _ = judged("entra.user.mfa_registered", "entra.conditionalaccess.legacy_auth_blocked")
        unknown = [f for f in findings if f.outcome == "unknown"]
        assert unknown
        assert all("the tenant is not licensed for it" in f.reason and "grant" not in f.reason for f in unknown)
    with tenant.fault("GET /v1.0/identityProtection/riskyUsers", Fault.UNLICENSED):
        findings, gaps = judged("entra.identityprotection.risky_users")
    assert (findings[0].outcome, gaps) == ("not_applicable", [])
    with tenant.fault("GET /v1.0/identityProtection/riskyUsers", error(403, "Forbidden", "You cannot perform the requested operation.")):
        findings, _ = judged("entra.identityprotection.risky_users")
    assert "grant IdentityRiskyUser.Read.All" in findings[0].reason


def test_without_a_licence_for_pim_nobody_is_eligible(tenant: EntraTwin, judged: Judge) -> None:
    """That is an answer: the one active administrator is all there is."""
    with tenant.fault("GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances", Fault.UNLICENSED):
        findings, gaps = judged("entra.directoryrole.global_admins")
    assert (findings[0].outcome, gaps) == ("fail", [])
    assert findings[0].reason.startswith("1 have")


def test_a_group_that_was_deleted_has_no_members(tenant: EntraTwin) -> None:
    """Graph answers 404 for it, which is an answer."""
    assert is_absent(opened().ask(MEMBERS, Scope("entra", TENANT))(id="no-such-group", select="id", top=999))


def test_a_group_with_several_roles_is_asked_once(tenant: EntraTwin, judged: Judge) -> None:
    """The second question gets the answer of the first."""
    path = "/v1.0/roleManagement/directory/roleAssignments"
    before = tenant.at(path)
    tenant.put(path, [*before, *(holding(f"r{i}", f"role{i}", "admins", "group") for i in range(6))])
    tenant.reset_journal()
    judged("entra.directoryrole.global_admins")
    tenant.put(path, before)
    assert len(tenant.calls(GROUPS)) == 1


def test_secrets_are_dropped_at_the_door(tenant: EntraTwin) -> None:
    """Graph shows the first letters of a password."""
    listed = list(opened().ask(APPLICATIONS, Scope("entra", TENANT)).items())
    assert listed[0]["passwordCredentials"][0]["hint"] == DROPPED
    assert password()["hint"] not in str(listed)


def test_a_redirect_is_not_followed(tenant: EntraTwin, judged: Judge) -> None:
    """The token would go along."""
    elsewhere = Reply(302, b"", {"Location": "https://graph.private.example/v1.0/policies/authorizationPolicy"})
    tenant.reset_journal()
    with tenant.fault("GET /v1.0/policies/authorizationPolicy", elsewhere) as rule:
        findings, _ = judged(CONSENT)
    assert rule.hits == 1
    assert findings[0].outcome == "unknown"


def test_another_endpoint_of_graph(tenant: EntraTwin) -> None:
    """It takes the place of the cloud's own; the token stays one for the cloud."""
    target = EntraTarget("artemis", Login("environment", TENANT), {"graph": "https://graph.private.example/"}, TERMS)
    ask = target.open(NOW, regional=False).ask(MEMBERS, Scope("entra", TENANT))
    assert ask(id="spared", select="id", top=999)["value"] == [member("breakglass")]
    assert ask.seen().endpoint == "https://graph.private.example"


def test_ssl_cert_file_is_honoured(tenant: EntraTwin, judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """`requests` does not read it by itself; without any bundle nothing is believed."""
    bundle = tenant.environment["REQUESTS_CA_BUNDLE"]
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    findings, _ = judged(CONSENT)
    assert findings[0].outcome == "unknown"
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    findings, _ = judged(CONSENT)
    assert findings[0].outcome == "pass"


def test_who_we_are_is_told(tenant: EntraTwin) -> None:
    """By the token: the app and its object."""
    assert opened().login("artemis").identity.startswith("controlmon (")
    assert opened().login("artemis").target == TENANT


def test_a_way_of_logging_in_that_is_not_there_locks_the_tenant(tenant: EntraTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a gap of the login, and every question is refused for it."""
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    session = opened()
    assert session.login("artemis").gap.kind is GapKind.DENIED
    with pytest.raises(Refused):
        session.ask(MEMBERS, Scope("entra", TENANT))(id="x")
