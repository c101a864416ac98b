"""Each deployment in a customer's cloud is written down with its accounts, keys, ways in and end, and the customer said so too.

Only the customer can see its own cloud. So what we write of it counts when the customer confirmed it: at the start, and at the end, when
our access is gone. The keys must be the customer's: a key in an account of ours is no bringing of one's own.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.customers import ByocDeployment, Confirmation

TOLD: dict[str, object] = {"at": "2026-01-10", "by": "cto@acme.example", "sha256": "sha256:" + "0" * 64}
GOOD: dict[str, object] = {
    "id": "acme-1", "customer": "acme", "cloud": "aws", "tenant": "o-acme", "accounts": ["222222222222"],
    "keys": ["arn:aws:kms:eu-west-1:222222222222:key/1"], "access_paths": ["arn:aws:iam::222222222222:role/operator"],
    "start": "2026-01-09", "confirmed_start": TOLD,
}  # fmt: skip
OVER: dict[str, object] = {"end": "2026-06-30", "access_revoked_at": "2026-06-30", "confirmed_end": TOLD | {"at": "2026-07-02"}}


def case(**row: object) -> ByocDeployment:
    return ByocDeployment.example(id="acme-1", row=GOOD | row)


@check(
    title="BYOC deployments list customer tenant, accounts, keys, access paths and end date",
    severity="high",
    frequency="weekly",
    reads=[ByocDeployment.row],
    remediation="Complete the row, and have the customer confirm it in writing; at the end, have it confirm that our access is gone.",
    proves="That the row is whole, its AWS keys stand in the customer's accounts, and the customer confirmed it. We do not see its cloud.",
    passes=[case(), case(**OVER)],
    fails=[
        case(keys=[]),
        case(keys=["arn:aws:kms:eu-west-1:111111111111:key/1"]),
        case(confirmed_start={}),
        case(end="2026-06-30"),
        case(**OVER | {"access_revoked_at": "2026-08-15"}),
        case(**OVER | {"confirmed_end": {}}),
    ],
)
def judge(deployment: ByocDeployment, now: datetime, *, confirm_days: int = 30, revoke_days: int = 0) -> Verdict:
    row = deployment.row
    absent = lacks(tenant=row.tenant, accounts=row.accounts, keys=row.keys, access_paths=row.access_paths, start=row.start)
    if absent or row.start is None:
        return failed(f"its row does not tell {', '.join(absent)}")
    if foreign := [key for key in row.keys if key.startswith("arn:") and key.split(":")[4] not in row.accounts]:
        return failed(f"the key {foreign[0]} is in none of the customer's accounts")
    if (now.date() - row.start).days > confirm_days and (why := unconfirmed(row.confirmed_start)):
        return failed(f"the customer did not confirm its start: {why}")
    if row.end is None or row.end > now.date():
        return passed(f"it has run since {row.start.isoformat()}" + (f" and ends on {row.end.isoformat()}" if row.end else ""))
    since = (now.date() - row.end).days
    if row.access_revoked_at is None and since > revoke_days:
        return failed(f"it ended on {row.end.isoformat()}, and our access was not taken away")
    if row.access_revoked_at is not None and (row.access_revoked_at - row.end).days > revoke_days:
        return failed(f"it ended on {row.end.isoformat()}, and our access was taken away on {row.access_revoked_at.isoformat()}")
    if since > confirm_days and (why := unconfirmed(row.confirmed_end)):
        return failed(f"the customer did not confirm its end: {why}")
    return passed(f"it ended on {row.end.isoformat()}, and our access with it")


def unconfirmed(told: Confirmation) -> str:
    """What a confirmation lacks; empty if nothing."""
    return ", ".join(f"no {name}" for name in lacks(day=told.at, name=told.by.strip(), document=told.sha256))
