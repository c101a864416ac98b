"""A Conditional Access policy as Graph has it (conditionalAccessPolicy), and the locations and strengths that it may name."""

from controlmon.core.fact import Raw
from controlmon.facts.base import View
from controlmon.facts.entra.raw import flag, text, texts

NOT_WHO_NOR_WHERE = {"users", "applications", "clientApplications"}
READ = NOT_WHO_NOR_WHERE | {
    "clientAppTypes", "platforms", "locations", "devices", "authenticationFlows", "signInRiskLevels", "userRiskLevels",
    "insiderRiskLevels", "servicePrincipalRiskLevels",
}  # fmt: skip
"""The conditions that are understood here."""


class Strength(View, frozen=True):
    """An authentication strength: the combinations of methods that satisfy it."""

    id: str
    name: str = ""
    combinations: tuple[str, ...] = ()


class Guests(View, frozen=True):
    """Kinds of guests and external users, of all tenants (None) or of some."""

    types: tuple[str, ...]
    tenants: tuple[str, ...] | None = None


class Crowd(View, frozen=True):
    """Users, groups, roles and guests, by id."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    guests: Guests | None = None


class Apps(View, frozen=True):
    """Apps by id or suite. `elsewhere` is true for a policy about user actions or authentication contexts: not about signing in to apps.

    `filter` is the mode of a filter by custom attributes, "" if there is none.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    elsewhere: bool = False
    filter: str = ""


class Span(View, frozen=True):
    """What is included and excluded of one condition."""

    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()


class Grant(View, frozen=True):
    """What a policy demands: every control, or (operator OR) any one of them."""

    operator: str = "OR"
    controls: tuple[str, ...] = ()
    others: int = 0
    strength: Strength | None = None


class Settings(View, frozen=True):
    """A policy. `workload` is true for one about service principals; `unread` names conditions that are not understood here."""

    name: str
    state: str
    include: Crowd
    exclude: Crowd = Crowd()
    apps: Apps = Apps()
    clients: tuple[str, ...] = ("all",)
    platforms: Span | None = None
    locations: Span | None = None
    flows: tuple[str, ...] = ()
    sign_in_risk: tuple[str, ...] = ()
    user_risk: tuple[str, ...] = ()
    insider_risk: tuple[str, ...] = ()
    device_rule: str = ""
    device_mode: str = ""
    grant: Grant | None = None
    workload: bool = False
    unread: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        """True only for a policy that is enforced: one that reports only protects nothing."""
        return self.state == "enabled"


class Location(View, frozen=True):
    """A named location: address ranges (CIDR), or countries."""

    id: str
    name: str = ""
    trusted: bool = False
    ranges: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


def settings(raw: Raw) -> Settings:
    """A conditionalAccessPolicy. Raises what Python raises for an answer of another shape."""
    conditions = raw["conditions"]
    users, workload = conditions["users"], conditions.get("clientApplications") or {}
    devices = (conditions.get("devices") or {}).get("deviceFilter") or {}
    if raw["state"] not in ("enabled", "disabled", "enabledForReportingButNotEnforced"):
        raise ValueError(f"state is {raw['state']!r}")
    return Settings(
        name=text(raw, "displayName") or raw["id"],
        state=raw["state"],
        include=_crowd(users, "include"),
        exclude=_crowd(users, "exclude"),
        apps=_apps(conditions["applications"] or {}),
        clients=_clients(conditions),
        platforms=_span(conditions.get("platforms"), "Platforms"),
        locations=_span(conditions.get("locations"), "Locations"),
        flows=_words(text(conditions.get("authenticationFlows") or {}, "transferMethods")),
        sign_in_risk=texts(conditions, "signInRiskLevels"),
        user_risk=texts(conditions, "userRiskLevels"),
        insider_risk=_words(text(conditions, "insiderRiskLevels")),
        device_rule=" ".join(text(devices, "rule").split()),
        device_mode=text(devices, "mode"),
        grant=_grant(raw["grantControls"]) if raw.get("grantControls") else None,
        workload=bool(texts(workload, "includeServicePrincipals")),
        unread=tuple(sorted(k for k, v in conditions.items() if v and k not in READ and "@" not in k)),
    )


def _words(said: str) -> tuple[str, ...]:
    """The members of an enumeration that may have several at once; `none` is no member."""
    return tuple(word for word in (part.strip() for part in said.split(",")) if word and word != "none")


def _clients(conditions: Raw) -> tuple[str, ...]:
    clients = texts(conditions, "clientAppTypes")
    if not clients:
        raise ValueError("clientAppTypes is empty")
    return clients


def _crowd(users: Raw, side: str) -> Crowd:
    guests = users.get(f"{side}GuestsOrExternalUsers")
    return Crowd(
        users=texts(users, f"{side}Users"),
        groups=texts(users, f"{side}Groups"),
        roles=texts(users, f"{side}Roles"),
        guests=_guests(guests) if guests else None,
    )


def _guests(raw: Raw) -> Guests:
    tenants = raw.get("externalTenants") or {}
    named = texts(tenants, "members") if tenants.get("membershipKind") == "enumerated" else None
    return Guests(types=_words(text(raw, "guestOrExternalUserTypes")), tenants=named)


def _apps(raw: Raw) -> Apps:
    return Apps(
        include=texts(raw, "includeApplications"),
        exclude=texts(raw, "excludeApplications"),
        elsewhere=bool(texts(raw, "includeUserActions") or texts(raw, "includeAuthenticationContextClassReferences")),
        filter=text(raw.get("applicationFilter") or {}, "mode"),
    )


def _span(raw: Raw, what: str) -> Span | None:
    return Span(include=texts(raw, f"include{what}"), exclude=texts(raw, f"exclude{what}")) if raw else None


def _grant(raw: Raw) -> Grant:
    strength = raw.get("authenticationStrength")
    operator = text(raw, "operator") or "OR"
    if operator not in ("AND", "OR"):
        raise ValueError(f"the operator of grantControls is {operator!r}")
    return Grant(
        operator=operator,
        controls=texts(raw, "builtInControls"),
        others=len(texts(raw, "customAuthenticationFactors")) + len(texts(raw, "termsOfUse")),
        strength=strength_of(strength) if strength else None,
    )


def strength_of(raw: Raw) -> Strength:
    """An authenticationStrengthPolicy."""
    return Strength(id=raw["id"], name=text(raw, "displayName"), combinations=texts(raw, "allowedCombinations"))


def location_of(raw: Raw) -> Location:
    """A namedLocation: an ipNamedLocation or a countryNamedLocation."""
    ranges = tuple(str(one["cidrAddress"]) for one in raw.get("ipRanges") or ())
    trusted = flag(raw, "isTrusted") if "ipRanges" in raw else False
    return Location(
        id=raw["id"], name=text(raw, "displayName"), trusted=trusted, ranges=ranges, countries=texts(raw, "countriesAndRegions")
    )
