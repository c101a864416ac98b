"""A Datadog organization: how its people sign in, whether logs arrive, whether its audit trail speaks."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.breakglass import UsesLogged, uses_logged
from controlmon.facts.datadog.logs import Arrivals, arrivals_of
from controlmon.facts.datadog.parts import flag, moment, text, words


class SignIn(View, frozen=True):
    """The SAML settings of an organization."""

    saml: bool
    strict: bool


class SignInSettings(Kind, name="datadog.sign_in"):
    """The sign-in settings of an organization: ours, or a child of it."""

    @aspect()
    def saml(raw: Raw) -> SignIn:
        """Whether SAML is on, and strict (v1.OrganizationsApi:list_orgs)."""
        settings = raw["settings"]
        return SignIn(saml=flag(settings["saml"], "enabled"), strict=flag(settings["saml_strict_mode"], "enabled"))

    @aspect(absent=())
    def other_methods(raw: Raw) -> tuple[str, ...]:
        """Settings that let in by another way than SAML (v2.OrganizationsApi:list_org_configs), as far as Datadog tells of them there."""
        return tuple(name for one in raw["data"] if (name := _other_way(one["attributes"])))

    @aspect(absent=False)
    def provider(raw: Raw) -> bool:
        """Whether an identity provider is set up (v2.OrganizationsApi:list_saml_configurations)."""
        return any(one["attributes"].get("sso_url") for one in raw["data"])

    @property
    def ours(self) -> bool:
        """True for the organization that was logged in to; its children are seen from without."""
        return self.id == self.target


def _other_way(config: Raw) -> str:
    name, value = text(config, "name"), config["value"]
    if "login_method" in name and isinstance(value, list) and any("saml" not in str(one).lower() for one in value):
        return name
    speaks = ("password" in name or "google" in name) and ("login" in name or "auth" in name or "sign_in" in name)
    return name if speaks and value is True and not name.startswith(("disable", "block", "forbid")) else ""


class Audited(View, frozen=True):
    """The time of an event of the audit trail; None if there is none."""

    at: datetime | None = None


def _event(raw: Raw) -> Audited:
    return Audited(at=moment(raw["data"][0]["attributes"]["timestamp"])) if raw["data"] else Audited()


class Marks(View, frozen=True):
    """The marked logs of earlier runs that were found: when each was written."""

    written: datetime
    found: tuple[datetime, ...] = ()


class Organization(Kind, name="datadog.organization", singleton=True):
    """A Datadog organization."""

    @aspect()
    def arrivals(raw: Raw) -> Arrivals:
        """When each source last spoke, in the indexes (v2.LogsApi:aggregate_logs)."""
        return arrivals_of(raw)

    @aspect()
    def arrivals_flex(raw: Raw) -> Arrivals:
        """The same in Flex Logs (storage_tier flex)."""
        return arrivals_of(raw)

    @aspect()
    def arrivals_archived(raw: Raw) -> Arrivals:
        """The same in online archives (storage_tier online-archives)."""
        return arrivals_of(raw)

    @aspect()
    def breakglass(raw: Raw) -> UsesLogged:
        """Uses of break-glass in the indexes, and on which days each source spoke (v2.LogsApi:list_logs, v2.LogsApi:aggregate_logs)."""
        return uses_logged(raw)

    @aspect()
    def index_order(raw: Raw) -> tuple[str, ...]:
        """The names of the indexes in the order in which they are offered a log (v1.LogsIndexesApi:get_logs_index_order)."""
        return words(raw, "index_names")

    @aspect()
    def archive_order(raw: Raw) -> tuple[str, ...]:
        """The ids of the archives in the order in which they are offered a log (v2.LogsArchivesApi:get_logs_archive_order)."""
        return words(raw["data"]["attributes"], "archive_ids")

    @aspect()
    def audit_latest(raw: Raw) -> Audited:
        """The latest event of the last 24 hours (v2.AuditApi:search_audit_logs)."""
        return _event(raw)

    @aspect()
    def audit_earliest(raw: Raw) -> Audited:
        """The earliest event that is kept (v2.AuditApi:search_audit_logs)."""
        return _event(raw)

    @aspect()
    def canary(raw: Raw) -> Marks:
        """Marked logs that came back (v2.LogsApi:submit_log, then v2.LogsApi:list_logs)."""
        found = [moment(one["attributes"]["attributes"]["controlmon"]["written"]) for one in raw["data"]]
        return Marks(written=moment(raw["written"]), found=tuple(sorted(found)))
