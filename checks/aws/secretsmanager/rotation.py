"""A secret rotates when it should, or was changed not long ago.

Rotation that is switched on and fails leaves an old date behind it: the date counts, not the switch. What a service of AWS keeps for itself
rotates with that service; a copy in another region rotates with its original.
"""

from datetime import datetime, timedelta

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.secretsmanager import WINDOW, Secret, SecretSettings

LATE, NEVER = "9999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
MONTHLY = "P30D"


@check(
    title="Secrets rotate, or are younger than the limit, and unused ones are removed",
    severity="medium",
    reads=[Secret.settings],
    remediation="Enable rotation, mend the function that rotates, or delete the secret.",
    proves="When the secret was last rotated or changed. Not that what uses it took the new value. Unused secrets count only if "
    "max_unused_days is set.",
    passes=[
        Secret.example(settings={"rotates": True, "every": MONTHLY, "rotated": LATE, "changed": LATE}),
        Secret.example(settings={"changed": LATE}),
    ],
    fails=[
        Secret.example(settings={"rotates": True, "every": MONTHLY, "rotated": NEVER, "changed": LATE}),
        Secret.example(settings={"changed": NEVER}),
        Example((Secret.example(settings={"changed": LATE, "accessed": NEVER}),), {"max_unused_days": 90}),
    ],
)
def judge(secret: Secret, now: datetime, *, max_age_days: int = 365, max_unused_days: int = 0) -> Verdict:
    it = secret.settings
    if it.original and it.original != secret.region:
        return not_applicable(f"it is a copy of one in {it.original}, where it is judged")
    if it.owner and not it.rotates:
        return not_applicable(f"it is {it.owner}'s, which rotates what it keeps")
    unused = it.accessed or it.changed
    if max_unused_days and unused is not None and now - unused > timedelta(days=max_unused_days + 1):
        return failed(f"nobody has read it for {(now - unused).days} days; {max_unused_days} allowed")
    return _rotating(it, now, max_age_days) if it.rotates else _by_hand(it, now, max_age_days)


def _rotating(it: SecretSettings, now: datetime, max_age_days: int) -> Verdict:
    since = it.rotated or it.changed
    if since is None or (it.next is not None and now > it.next + WINDOW):
        return failed("its rotation is overdue" + (f": it was due on {it.next:%Y-%m-%d}" if it.next else ""))
    longest = timedelta(days=max_age_days) if it.every is None else it.every + WINDOW
    rule = f"{max_age_days} days allowed" if it.every is None else f"its rule is every {it.every.days or 1} days"
    age = (now - since).days
    said = f"it was rotated {age} days ago" if it.rotated else f"it was never rotated, and is {age} days old"
    return failed(f"{said}; {rule}") if now - since > longest else passed(f"{said}; {rule}")


def _by_hand(it: SecretSettings, now: datetime, max_age_days: int) -> Verdict:
    if it.changed is None:
        return failed("it does not rotate, and was never changed")
    age = (now - it.changed).days
    if now - it.changed > timedelta(days=max_age_days):
        return failed(f"it does not rotate, and was changed {age} days ago; {max_age_days} allowed")
    return passed(f"it was changed {age} days ago; {max_age_days} allowed")
