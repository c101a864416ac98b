"""Amazon Bedrock of each region. Where no model was invoked, it is not asked: not every region has it, CloudWatch is everywhere."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.bedrock import CustomizationJob, CustomModel, ImportedModel

bedrock = Service("aws", "bedrock")
WINDOW = timedelta(days=30)
SUMS = "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"Invocations\"', 'Sum', 86400)"
"""One sum a day and model. The model is the label."""


def _read(name: str) -> Operation:
    return Operation("bedrock", name, needs=(f"bedrock:{name}",))


@bedrock.answers(Region.bedrock_invocations, Operation("cloudwatch", "GetMetricData", needs=("cloudwatch:GetMetricData",)))
def invocations(ask: Ask, region: Met) -> Raw:
    """How often each model was invoked, page by page."""
    queries = [{"Id": "invocations", "Expression": SUMS, "ReturnData": True}]
    pages = list(ask.at(region.region).whole(MetricDataQueries=queries, StartTime=ask.now - WINDOW, EndTime=ask.now))
    results = [{key: one[key] for key in ("Label", "Values", "StatusCode")} for page in pages for one in page["MetricDataResults"]]
    totals = [one | {"Values": [int(sum(one["Values"]))]} for one in results]
    return {"MetricDataResults": totals, "Messages": [message for page in pages for message in page.get("Messages") or ()]}


def _unless_unused(region: Met) -> Raw:
    used = Region.bedrock_invocations.view(region.answer(Region.bedrock_invocations)).models
    return None if used else not_asked(f"no model was invoked in {WINDOW.days} days")


@bedrock.answers(Region.bedrock_logging, _read("GetModelInvocationLoggingConfiguration"), after=[Region.bedrock_invocations])
def logging(ask: Ask, region: Met) -> Raw:
    """Whether prompts and answers are logged."""
    return _unless_unused(region) or ask.at(region.region)()


@bedrock.answers(Region.bedrock_retention, _read("GetAccountDataRetention"), after=[Region.bedrock_invocations])
def retention(ask: Ask, region: Met) -> Raw:
    """Whether anything of them is kept by Bedrock or the model's maker."""
    return _unless_unused(region) or ask.at(region.region)()


@bedrock.lists(CustomizationJob, _read("ListModelCustomizationJobs"))
def jobs(ask: Ask) -> Iterator[Found]:
    """Every customization job."""
    for item in ask.items("modelCustomizationJobSummaries", maxResults=1000):
        yield Found(CustomizationJob, item["jobArn"], item["jobName"])


@bedrock.lists(CustomModel, _read("ListCustomModels"))
def custom_models(ask: Ask) -> Iterator[Found]:
    """Every custom model of the account. Those that others share with it are theirs."""
    for item in ask.items("modelSummaries", isOwned=True, maxResults=1000):
        yield Found(CustomModel, item["modelArn"], item["modelName"])


@bedrock.lists(ImportedModel, _read("ListImportedModels"))
def imported_models(ask: Ask) -> Iterator[Found]:
    """Every imported model."""
    for item in ask.items("modelSummaries", maxResults=1000):
        yield Found(ImportedModel, item["modelArn"], item["modelName"])


@bedrock.answers(CustomizationJob.training, _read("GetModelCustomizationJob"))
def job_training(ask: Ask, job: Met) -> Raw:
    """What a job trains with."""
    return ask(jobIdentifier=job.id)


@bedrock.answers(CustomModel.training, _read("GetCustomModel"))
def model_training(ask: Ask, model: Met) -> Raw:
    """What a model was trained with, which stays known when its job is forgotten."""
    return ask(modelIdentifier=model.id)


@bedrock.answers(ImportedModel.training, _read("GetImportedModel"))
def import_source(ask: Ask, model: Met) -> Raw:
    """Where the weights came from."""
    return ask(modelIdentifier=model.id)
