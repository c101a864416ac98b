"""One trail logs what is done to the account in every region, and its logs arrive.

A trail that exists may be stopped, may log only writes, may leave out sources, or may have failed to deliver for weeks. A trail in each
region is not the same promise: a region that is opened tomorrow has none. And the last error stays written after it was mended.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import Trail

ACCOUNT = Account.example()
GOOD = {"logging": True, "delivered": "2026-01-01T00:00:00+00:00", "started": "2025-01-01T00:00:00+00:00", "attempt_failed": False}


def trail(multi_region: bool = True, events: tuple[str, ...] = ("Read", "Write"), **status: object) -> All[Trail]:  # noqa: FBT001, FBT002
    settings = {"multi_region": multi_region, "validated": True}
    return All.of(Trail.example(settings=settings, status=GOOD | status, management_events=events))


@check(
    title="A trail of every region logs all management events and delivers them",
    severity="critical",
    reads=[Trail.settings, Trail.status, Trail.management_events],
    remediation="Create a trail of every region (of the organization, if there is one) that logs reads and writes, and mend its delivery.",
    proves="That management events of all regions were being delivered. Not data events, nor that anybody reads them.",
    passes=(ACCOUNT, trail(delivered="2100-01-01T00:00:00+00:00")),
    fails=[
        (ACCOUNT, All[Trail].of()),
        (ACCOUNT, trail(multi_region=False)),
        (ACCOUNT, trail(logging=False)),
        (ACCOUNT, trail(events=("Write",))),
        (ACCOUNT, trail(delivered="2020-01-01T00:00:00+00:00")),
    ],
)
def judge(account: Account, trails: All[Trail], now: datetime, *, max_delay_minutes: int = 60) -> Verdict:  # noqa: ARG001 - the account is the subject
    delay = timedelta(minutes=max_delay_minutes)
    good = trails.first(lambda trail: _lack(trail, now, delay) == "")
    if good is not None:
        return passed(f"{good.name} logs reads and writes of every region and delivers them")
    lacks = {trail.name: _lack(trail, now, delay) for trail in trails}
    if not lacks:
        return failed("there is no trail")
    said = "; ".join(f"{name} {lack}" for name, lack in lacks.items())
    return unknown(said) if any(lack == TOO_EARLY for lack in lacks.values()) else failed(said)


TOO_EARLY = "has only just begun to log, and has not delivered yet"


def _lack(trail: Trail, now: datetime, delay: timedelta) -> str:
    """What a trail lacks, or an empty string."""
    if not trail.settings.multi_region:
        return "is a trail of one region"
    status = trail.status
    if not status.logging:
        return "is stopped"
    missing = {"Read", "Write"} - set(trail.management_events)
    if missing:
        return f"does not log all {' and '.join(sorted(missing))} management events"
    if status.delivered is None:
        return TOO_EARLY if status.started is not None and now - status.started <= delay else "has never delivered"
    late = now - status.delivered
    if late > delay:
        minutes = int(late.total_seconds() // 60)
        return f"delivered last {minutes} minutes ago; {int(delay.total_seconds() // 60)} allowed" + (
            f" ({status.error})" if status.error else ""
        )
    return f"fails to deliver ({status.error})" if status.error and status.attempt_failed else ""
