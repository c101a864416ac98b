"""With whom an account shares its data: what the ACLs of buckets name, where buckets replicate to, who may launch from images."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.images import Image
from controlmon.facts.aws.s3 import Bucket

sharing = Service("aws", "sharing")


@sharing.answers(Bucket.acl, Operation("s3", "GetBucketAcl", needs=("s3:GetBucketAcl",)))
def acl(ask: Ask, bucket: Met) -> Raw:
    """Its ACL, whatever blocks say: they make public grants void, and none to a named user."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@sharing.answers(
    Bucket.replicas,
    Operation(
        "s3",
        "GetBucketReplication",
        needs=("s3:GetReplicationConfiguration",),
        absent=("ReplicationConfigurationNotFoundError",),
    ),
)
def replicas(ask: Ask, bucket: Met) -> Raw:
    """Its replication, or that it has none."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@sharing.answers(
    AccessPoint.policy,
    Operation("s3control", "GetAccessPointPolicy", needs=("s3:GetAccessPointPolicy",), absent=("NoSuchAccessPointPolicy",)),
)
def access_point_policy(ask: Ask, point: Met) -> Raw:
    """Its own policy, or that it has none."""
    return ask(AccountId=ask.scope.target, Name=point.name)


@sharing.lists(Image, Operation("ec2", "DescribeImages", needs=("ec2:DescribeImages",)))
def images(ask: Ask) -> Iterator[Found]:
    """The images that the account owns, those that are deprecated or disabled too."""
    for item in ask.items("Images", Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True, MaxResults=1000):
        yield Found(Image, f"arn:{ask.partition}:ec2:{ask.scope.region}::image/{item['ImageId']}", item["ImageId"])


@sharing.answers(Image.launch, Operation("ec2", "DescribeImageAttribute", needs=("ec2:DescribeImageAttribute",)))
def launch(ask: Ask, image: Met) -> Raw:
    """Who may launch from one image."""
    return ask(ImageId=image.name, Attribute="launchPermission")
