"""The accounts of an organization, found by asking AWS Organizations at the beginning of each run."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from controlmon.collect.aws.operations import ACCOUNTS
from controlmon.collect.aws.session import AwsSession, Terms
from controlmon.collect.aws.target import AwsTarget, LockedAccount
from controlmon.collect.base import Refused
from controlmon.core.fact import Gap, GapKind, Scope


class Organization(Struct, frozen=True):
    """An organization to be discovered: from its management account, or from one that administers it by delegation.

    Attributes:
        role: the name of the role to assume in each account but our own.
        external_id: that role's external id, if its trust policy asks for one.
        profile: a profile of the shared AWS configuration; None for the ambient credentials.
        exclude: ids of accounts to leave out.
        regions: the regions to look at; empty for every one that an account has enabled.

    """

    role: str
    external_id: str | None = None
    profile: str | None = None
    exclude: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    terms: Terms = Terms()


class Undiscovered(Struct, frozen=True):
    """An organization whose accounts could not be listed: whatever is asked of it is refused, and says why."""

    account: str
    gap: Gap
    terms: Terms = Terms()

    @property
    def name(self) -> str:
        """What to call it."""
        return f"organization-of-{self.account}"

    @property
    def provider(self) -> str:
        """Always `aws`."""
        return "aws"

    def open(self, now: datetime, *, regional: bool) -> LockedAccount:  # noqa: ARG002 - there is nothing to look at
        """A session that refuses."""
        return LockedAccount(self.name, self.gap, None, now, self.terms)


def accounts_of(organization: Organization, only: Collection[str] = ()) -> list[AwsTarget | Undiscovered]:
    """A target for each active account (organizations:ListAccounts), our own first.

    Args:
        organization: where to ask, and what to assume.
        only: ids or names of accounts; empty for all.

    Returns:
        The accounts. Where they cannot be listed: our own account, and what stands for the rest, which answers nothing.

    """
    terms = organization.terms
    home = AwsTarget("organization", organization.profile, regions=organization.regions, terms=terms)
    session = home.open(terms.clock(), regional=False)
    if not isinstance(session, AwsSession):
        return [home]  # it will be as locked when the run opens it, and says so
    own = session.identity.account
    try:
        listed = [
            (str(one["Id"]), str(one.get("Name") or ""))
            for one in session.ask(ACCOUNTS, Scope("aws", own)).items("Accounts")
            if one["Status"] == "ACTIVE"
        ]
    except Refused as refused:
        return [home, Undiscovered(own, refused.gap, terms)]
    except (KeyError, TypeError) as error:
        gap = Gap(GapKind.MALFORMED, ACCOUNTS.id, f"there is no {error}", ACCOUNTS.needs)
        return [home, Undiscovered(own, gap, terms)]
    found: list[AwsTarget | Undiscovered] = []
    for number, called in sorted(listed, key=lambda one: (one[0] != own, one)):
        if number in organization.exclude or (only and number not in only and called not in only):
            continue
        role = None if number == own else f"arn:{session.partition}:iam::{number}:role/{organization.role.lstrip('/')}"
        profile, external = organization.profile, organization.external_id if role else None
        found.append(AwsTarget(number, profile, role, external, organization.regions, terms))
    return found
