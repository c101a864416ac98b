"""No password or key stays enabled after long disuse.

One that was never used counts from when it was made, so that a key of yesterday does not fail. The times of last use lag by some hours.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.iam import User


def user(created: str, used: str | None) -> User:
    credential = {"name": "access key 1", "enabled": True, "created": created, "used": used}
    return User.example(credentials={"generated": "2026-01-01T00:00:00+00:00", "mfa": True, "credentials": [credential]})


OLD, NEW = "2020-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"


@check(
    title="No password or key stays enabled after long disuse",
    severity="medium",
    reads=[User.credentials],
    remediation="Disable it, wait whether anybody complains, delete it.",
    proves="That what is enabled was used lately, as far as AWS tracks use: a password's only at the console.",
    passes=[user(OLD, NEW), user(NEW, None)],
    fails=[user(OLD, None), user(OLD, OLD)],
)
def judge(user: User, now: datetime, *, max_unused_days: int = 45) -> Verdict:
    enabled = [c for c in user.credentials.credentials if c.enabled]
    if not enabled:
        return not_applicable("no password and no key is enabled")
    idle = {c.name: (now - last).days for c in enabled if (last := c.used or c.created) is not None}
    undated = [c.name for c in enabled if c.name not in idle]
    late = [f"{name} for {days} days" for name, days in idle.items() if days > max_unused_days]
    if late:
        return failed(f"it has not used {', '.join(late)}; {max_unused_days} allowed")
    if undated:
        return unknown(f"the report gives no date for {', '.join(undated)}")
    return passed(f"it used each of {len(enabled)} credentials within {max_unused_days} days, or they are not older")
