"""What the small company owns: careful in security, mostly good in production, sloppy in staging."""

from typing import NamedTuple

SECURITY, PRODUCTION, STAGING = "123456789012", "111111111111", "222222222222"
US, EU = "us-east-1", "eu-west-1"
READS = ("iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport", "kms:GetKeyPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets")
READER = "controlmon-read"
DATADOG, STRANGER = "464622532012", "999988887777"
TLS_NEW, TLS_OLD = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
ANYWHERE, OFFICE = "0.0.0.0/0", "203.0.113.0/24"


class User(NamedTuple):
    """An IAM user: with a password or without, and with how many access keys."""

    account: str
    name: str
    console: bool = False
    mfa: bool = False
    keys: int = 0
    admin: bool = False


class Role(NamedTuple):
    """A role, the account that it trusts, the secret that a vendor must name, and the actions that it has for reading."""

    account: str
    name: str
    trusts: str
    external_id: str = ""
    admin: bool = False
    reads: tuple[str, ...] = ()


class Bucket(NamedTuple):
    """A bucket: its default encryption, who reaches it, and the customer whose it is."""

    account: str
    region: str
    name: str
    kms: bool = True
    public: bool = False
    locked: bool = False
    tenant: str = ""


class Trail(NamedTuple):
    """A trail, and the bucket that it writes to."""

    account: str
    name: str
    bucket: str
    everywhere: bool


class Network(NamedTuple):
    """A VPC, the first two numbers of its addresses, and the ports that its security group opens to whom."""

    account: str
    region: str
    name: str
    block: str
    flow_logs: bool
    opens: tuple[tuple[int, str], ...]


class Key(NamedTuple):
    """A customer managed key."""

    account: str
    region: str
    name: str
    rotates: bool = True
    public: bool = False


class Volume(NamedTuple):
    """A disk that no machine uses."""

    account: str
    region: str
    name: str
    encrypted: bool


class Database(NamedTuple):
    """A PostgreSQL instance."""

    account: str
    region: str
    name: str
    encrypted: bool
    public: bool
    backup_days: int


class Table(NamedTuple):
    """A DynamoDB table."""

    account: str
    region: str
    name: str
    recovers: bool


class Balancer(NamedTuple):
    """A public load balancer, and the TLS policy of its listener."""

    account: str
    network: str
    name: str
    policy: str


# The company

USERS = (
    User(SECURITY, "jane.doe", console=True, mfa=True),
    User(SECURITY, "ravi.patel", console=True, mfa=True, keys=1),
    User(PRODUCTION, "maria.silva", console=True, mfa=True),
    User(PRODUCTION, "svc-document-export", keys=1),
    User(STAGING, "tom.baker", console=True, keys=2),
    User(STAGING, "ci-deploy", keys=1, admin=True),
)
ROLES = (
    Role(SECURITY, "break-glass", trusts=SECURITY, admin=True),
    Role(SECURITY, READER, trusts=SECURITY, external_id="controlmon", reads=READS),
    Role(PRODUCTION, READER, trusts=SECURITY, external_id="controlmon", reads=READS),
    Role(STAGING, READER, trusts=SECURITY, external_id="controlmon", reads=(*READS, "s3:GetObject")),
    Role(PRODUCTION, "datadog-integration", trusts=DATADOG, external_id="d1f0c1e2"),
    Role(STAGING, "partner-export", trusts=STRANGER),
)
PASSWORDS = {SECURITY: (16, 24), PRODUCTION: (14, 24), STAGING: (8, 1)}  # the least length, and how many are remembered
BLOCKED_ACCOUNTS = (SECURITY, PRODUCTION)
BUCKETS = (
    Bucket(SECURITY, US, "artemis-security-audit-trail", locked=True),
    Bucket(SECURITY, EU, "artemis-security-access-reviews"),
    Bucket(PRODUCTION, US, "artemis-prod-documents", tenant="acme"),
    Bucket(PRODUCTION, US, "artemis-prod-exports"),
    Bucket(PRODUCTION, US, "artemis-prod-prompts"),
    Bucket(PRODUCTION, EU, "artemis-prod-documents-eu", tenant="zenith"),
    Bucket(PRODUCTION, US, "artemis-prod-flow-logs", kms=False),
    Bucket(STAGING, US, "artemis-staging-uploads", kms=False, tenant="orion"),
    Bucket(STAGING, US, "artemis-staging-website", kms=False, public=True),
    Bucket(STAGING, EU, "artemis-staging-trail", kms=False),
)
TRAILS = (
    Trail(SECURITY, "security-trail", "artemis-security-audit-trail", everywhere=True),
    Trail(PRODUCTION, "production-trail", "artemis-security-audit-trail", everywhere=True),
    Trail(STAGING, "staging-trail", "artemis-staging-trail", everywhere=False),
)
DETECTORS = {  # on, or suspended; staging has none in Europe
    (SECURITY, US): True,
    (SECURITY, EU): True,
    (PRODUCTION, US): True,
    (PRODUCTION, EU): True,
    (STAGING, US): False,
}
EBS_DEFAULTS = ((SECURITY, US), (SECURITY, EU), (PRODUCTION, US), (PRODUCTION, EU), (STAGING, US))
NETWORKS = (
    Network(PRODUCTION, US, "prod-main", "10.20", flow_logs=True, opens=((443, ANYWHERE), (22, OFFICE))),
    Network(PRODUCTION, EU, "prod-eu", "10.21", flow_logs=True, opens=((443, ANYWHERE),)),
    Network(STAGING, US, "staging-main", "10.80", flow_logs=False, opens=((443, ANYWHERE), (22, ANYWHERE), (3389, ANYWHERE))),
)
KEYS = (
    Key(SECURITY, US, "audit-trail"),
    Key(PRODUCTION, US, "documents"),
    Key(PRODUCTION, EU, "documents-eu"),
    Key(PRODUCTION, US, "legacy-import", rotates=False),
    Key(STAGING, US, "scratch", rotates=False, public=True),
)
VOLUMES = (
    Volume(PRODUCTION, US, "artemis-prod-api-1", encrypted=True),
    Volume(PRODUCTION, EU, "artemis-prod-api-eu-1", encrypted=True),
    Volume(STAGING, EU, "artemis-staging-jumpbox", encrypted=False),
)
DATABASES = (
    Database(PRODUCTION, US, "artemis-prod-records", encrypted=True, public=False, backup_days=14),
    Database(PRODUCTION, EU, "artemis-prod-records-eu", encrypted=True, public=False, backup_days=14),
    Database(PRODUCTION, US, "artemis-prod-reporting", encrypted=True, public=False, backup_days=1),
    Database(STAGING, US, "artemis-staging-records", encrypted=False, public=True, backup_days=0),
)
TABLES = (
    Table(PRODUCTION, US, "artemis-prod-sessions", recovers=True),
    Table(PRODUCTION, EU, "artemis-prod-sessions-eu", recovers=True),
    Table(STAGING, US, "artemis-staging-sessions", recovers=False),
)
BALANCERS = (
    Balancer(PRODUCTION, "prod-main", "artemis-prod-public", TLS_NEW),
    Balancer(PRODUCTION, "prod-eu", "artemis-prod-public-eu", TLS_NEW),
    Balancer(STAGING, "staging-main", "artemis-staging-public", TLS_OLD),
)
