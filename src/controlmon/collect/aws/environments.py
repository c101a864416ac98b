"""What tells environments apart: the tree of the organization with its tags, and the tags of what an account holds."""

from controlmon.collect.ask import shaped
from controlmon.collect.base import Ask, Met, Operation, Service
from controlmon.core.fact import Raw, is_absent
from controlmon.facts.aws.account import Account, Region
from controlmon.facts.environment import tells

environments = Service("aws", "environments")


def _organizations(name: str, *, absent: tuple[str, ...] = ()) -> Operation:
    return Operation("organizations", name, needs=(f"organizations:{name}",), absent=absent)


ROOTS = _organizations("ListRoots", absent=("AWSOrganizationsNotInUseException",))
UNITS, ACCOUNTS, TAGS = (
    _organizations(name) for name in ("ListOrganizationalUnitsForParent", "ListAccountsForParent", "ListTagsForResource")
)


@environments.answers(Account.organization_tree, ROOTS, UNITS, ACCOUNTS, TAGS)
def organization_tree(ask: Ask, account: Met) -> Raw:  # noqa: ARG001 - it is the account that is asked
    """Every unit and account: only the management account and delegated administrators may ask."""
    pages = list(ask.whole())
    if is_absent(pages[0]):
        return pages[0]
    found: dict[str, list[Raw]] = {"Roots": [{**root, "Tags": []} for page in pages for root in page["Roots"]], "Units": [], "Accounts": []}
    todo = [root["Id"] for root in found["Roots"]]
    while todo:
        parent = todo.pop()
        for member, operation, kept in (("Units", UNITS, ("Id", "Name")), ("Accounts", ACCOUNTS, ("Id", "Name", "State", "Status"))):
            with shaped(operation):
                listed = list(ask.to(operation).items("OrganizationalUnits" if operation is UNITS else "Accounts", ParentId=parent))
                new = [{key: one[key] for key in kept if key in one} | {"ParentId": parent} for one in listed]
                todo += [one["Id"] for one in new] if operation is UNITS else []
            with shaped(TAGS):
                found[member] += [{**one, "Tags": list(ask.to(TAGS).items("Tags", ResourceId=one["Id"]))} for one in new]
    return found


KEYS = Operation("resourcegroupstaggingapi", "GetTagKeys", needs=("tag:GetTagKeys",))
TAGGED = Operation("resourcegroupstaggingapi", "GetResources", needs=("tag:GetResources",))


@environments.answers(Region.environment_tags, KEYS, TAGGED)
def environment_tags(ask: Ask, region: Met) -> Raw:
    """What carries a tag that tells an environment: one question for the names of tags, and one listing for each that does."""
    there = ask.at(region.region)
    names = [name for name in there.items("TagKeys") if tells(name)]
    found: dict[tuple[str, str], Raw] = {}
    for name in names:
        with shaped(TAGGED):
            for one in there.to(TAGGED).items("ResourceTagMappingList", TagFilters=[{"Key": name}], ResourcesPerPage=100):
                value = next(tag["Value"] for tag in one["Tags"] if tag["Key"] == name)
                found.setdefault((name, value), {"Key": name, "Value": value, "Example": one["ResourceARN"], "Count": 0})["Count"] += 1
    return {"Tags": list(found.values())}
