"""What clouds hold, whatever the provider: each thing with its sort and tags, and whose it is."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from msgspec import Struct

from controlmon.core.fact import Gap
from controlmon.facts.aws.tagged import TaggedResource, sort_of
from controlmon.facts.azure.resource import Resource
from controlmon.facts.base import All, Kind, Unseen
from controlmon.facts.crossing import whole

K = TypeVar("K", bound=Kind)
AWS, AZURE = "aws", "azure"
BACKUPS = frozenset({
    *("backup:recovery-point", "dynamodb:backup", "ec2:snapshot", "elasticache:snapshot", "rds:cluster-snapshot", "rds:snapshot"),
    *("redshift:snapshot", "microsoft.compute/snapshots", "microsoft.compute/restorepointcollections"),
})  # fmt: skip
"""Copies that go when their time is over."""
KEYS = frozenset({"kms:key", "secretsmanager:secret", "microsoft.keyvault/vaults", "microsoft.keyvault/managedhsms"})
IDENTITIES = frozenset({"iam:role", "iam:user", "cognito-idp:userpool", "microsoft.managedidentity/userassignedidentities"})
STORES = frozenset({
    *("aoss:collection", "bedrock:knowledge-base", "dynamodb:table", "ec2:volume", "elasticache:cluster", "elasticache:replicationgroup"),
    *("elasticfilesystem:file-system", "es:domain", "kendra:index", "kinesis:stream", "logs:log-group", "memorydb:cluster", "rds:cluster"),
    *("rds:db", "redshift:cluster", "redshift:namespace", "s3:bucket", "s3vectors:bucket", "sqs:queue"),
    *("microsoft.cache/redis", "microsoft.cache/redisenterprise", "microsoft.compute/disks", "microsoft.dbformysql/flexibleservers"),
    *("microsoft.dbforpostgresql/flexibleservers", "microsoft.documentdb/databaseaccounts", "microsoft.documentdb/mongoclusters"),
    *("microsoft.eventhub/namespaces", "microsoft.operationalinsights/workspaces", "microsoft.search/searchservices"),
    *("microsoft.servicebus/namespaces", "microsoft.sql/managedinstances", "microsoft.sql/servers", "microsoft.sql/servers/databases"),
    "microsoft.storage/storageaccounts",
})  # fmt: skip
"""Sorts of things that hold data: databases, buckets, disks, caches, search and vector indexes, queues, logs."""


class Thing(Struct, frozen=True):
    """Something in a cloud: its ARN or id, its sort (`rds:cluster`, `microsoft.sql/servers`), tags, and account or subscription."""

    cloud: str
    id: str
    sort: str
    tags: dict[str, str]
    target: str

    def tag(self, name: str) -> str:
        """The value of a tag; names of tags are one in any case. Empty if it has none."""
        return next((value for key, value in self.tags.items() if key.casefold() == name.casefold()), "")

    def tenants(self, tag: str) -> tuple[str, ...]:
        """The tenants that a tag names; several stand with `+`, `,`, `;`, `|` or a space between them."""
        return tuple(one for one in re.split(r"[\s+,;|]+", self.tag(tag).strip()) if one)


def things(tagged: All[TaggedResource], resources: All[Resource], clouds: Collection[str], tag: str = "") -> tuple[list[Thing], Gap | None]:
    """What was seen in some clouds, and why that is not all, if so: of each what has the tag `tag`, or whatever it has if that is blank."""
    found: list[Thing] = []
    gaps: list[Gap] = []
    if AWS in clouds:
        _gather(tagged, _of_aws, found, gaps)
    if AZURE in clouds:
        _gather(resources, _of_azure, found, gaps)
    once = {(one.cloud, one.id): one for one in found}  # a bucket may be listed from several regions
    return [one for one in once.values() if not tag or one.tag(tag)], next(iter(gaps), None)


def _gather(population: All[K], read: Callable[[K], Thing], found: list[Thing], gaps: list[Gap]) -> None:
    members, missing = whole(population)
    gaps += [missing] if missing else []
    for member in members:
        try:
            found.append(read(member))
        except Unseen as error:
            gaps.append(error.gap)


def _of_aws(one: TaggedResource) -> Thing:
    return Thing(AWS, one.id, sort_of(one.id), one.tags, one.target)


def _of_azure(one: Resource) -> Thing:
    return Thing(AZURE, one.id, one.listed.type, one.listed.tags, one.target)


def listed(several: Iterable[object], at_most: int = 5) -> str:
    """Some of several things in words, and how many more there are."""
    names = [str(one) for one in several]
    return ", ".join(names[:at_most]) + (f" and {len(names) - at_most} more" if len(names) > at_most else "")
