"""Prompts and answers are logged in every region where models are invoked.

Logging is off until somebody turns it on, region by region. An answer without a configuration means just that. What is called by way of a
profile of several regions is logged in the region where it was called.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Region

USED = {"models": {"anthropic.claude": 12}}
LOGS = {"destinations": ["s3://logs"], "kinds": ["text"]}


@check(
    title="Prompt and output logging is on in every Region where models are invoked",
    severity="high",
    reads=[Region.bedrock_invocations, Region.bedrock_logging],
    remediation="Turn on invocation logging in the region, to an encrypted bucket or log group.",
    proves="That invocations by bedrock-runtime in the last 30 days fell in a region that logs now. Images, embeddings, video and audio "
    "are required where the names of the invoked models speak of them. Other endpoints of Bedrock are not covered.",
    passes=[
        Region.example(bedrock_invocations=USED, bedrock_logging=LOGS),
        Region.example(
            bedrock_invocations={"models": {"amazon.titan-embed-text": 1}}, bedrock_logging=LOGS | {"kinds": ["text", "embedding"]}
        ),
    ],
    fails=[
        Region.example(bedrock_invocations=USED, bedrock_logging={}),
        Region.example(bedrock_invocations=USED, bedrock_logging=LOGS | {"kinds": ["image"]}),
        Region.example(bedrock_invocations={"models": {"amazon.titan-embed-text": 1}}, bedrock_logging=LOGS),
    ],
)
def judge(region: Region) -> Verdict:
    used = region.bedrock_invocations
    if not used.models:
        return not_applicable("no model was invoked in the last 30 days")
    logs, models = region.bedrock_logging, ", ".join(used.models)
    if not logs.destinations:
        return failed(f"{models} was invoked, and nothing is logged")
    missing = [kind for kind in used.modalities if kind not in logs.kinds]
    if missing:
        return failed(f"{models} was invoked, and {', '.join(missing)} is not logged")
    return passed(f"what {models} takes and gives is logged to {' and '.join(logs.destinations)}")
