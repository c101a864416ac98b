"""IAM Identity Center: its users, as far as they are needed, its permission sets, and who has them in which account."""

import re
from datetime import timedelta

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
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

    @aspect()
    def access(raw: Raw) -> tuple[str, ...]:
        """What is assigned to it and not to a group: `permission set in account` (sso-admin:ListAccountAssignmentsForPrincipal)."""
        own = [one for one in raw["AccountAssignments"] if text(one, "PrincipalType") == "USER"]
        return tuple(f"{text(one, 'PermissionSetArn').rpartition('/')[2]} in {text(one, 'AccountId')}" for one in own)

    @property
    def key(self) -> str:
        """Its id in the identity store, which assignments name it by."""
        return self.id.rpartition("/")[2]


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
    def label(raw: Raw) -> str:
        """What it is called (DescribePermissionSet)."""
        return text(raw["PermissionSet"], "Name")

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


class Workplace(Kind, name="aws.identitycenter.account"):
    """An account that people can be let into. Its name is its id."""


class Given(View, frozen=True):
    """A permission set that a user or group (`USER`, `GROUP`) has in an account, and whether it was brought there."""

    account: str
    permission_set: str
    type: str
    principal: str
    provisioned: bool = True


class Named(View, frozen=True):
    """A person behind an assignment: the id in the store, and the user name; empty if there is no such user any more."""

    id: str
    name: str = ""


class Assignment(Kind, name="aws.identitycenter.account_assignment"):
    """A permission set that somebody has in an account."""

    @aspect()
    def settings(raw: Raw) -> Given:
        """Who has what where (sso-admin:ListAccountAssignments, sso-admin:ListPermissionSetsProvisionedToAccount)."""
        if raw["PrincipalType"] not in ("USER", "GROUP"):
            raise ValueError(f"PrincipalType is {raw['PrincipalType']}")
        return Given(
            account=text(raw, "AccountId"),
            permission_set=text(raw, "PermissionSetArn").rpartition("/")[2],
            type=text(raw, "PrincipalType"),
            principal=text(raw, "PrincipalId"),
            provisioned=flag(raw, "Provisioned"),
        )

    @aspect()
    def people(raw: Raw) -> tuple[Named, ...] | None:
        """The people behind it: a user, or the direct members of a group (identitystore:DescribeUser); None if the group is gone."""
        if raw["People"] is None:
            return None
        return tuple(Named(id=text(one, "UserId"), name=optional(one, "UserName")) for one in raw["People"])
