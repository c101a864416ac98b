"""Amazon EC2 instances of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Service
from controlmon.facts.aws.instances import Instance

instances = Service("aws", "instances")


@instances.lists(Instance, Operation("ec2", "DescribeInstances", needs=("ec2:DescribeInstances",)), gives=[Instance.settings])
def machines(ask: Ask) -> Iterator[Found]:
    """Every instance, in whatever state."""
    for reservation in ask.items("Reservations", MaxResults=1000):
        for item in reservation["Instances"]:
            arn = f"arn:{ask.partition}:ec2:{ask.scope.region}:{ask.scope.target}:instance/{item['InstanceId']}"
            yield Found(Instance, arn, item["InstanceId"], answers={Instance.settings: item})
