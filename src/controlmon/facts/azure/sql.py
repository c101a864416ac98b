"""Azure SQL: servers and their databases."""

from ipaddress import ip_address, summarize_address_range

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.diagnostics import Setting, settings
from controlmon.facts.base import Kind, View, aspect

AZURE = "0.0.0.0"  # noqa: S104 - not an address that anything is bound to
"""Start and end of the firewall rule that lets every tenant of Azure in."""


class ServerSettings(View, frozen=True):
    """How a server is set: its publicNetworkAccess and its minimalTlsVersion, empty if not set."""

    access: str = ""
    minimum_tls: str = ""


class Rule(View, frozen=True):
    """A firewall rule: its first and last address, and the blocks between them."""

    name: str
    first: str
    last: str
    blocks: tuple[str, ...] = ()

    @property
    def azure(self) -> bool:
        """Whether it is the rule that lets every tenant of Azure in, and nobody else."""
        return (self.first, self.last) == (AZURE, AZURE)


class Protector(View, frozen=True):
    """What protects the databases' keys: `ServiceManaged`, or `AzureKeyVault` with the URL of a key."""

    type: str
    url: str = ""


class Auditing(View, frozen=True):
    """Where a server's audit is sent. `days` 0 means that storage keeps it for ever."""

    enabled: bool
    storage: str = ""
    days: int = 0
    monitor: bool = False


class DatabaseSettings(View, frozen=True):
    """A database: its kind (`v12.0,user`), its status, what it is a replica of, its redundancy, and a key of its own."""

    kind: str = ""
    status: str = ""
    secondary: str = ""
    redundancy: str = ""
    key: str = ""

    @property
    def system(self) -> bool:
        """Whether it is the logical master, or another that Azure keeps for itself."""
        return "system" in self.kind.split(",")

    @property
    def warehouse(self) -> bool:
        """Whether it is a dedicated SQL pool (once SQL Data Warehouse)."""
        return "datawarehouse" in self.kind


class SqlServer(Kind, name="azure.sql.server"):
    """A logical SQL server."""

    @aspect()
    def settings(raw: Raw) -> ServerSettings:
        """Its settings (Resource Graph)."""
        set_ = read.inside(raw)
        return ServerSettings(access=read.text(set_, "publicNetworkAccess"), minimum_tls=read.text(set_, "minimalTlsVersion"))

    @aspect(absent=())
    def firewall(raw: Raw) -> tuple[Rule, ...]:
        """Its firewall rules for IPv4 (FirewallRules_ListByServer). Not asked if public access is off."""
        return tuple(_rule(one, "startIpAddress", "endIpAddress") for one in read.listed(raw, "value"))

    @aspect(absent=())
    def firewall_v6(raw: Raw) -> tuple[Rule, ...]:
        """Its firewall rules for IPv6 (IPv6FirewallRules_ListByServer). Not asked if public access is off."""
        return tuple(_rule(one, "startIPv6Address", "endIPv6Address") for one in read.listed(raw, "value"))

    @aspect()
    def protector(raw: Raw) -> Protector:
        """Its encryption protector (EncryptionProtectors_ListByServer)."""
        set_ = read.inside(read.listed(raw, "value")[0])
        return Protector(type=read.named(set_, "serverKeyType"), url=read.text(set_, "uri"))

    @aspect()
    def auditing(raw: Raw) -> Auditing:
        """Its audit (ServerBlobAuditingPolicies_ListByServer)."""
        set_ = read.inside(read.listed(raw, "value")[0])
        return Auditing(
            enabled=read.named(set_, "state") == "Enabled",
            storage=read.text(set_, "storageEndpoint"),
            days=read.number(set_, "retentionDays") or 0,
            monitor=read.flag(set_, "isAzureMonitorTargetEnabled") is True,
        )

    @aspect(absent=())
    def master_logs(raw: Raw) -> tuple[Setting, ...]:
        """Where the logs of its master database are sent (DiagnosticSettings_List). Not asked if the audit does not go that way."""
        return settings(raw)


class SqlDatabase(Kind, name="azure.sql.database"):
    """A database of a SQL server."""

    @aspect()
    def settings(raw: Raw) -> DatabaseSettings:
        """Its settings (Resource Graph)."""
        set_ = read.inside(raw)
        return DatabaseSettings(
            kind=read.text(raw, "kind").lower(),
            status=read.text(set_, "status"),
            secondary=read.text(set_, "secondaryType"),
            redundancy=read.text(set_, "requestedBackupStorageRedundancy"),
            key=read.text(set_, "encryptionProtector"),
        )

    @aspect(volatile=("earliestRestoreDate",))
    def restore_point(raw: Raw) -> str:
        """The earliest moment that it can be restored to (Resource Graph); empty if there is none yet."""
        return read.text(raw, "earliestRestoreDate")

    @aspect(absent="")
    def tde(raw: Raw) -> str:
        """The state of its transparent data encryption (TransparentDataEncryptions_ListByDatabase). Not asked of a system database."""
        return read.named(read.inside(read.listed(raw, "value")[0]), "state")

    @aspect(absent=0)
    def retention(raw: Raw) -> int:
        """The days that it can be restored to (BackupShortTermRetentionPolicies_ListByDatabase). Not asked of a system database."""
        days = read.number(read.inside(read.listed(raw, "value")[0]), "retentionDays")
        if days is None:
            raise TypeError("retentionDays is not set")
        return days

    @property
    def server(self) -> str:
        """The id of its server."""
        return self.id.partition("/databases/")[0]


def _rule(raw: Raw, first: str, last: str) -> Rule:
    set_ = read.inside(raw)
    start, end = read.named(set_, first), read.named(set_, last)
    blocks = summarize_address_range(ip_address(start), ip_address(end))
    return Rule(name=read.text(raw, "name"), first=start, last=end, blocks=tuple(str(block) for block in blocks))
