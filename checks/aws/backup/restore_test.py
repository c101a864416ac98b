"""Restores are tried, found good, and fast enough.

COMPLETED means that something was made of a recovery point, not that the data is in it: that is what the validation says. A drill that went
past AWS Backup (a restore of RDS to a point in time, by hand) shows here only if it is declared.
"""

from datetime import date, datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.backup import Protected, RestoreJob

ACCOUNT = Account.example()
DISKS = All.of(Protected.example(protection={"type": "EBS"}))
GOOD = {"type": "EBS", "status": "COMPLETED", "created": "9998-01-01T00:00:00Z", "completed": "9998-01-01T01:00:00Z"}


def restored(**more: object) -> All[RestoreJob]:
    return All.of(RestoreJob.example(restore=GOOD | {"validation": "SUCCESSFUL"} | more))


@check(
    title="Restores are tested and meet the RTO",
    severity="high",
    frequency="weekly",
    reads=[RestoreJob.restore, Protected.protection],
    remediation="Create a restore testing plan for each type of resource, with a validation.",
    proves="That of each type that is protected a restore by AWS Backup completed, was validated, and took no longer than allowed. Not "
    "into which account it went, nor that every resource can be restored.",
    passes=[
        (ACCOUNT, DISKS, restored()),
        Example((ACCOUNT, DISKS, All[RestoreJob].of()), {"validated_by_hand": {"EBS": "9998-01-01"}}),
    ],
    fails=[
        (ACCOUNT, DISKS, All[RestoreJob].of()),
        (ACCOUNT, DISKS, restored(validation="")),
        (ACCOUNT, DISKS, restored(status="FAILED")),
        (ACCOUNT, DISKS, restored(completed="9998-01-02T00:00:00Z")),
    ],
)
def judge(
    account: Account,  # noqa: ARG001 - the account is the subject
    protected: All[Protected],
    restores: All[RestoreJob],
    now: datetime,
    *,
    max_age_days: int = 365,
    rto_minutes: int = 240,
    critical_types: tuple[str, ...] = (),
    validated_by_hand: dict[str, str] = {},  # noqa: B006 - never changed
) -> Verdict:
    since = now - timedelta(days=max_age_days)
    types = critical_types or tuple(sorted({one.protection.type for one in protected}))
    if not types:
        return not_applicable("AWS Backup protects nothing, and no type is declared critical")
    lacks = [lack for kind in types if (lack := _lack(kind, restores, since, rto_minutes, validated_by_hand))]
    return failed("; ".join(lacks)) if lacks else passed(f"a restore of {', '.join(types)} was tried and found good since {since:%Y-%m-%d}")


def _lack(kind: str, restores: All[RestoreJob], since: datetime, rto: int, by_hand: dict[str, str]) -> str:
    """What is missing of one type of resource; "" if nothing is."""
    if kind in by_hand and date.fromisoformat(by_hand[kind]) >= since.date():
        return ""

    def good(job: RestoreJob) -> bool:
        it = job.restore
        quick = it.minutes is not None and it.minutes <= rto
        return it.type == kind and it.created >= since and it.status == "COMPLETED" and it.validation == "SUCCESSFUL" and quick

    if restores.some(good):
        return ""
    tried = [job.restore for job in restores if job.restore.type == kind and job.restore.created >= since]
    if not tried:
        return f"no restore of {kind} was tried since {since:%Y-%m-%d}"
    it = max(tried, key=lambda one: one.created)
    how = f"is {it.status}, its validation is {it.validation or 'missing'}" + (
        "" if it.minutes is None else f", it took {it.minutes} minutes"
    )
    return f"the last restore of {kind} {how}; a validated one in {rto} minutes is required"
