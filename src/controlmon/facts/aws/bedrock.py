"""Amazon Bedrock: models that were made of other data, and what each region keeps of prompts and answers."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
from controlmon.facts.base import Kind, View, aspect

MODALITIES = ("text", "image", "embedding", "video", "audio")
HINTS = {
    "embedding": ("embed",),
    "image": ("image", "canvas", "stability", "stable-"),
    "video": ("video", "reel", "luma."),
    "audio": ("sonic", "audio", "speech"),
}
"""What the name of a model says of what it takes and gives. Every model takes or gives text besides."""


class Invocations(View, frozen=True):
    """The models that were invoked lately, by id, and how often."""

    models: dict[str, int] = {}  # noqa: RUF012 - a frozen view

    @property
    def modalities(self) -> list[str]:
        """What they take and give, as far as their names tell."""
        wanted = {what for what, hints in HINTS.items() for model in self.models if any(hint in model.lower() for hint in hints)}
        return ["text", *sorted(wanted)]


class InvocationLogging(View, frozen=True):
    """Where prompts and answers are logged to (empty: nowhere), and which kinds of them."""

    destinations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def invocations(raw: Raw) -> Invocations:
    """The sums of AWS/Bedrock Invocations by model (cloudwatch:GetMetricData)."""
    found: dict[str, int] = {}
    for one in raw["MetricDataResults"]:
        if one["StatusCode"] not in ("Complete", "PartialData"):
            raise ValueError(f"CloudWatch says {one['StatusCode']}")
        found[text(one, "Label")] = found.get(one["Label"], 0) + int(sum(one["Values"]))
    if raw.get("Messages"):
        raise ValueError(f"CloudWatch says {raw['Messages'][0]['Code']}")
    return Invocations(models={model: count for model, count in sorted(found.items()) if count})


def invocation_logging(raw: Raw) -> InvocationLogging:
    """GetModelInvocationLoggingConfiguration, whose answer is empty where nothing is logged. Text is logged unless it says otherwise."""
    told = raw.get("loggingConfig") or {}
    if not told:
        return InvocationLogging()
    bucket, group = told.get("s3Config") or {}, told.get("cloudWatchConfig") or {}
    places = [f"s3://{text(bucket, 'bucketName')}"] if bucket else []
    places += [f"log group {text(group, 'logGroupName')}"] if group else []
    kinds = [kind for kind in MODALITIES if f"{kind}DataDeliveryEnabled" in told and flag(told, f"{kind}DataDeliveryEnabled")]
    return InvocationLogging(destinations=tuple(places), kinds=tuple(kinds))


class Training(View, frozen=True):
    """What a model was made of: S3 URIs, and whether of logged prompts and answers. `imported` are weights that were made elsewhere."""

    data: tuple[str, ...] = ()
    logs: bool = False
    imported: bool = False


def _training(raw: Raw) -> Training:
    config = raw.get("trainingDataConfig") or {}
    uri = optional(config, "s3Uri")
    logs = config.get("invocationLogsConfig")
    source = optional((logs or {}).get("invocationLogSource") or {}, "s3Uri")
    return Training(data=tuple(one for one in (uri, source) if one), logs=bool(logs), imported=raw.get("customizationType") == "IMPORTED")


class CustomizationJob(Kind, name="aws.bedrock.customization_job"):
    """A job that makes a model of another model and more data."""

    @aspect()
    def training(raw: Raw) -> Training:
        """What it is made of (GetModelCustomizationJob)."""
        text(raw, "jobArn")
        return _training(raw)


class CustomModel(Kind, name="aws.bedrock.custom_model"):
    """A model that such a job made, or that was brought in."""

    @aspect()
    def training(raw: Raw) -> Training:
        """What it was made of (GetCustomModel)."""
        text(raw, "modelArn")
        return _training(raw)


class ImportedModel(Kind, name="aws.bedrock.imported_model"):
    """A model whose weights were made elsewhere."""

    @aspect()
    def training(raw: Raw) -> Training:
        """Where its weights came from (GetImportedModel)."""
        text(raw, "modelArn")
        source = optional((raw.get("modelDataSource") or {}).get("s3DataSource") or {}, "s3Uri")
        return Training(data=(source,) if source else (), imported=True)
