"""Logging in to a tenant, its subscriptions, and what proves that an empty answer means that there is nothing."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.azure.storage import storage
from controlmon.collect.azure.subscription import subscription
from controlmon.collect.microsoft import Terms, cloud
from controlmon.core.fact import GapKind
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.azure.subscription import KnownSubscription, Subscription
from tests.collect.azure.conftest import PROD, TEST, Collect
from tests.twins.azure import ARMS, CLIENT, OBJECT, SECRET, TENANT, AzureTwin, Fault, Reply

ACCOUNTS = "Microsoft.ResourceGraph:resources(Microsoft.Storage/storageAccounts)"
SEARCHED = "Microsoft.ResourceGraph:resourcecontainers(Microsoft.Resources/subscriptions)"
GHOST = "cccccccc-0000-4000-8000-000000000003"


def fill(twin: AzureTwin) -> None:
    for i in range(5):
        twin.add(PROD, "Microsoft.Storage/storageAccounts", f"prod{i}", supportsHttpsTrafficOnly=True)
    twin.add(TEST, "Microsoft.Storage/storageAccounts", "test0", supportsHttpsTrafficOnly=False)


def test_one_query_serves_every_subscription(twin: AzureTwin, collect: Collect) -> None:
    """Each subscription gets its own rows, in its own scope, of a query that is asked once."""
    fill(twin)
    found = collect(storage, StorageAccount.settings)
    assert {(f.subject.scope.target, f.subject.name) for f in found.facts} == {*((PROD, f"prod{i}") for i in range(5)), (TEST, "test0")}
    assert {target: one.count for (_, target), one in found.listings.items()} == {PROD: 5, TEST: 1}
    assert len(twin.calls(ACCOUNTS)) == 1
    assert found.listings[StorageAccount.kind, TEST].parameters["query"].startswith("resources | where type in~")


def test_who_asked_and_how_it_was_seen(twin: AzureTwin, collect: Collect) -> None:
    """The login tells the identity of the token; each fact the request id and the date of Azure's answer."""
    fill(twin)
    found = collect(storage, StorageAccount.settings)
    assert found.login is not None
    assert (found.login.target, found.login.name) == (TENANT, "ambient")
    assert CLIENT in found.login.identity
    assert OBJECT in found.login.identity
    assert all(len(f.seen.request_id) == 36 and f.seen.date.endswith("GMT") for f in found.facts)
    assert {f.seen.endpoint for f in found.facts} == {"https://management.azure.com"}


def test_pages_are_followed_to_the_end(twin: AzureTwin, collect: Collect) -> None:
    """Whatever the size of a page, of the graph and of Resource Manager, the population is the same."""
    fill(twin)
    twin.page = 1
    found = collect(storage, StorageAccount.settings)
    assert {target: (one.count, one.gap) for (_, target), one in found.listings.items()} == {PROD: (5, None), TEST: (1, None)}
    assert len(twin.calls(ACCOUNTS)) == 6
    assert len(twin.calls("Microsoft.Resources:Subscriptions_List")) == 2


def test_an_empty_subscription_is_empty_only_if_it_was_proved(twin: AzureTwin, collect: Collect) -> None:
    """With the permission it has no accounts; without, it is a gap that names the permission, and no query can tell the two apart."""
    assert collect(storage, StorageAccount.settings).gap(StorageAccount, TEST) is None
    twin.deny(TEST, "Microsoft.Storage/*")
    found = collect(storage, StorageAccount.settings)
    assert found.gap(StorageAccount, PROD) is None
    gap = found.gap(StorageAccount, TEST)
    assert gap is not None
    assert (gap.kind, gap.needs) == (GapKind.DENIED, ("Microsoft.Storage/storageAccounts/read",))


@pytest.mark.parametrize(
    "held",
    [
        pytest.param([{"actions": ["*/read"], "notActions": ["microsoft.storage/*/READ"]}], id="taken back by the same role"),
        pytest.param([{"actions": ["Microsoft.Compute/*"], "notActions": []}], id="a role for something else"),
        pytest.param([{"actions": ["Microsoft.Storage/storageAccounts/blobServices/*"], "notActions": []}], id="a role for what is below"),
        pytest.param([], id="no role"),
    ],
)
def test_roles_that_do_not_hold_the_permission(held: Any, twin: AzureTwin, collect: Collect) -> None:
    """Whatever the roles are called, it is their actions that count."""
    twin.permissions[TEST] = [{"dataActions": [], "notDataActions": [], **one} for one in held]
    gap = collect(storage, StorageAccount.settings).gap(StorageAccount, TEST)
    assert gap is not None
    assert gap.kind is GapKind.DENIED


