"""Talking to Datadog: who we are, pages, limits, proxies, certificates, and keys that are never told."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controlmon.cli.main import run
from controlmon.collect.base import Place, Refused
from controlmon.collect.datadog.client import Terms
from controlmon.collect.datadog.operation import Read
from controlmon.collect.datadog.target import DatadogTarget
from controlmon.core.fact import GapKind
from controlmon.facts.datadog.keys import ApiKey, Token
from controlmon.facts.datadog.logs import Archive
from controlmon.facts.datadog.organization import Organization, SignInSettings
from controlmon.facts.datadog.security import Signal
from controlmon.facts.datadog.users import Role, User
from tests.collect.datadog.conftest import Collect
from tests.twins.datadog import API_KEY, APP_KEY, DatadogTwin, Fault
from tests.twins.datadog_company import ANSWERS, ORG, UUID, archive, key, signal, user

LIST_USERS = "v2.UsersApi:list_users"


def test_who_we_are(twin: DatadogTwin, collect: Collect) -> None:
    """The organization by its public id, and the user whose keys they are; the question is put once."""
    got = collect(Organization)
    assert got.login is not None
    assert (got.login.target, got.login.identity, got.login.gap) == (ORG, "controlmon@example.com", None)
    assert got.ids(Organization) == [ORG]
    assert [c.operation for c in twin.calls()] == ["v2.UsersApi:get_current_user"]


def test_without_a_public_id_it_is_known_by_its_uuid(twin: DatadogTwin, collect: Collect) -> None:
    """The only organization that list_orgs names is ours all the same."""
    twin.answers["v2.UsersApi:get_current_user"] = {"data": ANSWERS["v2.UsersApi:get_current_user"]["data"]}
    got = collect(SignInSettings.saml)
    assert got.login is not None
    assert got.login.target == UUID
    assert got.ids(SignInSettings) == [UUID]


def test_how_it_was_seen(twin: DatadogTwin, collect: Collect) -> None:
    """Operation, endpoint, Datadog's request id and Date are kept; a clock that is apart shows."""
    twin.date = (datetime.now(UTC) - timedelta(seconds=300)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    got = collect(User.profile)
    seen = got.facts[0].seen
    assert (seen.operation, seen.endpoint, seen.date) == (LIST_USERS, twin.url, twin.date)
    assert seen.request_id.startswith("req-")
    assert got.login is not None
    assert -302 <= got.login.skew <= -298
    assert got.listings["datadog.user"].parameters == {"page_size": 500, "page_number": 0}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_numbered_pages_are_followed_to_the_end(twin: DatadogTwin, collect: Collect, limit: int) -> None:
    """Whatever the size of a page, even where Datadog gives fewer than were asked for, the population is the same."""
    twin.answers[LIST_USERS] = {"data": [user(i, f"u{i}@example.com") for i in range(7)]}
    twin.limit = limit
    got = collect(User.profile)
    assert len(set(got.ids(User))) == len(got.ids(User)) == 7
    assert got.listings["datadog.user"].complete
    assert len(twin.calls(LIST_USERS)) == -(-7 // limit)


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_cursors_are_followed_to_the_end(twin: DatadogTwin, collect: Collect, limit: int) -> None:
    """The same for searches, whose body carries the cursor."""
    operation = "v2.SecurityMonitoringApi:search_security_monitoring_signals"
    twin.answers[operation] = {"data": [signal(f"s{i}", "open") for i in range(7)]}
    twin.limit = limit
    got = collect(Signal.triage)
    assert (len(set(got.ids(Signal))), got.listings["datadog.signal"].complete) == (7, True)
    assert len(twin.calls(operation)) == -(-7 // limit)


def test_without_a_count_a_short_page_is_not_the_end(twin: DatadogTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datadog may give fewer items than were asked for: only an empty page ends what does not say its count."""
    monkeypatch.setattr("tests.twins.datadog.TOTALS", {LIST_USERS: "page.nothing"})
    twin.answers[LIST_USERS] = {"data": [user(i, f"u{i}@example.com") for i in range(5)]}
    twin.limit = 2
    got = collect(User.profile)
    assert (len(got.ids(User)), got.listings["datadog.user"].complete) == (5, True)
    assert len(twin.calls(LIST_USERS)) == 4


def test_holders_of_all_pages_are_one_answer(twin: DatadogTwin, collect: Collect) -> None:
    """A role's users are asked page by page for each role."""
    twin.answers["v2.RolesApi:list_role_users"] = {"data": [user(i, f"u{i}@example.com") for i in range(5)]}
    twin.limit = 2
    assert {len(holders) for holders in collect(Role.holders).views(Role.holders).values()} == {5}


def test_a_throttle_costs_time_and_not_calls_without_end(twin: DatadogTwin, collect: Collect) -> None:
    """Throttled once, answered the second time, after as long as X-RateLimit-Reset says."""
    began = time.monotonic()
    with twin.fault(LIST_USERS, Fault.THROTTLED, times=1):
        got = collect(User.profile, attempts=3)
    assert (got.listings["datadog.user"].complete, len(twin.calls(LIST_USERS))) == (True, 2)
    assert time.monotonic() - began >= 1


def test_a_throttle_to_the_end_says_which_limit(twin: DatadogTwin, collect: Collect) -> None:
    """No more calls than allowed; the gap names the limit and when it resets."""
    with twin.fault(LIST_USERS, Fault.THROTTLED):
        gap = collect(User.profile, attempts=2).listings["datadog.user"].gap
    assert gap is not None
    assert (gap.kind, "the limit twin resets in 1 s" in gap.detail) == (GapKind.THROTTLED, True)
    assert len(twin.calls(LIST_USERS)) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Fault.DENIED, GapKind.DENIED, "was denied (403: Forbidden): grant user_access_read"),
        (Fault.EXPIRED, GapKind.DENIED, "the keys are not, or no longer, valid"),
        (Fault.PLAN, GapKind.UNAVAILABLE, "402: the plan of this organization does not include it"),
        (Fault.ERROR_500, GapKind.UNAVAILABLE, "500: Internal error"),
        (Fault.HTML, GapKind.MALFORMED, "no JSON"),
        (Fault.MALFORMED, GapKind.MALFORMED, "no JSON"),
        (Fault.TRUNCATED_PAGE, GapKind.TRUNCATED, "there were 4 of 5"),
    ],
)
def test_what_a_failure_says(twin: DatadogTwin, collect: Collect, fault: Fault, kind: GapKind, said: str) -> None:
    """Each has its kind, Datadog's own words, and what to do."""
    with twin.fault(LIST_USERS, fault):
        gap = collect(User.profile).listings["datadog.user"].gap
    assert gap is not None
    assert (gap.kind, said in str(gap)) == (kind, True), str(gap)


def test_a_plan_that_lacks_it_asks_for_no_permission(twin: DatadogTwin, collect: Collect) -> None:
    """402 is not cured by a grant, and does not say so."""
    with twin.fault(LIST_USERS, Fault.PLAN):
        assert "grant" not in str(collect(User.profile).listings["datadog.user"].gap)


def test_a_redirect_is_not_followed(twin: DatadogTwin, collect: Collect) -> None:
    """The keys are headers: they go to nobody else."""
    twin.answers[LIST_USERS] = (302, "moved")
    gap = collect(User.profile).listings["datadog.user"].gap
    assert gap is not None
    assert (gap.kind, "302" in gap.detail) == (GapKind.UNAVAILABLE, True)
    assert not [c for c in twin.calls() if "elsewhere" in c.operation]


def test_a_value_that_the_client_does_not_know_is_read(twin: DatadogTwin, collect: Collect) -> None:
    """The raw JSON is recorded, with members and values that came after this client."""
    new = archive(state="SHINY")
    new["attributes"]["brand_new"] = {"deep": [1, 2**60]}
    twin.answers["v2.LogsArchivesApi:list_logs_archives"] = {"data": [new]}
    (raw,) = collect(Archive.settings).of(Archive.settings).values()
    assert raw["attributes"]["brand_new"] == {"deep": [1, str(2**60)]}
    assert raw["attributes"]["state"] == "SHINY"


def test_key_values_are_dropped_at_the_door(twin: DatadogTwin, collect: Collect) -> None:
    """Older organizations show them: what is recorded says that something was dropped."""
    twin.answers["v2.KeyManagementApi:list_api_keys"] = {"data": [key("api_keys", "agents", 2, key="0123456789abcdef")]}
    (raw,) = collect(ApiKey.settings).of(ApiKey.settings).values()
    assert "0123456789abcdef" not in json.dumps(raw)
    assert (raw["attributes"]["key"], raw["attributes"]["last4"]) == ("[dropped: it may hold a secret]", "abcd")


def test_where_there_are_no_personal_tokens_there_are_none(twin: DatadogTwin, collect: Collect) -> None:
    """404 is an answer there, and the population is empty and complete."""
    del twin.answers["v2.KeyManagementApi:list_personal_access_tokens"]
    listing = collect(Token.settings).listings["datadog.personal_access_token"]
    assert (listing.count, listing.complete) == (0, True)


@pytest.mark.parametrize("missing", ["DD_API_KEY", "DD_APP_KEY"])
def test_without_a_key_nothing_is_asked(twin: DatadogTwin, collect: Collect, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gap names the variable to set."""
    monkeypatch.delenv(missing)
    got = collect(User.profile)
    assert got.login is not None
    assert f"there is no {missing} in the environment" in str(got.login.gap)
    assert not twin.calls()


def test_wrong_keys_are_told_and_never_shown(twin: DatadogTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datadog answers 403 to keys that it does not know: the reason asks for the site, and shows no key."""
    monkeypatch.setenv("DD_APP_KEY", "not-the-one-0123456789")
    got = collect(User.profile)
    assert got.login is not None
    assert "are these keys of an organization on datadoghq.com" in str(got.login.gap)
    assert "not-the-one" not in str(got)


def test_a_key_that_datadog_repeats_is_not_recorded(twin: DatadogTwin, collect: Collect) -> None:
    """Whatever the words of a failure, no key stands in them."""
    twin.answers[LIST_USERS] = (400, f"application key {APP_KEY} of {API_KEY} may not do this")
    got = collect(User.profile)
    assert "application key [key] of [key]" in str(got.listings["datadog.user"].gap)
    assert APP_KEY not in str(got)


def test_an_endpoint_that_nobody_listens_at(collect: Collect) -> None:
    """Unavailable, not a time-out: nobody was waited for."""
    got = collect(User.profile, endpoint="http://127.0.0.1:9")
    assert got.login is not None
    assert got.login.gap is not None
    assert got.login.gap.kind is GapKind.UNAVAILABLE


def test_a_shared_question_is_put_once(twin: DatadogTwin) -> None:
    """Several may ask it, and all get the one answer, or the one refusal."""
    shared = Read("v2.UsersApi", "list_users", needs=("user_access_read",), shared=True)
    session = DatadogTarget(terms=Terms(attempts=1, endpoint=twin.url)).open(datetime.now(UTC), regional=False)
    scope = session.scopes(Place.ACCOUNT)[0]
    first, second = (session.ask(shared, scope)(page_size=10) for _ in range(2))
    assert first == second
    assert len(twin.calls(LIST_USERS)) == 1
    with twin.fault(LIST_USERS, Fault.DENIED):
        for _ in range(2):
            with pytest.raises(Refused, match="grant user_access_read"):
                session.ask(shared, scope)(page_size=20)
    assert len(twin.calls(LIST_USERS)) == 2


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(list(arguments))
    return code, json.loads(capsys.readouterr().out)


def test_the_command_from_end_to_end(
    twin: DatadogTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`controlmon run` records, judges, and says which permission to grant; no key is anywhere in the state directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "controlmon.yaml").write_text(f"datadog:\n  endpoint: {twin.url}\n  attempts: 1\n")
    code, said = command(capsys, "run", "datadog.user.sso_enforced", "--format", "json")
    assert (code, said["summary"]) == (0, {"pass": 1, "fail": 0, "unknown": 0, "not_applicable": 0})
    assert said["findings"][0]["subject"]["target"] == ORG
    twin.granted = {"user_access_read"}
    code, said = command(capsys, "run", "datadog.user.sso_enforced", "--format", "json")
    assert (code, "grant org_management" in said["findings"][0]["reason"]) == (3, True)
    for path in (tmp_path / "state").rglob("*"):
        assert not path.is_file() or not any(secret.encode() in path.read_bytes() for secret in (API_KEY, APP_KEY))
    code, said = command(capsys, "permissions", "datadog", "datadog.user.sso_enforced")
    assert said["application_key"]["scopes"] == ["org_management", "user_access_read"]
    twin.assert_read_only()


def test_two_organizations_with_keys_of_their_own(
    twin: DatadogTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The configuration names the variables; one that is not set leaves its organization unknown and the other judged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    text = "  organizations:\n    - {name: main}\n    - {name: labs, api_key: LABS_API, app_key: LABS_APP, site: datadoghq.eu}\n"
    (tmp_path / "controlmon.yaml").write_text(f"datadog:\n  endpoint: {twin.url}\n{text}")
    code, said = command(capsys, "run", "datadog.user.sso_enforced", "--format", "json")
    assert (code, {f["subject"]["target"]: f["outcome"] for f in said["findings"]}) == (3, {ORG: "pass", "labs": "unknown"})
    assert "no LABS_API and no LABS_APP" in next(f["reason"] for f in said["findings"] if f["outcome"] == "unknown")
    code, said = command(capsys, "run", "datadog.user.sso_enforced", "--target", "main", "--format", "json")
    assert code == 0
