"""One trail logs what is done to the account in every region, and its logs arrive.

A trail that exists may be stopped, may log only writes, may leave out sources, or may have failed to deliver for weeks. A trail in each
region is not the same promise: a region that is opened tomorrow has none. And the last error stays written after it was mended.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import Trail

ACCOUNT = Account.example()
GOOD = {"logging": True, "delivered": "2100-01-01T00:00:00Z", "started": "2025-01-01T00:00:00Z"}


def trail(*left_out: str, multi_region: bool = True, **status: object) -> All[Trail]:
    settings = {"multi_region": multi_region, "validated": True}
    return All.of(Trail.example(settings=settings, status=GOOD | status, management_events={"left_out": left_out}))


@check(
    title="A trail of every region logs all management events and delivers them",
    severity="critical",
    frequency="hourly",
    reads=[Trail.settings, Trail.status, Trail.management_events],
    remediation="Create a trail of every region (of the organization, if there is one) that logs reads and writes, and mend its delivery.",
    proves="That one trail logs the management events of all regions, and that those of its home region were being delivered. "
    "Not data events, nor that anybody reads them.",
    passes=(ACCOUNT, trail()),
    fails=[
        (ACCOUNT, All[Trail].of()),
        (ACCOUNT, trail(multi_region=False)),
        (ACCOUNT, trail(logging=False)),
        (ACCOUNT, trail("writes of kms.amazonaws.com")),
        (ACCOUNT, trail(delivered="2020-01-01T00:00:00Z")),
    ],
)
def judge(account: Account, trails: All[Trail], now: datetime, *, max_delay_minutes: int = 60) -> Verdict:  # noqa: ARG001 - the account is the subject
    longest = timedelta(minutes=max_delay_minutes)
    lacks: list[str] = []
    doubts: list[str] = []

    def good(trail: Trail) -> bool:
        if lack := trail.lack(now, longest):
            lacks.append(f"{trail.name} {lack}")
        elif doubt := trail.doubt(now, longest):
            doubts.append(f"{trail.name} {doubt}")
        else:
            return True
        return False

    best = trails.first(good)
    if best is not None:
        error = f" (its last error stays written: {best.status.error})" if best.status.error else ""
        return passed(f"{best.name} logs all reads and writes of every region, and delivered at {best.status.delivered:%H:%M} UTC{error}")
    return unknown("; ".join(doubts)) if doubts else failed("; ".join(lacks) or "there is no trail")
