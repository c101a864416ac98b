"""IAM Identity Center: its users, as far as they are needed, and its permission sets."""

import re
from datetime import timedelta

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
HOUR = timedelta(hours=1)


class Instance(Kind, name="aws.identitycenter.instance"):
    """An instance of Identity Center, which lives in one region."""

    @aspect()
    def store(raw: Raw) -> str:
        """Its identity store (sso-admin:ListInstances)."""
        return text(raw, "IdentityStoreId")


class Person(View, frozen=True):
    """A user: whether it works (None: it is not told), and who issued its external ids."""

    enabled: bool | None
    issuers: tuple[str, ...] = ()


class User(Kind, name="aws.identitycenter.user"):
    """A user of Identity Center."""

    @aspect()
    def settings(raw: Raw) -> Person:
        """Where it comes from (identitystore:ListUsers)."""
        status = optional(raw, "UserStatus")
        if status not in ("", "ENABLED", "DISABLED"):
            raise ValueError(f"UserStatus is {status}")
        return Person(
            enabled={"": None, "ENABLED": True, "DISABLED": False}[status],
            issuers=tuple(text(one, "Issuer") for one in raw.get("ExternalIds") or ()),
        )


class PermissionSet(Kind, name="aws.identitycenter.permission_set"):
    """A permission set."""

    @aspect()
    def session(raw: Raw) -> timedelta:
        """How long its sessions last (DescribePermissionSet): an hour, unless it says otherwise."""
        told = raw["PermissionSet"]
        text(told, "PermissionSetArn")
        duration = optional(told, "SessionDuration")
        if not duration:
            return HOUR
        found = DURATION.fullmatch(duration)
        if found is None or not any(found.groups()):
            raise ValueError(f"{duration} is no duration (ISO 8601)")
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    @aspect()
    def managed(raw: Raw) -> tuple[str, ...]:
        """The ARNs of the policies of AWS in it (ListManagedPoliciesInPermissionSet)."""
        return tuple(text(one, "Arn") for one in raw["AttachedManagedPolicies"])

    @aspect()
    def inline(raw: Raw) -> tuple[Statement, ...]:
        """Its own policy (GetInlinePolicyForPermissionSet); none if it has none."""
        document = raw["InlinePolicy"]
        return statements(document) if document else ()

    @aspect()
    def customer(raw: Raw) -> tuple[str, ...]:
        """The names of policies that each account keeps for it (ListCustomerManagedPolicyReferencesInPermissionSet)."""
        return tuple(text(one, "Name") for one in raw["CustomerManagedPolicyReferences"])
