"""AWS IAM: users with their credentials, keys, groups, roles, and what they are allowed."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.events import Uses, uses
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect

NEVER = ("N/A", "no_information", "not_supported", "")


class Credential(View, frozen=True):
    """A password or a key: whether it works, since when it exists, and when it was used last (None: never, as far as AWS knows)."""

    name: str
    enabled: bool
    created: datetime | None = None
    used: datetime | None = None


class Credentials(View, frozen=True):
    """A user's row of the credential report, as it was at `generated`; None for a user made after it."""

    generated: datetime
    mfa: bool
    credentials: tuple[Credential, ...] = ()

    @property
    def password(self) -> bool:
        """Whether a password works."""
        return any(c.enabled for c in self.credentials if c.name == "the password")


def _moment(text: str) -> datetime | None:
    return None if text in NEVER else datetime.fromisoformat(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false", "not_supported", "N/A"):
        raise ValueError(f"{text!r} is not true or false")
    return text == "true"


class User(Kind, name="aws.iam.user"):
    """An IAM user."""

    @aspect(volatile=("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date", "generated"))
    def credentials(raw: Raw) -> Credentials:
        """Its row of the credential report (GetCredentialReport)."""
        made = _moment(raw["user_creation_time"])
        password = _truth(raw["password_enabled"])
        found = [Credential(name="the password", enabled=password, created=_moment(raw["password_last_changed"]) or made,
                            used=_moment(raw["password_last_used"]))]  # fmt: skip
        for slot in ("1", "2"):
            key = f"access_key_{slot}"
            rotated, used = _moment(raw[f"{key}_last_rotated"]), _moment(raw[f"{key}_last_used_date"])
            found.append(Credential(name=f"access key {slot}", enabled=_truth(raw[f"{key}_active"]), created=rotated or made, used=used))
        return Credentials(generated=datetime.fromisoformat(raw["generated"]), mfa=_truth(raw["mfa_active"]), credentials=tuple(found))

    @aspect(absent=None)
    def mfa_devices(raw: Raw) -> int | None:
        """How many MFA devices it has now (ListMFADevices); None if the report leaves no doubt."""
        return len(raw["MFADevices"])

    @aspect(absent=False)
    def login_profile(raw: Raw) -> bool:
        """Whether it has a password now (GetLoginProfile)."""
        return bool(raw["LoginProfile"]["UserName"])

    @aspect(absent=None)
    def uses(raw: Raw) -> Uses | None:
        """When it logged in (cloudtrail:LookupEvents). Not asked of a user without a password, or without MFA."""
        return uses(raw)

    @aspect()
    def grants(raw: Raw) -> "Grants":
        """What it is allowed by itself, and by which groups (GetAccountAuthorizationDetails)."""
        return _grants(raw, "UserPolicyList", tuple(raw["GroupList"]))


class AccessKey(Kind, name="aws.iam.access_key"):
    """An access key of a user."""

    @aspect()
    def settings(raw: Raw) -> "AccessKeySettings":
        """Whether it works, and since when it exists (ListAccessKeys)."""
        return AccessKeySettings(active=raw["Status"] == "Active", created=datetime.fromisoformat(raw["CreateDate"]), user=raw["UserName"])


class AccessKeySettings(View, frozen=True):
    """An access key's state, birth and owner."""

    active: bool
    created: datetime
    user: str = ""


class Grants(View, frozen=True):
    """What a principal is allowed: by its own documents, by managed policies (ARNs), through groups, and within which boundary (an ARN).

    `used` is when a role was used last, None for never; `told` whether IAM says so at all.
    """

    inline: tuple[Statement, ...] = ()
    managed: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str | None = None
    path: str = "/"
    created: datetime | None = None
    used: datetime | None = None
    told: bool = False


def _grants(raw: Raw, documents: str, groups: tuple[str, ...] = ()) -> Grants:
    return Grants(
        inline=tuple(s for policy in raw.get(documents, []) for s in statements(policy["PolicyDocument"])),
        managed=tuple(policy["PolicyArn"] for policy in raw["AttachedManagedPolicies"]),
        groups=groups,
        boundary=(raw.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        path=raw["Path"],
        created=_day(raw, "CreateDate"),
        used=_day(raw.get("RoleLastUsed") or {}, "LastUsedDate"),
        told="RoleLastUsed" in raw,
    )


def _day(raw: Raw, name: str) -> datetime | None:
    return datetime.fromisoformat(raw[name]) if raw.get(name) else None


class Group(Kind, name="aws.iam.group"):
    """An IAM group."""

    @aspect()
    def grants(raw: Raw) -> Grants:
        """What its members are allowed (GetAccountAuthorizationDetails)."""
        return _grants(raw, "GroupPolicyList")


class Role(Kind, name="aws.iam.role"):
    """An IAM role."""

    @aspect(volatile=("RoleLastUsed",))
    def grants(raw: Raw) -> Grants:
        """What it is allowed (GetAccountAuthorizationDetails)."""
        return _grants(raw, "RolePolicyList")

    @aspect(volatile=("RoleLastUsed",))
    def trust(raw: Raw) -> "Trust":
        """Who may assume it (ListRoles)."""
        return Trust(path=raw["Path"], statements=statements(raw["AssumeRolePolicyDocument"]))

    @aspect(absent=None)
    def uses(raw: Raw) -> Uses | None:
        """When it was assumed (cloudtrail:LookupEvents). Not asked of a role that can be assumed without MFA, as machines do."""
        return uses(raw)


class Trust(View, frozen=True):
    """A role's trust policy."""

    path: str
    statements: tuple[Statement, ...]


class Policy(Kind, name="aws.iam.policy"):
    """A managed policy that is in use."""

    @aspect()
    def document(raw: Raw) -> tuple[Statement, ...]:
        """Its default version: the only one that is in force (GetAccountAuthorizationDetails)."""
        in_force = [v for v in raw["PolicyVersionList"] if v["IsDefaultVersion"]]
        return statements(in_force[0]["Document"])