def test_what_one_role_takes_back_another_may_give(twin: AzureTwin, collect: Collect) -> None:
    """notActions is no denial: it only narrows the role that has it."""
    twin.deny(TEST, "Microsoft.Storage/*")
    twin.permissions[TEST].append({"actions": ["Microsoft.Storage/storageAccounts/read"], "notActions": []})
    assert collect(storage, StorageAccount.settings).gap(StorageAccount, TEST) is None


@pytest.mark.parametrize("state", ["Warned", "PastDue", "Disabled", "Deleted"])
def test_a_subscription_that_is_not_enabled_is_a_gap(state: str, twin: AzureTwin, collect: Collect) -> None:
    """What it still shows may not be all."""
    twin.subscribe(TEST, "test", state)
    gap = collect(storage, StorageAccount.settings).gap(StorageAccount, TEST)
    assert gap is not None
    assert (gap.kind, state in gap.detail) == (GapKind.UNAVAILABLE, True)


def test_a_subscription_that_the_graph_does_not_search_is_a_gap(twin: AzureTwin, collect: Collect) -> None:
    """The graph leaves out without a word; that it knows the subscription is asked of it too."""
    row = dict.fromkeys(("kind", "location", "sku", "tags", "properties"))
    row |= {"id": f"/subscriptions/{PROD}", "name": "production", "type": "microsoft.resources/subscriptions", "subscriptionId": PROD}
    only = {"totalRecords": 1, "count": 1, "data": [row], "facets": [], "resultTruncated": "false"}
    with twin.fault(SEARCHED, Reply(200, only)):
        found = collect(storage, StorageAccount.settings)
    assert found.gap(StorageAccount, PROD) is None
    gap = found.gap(StorageAccount, TEST)
    assert gap is not None
    assert "does not search" in gap.detail


def test_an_identity_that_sees_no_subscription(twin: AzureTwin, collect: Collect) -> None:
    """Azure answers it with an empty list: that is no empty tenant."""
    twin.subscriptions.clear()
    found = collect(storage, StorageAccount.settings)
    gap = found.gap(StorageAccount, TENANT)
    assert gap is not None
    assert (gap.kind, gap.needs) == (GapKind.DENIED, ("Microsoft.Resources/subscriptions/read",))
    assert len(twin.calls()) == 1


def test_a_list_of_subscriptions_that_breaks_off(twin: AzureTwin, collect: Collect) -> None:
    """Those that were named are looked at; that there may be others is a gap of the tenant."""
    fill(twin)
    twin.page = 1
    with twin.fault("Microsoft.Resources:Subscriptions_List", Fault.ERROR_500, where=lambda call: "$skiptoken" in call.query):
        found = collect(storage, StorageAccount.settings)
    assert found.gap(StorageAccount, PROD) is None
    gap = found.gap(StorageAccount, TENANT)
    assert gap is not None
    assert gap.kind is GapKind.UNAVAILABLE


def test_configured_subscriptions(twin: AzureTwin, collect: Collect) -> None:
    """Only those are asked about; one that is not to be seen is a gap of its own."""
    fill(twin)
    found = collect(storage, StorageAccount.settings, subscriptions=(TEST.upper(), GHOST))
    assert {target for _, target in found.listings} == {TEST, GHOST}
    assert found.gap(StorageAccount, TEST) is None
    gap = found.gap(StorageAccount, GHOST)
    assert gap is not None
    assert gap.kind is GapKind.DENIED
    assert twin.calls(ACCOUNTS)[0].body["subscriptions"] == [TEST]


def test_a_secret_that_is_refused(twin: AzureTwin, collect: Collect) -> None:
    """A tenant that cannot be logged in to is a gap with the reason, and nothing is asked of it."""
    with twin.fault("login:token", Fault.DENIED):
        found = collect(storage, StorageAccount.settings, subscriptions=(TEST,))
    assert found.login is not None
    assert found.login.gap is not None
    assert "AADSTS7000215" in found.login.gap.detail
    assert found.gap(StorageAccount, TEST) == found.login.gap
    assert twin.calls() == []
    assert SECRET not in str(found)


