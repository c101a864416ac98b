"""What tests of cross checks share: resources of both clouds as their collectors record them."""

from controlmon.core.fact import Scope, absent
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.resource import Resource
from controlmon.facts.azure.subscription import KnownSubscription, Subscription
from tests.support import ACCOUNT, Given

SUB = "aaaaaaaa-0000-4000-8000-000000000001"
AZURE = Scope("azure", SUB)
ALONE = absent("AWSOrganizationsNotInUseException")
CLOUDS = (Account, TaggedResource, Key, KnownSubscription, Subscription, Tenant, Resource)
"""All that cross checks read of clouds: seen, and empty where nothing is given."""


def arn(rest: str) -> str:
    """`rds:cluster:db` in the account, or a bucket of S3 by `s3:::name`."""
    service, _, thing = rest.partition(":")
    return f"arn:aws:{service}:::{thing.lstrip(':')}" if service == "s3" else f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{thing}"


def aws(rest: str, **tags: str) -> Given:
    return Given(TaggedResource, arn(rest), tags={"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def azure(type_: str, name: str, **tags: str) -> Given:
    id_ = f"/subscriptions/{SUB}/resourcegroups/g/providers/{type_.lower()}/{name}"
    return Given(Resource, id_, scope=AZURE, listed={"id": id_, "type": type_, "tags": tags})


def account(id_: str = ACCOUNT, status: str = "") -> Given:
    standing = {"Account": {"Status": status} if status else id_}
    return Given(Account, id_, scope=Scope("aws", id_), standing=standing, organization=ALONE, organization_tree=ALONE)


def key(id_: str, state: str) -> Given:
    told = {"KeyManager": "CUSTOMER", "KeyState": state, "KeySpec": "SYMMETRIC_DEFAULT"}
    return Given(Key, arn(f"kms:key/{id_}"), settings={"KeyMetadata": told})


def subscription(number: str = SUB, *resources: Given) -> Given:
    """A subscription, and its own list of what has tags."""
    place = {"name": "one", "tags": {}, "properties": {"managementGroupAncestorsChain": []}}
    groups = {"value": [{"name": "g", "tags": {}}]}
    return Given(
        Subscription,
        f"/subscriptions/{number}",
        scope=AZURE,
        place=place,
        resource_groups=groups,
        tagged={"value": [one.answers["listed"] for one in resources]},
    )


def known(number: str = SUB, state: str = "Enabled") -> Given:
    return Given(KnownSubscription, f"/subscriptions/{number}", scope=AZURE, listed={"state": state, "tags": {}})
