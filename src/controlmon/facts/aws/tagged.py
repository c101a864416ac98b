"""AWS resources that have or had tags, whatever their service."""

from controlmon.core.fact import Raw
from controlmon.facts.aws import organization
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import Estate
from controlmon.facts.base import All, Kind, aspect

BARE = {"s3": "bucket", "sns": "topic", "sqs": "queue"}
"""Services whose ARNs do not say what they name."""


class TaggedResource(Kind, name="aws.tagged_resource"):
    """A resource that has or had a tag."""

    @aspect()
    def tags(raw: Raw) -> dict[str, str]:
        """Its tags (tag:GetResources)."""
        return organization.tags(raw["Tags"])


def sort_of(arn: str) -> str:
    """What an ARN names, as service and type: `rds:cluster`, `s3:bucket`, `kms:key`."""
    parts = arn.split(":", 5)
    service, rest = parts[2], parts[5].lstrip("/")
    cut = min((at for at in (rest.find("/"), rest.find(":")) if at >= 0), default=-1)
    return f"{service}:{rest[:cut] if cut >= 0 else BARE.get(service, 'resource')}"


def live_accounts(accounts: All[Account]) -> set[str]:
    """The ids of every account that is open: those that were collected from, and the others of their organizations.

    Raises:
        Unseen: if an organization could not be listed.

    """
    estate = Estate(accounts, {}, {})
    found: set[str] = set()
    for account in accounts:
        if not account.standing.closed:
            found.add(account.id)
        if account.organization is not None:
            estate.within(account.organization.id)
            tree = estate.trees().get(account.organization.id)
            found |= {member.id for member in tree.members.values() if member.active} if tree else set()
    return found
