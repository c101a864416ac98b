"""AWS KMS: keys, their rotation, and who may use them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect


class KeySettings(View, frozen=True):
    """What a key is."""

    manager: str = "CUSTOMER"
    state: str = "Enabled"
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    replica: bool = False

    @property
    def why_not_rotating(self) -> str:
        """Why automatic rotation is not to be expected of it, or an empty string."""
        if self.manager != "CUSTOMER":
            return f"it is managed by {self.manager}, which rotates it"
        if self.state != "Enabled":
            return f"it is {self.state}"
        if self.usage != "ENCRYPT_DECRYPT" or self.spec != "SYMMETRIC_DEFAULT":
            return f"a key of {self.spec} for {self.usage} cannot rotate by itself"
        if self.origin != "AWS_KMS":
            return f"its material comes from {self.origin}: it can only be rotated by hand"
        return "it is a replica: its primary key rotates" if self.replica else ""


class Rotation(View, frozen=True):
    """Whether a key rotates, and how often (days); answers of before 2024 name no period, which was then a year."""

    enabled: bool
    period_days: int = 365


class Grant(View, frozen=True):
    """Who may use a key outside of its policy, and for which operations."""

    grantee: str
    retiring: str = ""
    operations: tuple[str, ...] = ()


class Key(Kind, name="aws.kms.key"):
    """A KMS key."""

    @aspect()
    def settings(raw: Raw) -> KeySettings:
        """What DescribeKey says of it."""
        key = raw["KeyMetadata"]
        return KeySettings(
            manager=key["KeyManager"],
            state=key["KeyState"],
            spec=key.get("KeySpec") or key["CustomerMasterKeySpec"],
            usage=key.get("KeyUsage") or "ENCRYPT_DECRYPT",
            origin=key.get("Origin") or "AWS_KMS",
            replica=(key.get("MultiRegionConfiguration") or {}).get("MultiRegionKeyType") == "REPLICA",
        )

    @aspect(absent=None)
    def rotation(raw: Raw) -> Rotation | None:
        """Whether it rotates (GetKeyRotationStatus); None if it cannot."""
        on = raw["KeyRotationEnabled"]
        if not isinstance(on, bool):
            raise TypeError(f"{on!r} is not true or false")
        return Rotation(enabled=on, period_days=raw.get("RotationPeriodInDays") or 365)

    @aspect()
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its key policy (GetKeyPolicy)."""
        return statements(raw["Policy"])

    @aspect()
    def grants(raw: Raw) -> tuple[Grant, ...]:
        """Its grants (ListGrants), which its policy does not show."""
        return tuple(
            Grant(
                grantee=g.get("GranteePrincipal") or "",
                retiring=g.get("RetiringPrincipal") or "",
                operations=tuple(g.get("Operations") or ()),
            )
            for g in raw["Grants"]
        )

    @aspect()
    def tags(raw: Raw) -> dict[str, str]:
        """Its tags (ListResourceTags)."""
        return {str(tag["TagKey"]): str(tag["TagValue"]) for tag in raw["Tags"]}
