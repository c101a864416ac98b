"""The checks of Conditional Access on raw answers of Graph. The evaluator has a table of its own."""

from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.roles import ROLES, Assignment
from controlmon.facts.entra.users import User
from tests.support import Given
from tests.twins.entra_company import policy, strength, user

from .given import DENIED, UNLICENSED, about, active, eligible, given, group, policies, tenant, users

MFA, ADMINS = "conditionalaccess.mfa_all_users", "conditionalaccess.mfa_admins_phishing_resistant"
LEGACY, EXCLUSIONS = "conditionalaccess.legacy_auth_blocked", "conditionalaccess.exclusions_justified"
BOTH = users(user("ada"), user("bob"))
OFF = policy(state="enabledForReportingButNotEnforced")
BLOCK = policy("Block", clientAppTypes=["exchangeActiveSync", "other"], builtInControls=["block"])
NO_SIGN_INS: dict[str, Any] = {"legacy_sign_ins": {"value": []}}


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(tenant(), [*policies(policy()), *BOTH], {}, "pass", "2 of 2", id="a baseline policy passes"),
        pytest.param(tenant(), [*policies(OFF), *BOTH], {}, "fail", "ada", id="report-only is no policy"),
        pytest.param(tenant(security_defaults={"isEnabled": True}), BOTH, {}, "pass", "security defaults", id="security defaults pass"),
        pytest.param(
            tenant(),
            [*policies(policy(excludeGroups=["g"])), group("g", "ada"), *BOTH],
            {},
            "pass",
            "excluded: ada@artemis.example",
            id="who is excluded is named",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(excludeGroups=["g"])), group("g", "ada", "bob"), *BOTH],
            {"max_excluded_users": 1},
            "fail",
            "2 are excluded",
            id="too many are excluded",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(excludeGroups=["g"])), given(PolicyGroup, "g", members=absent("Request_ResourceNotFound")), *BOTH],
            {},
            "pass",
            "2 of 2",
            id="a deleted group is noise",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(excludeGroups=["g"])), given(PolicyGroup, "g", members=DENIED), *BOTH],
            {},
            "unknown",
            "grant X.Read.All",
            id="a group that may not be read is unknown",
        ),
        pytest.param(
            tenant(),
            [*policies(OFF, policy(excludeGroups=["g"], clientAppTypes=["browser"])), given(PolicyGroup, "g", members=DENIED), *BOTH],
            {},
            "fail",
            "ada@artemis.example in any app",
            id="a hole is a hole whatever else was not seen",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(includeUsers=[], includeGroups=["staff"])), group("staff", "ada"), *BOTH],
            {},
            "fail",
            "bob",
            id="who is in no group is not excluded but forgotten",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(excludeApplications=["app-1"])), *BOTH],
            {},
            "fail",
            "the app app-1",
            id="an app that is left out is a hole",
        ),
        pytest.param(
            tenant(),
            [*policies(policy(excludeGuestsOrExternalUsers={"guestOrExternalUserTypes": "b2bCollaborationGuest"})), *BOTH,
             *users(user("gus", userType="Guest", userPrincipalName="gus_x#EXT#@artemis.example"))],
            {},
            "pass",
            "2 of 2",
            id="guests are not members",
        ),
        pytest.param(
            tenant(), [*policies(OFF), *users(user("ada", accountEnabled=False))], {}, "not_applicable", "no enabled member", id="who is disabled is out of it"
        ),
        pytest.param(
            tenant(),
            [*policies(policy(builtInControls=["mfa", "compliantDevice"])), *BOTH],
            {"allow_compliant_device_instead": True},
            "pass",
            "compliant device",
            id="a device instead, where that is allowed",
        ),
        pytest.param(
            tenant(),
            [given(User, "ada", name="ada", profile=user("ada"), per_user_mfa={"perUserMfaState": "enforced"})],
            {"count_per_user_mfa": True},
            "pass",
            "1 of 1",
            id="per-user MFA counts where it is asked for",
        ),
        pytest.param(tenant(security_defaults=DENIED), [*policies(policy()), *BOTH], {}, "unknown", "grant X", id="denied is unknown"),
        pytest.param(tenant(), [*policies(policy()), given(User, "ada", profile=DENIED)], {}, "unknown", "grant X", id="so is a user"),
    ],
)  # fmt: skip
def test_mfa_all_users(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    found = about(MFA, subject, *others, **parameters)
    assert found.outcome == outcome, found.reason
    assert because in found.reason


@pytest.mark.parametrize("kind", [Policy, User, PolicyGroup])
def test_an_incomplete_listing_is_unknown(kind: Any) -> None:
    """Who was not listed may be whom nothing protects; a policy that was not listed may be the one that does."""
    found = about(MFA, tenant(), *policies(policy(excludeGroups=["g"])), group("g"), *BOTH, gaps={kind: DENIED})
    assert found.outcome == "unknown"


RESISTANT = strength("fido2", "windowsHelloForBusiness", "x509CertificateMultiFactor")
GA = ROLES["Global Administrator"]
FOR_ADMINS = policy("Admins", includeUsers=[], includeRoles=list(ROLES.values()), builtInControls=[], authenticationStrength=RESISTANT)
WEAK = strength("fido2", "password,sms", name="Phishing-resistant MFA")


@pytest.mark.parametrize(
    ("raw", "others", "parameters", "outcome", "because"),
    [
        pytest.param([FOR_ADMINS], [], {}, "pass", "11 roles", id="a policy for these roles passes"),
        pytest.param([policy(builtInControls=[], authenticationStrength=RESISTANT)], [], {}, "pass", "11", id="one for all users too"),
        pytest.param([policy()], [], {}, "fail", "Global Administrator", id="MFA is not enough"),
        pytest.param([{**FOR_ADMINS, "state": "enabledForReportingButNotEnforced"}], [], {}, "fail", "Global", id="report-only is none"),
        pytest.param([policy(builtInControls=[], authenticationStrength=WEAK)], [], {}, "fail", "Global", id="a name is no strength"),
        pytest.param(
            [policy(includeUsers=[], includeRoles=[GA], builtInControls=[], authenticationStrength=RESISTANT)],
            [],
            {},
            "fail",
            "Privileged Role Administrator",
            id="every role is needed",
        ),
        pytest.param([FOR_ADMINS], [], {"roles": ["Wizard"]}, "unknown", "template", id="an unknown role is unknown"),
        pytest.param([FOR_ADMINS], [], {"roles": [GA]}, "pass", "1 roles", id="a role may be given by its id"),
        pytest.param(
            [FOR_ADMINS],
            [active("a", GA, "ada", where="/administrativeUnits/1")],
            {},
            "fail",
            "/administrativeUnits/1",
            id="roles of administrative units are not reached",
        ),
        pytest.param([FOR_ADMINS], [active("a", "custom", "ada")], {}, "pass", "11", id="custom roles are not asked about"),
    ],
)
def test_mfa_admins(raw: list[dict[str, Any]], others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    found = about(ADMINS, tenant(), *policies(*raw), *others, **parameters)
    assert found.outcome == outcome, found.reason
    assert because in found.reason


def test_admins_that_cannot_be_listed_are_unknown() -> None:
    """One of them may be of an administrative unit."""
    assert about(ADMINS, tenant(), *policies(FOR_ADMINS), gaps={Assignment: DENIED}).outcome == "unknown"
    assert about(ADMINS, tenant(), gaps={Policy: DENIED}).outcome == "unknown"


@pytest.mark.parametrize(
    ("subject", "raw", "outcome", "because"),
    [
        pytest.param(tenant(**NO_SIGN_INS), [BLOCK], "pass", "2 of 2", id="blocked, and nobody got in"),
        pytest.param(tenant(security_defaults={"isEnabled": True}, **NO_SIGN_INS), [], "pass", "security defaults", id="security defaults"),
        pytest.param(tenant(**NO_SIGN_INS), [policy()], "fail", "ada", id="MFA is no block"),
        pytest.param(
            tenant(**NO_SIGN_INS),
            [policy("B", clientAppTypes=["exchangeActiveSync"], builtInControls=["block"])],
            "fail",
            "client app other",
            id="half of them",
        ),
        pytest.param(
            tenant(**NO_SIGN_INS),
            [policy("A", clientAppTypes=["exchangeActiveSync"], builtInControls=["block"]),
             policy("B", clientAppTypes=["other"], builtInControls=["block"])],
            "pass",
            "2 of 2",
            id="each half by a policy of its own",
        ),
        pytest.param(
            tenant(
                legacy_sign_ins={
                    "value": [{"createdDateTime": "2026-11-20T08:00:00Z", "userPrincipalName": "ada@a", "appDisplayName": "EXO", "clientAppUsed": "IMAP4"}]
                }
            ),
            [BLOCK],
            "fail",
            "ada@a with IMAP4 on 2026-11-20",
            id="somebody got in all the same",
        ),
        pytest.param(tenant(legacy_sign_ins=UNLICENSED), [BLOCK], "unknown", "not licensed", id="the log takes a licence"),
        pytest.param(tenant(legacy_sign_ins=DENIED), [policy()], "fail", "ada", id="what is open is open without the log"),
        pytest.param(tenant(legacy_sign_ins=DENIED), [BLOCK], "unknown", "grant X", id="denied is unknown"),
    ],
)  # fmt: skip
def test_legacy_auth_blocked(subject: Given, raw: list[dict[str, Any]], outcome: str, because: str) -> None:
    """See the ids."""
    found = about(LEGACY, subject, *policies(*raw), *BOTH)
    assert found.outcome == outcome, found.reason
    assert because in found.reason


def listed(id: str, owner: str = "ciso", until: str = "2027-01-01") -> dict[str, Any]:
    return {"allowed_exclusions": [{"id": id, "owner": owner, "until": until, "reason": "break-glass"}]}


@pytest.mark.parametrize(
    ("raw", "parameters", "outcome", "because"),
    [
        pytest.param(policy(), {}, "pass", "nothing is excluded", id="nothing excluded passes"),
        pytest.param(policy(excludeUsers=["ada"]), {}, "fail", "ada@artemis.example is excluded", id="a user who is not listed fails"),
        pytest.param(policy(excludeUsers=["ada"]), listed("ada"), "pass", "break-glass, ciso", id="listed, with its reason"),
        pytest.param(policy(excludeUsers=["ada"]), listed("ada", owner=""), "fail", "no owner", id="without an owner it does not count"),
        pytest.param(policy(excludeUsers=["ada"]), listed("ada", until="2026-01-01"), "fail", "is over", id="nor when its time is over"),
        pytest.param(policy(excludeUsers=["ada"]), listed("ada", until=""), "fail", "no date", id="nor without a date"),
        pytest.param(policy(excludeGroups=["g"]), {}, "fail", "through the group g", id="members of a group are excluded one by one"),
        pytest.param(policy(excludeGroups=["g"]), listed("g"), "fail", "ada", id="to list the group is not to list them"),
        pytest.param(policy(excludeUsers=["deleted"]), {}, "pass", "nothing", id="who was deleted is noise"),
        pytest.param(policy(excludeRoles=["role-1"]), {}, "fail", "the role role-1", id="a role is an exclusion"),
        pytest.param(policy(excludeApplications=["app-1"]), {}, "fail", "the app app-1", id="an app is one"),
        pytest.param(
            policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
            {},
            "fail",
            "AllTrusted",
            id="a place is one",
        ),
        pytest.param(
            policy(platforms={"includePlatforms": ["all"], "excludePlatforms": ["linux"]}), {}, "fail", "linux", id="a platform is one"
        ),
        pytest.param(
            policy(excludeGuestsOrExternalUsers={"guestOrExternalUserTypes": "internalGuest"}),
            {},
            "fail",
            "internalGuest",
            id="guests are one",
        ),
        pytest.param(OFF, {}, "not_applicable", "enabled", id="a policy that reports only spares nobody"),
        pytest.param(BLOCK, {}, "not_applicable", "MFA", id="nor does one that blocks"),
    ],
)
def test_exclusions_justified(raw: dict[str, Any], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    found = about(EXCLUSIONS, policies(raw)[0], tenant(), group("g", "ada"), *BOTH, **parameters)
    assert found.outcome == outcome, found.reason
    assert because in found.reason


def test_an_exclusion_that_cannot_be_expanded_is_unknown() -> None:
    """The group may hold anybody."""
    subject = policies(policy(excludeGroups=["g"]))[0]
    assert about(EXCLUSIONS, subject, tenant(), given(PolicyGroup, "g", members=DENIED), *BOTH).outcome == "unknown"


GLOBALS = "directoryrole.global_admins"


@pytest.mark.parametrize(
    ("others", "parameters", "outcome", "because"),
    [
        pytest.param([active("1", GA, "ada"), eligible("2", GA, "bob")], {}, "pass", "2 have", id="eligible ones count"),
        pytest.param([active("1", GA, "ada")], {}, "fail", "2 to 4 should", id="one is too few"),
        pytest.param([active("1", GA, "ada"), eligible("2", GA, "ada")], {}, "fail", "1 have", id="a person counts once"),
        pytest.param(
            [
                active(
                    "1",
                    GA,
                    "g",
                    "group",
                    {"value": [{"@odata.type": "#microsoft.graph.user", "id": n} for n in ("ada", "bob", "c", "d", "e")]},
                )
            ],
            {},
            "fail",
            "5 have",
            id="members of a group count",
        ),
        pytest.param(
            [active("1", GA, "ada"), eligible("2", GA, "bob"), active("3", GA, "robot", "servicePrincipal")],
            {},
            "fail",
            "service principal robot",
            id="a service principal fails",
        ),
        pytest.param([active("1", GA, "ada"), eligible("2", GA, "bob")], {"administrators": ["ada"]}, "fail", "bob", id="a stranger fails"),
        pytest.param([active("1", GA, "ada"), eligible("2", GA, "g", "group", DENIED)], {}, "unknown", "grant X", id="denied is unknown"),
        pytest.param(
            [active("1", GA, "ada"), eligible("2", GA, "bob"), active("3", "other", "eve")],
            {},
            "pass",
            "2 have",
            id="other roles do not count",
        ),
    ],
)
def test_global_admins(others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    found = about(GLOBALS, tenant(), *others, *BOTH, **parameters)
    assert found.outcome == outcome, found.reason
    assert because in found.reason


def test_a_global_administrator_of_our_own_directory_fails() -> None:
    """Whoever rules that directory rules the tenant. And a service principal is critical."""
    two = [active("1", GA, "ada"), eligible("2", GA, "bob")]
    found = about(GLOBALS, tenant(), *two, *users(user("ada", onPremisesSyncEnabled=True), user("bob")))
    assert (found.outcome, "on our premises" in found.reason) == ("fail", True)
    assert about(GLOBALS, tenant(), *two, active("3", GA, "r", "servicePrincipal"), *BOTH).severity == "critical"
