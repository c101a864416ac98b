"""Is this user, in this app, made to present MFA by an enabled policy? Small tenants in which a naive reading says the wrong thing."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import Struct

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.base import Unseen
from controlmon.facts.entra.conditional_access.apps import ANY_APP
from controlmon.facts.entra.conditional_access.grants import Want
from controlmon.facts.entra.conditional_access.policy import location_of, settings, strength_of
from controlmon.facts.entra.conditional_access.rules import Answer, Rules
from controlmon.facts.entra.conditional_access.who import Who
from tests.twins.entra_company import policy, strength

EXCHANGE, PORTAL, OTHER_APP = (
    "00000002-0000-0ff1-ce00-000000000000",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "11111111-2222-4333-8444-555555555555",
)
GA, SYNC = "62e90394-69f5-4237-9190-012177145e10", "d29b2b05-8046-44ba-8758-1e26182fcf32"
DENIED = Gap(GapKind.DENIED, "graph:GET /v1.0/groups/{id}/transitiveMembers", "", ("GroupMember.Read.All",))
ADA = Who(id="ada")
GUEST = Who(id="gus", guest="b2bCollaborationGuest", member=False)
INTERNAL_GUEST = Who(id="ina", guest="internalGuest", member=False)
EXTERNAL_MEMBER = Who(id="eve", guest="b2bCollaborationMember")
YES, NO, UNSEEN = True, False, None


class Place(Struct, frozen=True):
    """A directory: groups (None: it may not be read), roles that are active, and those that one is eligible for."""

    groups: Mapping[str, set[str] | None] = {}
    active: Mapping[str, set[str]] = {}
    eligible: Mapping[str, set[str]] = {}

    def in_group(self, group: str, user: str) -> bool:
        members = self.groups.get(group, set())  # one that was deleted has none
        if members is None:
            raise Unseen(DENIED)
        return user in members

    def has_role(self, role: str, user: str, *, could: bool) -> bool:
        return user in self.active.get(role, set()) or (could and user in self.eligible.get(role, set()))


class Case(Struct, frozen=True):
    """A tenant, a question, and the answer."""

    title: str
    answer: bool | None
    policies: tuple[dict[str, Any], ...]
    who: Who = ADA
    app: str = ANY_APP
    want: Want = Want.MFA
    place: Place = Place()
    locations: tuple[dict[str, Any], ...] = ()
    defaults: bool = False
    legacy: bool | None = None
    says: str = ""
    strengths: tuple[dict[str, Any], ...] = ()


def ask(case: Case) -> Answer:
    rules = Rules(
        tuple(settings(one) for one in case.policies),
        case.place,
        locations=[location_of(one) for one in case.locations],
        strengths=[strength_of(one) for one in case.strengths],
        security_defaults=case.defaults,
    )
    return rules.demanded(case.who, case.app, case.want, legacy=case.legacy)


def ip(name: str, *ranges: str, trusted: bool = False) -> dict[str, Any]:
    kind = "#microsoft.graph.ipNamedLocation"
    return {"@odata.type": kind, "id": name, "displayName": name, "isTrusted": trusted, "ipRanges": [{"cidrAddress": r} for r in ranges]}


def country(name: str, *codes: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.countryNamedLocation", "id": name, "displayName": name, "countriesAndRegions": list(codes)}


def places(include: list[str], exclude: list[str] | None = None) -> dict[str, Any]:
    return {"locations": {"includeLocations": include, "excludeLocations": exclude or []}}


def platforms(include: list[str], exclude: list[str] | None = None) -> dict[str, Any]:
    return {"platforms": {"includePlatforms": include, "excludePlatforms": exclude or []}}


def guests(*types: str, tenants: list[str] | None = None) -> dict[str, Any]:
    kind = "enumerated" if tenants else "all"
    return {"guestOrExternalUserTypes": ",".join(types), "externalTenants": {"membershipKind": kind, "members": tenants}}


def rule(mode: str, text: str) -> dict[str, Any]:
    return {"devices": {"deviceFilter": {"mode": mode, "rule": text}}}


BLOCK = ["block"]
BLOCK_LEGACY = policy("Block legacy", clientAppTypes=["exchangeActiveSync", "other"], builtInControls=BLOCK)
MODERN = ["browser", "mobileAppsAndDesktopClients"]
NAMED_PLATFORMS = ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"]
OFFICE, BRANCH = ip("office", "203.0.113.0/24", trusted=True), ip("branch", "198.51.100.0/24", trusted=True)
RESISTANT = strength("fido2", "windowsHelloForBusiness", "x509CertificateMultiFactor")
HOLLOW = {"id": "custom"}
"""A strength that the policy names without its combinations."""

CASES = [
    # State
    Case("no policy demands nothing", NO, ()),
    Case("a baseline policy is enough", YES, (policy(),), says="MFA for all"),
    Case("report-only protects nothing", NO, (policy(state="enabledForReportingButNotEnforced"),)),
    Case("a disabled policy protects nothing", NO, (policy(state="disabled"),)),
    Case("an enabled one beside a report-only one protects", YES, (policy(state="enabledForReportingButNotEnforced"), policy("B"))),
    Case("its name proves nothing", NO, (policy("Require MFA for everyone", grantControls=None),)),
    # What is demanded
    Case("session controls alone let everyone in", NO, (policy(grantControls=None, sessionControls={"signInFrequency": {"value": 1}}),)),
    Case("a compliant device instead of MFA is no MFA", NO, (policy(builtInControls=["mfa", "compliantDevice"]),)),
    Case("unless that is how MFA is read", YES, (policy(builtInControls=["mfa", "compliantDevice"]),), want=Want.MFA_OR_DEVICE),
    Case("a joined device is not what was read so", NO, (policy(builtInControls=["mfa", "domainJoinedDevice"]),), want=Want.MFA_OR_DEVICE),
    Case("MFA and a compliant device is MFA", YES, (policy(operator="AND", builtInControls=["mfa", "compliantDevice"]),)),
    Case("a device and terms of use are no MFA", NO, (policy(operator="AND", builtInControls=["compliantDevice"], termsOfUse=["t"]),)),
    Case("terms of use instead of MFA are none", NO, (policy(termsOfUse=["terms"]),)),
    Case("terms of use on top of MFA do no harm", YES, (policy(operator="AND", termsOfUse=["terms"]),)),
    Case("a custom control instead of MFA is none", NO, (policy(customAuthenticationFactors=["duo"]),)),
    Case("controls may be empty if a strength is set", YES, (policy(builtInControls=[], authenticationStrength=strength("password,sms")),)),
    Case("a strength that allows one factor is no MFA", NO, (policy(builtInControls=[], authenticationStrength=strength("fido2", "sms")),)),
    Case("a QR code and its PIN are one factor", NO, (policy(builtInControls=[], authenticationStrength=strength("qrCodePin")),)),
    Case("two single factors make MFA", YES, (policy(builtInControls=[], authenticationStrength=strength("x509CertificateSingleFactor,sms")),)),
    Case("a single-factor certificate is no MFA", NO, (policy(builtInControls=[], authenticationStrength=strength("x509CertificateSingleFactor")),)),
    Case("a strength without combinations demands nothing", NO, (policy(builtInControls=[], authenticationStrength=HOLLOW),), strengths=(strength(),)),
    Case("a strength is looked up if the policy does not show it", YES, (policy(builtInControls=[], authenticationStrength=HOLLOW),), strengths=(RESISTANT,)),
    Case("a strength that nobody lists is unseen", UNSEEN, (policy(builtInControls=[], authenticationStrength=HOLLOW),), says="strength"),
    Case("which is no matter where another policy demands it", YES, (policy("X", builtInControls=[], authenticationStrength=HOLLOW), policy())),
    Case("to be refused is as good as MFA", YES, (policy(builtInControls=BLOCK),)),
    # Phishing-resistant
    Case("MFA is not phishing-resistant", NO, (policy(),), want=Want.RESISTANT),
    Case("a strength of such methods only is", YES, (policy(builtInControls=[], authenticationStrength=RESISTANT),), want=Want.RESISTANT),
    Case("its name does not make it so", NO, (policy(builtInControls=[], authenticationStrength=strength("fido2", "password,microsoftAuthenticatorPush", name="Phishing-resistant MFA")),), want=Want.RESISTANT),
    Case("such a strength or MFA is MFA", NO, (policy(authenticationStrength=RESISTANT),), want=Want.RESISTANT),
    Case("such a strength and MFA is such a strength", YES, (policy(operator="AND", authenticationStrength=RESISTANT),), want=Want.RESISTANT),
    Case("two policies are both demanded: the stronger counts", YES, (policy(), policy("S", builtInControls=[], authenticationStrength=RESISTANT)), want=Want.RESISTANT),
    Case("security defaults know no strengths", NO, (), want=Want.RESISTANT, defaults=True),
    # Users
    Case("nobody is included by None", NO, (policy(includeUsers=["None"]),)),
    Case("who is excluded by name is not protected", NO, (policy(excludeUsers=["ada"]),)),
    Case("exclusion wins over inclusion by name", NO, (policy(includeUsers=["ada"], excludeUsers=["ada"]),)),
    Case("exclusion through a group wins over inclusion by name", NO, (policy(includeUsers=["ada"], excludeGroups=["g"]),), place=Place({"g": {"ada"}})),
    Case("another policy protects whom the first excludes", YES, (policy(excludeUsers=["ada"]), policy("B", includeUsers=["ada"]))),
    Case("a group that was deleted excludes nobody", YES, (policy(excludeGroups=["gone"]),)),
    Case("a group that was deleted includes nobody", NO, (policy(includeUsers=[], includeGroups=["gone"]),)),
    Case("a group that may not be read might exclude", UNSEEN, (policy(excludeGroups=["g"]),), place=Place({"g": None}), says="GroupMember.Read.All"),
    Case("a group that may not be read might include", UNSEEN, (policy(includeUsers=[], includeGroups=["g"]),), place=Place({"g": None})),
    Case("but not where the user is excluded anyway", NO, (policy(excludeUsers=["ada"], excludeGroups=["g"]),), place=Place({"g": None})),
    Case("and not where another policy protects", YES, (policy(excludeGroups=["g"]), policy("B")), place=Place({"g": None})),
    Case("nor where it would leave a hole in any case", NO, (policy(excludeGroups=["g"], clientAppTypes=["browser"]),), place=Place({"g": None})),
    # Roles
    Case("a role that is included protects who has it", YES, (policy(includeUsers=[], includeRoles=[GA]),), place=Place(active={GA: {"ada"}})),
    Case("who is only eligible is not in the role yet", NO, (policy(includeUsers=[], includeRoles=[GA]),), place=Place(eligible={GA: {"ada"}})),
    Case("and is protected once acting in it", YES, (policy(includeUsers=[], includeRoles=[GA]),), who=Who(id="ada", acting=(GA,))),
    Case("who has a role that is excluded is not protected", NO, (policy(excludeRoles=[SYNC]),), place=Place(active={SYNC: {"ada"}})),
    Case("who can activate an excluded role can get out", NO, (policy(excludeRoles=[SYNC]),), place=Place(eligible={SYNC: {"ada"}})),
    Case("other roles are no matter", YES, (policy(excludeRoles=[SYNC]),), place=Place(active={GA: {"ada"}})),
    # Guests
    Case("All means guests too", YES, (policy(),), who=GUEST),
    Case("unless guests are excluded by kind", NO, (policy(excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest", "internalGuest")),), who=GUEST),
    Case("which spares no member", YES, (policy(excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest", "internalGuest")),)),
    Case("an external member is excluded with its kind", NO, (policy(excludeGuestsOrExternalUsers=guests("b2bCollaborationMember")),), who=EXTERNAL_MEMBER),
    Case("excluding B2B guests spares internal ones not", YES, (policy(excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest")),), who=INTERNAL_GUEST),
    Case("the old word excludes guests of every kind", NO, (policy(excludeUsers=["GuestsOrExternalUsers"]),), who=INTERNAL_GUEST),
    Case("a policy for guests is none for members", NO, (policy(includeUsers=["GuestsOrExternalUsers"]),)),
    Case("guests of some tenants cannot be told from others", UNSEEN, (policy(excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest", tenants=["t"])),), who=GUEST, says="tenant"),
    Case("a policy for service principals is none for users", NO, (policy(clientApplications={"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}),)),
    # Apps
    Case("one app is not all", NO, (policy(includeApplications=[OTHER_APP]),)),
    Case("and is protected itself", YES, (policy(includeApplications=[OTHER_APP]),), app=OTHER_APP),
    Case("an app that is excluded is not protected", NO, (policy(excludeApplications=[OTHER_APP]),), app=OTHER_APP),
    Case("which other apps do not mind", YES, (policy(excludeApplications=[OTHER_APP]),)),
    Case("Office 365 holds Exchange", YES, (policy(includeApplications=["Office365"]),), app=EXCHANGE),
    Case("excluding Office 365 excludes Exchange", NO, (policy(excludeApplications=["Office365"]),), app=EXCHANGE),
    Case("the admin portals hold the Azure portal", YES, (policy(includeApplications=["MicrosoftAdminPortals"]),), app=PORTAL),
    Case("registering security information is no app", NO, (policy(includeApplications=[], includeUserActions=["urn:user:registersecurityinfo"]),)),
    Case("an action beside all apps is still the action", NO, (policy(includeUserActions=["urn:user:registerdevice"]),)),
    Case("an authentication context is no app", NO, (policy(includeApplications=[], includeAuthenticationContextClassReferences=["c1"]),)),
    Case("None is no app", NO, (policy(includeApplications=["None"]),)),
    Case("a filter by attributes may exclude", UNSEEN, (policy(applicationFilter={"mode": "exclude", "rule": "x"}),), says="attributes"),
    # Client apps
    Case("browsers are not all clients", NO, (policy(clientAppTypes=["browser"]),), says="client app"),
    Case("modern clients leave legacy ones open", NO, (policy(clientAppTypes=MODERN),), says="client app exchangeActiveSync"),
    Case("unless these are blocked", YES, (policy(clientAppTypes=MODERN), BLOCK_LEGACY)),
    Case("blocking Exchange ActiveSync leaves the other ones", NO, (policy(clientAppTypes=MODERN), policy("B", clientAppTypes=["exchangeActiveSync"], builtInControls=BLOCK)), says="client app other"),
    Case("a block that only reports leaves them all", NO, (policy(clientAppTypes=MODERN), {**BLOCK_LEGACY, "state": "enabledForReportingButNotEnforced"})),
    Case("legacy clients are refused by that block", YES, (BLOCK_LEGACY,), want=Want.BLOCK, legacy=True),
    Case("which is no block of modern ones", NO, (BLOCK_LEGACY,), want=Want.BLOCK, legacy=False),
    Case("a block of legacy clients outside the office is none inside", NO, ({**BLOCK_LEGACY, "conditions": {**BLOCK_LEGACY["conditions"], **places(["All"], ["office"])}},), want=Want.BLOCK, legacy=True, locations=(OFFICE,), says="office"),
    # Platforms
    Case("the platforms that have a name are not all", NO, (policy(**platforms(NAMED_PLATFORMS)),), says="an unknown platform"),
    Case("all platforms are, unknown ones too", YES, (policy(**platforms(["all"])),)),
    Case("unless unknown ones are blocked", YES, (policy(**platforms(NAMED_PLATFORMS)), policy("B", builtInControls=BLOCK, **platforms(["all"], NAMED_PLATFORMS)))),
    Case("two policies share the platforms", YES, (policy(**platforms(["windows"])), policy("B", **platforms(["all"], ["windows"])))),
    Case("and forget one between them", NO, (policy(**platforms(["windows"])), policy("B", **platforms(["all"], ["windows", "macOS"]))), says="macOS"),
    # Places
    Case("trusted locations are a hole", NO, (policy(**places(["All"], ["AllTrusted"])),), locations=(OFFICE,), says="from"),
    Case("even if no location is trusted by name", NO, (policy(**places(["All"], ["AllTrusted"])),), says="MFA trusted IPs"),
    Case("the office is a hole", NO, (policy(**places(["All"], ["office"])),), locations=(OFFICE,), says="from office"),
    Case("which a second policy fills", YES, (policy(**places(["All"], ["office"])), policy("B", **places(["office"]))), locations=(OFFICE,)),
    Case("blocking other countries demands nothing at home", NO, (policy("B", builtInControls=BLOCK, **places(["All"], ["home"])),), locations=(country("home", "DE"),), says="from home"),
    Case("and with MFA at home it is whole", YES, (policy("B", builtInControls=BLOCK, **places(["All"], ["home"])), policy(**places(["home"]))), locations=(country("home", "DE"),)),
    Case("an office within the country is excluded there", NO, (policy("B", builtInControls=BLOCK, **places(["All"], ["home"])), policy(**places(["home"], ["office"]))), locations=(country("home", "DE"), OFFICE), says="home and office"),
    Case("ranges that do not meet are no hole together", YES, (policy(**places(["All"], ["office"])), policy("B", **places(["office"], ["branch"]))), locations=(OFFICE, BRANCH)),
    Case("ranges that meet are", NO, (policy(**places(["All"], ["office"])), policy("B", **places(["office"], ["desk"]))), locations=(OFFICE, ip("desk", "203.0.113.7/32")), says="office"),
    Case("only from trusted places is not everywhere", NO, (policy(**places(["AllTrusted"])),), locations=(OFFICE,), says="anywhere else"),
    # Risk, flows, devices
    Case("MFA at risk only is not MFA", NO, (policy(signInRiskLevels=["high", "medium"]),), says="sign-in risk"),
    Case("MFA for risky users only is not MFA", NO, (policy(userRiskLevels=["high"]),), says="user risk"),
    Case("every level of risk, none included, is always", YES, (policy(signInRiskLevels=["high", "medium", "low", "none"]),)),
    Case("a policy about the device code flow is about that alone", NO, (policy(authenticationFlows={"transferMethods": "deviceCodeFlow"}),), says="ordinary sign-in"),
    Case("devices that a filter excludes are a hole", NO, (policy(**rule("exclude", "device.isCompliant -eq True")),), says="device that matches"),
    Case("devices that a filter includes are not all", NO, (policy(**rule("include", "device.isCompliant -eq True")),), says="does not match"),
    Case("a filter both ways is whole", YES, (policy(**rule("include", "device.trustType -eq 'AzureAD'")), policy("B", **rule("exclude", "device.trustType  -eq 'AzureAD'")))),
    Case("two different filters are not", NO, (policy(**rule("include", "device.model -eq 'a'")), policy("B", **rule("exclude", "device.model -eq 'b'")))),
    Case("a condition that is not understood may narrow", UNSEEN, ({**policy(), "conditions": {**policy()["conditions"], "weatherConditions": ["rain"]}},), says="weatherConditions"),
    # Security defaults and per-user MFA
    Case("security defaults demand MFA without any policy", YES, (), defaults=True, says="security defaults"),
    Case("security defaults refuse legacy clients", YES, (), defaults=True, want=Want.BLOCK, legacy=True),
    Case("and no modern ones", NO, (), defaults=True, want=Want.BLOCK),
    Case("per-user MFA that is enforced demands it", YES, (), who=Who(id="ada", per_user="enforced"), says="per-user"),
    Case("enabled is not enforced: legacy clients still get in", NO, (), who=Who(id="ada", per_user="enabled"), says="client app"),
    Case("unless a policy blocks those", YES, (BLOCK_LEGACY,), who=Who(id="ada", per_user="enabled")),
    Case("disabled is the usual state, beside a policy too", YES, (policy(),), who=Who(id="ada", per_user="disabled")),
    Case("per-user MFA is not phishing-resistant", NO, (), who=Who(id="ada", per_user="enforced"), want=Want.RESISTANT),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_tenant(case: Case) -> None:
    """The title says it."""
    if case.answer is UNSEEN:
        with pytest.raises(Unseen) as seen:
            ask(case)
        assert case.says in str(seen.value)
        return
    answer = ask(case)
    assert answer.demanded is case.answer, answer.why
    assert case.says in answer.why


def test_there_are_enough_and_each_is_one() -> None:
    """At least sixty tenants, no two of them alike."""
    assert len(CASES) >= 60
    assert len({case.title for case in CASES}) == len(CASES)
    assert len({repr((c.policies, c.who, c.app, c.want, c.place, c.locations, c.defaults, c.legacy, c.strengths)) for c in CASES}) == len(
        CASES
    )


@pytest.mark.parametrize(
    "broken",
    [
        policy(state="on"),
        policy(clientAppTypes=[]),
        policy(operator="XOR"),
        policy(includeUsers="All"),
        {"id": "x", "displayName": "x", "state": "enabled"},
    ],
)
def test_a_policy_of_another_shape_is_refused(broken: dict[str, Any]) -> None:
    """It is malformed, and so a gap: nobody guesses what it meant."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        settings(broken)