def test_a_credential_of_another_tenant(twin: AzureTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tenant that the configuration means is the one that is asked, or none is."""
    fake_cli(tmp_path, monkeypatch, twin)
    found = collect(storage, StorageAccount.settings, tenant="99999999-0000-4000-8000-000000000009", credential="cli")
    assert found.login is not None
    assert found.login.gap is not None
    assert found.login.gap.kind is GapKind.DENIED
    assert TENANT in found.login.gap.detail
    assert twin.calls() == []


def fake_cli(directory: Path, monkeypatch: pytest.MonkeyPatch, twin: AzureTwin) -> None:
    """An `az` that is logged in."""
    expires = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    said = json.dumps({"accessToken": twin.token("https://management.azure.com/.default"), "expires_on": expires, "expiresOn": ""})
    script = directory / "bin" / "az"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("way", ["default", "environment", "workload", "cli"])
def test_every_way_to_log_in(way: str, twin: AzureTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment, a federated token, the Azure CLI: each opens the same tenant."""
    fill(twin)
    fake_cli(tmp_path, monkeypatch, twin)
    (tmp_path / "token").write_text(SECRET)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    found = collect(storage, StorageAccount.settings, credential=way, tenant=TENANT, client_id=CLIENT if way == "workload" else None)
    assert found.login is not None
    assert (found.login.gap, found.login.target) == (None, TENANT)
    assert len(found.facts) == 6


@pytest.mark.parametrize(("name", "arm"), list(zip(("public", "usgov", "china"), ARMS, strict=False)))
def test_sovereign_clouds(name: str, arm: str, twin: AzureTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cloud is logged in to, and asked, at its own addresses; next pages too."""
    monkeypatch.delenv("AZURE_AUTHORITY_HOST", raising=False)
    fill(twin)
    twin.page = 1
    found = collect(storage, StorageAccount.settings, cloud=cloud(name))
    assert {f.seen.endpoint for f in found.facts} == {f"https://{arm}"}
    assert len(found.facts) == 6


def test_endpoints_can_be_overridden(twin: AzureTwin, collect: Collect) -> None:
    """Of the login and of Resource Manager; instance discovery is then not asked of Microsoft."""
    fill(twin)
    found = collect(
        storage, StorageAccount.settings, cloud=cloud("public", "https://login.private.example", "https://arm.private.example/")
    )
    assert {f.seen.endpoint for f in found.facts} == {"https://arm.private.example"}
    assert twin.calls("login:token")
    assert not twin.calls("login:instance")
    assert len(found.facts) == 6


def test_a_token_is_never_sent_without_tls(twin: AzureTwin, collect: Collect) -> None:
    """An endpoint over HTTP is refused before anything is said."""
    found = collect(storage, StorageAccount.settings, cloud=cloud("public", None, "http://127.0.0.1:9"))
    gap = found.gap(StorageAccount, TENANT)
    assert gap is not None
    assert "non-TLS" in gap.detail


def test_a_next_page_on_another_host_is_not_asked(twin: AzureTwin, collect: Collect) -> None:
    """It would be sent our token."""
    page = {"value": [twin.subscriptions[PROD]], "nextLink": "https://login.private.example/subscriptions?page=2"}
    with twin.fault("Microsoft.Resources:Subscriptions_List", Reply(200, page)):
        gap = collect(storage, StorageAccount.settings).gap(StorageAccount, TENANT)
    assert gap is not None
    assert (gap.kind, "another host" in gap.detail) == (GapKind.TRUNCATED, True)


def test_rows_that_are_missing_are_noticed(twin: AzureTwin, collect: Collect) -> None:
    """The graph counts its records: a page that holds fewer is cut short, whatever else it says."""
    fill(twin)
    row = {**twin.resources[0], "subscriptionId": PROD, "type": "microsoft.storage/storageaccounts"}
    short = {"totalRecords": 6, "count": 1, "data": [row], "facets": [], "resultTruncated": "false"}
    with twin.fault(ACCOUNTS, Reply(200, short)):
        found = collect(storage, StorageAccount.settings)
    for target in (PROD, TEST):
        gap = found.gap(StorageAccount, target)
        assert gap is not None
        assert (gap.kind, "1 rows of 6" in gap.detail) == (GapKind.TRUNCATED, True)


def test_a_row_of_another_type_is_no_answer(twin: AzureTwin, collect: Collect) -> None:
    """What was not asked for is not taken for what was."""
    row = {"id": "/subscriptions/x", "name": "x", "type": "microsoft.compute/disks", "subscriptionId": PROD}
    with twin.fault(ACCOUNTS, Reply(200, {"totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false"})):
        gap = collect(storage, StorageAccount.settings).gap(StorageAccount, PROD)
    assert gap is not None
    assert gap.kind is GapKind.MALFORMED


def test_throttling_costs_time_and_not_calls_without_end(twin: AzureTwin, collect: Collect) -> None:
    """A query that is throttled twice is answered the third time, though it is a POST; one that is asked to wait an hour is not waited for."""
    fill(twin)
    terms = Terms(attempts=5, connect=5, read=5)
    with twin.fault(ACCOUNTS, Fault.THROTTLED, times=2) as rule:
        assert collect(storage, StorageAccount.settings, terms=terms).gap(StorageAccount, PROD) is None
    assert (rule.hits, len(twin.calls(ACCOUNTS))) == (2, 3)
    body = {"error": {"code": "RateLimiting", "message": "Please provide below info"}}
    with twin.fault(ACCOUNTS, Reply(429, body), times=1):
        assert collect(storage, StorageAccount.settings, terms=terms).gap(StorageAccount, PROD) is None
    with twin.fault(ACCOUNTS, Reply(429, body, {"Retry-After": "3600"})):
        gap = collect(storage, StorageAccount.settings, terms=terms).gap(StorageAccount, PROD)
    assert gap is not None
    assert (gap.kind, len(twin.calls(ACCOUNTS))) == (GapKind.THROTTLED, 1)


def test_a_quota_that_is_used_up_is_waited_for(twin: AzureTwin, collect: Collect) -> None:
    """The graph says when there will be more: the next query comes after that, and none fails."""
    fill(twin)
    twin.page = 3
    twin.headers = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:00.3"}
    began = datetime.now(UTC)
    assert len(collect(storage, StorageAccount.settings).facts) == 6
    assert datetime.now(UTC) - began > timedelta(seconds=0.6)


def test_a_company_that_inspects_tls(twin: AzureTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its authority may stand in SSL_CERT_FILE as well; without it, nobody is trusted."""
    bundle = os.environ["REQUESTS_CA_BUNDLE"]
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    login = collect(storage, StorageAccount.settings).login
    assert login is not None
    assert login.gap is not None
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    login = collect(storage, StorageAccount.settings).login
    assert login is not None
    assert (login.gap, login.regions) == (None, {PROD: "Enabled", TEST: "Enabled"})


def test_a_clock_that_is_off_is_told(twin: AzureTwin, collect: Collect) -> None:
    """The login says how far Azure's clock was from ours."""
    terms = Terms(attempts=1, clock=lambda: datetime.now(UTC) - timedelta(minutes=10))
    login = collect(storage, StorageAccount.settings, terms=terms).login
    assert login is not None
    assert 598 <= login.skew <= 602


def test_hidden_subscriptions_are_subjects_too(twin: AzureTwin, collect: Collect) -> None:
    """The root management group names what the identity does not see."""
    twin.hide(GHOST, "ghost")
    found = collect(subscription, KnownSubscription.listed, KnownSubscription.permissions)
    assert {f.subject.scope.target for f in found.facts} == {TENANT}
    listed, held = found.views(KnownSubscription.listed), found.views(KnownSubscription.permissions)
    assert (listed["ghost"], held["ghost"]) == (None, ())
    assert listed["test"].tags == {"env": "test", "owner": "platform"}
    assert held["test"][0].allows("microsoft.web/sites/READ")
    assert found.listings[KnownSubscription.kind, TENANT].count == 3


def test_each_subscription_is_one_in_its_own_scope(twin: AzureTwin, collect: Collect) -> None:
    """What is asked of a subscription as such is asked of those that can be seen."""
    twin.subscribe(GHOST, "ghost", "Disabled")
    found = collect(subscription, Subscription.permissions)
    assert {f.subject.scope.target for f in found.facts} == {PROD, TEST}
    assert found.gap(Subscription, GHOST) is not None
