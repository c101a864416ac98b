"""The collector of Bedrock over HTTP. moto knows little of it: that is laid over it."""

from typing import Any

from controlmon.collect.aws.account import account
from controlmon.collect.aws.bedrock import bedrock
from controlmon.core.fact import is_absent
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.bedrock import CustomizationJob, CustomModel, ImportedModel
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def metrics(**models: float) -> dict[str, Any]:
    return {
        "MetricDataResults": [{"Id": "i", "Label": name, "Values": [count], "StatusCode": "Complete"} for name, count in models.items()]
    }


def test_a_region_that_is_used_is_asked(twin: AwsTwin, collect: Collect) -> None:
    with (
        twin.answer("cloudwatch", "GetMetricData", metrics(claude=3.0, idle=0.0)),
        twin.answer("bedrock", "GetModelInvocationLoggingConfiguration", {}),
        twin.answer("bedrock", "GetAccountDataRetention", {"mode": "inherit"}),
    ):
        found = collect(bedrock, Region.bedrock_invocations, Region.bedrock_logging, Region.bedrock_retention, also=(account,))
    assert found.views(Region.bedrock_invocations)["us-east-1"].models == {"claude": 3}
    assert found.views(Region.bedrock_logging)["us-east-1"].destinations == ()
    assert found.views(Region.bedrock_retention) == {"us-east-1": "inherit"}


def test_one_that_is_not_is_not(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("cloudwatch", "GetMetricData", metrics()):
        found = collect(bedrock, Region.bedrock_logging, Region.bedrock_retention, also=(account,))
    assert all(is_absent(answer) for answer in found.of(Region.bedrock_logging).values())
    assert not twin.calls("bedrock")


def test_jobs_and_models_and_what_they_are_made_of(twin: AwsTwin, collect: Collect) -> None:
    data = {"trainingDataConfig": {"s3Uri": "s3://b/x"}}
    with (
        twin.answer("bedrock", "ListModelCustomizationJobs", {"modelCustomizationJobSummaries": [{"jobArn": "arn:j", "jobName": "j"}]}),
        twin.answer("bedrock", "GetModelCustomizationJob", {"jobArn": "arn:j"} | data),
        twin.answer("bedrock", "ListCustomModels", {"modelSummaries": [{"modelArn": "arn:m", "modelName": "m"}]}),
        twin.answer("bedrock", "GetCustomModel", {"modelArn": "arn:m"} | data),
        twin.answer("bedrock", "ListImportedModels", {"modelSummaries": [{"modelArn": "arn:i", "modelName": "i"}]}),
        twin.answer("bedrock", "GetImportedModel", {"modelArn": "arn:i", "modelDataSource": {"s3DataSource": {"s3Uri": "s3://w/1"}}}),
    ):
        found = collect(bedrock, CustomizationJob.training, CustomModel.training, ImportedModel.training)
    assert found.views(CustomizationJob.training)["j"].data == found.views(CustomModel.training)["m"].data == ("s3://b/x",)
    assert found.views(ImportedModel.training)["i"].imported
