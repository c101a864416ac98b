"""Keys that work are younger than the limit.

A key's age is its own: turning it off and on again does not make it younger. Those that are off are not in question, but better deleted.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.iam import AccessKey


@check(
    title="Active IAM user access keys are younger than the rotation limit",
    severity="high",
    reads=[AccessKey.settings],
    remediation="Replace the key by a role, or rotate it.",
    proves="The age of each key that works. Not where copies of it are.",
    passes=AccessKey.example(settings={"active": True, "created": "2100-01-01T00:00:00+00:00"}),
    fails=AccessKey.example(settings={"active": True, "created": "2020-01-01T00:00:00+00:00"}),
)
def judge(key: AccessKey, now: datetime, *, max_age_days: int = 90) -> Verdict:
    settings = key.settings
    if not settings.active:
        return not_applicable("it is inactive: delete it")
    days = (now - settings.created).days
    verdict = passed if days <= max_age_days else failed
    return verdict(f"it is {max(days, 0)} days old; {max_age_days} allowed")
