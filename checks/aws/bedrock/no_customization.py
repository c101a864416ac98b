"""No model is made of customers' data.

Distillation can train on logged prompts and answers: that is the quiet path from a log to a model. A model outlives the job that made it,
and says itself what it was made of. Weights that were made elsewhere do not.
"""

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.bedrock import CustomizationJob, CustomModel, ImportedModel

PUBLIC = {"approved_data": ["s3://public-corpus/"]}


@check(
    title="No model customisation uses customer data",
    severity="high",
    reads=[CustomizationJob.training, CustomModel.training, ImportedModel.training],
    remediation="Stop the job, and delete the model.",
    proves="Which data Bedrock's customization jobs and custom models name. Not what that data holds, nor other ways to train (SageMaker, "
    "jobs of other endpoints).",
    passes=Example((CustomizationJob.example(training={"data": ["s3://public-corpus/a.jsonl"]}),), PUBLIC),
    fails=[
        CustomizationJob.example(training={"data": ["s3://customers/a.jsonl"]}),
        Example((CustomModel.example(training={"data": ["s3://public-corpus/a.jsonl"], "logs": True}),), PUBLIC),
    ],
)
def judge(model: CustomizationJob | CustomModel | ImportedModel, *, approved_data: tuple[str, ...] = ()) -> Verdict:
    it = model.training
    if it.logs:
        return failed(f"it is made of logged prompts and answers{' in ' + ', '.join(it.data) if it.data else ''}")
    strange = [uri for uri in it.data if not any(_within(uri, approved) for approved in approved_data)]
    if it.data and not strange:
        return passed(f"it is made of {', '.join(it.data)}, which is approved")
    if it.imported:
        return unknown(f"its weights were made elsewhere ({', '.join(it.data) or 'where is not told'}): of what is not told")
    if strange:
        return failed(f"it is made of {', '.join(strange)}, which is not approved")
    return unknown("what it is made of is not told")


def _within(uri: str, approved: str) -> bool:
    """Whether an approved URI is this one, or a folder that it is in."""
    return uri == approved or uri.startswith(approved if approved.endswith("/") else f"{approved}/")
