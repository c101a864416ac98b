"""What a configuration file may say, and what holds when it says nothing."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from controlmon.core.yamltext import Duration
from controlmon.facts.environment import SYNONYMS
from controlmon.service.notify_config import Notify

Positive = Annotated[int, Meta(ge=1, le=1000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")]
Frequency = Literal["hourly", "daily", "weekly", "monthly", "quarterly", "annual"]


class AwsAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An AWS account: a profile of the shared configuration, a role to assume, or (with neither) the ambient credentials."""

    name: str
    profile: str | None = None
    role: Annotated[str, Meta(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$")] | None = None
    external_id: str | None = None
    regions: tuple[str, ...] = ()


class AwsOrganization(Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts discovered through AWS Organizations, from the ambient credentials or a profile of the management account (or a delegate).

    `role` is the name of the role to assume in every other account; `exclude` are ids to leave out.
    """

    role: Annotated[str, Meta(pattern=r"^[A-Za-z0-9+=,.@_/-]{1,512}$")]
    external_id: str | None = None
    profile: str | None = None
    exclude: tuple[Annotated[str, Meta(pattern=r"^\d{12}$")], ...] = ()
    regions: tuple[str, ...] = ()


class Aws(Struct, frozen=True, forbid_unknown_fields=True):
    """Amazon Web Services: the accounts named, those of an `organization`, or (with neither) that of the ambient credentials.

    `regions` empty means every region that an account has enabled.
    """

    accounts: tuple[AwsAccount, ...] = ()
    organization: AwsOrganization | None = None
    regions: tuple[str, ...] = ()
    endpoints: dict[str, str] = {}
    attempts: Positive = 5
    connect_timeout: Seconds = 10
    read_timeout: Seconds = 60


class Tenant(Struct, frozen=True, forbid_unknown_fields=True):
    """An Entra tenant, and how to log in to it: azure-identity's own chain, or one way of it. Secrets stand in the environment, never here.

    `subscriptions` (ids) empty means every one that the identity can see.
    """

    name: str
    tenant: str | None = None
    credential: Literal["default", "environment", "workload", "managed", "cli"] = "default"
    client_id: str | None = None
    subscriptions: tuple[str, ...] = ()


class Azure(Struct, frozen=True, forbid_unknown_fields=True):
    """Azure. `endpoints` may name `authority` and `arm`."""

    tenants: tuple[Tenant, ...] = (Tenant("ambient"),)
    cloud: Literal["public", "usgov", "china"] = "public"
    endpoints: dict[Literal["authority", "arm"], str] = {}
    attempts: Positive = 5
    connect_timeout: Seconds = 10
    read_timeout: Seconds = 60


class Entra(Struct, frozen=True, forbid_unknown_fields=True):
    """Entra ID, through Microsoft Graph. `endpoints` may name `authority` and `graph`."""

    tenants: tuple[Tenant, ...] = (Tenant("ambient"),)
    cloud: Literal["public", "usgov", "china"] = "public"
    endpoints: dict[Literal["authority", "graph"], str] = {}
    attempts: Positive = 5
    connect_timeout: Seconds = 10
    read_timeout: Seconds = 60


class Organization(Struct, frozen=True, forbid_unknown_fields=True):
    """A Datadog organization. Its keys are in the environment, under the names given here."""

    name: str
    site: str | None = None
    api_key: str = "DD_API_KEY"
    app_key: str = "DD_APP_KEY"


class Datadog(Struct, frozen=True, forbid_unknown_fields=True):
    """Datadog. `endpoint` takes the place of `https://api.SITE`; the site is each organization's, else DD_SITE, else datadoghq.com."""

    organizations: tuple[Organization, ...] = (Organization("ambient"),)
    endpoint: Url | None = None
    attempts: Positive = 5
    connect_timeout: Seconds = 10
    read_timeout: Seconds = 60


class Registers(Struct, frozen=True, forbid_unknown_fields=True):
    """The registers that people keep: their directory, beside this file, and what the company is called in the record."""

    directory: str = "registers"
    company: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = "company"


class Checks(Struct, frozen=True, forbid_unknown_fields=True):
    """Which checks run, how often, and with which parameters. `frequency` and `disabled` take globs."""

    directories: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    frequency: dict[str, Frequency] = {}
    parameters: dict[str, dict[str, Any]] = {}


class Environments(Struct, frozen=True, forbid_unknown_fields=True):
    """Which environment things belong to, in every cloud: the `environment_map` and `synonyms` of each check that has those parameters.

    The keys of `map` are ids, paths or names (of accounts, units, subscriptions, management groups, VPCs, VNets), `tag:NAME=VALUE`, or
    `name:GLOB`; its values are environments. `synonyms` adds a company's own words to those of `controlmon.facts.environment`.
    """

    map: dict[str, str] = {}
    synonyms: dict[str, tuple[str, ...]] = {}

    def words(self) -> dict[str, tuple[str, ...]]:
        """The environments, and every word for each."""
        return {name: (*SYNONYMS.get(name, ()), *self.synonyms.get(name, ())) for name in (*SYNONYMS, *self.synonyms)}

    def parameters(self) -> dict[str, Any]:
        """What checks that take these parameters are given; nothing where nothing is declared."""
        return {**({"environment_map": self.map} if self.map else {}), **({"synonyms": self.words()} if self.synonyms else {})}


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """How much may be asked at once: threads in all, and questions at once to one service of one target."""

    workers: Positive = 16
    per_service: Positive = 16


class Authority(Struct, frozen=True, forbid_unknown_fields=True):
    """A time-stamp authority (RFC 3161). `ca` is a PEM file of the certificates that its signature must lead to."""

    url: Url
    ca: str | None = None


class WitnessAt(Struct, frozen=True, forbid_unknown_fields=True):
    """A witness (C2SP tlog-witness), and its public key as it prints it."""

    url: Url
    key: str


class Locked(Struct, frozen=True, forbid_unknown_fields=True):
    """An S3 bucket with Object Lock; each checkpoint is held there, in compliance mode, for so many days."""

    bucket: str
    prefix: str = "controlmon"
    days: Annotated[int, Meta(ge=1, le=36500)] = 2192
    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None


class Anchors(Struct, frozen=True, forbid_unknown_fields=True):
    """Where checkpoints are shown outside of this host, and how long the log may run without."""

    every: Duration = Duration(hours=24)
    rfc3161: tuple[Authority, ...] = ()
    witness: tuple[WitnessAt, ...] = ()
    objectlock: tuple[Locked, ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What a configuration file may say."""

    origin: Annotated[str, Meta(pattern=r"^[^\s+]+$")] = "controlmon.local/ledger"
    signer: str = "file"
    anchors: Anchors = Anchors()
    retention_years: Annotated[int, Meta(ge=1, le=100)] = 6
    state: str | None = None
    catalog: str | None = None
    checks: Checks = Checks()
    environments: Environments = Environments()
    aws: Aws = Aws()
    azure: Azure = Azure()
    entra: Entra = Entra()
    datadog: Datadog = Datadog()
    registers: Registers = Registers()
    exceptions: str = "exceptions.yaml"
    systems: tuple[str, ...] = ()
    notify: Notify = Notify()
    budget: Budget = Budget()
