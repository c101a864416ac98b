"""Amazon machine images, and with whom they are shared."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import text
from controlmon.facts.base import Kind, View, aspect


class Launch(View, frozen=True):
    """Who may launch from an image besides its owner: everybody, accounts, an organization's id, or the ids of units."""

    public: bool = False
    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


class Image(Kind, name="aws.ec2.image"):
    """A machine image (AMI) that the account owns. Its name is its id."""

    @aspect()
    def launch(raw: Raw) -> Launch:
        """Whom it is shared with (DescribeImageAttribute)."""
        given = raw["LaunchPermissions"]
        groups = [text(one, "Group") for one in given if "Group" in one]
        if set(groups) - {"all"}:
            raise ValueError(f"there is no group {groups[0]}")
        return Launch(
            public=bool(groups),
            accounts=tuple(text(one, "UserId") for one in given if "UserId" in one),
            organizations=tuple(text(one, "OrganizationArn").rpartition("/")[2] for one in given if "OrganizationArn" in one),
            units=tuple(text(one, "OrganizationalUnitArn").rpartition("/")[2] for one in given if "OrganizationalUnitArn" in one),
        )
