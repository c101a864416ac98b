"""Bedrock keeps nothing of prompts and answers in any region where models are invoked.

The setting belongs to one region. Where it was never set it is `inherit`, and follows each model's default: nothing is kept for most
models, and everything for up to a month for some. To share data with the provider of the model breaks every promise about it.
"""

from fnmatch import fnmatchcase

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Region

USED = {"models": {"anthropic.claude": 12}}


def region(mode: str) -> Region:
    return Region.example(bedrock_invocations=USED, bedrock_retention=mode)


@check(
    title="Bedrock data retention is set to none in every Region used",
    severity="critical",
    reads=[Region.bedrock_invocations, Region.bedrock_retention],
    remediation="Set the account's data retention to none in the region, and forbid PutAccountDataRetention by a service control policy.",
    proves="The mode of the account where models were invoked in the last 30 days. Not that of projects that override it, nor of a region "
    "that cross-region inference sends data to.",
    passes=[region("none"), Example((region("aws_review"),), {"required_mode": "aws_review"})],
    fails=[region("provider_data_share"), region("aws_review"), Example((region("inherit"),), {"retaining_models": ["anthropic.*"]})],
)
def judge(region: Region, *, required_mode: str = "none", retaining_models: tuple[str, ...] = ()) -> Verdict:
    used = region.bedrock_invocations.models
    if not used:
        return not_applicable("no model was invoked in the last 30 days")
    mode = region.bedrock_retention
    if not mode:
        return unknown("the mode of the region was not asked for")
    if mode == required_mode:
        return passed(f"the mode is {mode}")
    if mode not in ("default", "inherit"):
        return failed(f"the mode is {mode}; {required_mode} required")
    if keeping := [model for model in used if any(fnmatchcase(model, glob) for glob in retaining_models)]:
        return failed(f"the mode is {mode}, and {', '.join(keeping)} keeps data by default")
    return unknown(f"the mode is {mode}: whether {', '.join(used)} keeps data by default is not told; {required_mode} required")
