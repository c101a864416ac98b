"""The collector of EC2 instances over HTTP."""

from controlmon.collect.aws.instances import instances
from controlmon.facts.aws.instances import Instance
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def test_instances_of_every_reservation(twin: AwsTwin, collect: Collect) -> None:
    ec2 = twin.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for tokens in ("required", "optional"):
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": "enabled"})
    with twin.page_size(1):
        found = collect(instances, Instance.settings)
    views = found.views(Instance.settings)
    assert sorted(view.tokens for view in views.values()) == ["optional", "required"]
    assert all(view.volumes for view in views.values())
    assert found.ids(Instance) == {f"arn:aws:ec2:us-east-1:123456789012:instance/{name}" for name in views}
    assert len(twin.calls("ec2", "DescribeInstances")) == 2
