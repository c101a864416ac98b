"""Keys that can rotate by themselves do.

Keys that AWS manages rotate anyway, asymmetric ones and imported material cannot, and a replica follows its primary: they do not fail.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.kms import Key


@check(
    title="Customer managed symmetric keys rotate",
    severity="medium",
    reads=[Key.settings, Key.rotation],
    remediation="Turn on automatic rotation of the key, at least once a year.",
    proves="That new material will be made. What was encrypted before stays under the old material, which KMS keeps.",
    passes=Key.example(settings={}, rotation={"enabled": True}),
    fails=[Key.example(settings={}, rotation={"enabled": False}), Key.example(settings={}, rotation={"enabled": True, "period_days": 730})],
)
def judge(key: Key, *, max_period_days: int = 365) -> Verdict:
    why = key.settings.why_not_rotating
    if why:
        return not_applicable(why)
    rotation = key.rotation
    if rotation is None:
        return unknown("its rotation was not asked for")
    if not rotation.enabled:
        return failed("it does not rotate")
    if rotation.period_days > max_period_days:
        return failed(f"it rotates every {rotation.period_days} days; {max_period_days} allowed")
    return passed(f"it rotates every {rotation.period_days} days")
