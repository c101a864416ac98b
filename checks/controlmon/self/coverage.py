"""Every target that is declared was logged in to, and every check that is enabled saw it.

A target that nobody can log in to any more has no failing findings. Nor has a check that finds nothing: only a listing that came to its
end says that a service is not used; one that was denied says nothing at all.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed, waiting
from controlmon.facts.controlmon.targets import Declared


def case(**more: object) -> Declared:
    return Declared.example(id="aws:prod", reached={"asked": True, "seen": 40, "empty": 2} | more)


@check(
    title="Every declared account, tenant and organisation was evaluated",
    severity="critical",
    reads=[Declared.reached],
    remediation="Grant what is missing (`controlmon doctor` names it), or take the target out of the configuration.",
    proves="That each declared target was seen by each enabled check before this run. Not that every account there is was declared.",
    passes=[case(), case(seen=0), case(disabled=1)],
    fails=[
        case(refused="sts:GetCallerIdentity was denied"),
        case(holes=[{"check": "aws.s3.versioning", "why": "s3:ListBuckets was denied"}]),
    ],
)
def judge(target: Declared, now: datetime) -> Verdict:
    reached, tomorrow = target.reached, (now + timedelta(days=1)).date()
    if not reached.asked:
        return waiting("no run has asked it yet", due=tomorrow)
    if reached.refused:
        return failed(f"the last run could not log in: {reached.refused}")
    if reached.holes:
        first = reached.holes[0]
        more = f", and {len(reached.holes) - 1} more checks" if len(reached.holes) > 1 else ""
        return failed(f"{first.check} did not see it: {first.why}{more}")
    if reached.pending:
        return waiting(f"{len(reached.pending)} checks have not run yet, {reached.pending[0]} among them", due=tomorrow)
    told = [
        f"{reached.seen} checks saw it",
        *([f"{reached.empty} found nothing of their kind: it is not used there"] if reached.empty else []),
        *([f"{reached.disabled} found a disabled region"] if reached.disabled else []),
    ]
    if not reached.seen + reached.empty + reached.disabled:
        return not_applicable("no enabled check judges it")
    return passed("; ".join(told))
