"""An AWS account and its regions, as far as every service shares them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.bedrock import InvocationLogging, Invocations, invocation_logging, invocations
from controlmon.facts.aws.inspector2 import enabled_types
from controlmon.facts.aws.organization import Tree, tree
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.aws.s3 import PublicAccessBlock, public_access_block
from controlmon.facts.base import Kind, View, aspect


class Standing(View, frozen=True):
    """Whether the account can be worked in. `status` is None for one that answered us, else what AWS Organizations says of it."""

    status: str | None = None

    @property
    def closed(self) -> bool:
        """True for a suspended account, or one that is being closed: nothing in it can be called."""
        return self.status in ("SUSPENDED", "PENDING_CLOSURE")


class Summary(View, frozen=True):
    """What the account's root user can log in with, and how many users there are. A member is None where IAM does not say."""

    mfa: bool
    keys: int
    certificates: int
    password: int | None = None
    users: int | None = None


class PasswordPolicy(View, frozen=True):
    """What passwords must be. With none set AWS's default holds: eight characters, and no memory of earlier ones."""

    minimum_length: int = 8
    remembered: int = 0
    default: bool = False


class Organization(View, frozen=True):
    """The organization that the account is in: its id, and its management account."""

    id: str
    management: str


def _count(value: Raw) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a number")
    return value


class Account(Kind, name="aws.account", singleton=True):
    """An AWS account."""

    @aspect()
    def standing(raw: Raw) -> Standing:
        """Whether it answers (sts:GetCallerIdentity), or else what its organization says of it (organizations:DescribeAccount)."""
        return Standing(status=raw["Account"]["Status"]) if isinstance(raw["Account"], dict) else Standing()

    @aspect()
    def summary(raw: Raw) -> Summary:
        """The live counts of IAM (iam:GetAccountSummary)."""
        said = raw["SummaryMap"]
        return Summary(
            mfa=_count(said["AccountMFAEnabled"]) == 1,
            keys=_count(said["AccountAccessKeysPresent"]),
            certificates=_count(said["AccountSigningCertificatesPresent"]),
            password=_count(said["AccountPasswordPresent"]) if "AccountPasswordPresent" in said else None,
            users=_count(said["Users"]) if "Users" in said else None,
        )

    @aspect()
    def root_virtual_mfa(raw: Raw) -> bool:
        """Whether a virtual device is assigned to the root user (iam:ListVirtualMFADevices); a key or passkey is not listed there."""
        return any(str((d.get("User") or {}).get("Arn", "")).endswith(":root") for d in raw["VirtualMFADevices"])

    @aspect(absent=PasswordPolicy(default=True))
    def password_policy(raw: Raw) -> PasswordPolicy:
        """What passwords must be (iam:GetAccountPasswordPolicy)."""
        policy = raw["PasswordPolicy"]
        return PasswordPolicy(minimum_length=_count(policy["MinimumPasswordLength"]), remembered=policy.get("PasswordReusePrevention", 0))

    @aspect(absent=())
    def organization_accounts(raw: Raw) -> tuple[str, ...]:
        """The accounts of its organization (organizations:ListAccounts); none if it has no organization."""
        return tuple(str(account["Id"]) for account in raw["Accounts"])

    @aspect(absent=None)
    def organization(raw: Raw) -> Organization | None:
        """The organization that it is in (organizations:DescribeOrganization); None if it is in none."""
        told = raw["Organization"]
        if not isinstance(told["Id"], str) or not isinstance(told["MasterAccountId"], str):
            raise TypeError("Organization has no ids")
        return Organization(id=told["Id"], management=told["MasterAccountId"])

    @aspect(absent=None)
    def organization_tree(raw: Raw) -> Tree | None:
        """Its organization's units and accounts (organizations:ListAccountsForParent and others); None if it has no organization."""
        return tree(raw)

    @aspect(absent=())
    def resource_controls(raw: Raw) -> tuple[Statement, ...]:
        """The resource control policies that hold for it (organizations:DescribePolicy); none in a management account, which they spare."""
        return tuple(one for policy in raw["Policies"] for one in statements(policy["Content"]))

    @aspect(absent=PublicAccessBlock())
    def s3_public_access_block(raw: Raw) -> PublicAccessBlock:
        """The account's own S3 public access block (s3control:GetPublicAccessBlock)."""
        return public_access_block(raw)


class EnvironmentTag(View, frozen=True):
    """A tag that tells an environment: its name and value, one resource that carries it, and how many do."""

    key: str
    value: str
    example: str
    count: int = 1


class Region(Kind, name="aws.region", singleton=True):
    """An enabled region of an account."""

    @aspect()
    def environment_tags(raw: Raw) -> tuple[EnvironmentTag, ...]:
        """The tags in it that tell an environment (tag:GetResources)."""
        return tuple(
            EnvironmentTag(key=one["Key"], value=one["Value"], example=one["Example"], count=_count(one["Count"])) for one in raw["Tags"]
        )

    @aspect()
    def ebs_encryption(raw: Raw) -> bool:
        """Whether new EBS volumes are encrypted (ec2:GetEbsEncryptionByDefault)."""
        on = raw["EbsEncryptionByDefault"]
        if not isinstance(on, bool):
            raise TypeError(f"{on!r} is not true or false")
        return on

    @aspect()
    def snapshot_sharing(raw: Raw) -> str:
        """Whether snapshots can be shared with everybody (ec2:GetSnapshotBlockPublicAccessState)."""
        state = raw["State"]
        if state not in ("block-all-sharing", "block-new-sharing", "unblocked"):
            raise ValueError(f"State is {state!r}")
        return str(state)

    @aspect()
    def bedrock_invocations(raw: Raw) -> Invocations:
        """The models of Bedrock that were invoked in the last 30 days (cloudwatch:GetMetricData)."""
        return invocations(raw)

    @aspect(absent=InvocationLogging())
    def bedrock_logging(raw: Raw) -> InvocationLogging:
        """Where prompts are logged (bedrock:GetModelInvocationLoggingConfiguration). Not asked where no model was invoked."""
        return invocation_logging(raw)

    @aspect(absent="")
    def bedrock_retention(raw: Raw) -> str:
        """What is kept of them (bedrock:GetAccountDataRetention). Not asked where no model was invoked."""
        if not isinstance(raw["mode"], str) or not raw["mode"]:
            raise TypeError("mode is not a word")
        return str(raw["mode"])

    @aspect()
    def inspector_types(raw: Raw) -> dict[str, str]:
        """Which types of resources Inspector scans (inspector2:BatchGetAccountStatus): `ec2`, `ecr`, `lambda` ... and each one's status."""
        return enabled_types(raw)
