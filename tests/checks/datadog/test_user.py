"""The checks of users, roles and keys on raw answers of Datadog."""

from typing import Any

import pytest

from controlmon.facts.datadog.keys import ApiKey, AppKey, Token
from controlmon.facts.datadog.organization import Organization, SignInSettings
from controlmon.facts.datadog.users import Role, User
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict
from tests.twins.datadog_company import key, org
from tests.twins.datadog_company import user as raw_user

OLD, RECENT = "2024-01-01T00:00:00Z", "2026-11-20T00:00:00Z"


def settings(*, on: bool = True, strict: bool = True, id: str = ACCOUNT, **more: Any) -> Given:
    usual = {
        "saml": org(saml=on, strict=strict),
        "other_methods": {"data": []},
        "provider": {"data": [{"attributes": {"sso_url": "https://idp"}}]},
    }
    return Given(SignInSettings, id, **{**usual, **more})


def config(name: str, value: Any) -> dict[str, Any]:
    return {"data": [{"type": "org_configs", "attributes": {"name": name, "value": value, "value_type": "bool"}}]}


def user(number: int = 2, email: str = "ann@example.com", **said: Any) -> Given:
    raw = raw_user(number, email, **said)
    return Given(User, raw["id"], name=email, profile=raw)


def without(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return {**raw, "attributes": {k: v for k, v in raw["attributes"].items() if k != name}}


ANN = raw_user(2, "ann@example.com")
UNTOLD = Given(User, ANN["id"], name="ann", profile=without(ANN, "allowed_login_methods"))


@pytest.mark.parametrize(
    ("given", "users", "more", "outcome", "because"),
    [
        pytest.param(settings(), [user()], {}, "pass", "enabled and strict", id="SAML strict"),
        pytest.param(settings(on=False, strict=False), [user()], {}, "fail", "not enabled", id="no SAML"),
        pytest.param(settings(strict=False), [user()], {}, "fail", "password still opens", id="SAML without strict leaves the password open"),
        pytest.param(settings(other_methods=config("google_login_enabled", True)), [user()], {}, "fail", "google_login", id="Google login"),
        pytest.param(settings(other_methods=config("google_login_enabled", False)), [user()], {}, "pass", "strict", id="which is off"),
        pytest.param(settings(other_methods=config("login_methods", ["saml", "standard"])), [user()], {}, "fail", "login_methods", id="a list"),
        pytest.param(settings(), [user(allowed_login_methods=["google_oidc"])], {}, "fail", "google_oidc", id="an override of a user"),
        pytest.param(settings(), [user(allowed_login_methods=["saml"])], {}, "pass", "nobody", id="an override that is SAML"),
        pytest.param(settings(), [user(allowed_login_methods=["standard"], disabled=True)], {}, "pass", "nobody", id="of a disabled user"),
        pytest.param(settings(), [user(allowed_login_methods=["standard"], service_account=True)], {}, "pass", "nobody", id="of a service"),
        pytest.param(settings(), [UNTOLD], {}, "unknown", "does not say which methods", id="methods that are not told are unknown"),
        pytest.param(settings(id="def456"), [user()], {}, "unknown", "only within it", id="a child is seen from without"),
        pytest.param(settings(id="def456", strict=False), [user()], {}, "fail", "password", id="but can fail"),
        pytest.param(settings(provider={"data": []}), [user()], {}, "unknown", "no identity provider", id="strict without a provider"),
        pytest.param(settings(saml=DENIED), [user()], {}, "unknown", "grant svc:Permission", id="org_management denied is unknown, never pass"),
        pytest.param(settings(other_methods=DENIED), [user()], {}, "unknown", "grant", id="configs denied"),
        pytest.param(settings(saml={"name": "x", "public_id": "y"}), [user()], {}, "unknown", "settings", id="no settings in the answer"),
        pytest.param(settings(), [], {"gaps": {User: DENIED}}, "unknown", "grant", id="users denied"),
        pytest.param(settings(strict=False), [], {"gaps": {User: DENIED}}, "fail", "password", id="a failure does not wait for users"),
    ],
)  # fmt: skip
def test_sso_enforced(given: Given, users: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.user.sso_enforced", given, *users, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_denied_list_of_organizations_is_unknown() -> None:
    evidence = MemoryEvidence(user(), gaps={SignInSettings: DENIED})
    assert [f.outcome for f in findings("datadog.user.sso_enforced", evidence)] == ["unknown"]


@pytest.mark.parametrize(
    ("given", "others", "more", "outcome", "because"),
    [
        pytest.param(user(mfa_enabled=True), [settings(strict=False)], {}, "pass", "MFA is on", id="MFA"),
        pytest.param(user(), [settings()], {}, "pass", "strict", id="a SAML user shows false, and is fine where SAML is strict"),
        pytest.param(user(), [settings(strict=False)], {}, "fail", "not strict", id="and not where it is not"),
        pytest.param(user(), [settings(id="def456")], {}, "fail", "not strict", id="strictness of a child proves nothing here"),
        pytest.param(user(allowed_login_methods=["standard"]), [settings()], {}, "fail", "standard", id="an override beside SAML"),
        pytest.param(user(disabled=True), [settings(strict=False)], {}, "not_applicable", "disabled", id="disabled is excluded"),
        pytest.param(user(service_account=True), [settings(strict=False)], {}, "not_applicable", "service", id="a service account is no person"),
        pytest.param(user(status="Pending", created_at=OLD), [settings()], {}, "fail", "invitation", id="an old invitation"),
        pytest.param(user(status="Pending", created_at=RECENT), [settings()], {}, "not_applicable", "not accepted", id="a new one"),
        pytest.param(user(status="Pending", created_at=RECENT), [settings()], {"pending_days": 1}, "fail", "1 allowed", id="is a parameter"),
        pytest.param(user(), [], {"gaps": {SignInSettings: DENIED}}, "unknown", "grant", id="strict mode denied is unknown"),
        pytest.param(user(mfa_enabled=True), [], {"gaps": {SignInSettings: DENIED}}, "pass", "MFA", id="unless MFA is on"),
        pytest.param(Given(User, "u", profile=without(ANN, "mfa_enabled")), [settings()], {}, "unknown", "mfa_enabled", id="no such member"),
        pytest.param(user(disabled="no"), [settings()], {}, "unknown", "true or false", id="a text is no yes or no"),
        pytest.param(Given(User, "u", profile=DENIED), [settings()], {}, "unknown", "grant", id="denied"),
    ],
)  # fmt: skip
def test_mfa(given: Given, others: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.user.mfa", given, *others, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_an_old_invitation_is_a_lesser_finding() -> None:
    found = verdict("datadog.user.mfa", user(status="Pending", created_at=OLD), settings())
    assert (found.outcome, found.severity) == ("fail", "low")


ROSTER = {"ann@example.com": "active", "left@example.com": "2026-11-22T12:00:00Z", "gone@example.com": "2026-11-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("given", "parameters", "outcome", "because"),
    [
        pytest.param(user(), {"roster": ROSTER}, "pass", "active person", id="an active person"),
        pytest.param(user(email="Ann@Example.com"), {"roster": ROSTER}, "pass", "active", id="whatever the case"),
        pytest.param(user(email="x@example.com"), {"roster": ROSTER}, "fail", "nobody on the roster", id="a stranger"),
        pytest.param(user(email="gone@example.com"), {"roster": ROSTER}, "fail", "528 h ago; 24 h allowed", id="a leaver"),
        pytest.param(user(email="left@example.com"), {"roster": ROSTER}, "pass", "24 h are allowed", id="a leaver just in time"),
        pytest.param(user(email="left@example.com"), {"roster": ROSTER, "removal_hours": 23}, "fail", "23 h allowed", id="is a parameter"),
        pytest.param(user(email="gone@example.com", disabled=True), {"roster": ROSTER}, "pass", "no access", id="disabled is no access"),
        pytest.param(user(email="x@example.com", service_account=True), {"roster": ROSTER}, "not_applicable", "service", id="a service"),
        pytest.param(user(email="x@example.com", status="Pending"), {"roster": ROSTER}, "fail", "Pending", id="an invited stranger"),
        pytest.param(
            user(email="alias@example.com"), {"roster": ROSTER, "aliases": {"alias@example.com": "ann@example.com"}}, "pass", "active", id="alias",
        ),
        pytest.param(user(email="", handle="ann@example.com"), {"roster": ROSTER}, "pass", "active", id="a handle is a name too"),
        pytest.param(user(), {"roster": {"ann@example.com": "maybe"}}, "unknown", "neither", id="a roster that says neither is unknown"),
        pytest.param(user(), {}, "unknown", "no roster", id="no roster is unknown"),
        pytest.param(Given(User, "u", profile=DENIED), {"roster": ROSTER}, "unknown", "grant", id="denied"),
    ],
)  # fmt: skip
def test_leavers(given: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.user.leavers", given, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_denied_list_of_users_is_unknown() -> None:
    for check in ("datadog.user.leavers", "datadog.user.mfa"):
        assert [f.outcome for f in findings(check, MemoryEvidence(gaps={User: DENIED}))] == ["unknown"]


def role(name: str, *permissions: str, holders: Any = (), allowed: Any = None) -> Given:
    """A role; `holders` are e-mails, or a raw answer, or a gap."""
    may = allowed or {"data": [{"attributes": {"name": p}} for p in permissions]}
    held = {"data": [raw_user(i, email) for i, email in enumerate(holders)]} if isinstance(holders, tuple) else holders
    return Given(Role, f"{name}-id", name=name, permissions=may, holders=held)


US = Given(Organization, ACCOUNT)
ADMIN = role("Datadog Admin Role", "user_access_manage", holders=("ann@example.com",))
OWN = role("Operators", "logs_write_archives", holders=("bob@example.com",))
LISTED = {"listed": ["ann@example.com"]}


@pytest.mark.parametrize(
    ("roles", "more", "outcome", "because"),
    [
        pytest.param([ADMIN], LISTED, "pass", "1 administer it, all listed", id="few and named"),
        pytest.param([ADMIN, OWN], LISTED, "fail", "bob@example.com (Operators: logs_write_archives)", id="a custom role can equal admin"),
        pytest.param([ADMIN, role("R", "logs_read_data", holders=("bob@example.com",))], LISTED, "pass", "1 administer", id="one that cannot"),
        pytest.param([ADMIN, OWN], {"listed": ["*"], "max": 1}, "fail", "2 administer it; 1 allowed", id="too many"),
        pytest.param([ADMIN, role("O", "org_management", holders=("ann@example.com",))], LISTED, "pass", "1 administer", id="counted once"),
        pytest.param([role("Datadog Admin Role", holders=("bob@example.com",))], LISTED, "fail", "bob", id="the admin role by its name"),
        pytest.param([ADMIN], {}, "unknown", "nobody is named", id="no list of names is unknown"),
        pytest.param([ADMIN, role("X", allowed=DENIED)], LISTED, "unknown", "grant", id="what a role allows denied"),
        pytest.param([role("Datadog Admin Role", holders=DENIED)], LISTED, "unknown", "grant", id="its holders denied"),
        pytest.param([role("X", "logs_read_data", holders=DENIED)], LISTED, "pass", "0 administer", id="of one that does not matter"),
        pytest.param([ADMIN], {**LISTED, "gaps": {Role: DENIED}}, "unknown", "grant", id="an incomplete list"),
    ],
)  # fmt: skip
def test_admins(roles: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("datadog.role.admins", US, *roles, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_disabled_holder_holds_nothing() -> None:
    held = {"data": [raw_user(1, "ann@example.com"), raw_user(2, "gone@example.com", disabled=True)]}
    found = verdict("datadog.role.admins", US, role("Datadog Admin Role", holders=held), **LISTED)
    assert found.outcome == "pass", found.reason


OWNER = [user(2), user(4, "gone@example.com", disabled=True), user(5, "new@example.com", status="Pending")]


def api(**said: Any) -> Given:
    return Given(ApiKey, "k", settings=key("api_keys", "k", 2, **said))


def app(owner: int = 2, **said: Any) -> Given:
    usual = {"created_at": RECENT, "last_used_at": RECENT, "scopes": ["logs_read_data"]}
    return Given(AppKey, "a", settings=key("application_keys", "a", owner, **{**usual, **said}))


def token(**said: Any) -> Given:
    usual = {"created_at": RECENT, "last_used_at": None, "scopes": ["logs_read_data"], "expires_at": None}
    return Given(Token, "t", settings=key("personal_access_tokens", "t", 2, **{**usual, **said}))


@pytest.mark.parametrize(
    ("given", "more", "outcome", "because"),
    [
        pytest.param(api(created_at=RECENT, date_last_used=None), {}, "pass", "3 days old", id="a young key"),
        pytest.param(api(created_at=OLD, date_last_used=RECENT), {}, "pass", "last used 3 days ago", id="an old key in use"),
        pytest.param(api(created_at=OLD, date_last_used=OLD), {}, "fail", "days, or use within 90", id="an old key out of use"),
        pytest.param(api(created_at=OLD, date_last_used=None), {}, "fail", "never used", id="an old key that never was used"),
        pytest.param(api(created_at=RECENT, date_last_used=None), {"max_days": 1}, "fail", "1 days", id="is a parameter"),
        pytest.param(api(created_at=OLD, date_last_used=RECENT), {"unused_days": 1}, "fail", "within 1", id="so is this"),
        pytest.param(app(), {}, "pass", "3 days", id="an application key with owner and scopes"),
        pytest.param(app(scopes=None), {}, "fail", "no scopes", id="scopes null means unscoped"),
        pytest.param(app(owner=4), {}, "fail", "is disabled", id="of a disabled owner"),
        pytest.param(app(owner=5), {}, "fail", "invitation", id="of one who never came"),
        pytest.param(app(owner=9), {}, "fail", "no user of the organization", id="of nobody"),
        pytest.param(app(created_at=OLD, last_used_at=OLD), {}, "fail", "last used", id="old and unused"),
        pytest.param(token(), {}, "pass", "3 days", id="a personal access token counts the same"),
        pytest.param(token(created_at=OLD), {}, "fail", "never used", id="an old one"),
        pytest.param(token(created_at=OLD, expires_at=OLD), {}, "pass", "ended", id="one that ended"),
        pytest.param(app(), {"gaps": {User: DENIED}, "users": []}, "unknown", "grant", id="owners denied"),
        pytest.param(api(created_at=RECENT), {"gaps": {User: DENIED}, "users": []}, "pass", "days", id="which an API key has none of"),
        pytest.param(Given(AppKey, "a", settings=without(key("application_keys", "a", 2), "scopes")), {}, "unknown", "scopes", id="not told"),
        pytest.param(Given(ApiKey, "k", settings=without(key("api_keys", "k", 2), "date_last_used")), {}, "unknown", "last_used", id="nor this"),
        pytest.param(Given(ApiKey, "k", settings=DENIED), {}, "unknown", "grant", id="denied"),
    ],
)  # fmt: skip
def test_api_and_app_keys(given: Given, more: dict[str, Any], outcome: str, because: str) -> None:
    users = more.pop("users", OWNER)
    found = verdict("datadog.key.api_and_app_keys", given, *users, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_any_denied_list_of_keys_is_unknown() -> None:
    evidence = MemoryEvidence(api(created_at=RECENT), *OWNER, gaps={AppKey: DENIED})
    assert sorted(f.outcome for f in findings("datadog.key.api_and_app_keys", evidence)) == ["pass", "unknown"]
