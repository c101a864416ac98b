"""What could not be read stays visible, is little, and is mended within a day.

An error that is turned into an empty list is the classic silent pass. Here each is a finding that is unknown, and this counts them: how
many of a check's findings rest on something that was denied, throttled, cut short or not understood, and for how long.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.controlmon.runs import CheckRun

RAN = {"frequency": "hourly", "since": "2026-01-01T00:00:00Z", "last": "2026-11-23T11:00:10Z"}


def case(kinds: dict[str, int], since: str | None, **more: object) -> CheckRun:
    errors = {"judged": 200, "kinds": kinds, "since": since, "said": "s3:GetBucketPolicy was denied"} | more
    return CheckRun.example(id="aws.s3.versioning", runs=RAN, errors=errors)


@check(
    title="Permission, throttling and parsing errors are visible and below the limit",
    severity="high",
    frequency="hourly",
    reads=[CheckRun.runs, CheckRun.errors],
    remediation="Grant the permission that the reason names (`controlmon doctor` tells all), or mend what the provider answers.",
    proves="How much of what each check judged last rests on what was not read, and since when. Findings that are unknown although all was "
    "read are told, and not counted.",
    passes=[case({}, None), case({"throttled": 2}, "2026-11-23T11:00:10Z")],
    fails=[case({"denied": 3}, "2026-11-23T11:00:10Z"), case({"denied": 1}, "2026-11-22T11:00:10Z")],
)
def judge(one: CheckRun, now: datetime, *, max_percent: float = 1, max_hours: int = 24) -> Verdict:
    runs, errors, most = one.runs, one.errors, timedelta(hours=max_hours)
    if runs.waits(now):
        return waiting("it has not run yet", due=(runs.since + runs.window).date())
    if runs.last is None:
        return unknown("it never ran, so nothing tells of its errors")
    left = f"; {errors.left_open} were left open although all was read" if errors.left_open else ""
    if not errors.count:
        return passed(f"nothing of {errors.judged} was not read{left}")
    told = ", ".join(f"{count} {kind}" for kind, count in errors.kinds.items())
    since = errors.since or runs.last
    said = f"{told} of {errors.judged} ({errors.said}), since {since:%Y-%m-%d %H:%M}{left}"
    if errors.count * 100 > max_percent * errors.judged:
        return failed(f"{said}: {max_percent:g} % are the most")
    if now - since > most:
        return failed(f"{said}: {max_hours} h are the most")
    return unknown(f"{said} or longer, which is farther back than was looked") if errors.longer else passed(said)
