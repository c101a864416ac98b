"""Every system has a review that was signed off lately, of access as it was then.

"Quarterly" and "90 days" are two promises: from the first day of one quarter to the last of the next it is 180 days. The rule is a
parameter, and both are told. A signature under a snapshot of long ago is no review of today's access.
"""

from datetime import datetime
from typing import Literal

from controlmon.check import Example, Verdict, check, failed, passed, waiting
from controlmon.facts.controlmon.reviews import Review, due, quarter
from controlmon.facts.document.schema import days_between

SNAPSHOT = "sha256:" + "0" * 64


def case(signed: str = "", taken: str = "", since: str = "2026-01-01T00:00:00Z") -> tuple[Review]:
    about = {
        "id": "2026-Q4",
        "snapshot": SNAPSHOT,
        "rows": 3,
        "taken_at": taken or signed,
        "opened_at": taken or signed,
        "signed_at": signed,
    }
    return (Review.example(id="datadog", standing={"since": since, "signed": about if signed else None}),)


@check(
    title="Every system's access was reviewed and signed off within the quarter",
    severity="critical",
    reads=[Review.standing],
    remediation="Run a review: `controlmon review open`, `export`, `import`, `sign`.",
    proves="That every reviewer of the system signed, when, and how old the snapshot was. Not who sat at the keyboard.",
    passes=[
        case("2026-10-01T12:00:00Z"),
        Example(case("2026-07-01T12:00:00Z"), {"cadence": "calendar_quarter"}),
    ],
    fails=[
        case(),
        case("2026-08-01T12:00:00Z"),
        case("2026-11-01T12:00:00Z", "2026-10-01T12:00:00Z"),
        Example(case("2026-06-30T12:00:00Z"), {"cadence": "calendar_quarter"}),
    ],
)
def judge(
    review: Review,
    now: datetime,
    *,
    max_age_days: int = 90,
    cadence: Literal["rolling", "calendar_quarter"] = "rolling",
    snapshot_max_days: int = 14,
    warn_days: int = 14,
) -> Verdict:
    standing = review.standing
    until = due(standing, now, cadence, max_age_days)
    signed = standing.signed
    if signed is None or signed.signed_at is None:
        opened = f"; {standing.newest.id} is open and waits for signatures" if standing.newest else ""
        if now.date() <= until:
            return waiting(f"it was never reviewed{opened}", due=until)
        return failed(f"it was never reviewed, and the first was due on {until.isoformat()}{opened}")
    age, stale = days_between(signed.signed_at, now), days_between(signed.taken_at, signed.signed_at)
    told = (
        f"{signed.id} was signed off on {signed.signed_at:%d %b %Y}, {age} days ago, in {quarter(signed.signed_at)}; this is {quarter(now)}"
    )
    if stale > snapshot_max_days:
        return failed(f"{told}: it is of a snapshot that was {stale} days old, and {snapshot_max_days} are the most")
    if now.date() > until:
        return failed(f"{told}: the next was due on {until.isoformat()}")
    left = days_between(now, until)
    return passed(f"{told}: the next is due in {left} days, and fails after {until.isoformat()}" if left <= warn_days else told)
