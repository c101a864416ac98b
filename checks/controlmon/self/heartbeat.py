"""Each check ran when it was due, and nobody slept for long in between.

The last run alone does not tell: a daemon that was dead for a week looks well an hour after it was started again. So the silences of the
whole period are judged too, from when a run was due to when the next one began, by the clocks of the providers: this host's own may have
been set, and stands still while it sleeps.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.controlmon.runs import CheckRun, Schedule


def ran(last: str | None, since: str = "2026-01-01T00:00:00Z", frequency: str = "hourly") -> CheckRun:
    return CheckRun.example(id="aws.s3.versioning", runs={"frequency": frequency, "since": since, "last": last})


def beat(*silences: tuple[str, str], due: str = "2026-11-23T12:00:00Z", **more: object) -> Schedule:
    told = [{"due": begun, "until": until} for begun, until in silences]
    beats = {"since": "2026-01-01T00:00:00Z", "last": "2026-11-23T11:00:00Z", "due": due, "silences": told}
    return Schedule.example(id="hourly", beats=beats | more)


@check(
    title="The monitoring daemon ran on schedule",
    severity="critical",
    frequency="hourly",
    reads=[CheckRun.runs, Schedule.beats],
    remediation="Start `controlmon daemon` again, and explain the gap in the report of the period.",
    proves="That each check's last run is fresh, and that no schedule was silent for long, by the record and the providers' clocks. A dead "
    "agent cannot tell of itself: a monitor outside of this host has to ask whether it is alive.",
    passes=[
        ran("2026-11-23T11:00:10Z"),
        ran("2026-11-22T12:00:10Z", frequency="daily"),
        beat(),
        beat(("2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z")),
    ],
    fails=[
        ran("2026-11-23T08:00:00Z"),
        ran(None),
        beat(("2026-11-01T10:00:00Z", "2026-11-02T10:00:01Z")),
        beat(due="2026-11-22T11:00:00Z"),
    ],
)
def judge(
    one: CheckRun | Schedule, now: datetime, *, max_gap_hours: int = 24, period_days: int = 90, max_skew_seconds: int = 300
) -> Verdict:
    return _check(one, now) if isinstance(one, CheckRun) else _schedule(one, now, max_gap_hours, period_days, max_skew_seconds)


def _check(one: CheckRun, now: datetime) -> Verdict:
    runs = one.runs
    if runs.waits(now):
        return waiting("it has not run yet", due=(runs.since + runs.window).date())
    if runs.last is None:
        return failed(f"it never ran, and is expected since {runs.since:%Y-%m-%d %H:%M}")
    said = f"it last ran at {runs.last:%Y-%m-%d %H:%M}"
    if now - runs.last > runs.window:
        return failed(f"{said}, {hours(now - runs.last)} ago: {hours(runs.window)} are the most for a check that is {runs.frequency}")
    return passed(said)


def _schedule(one: Schedule, now: datetime, max_gap_hours: int, period_days: int, max_skew_seconds: int) -> Verdict:
    beats, most = one.beats, timedelta(hours=max_gap_hours)
    if beats.last is None or beats.due is None:
        if now - beats.since <= most:
            return waiting(f"no run has served the {one.id} schedule yet", due=(beats.since + most).date())
        return failed(f"no run has served the {one.id} schedule since {beats.since:%Y-%m-%d %H:%M}")
    if abs(beats.skew) > max_skew_seconds:
        return unknown(f"this host's clock is {abs(beats.skew)} s from the providers': set it by NTP, or nothing tells how long nobody ran")
    if beats.back > max_skew_seconds:
        return unknown(f"time went back by {beats.back} s from one run to the next: nothing tells how long nobody ran in between")
    quiet = now + timedelta(seconds=beats.skew) - beats.due
    if quiet > most:
        return failed(f"no run has served it since {beats.last:%Y-%m-%d %H:%M}, {hours(quiet)} after the next was due")
    longest = max((s for s in beats.silences if now - s.until <= timedelta(days=period_days)), key=lambda s: s.length, default=None)
    if longest is not None and longest.length > most:
        return failed(
            f"what was due at {longest.due:%Y-%m-%d %H:%M} was not run for {hours(longest.length)}: {max_gap_hours} h are the most"
        )
    return passed(f"the longest silence of {period_days} days was {hours(longest.length) if longest else 'under an hour'}")


def hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:.1f} h"
