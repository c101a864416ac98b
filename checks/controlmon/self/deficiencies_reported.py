"""Managers are told every week what fails, say that they read it, and each failing control has somebody who mends it by a day.

A report that was written is not one that was read. So a delivery counts for the managers that it names, and once it has lain for some days
it counts only for those who acknowledged it. What fails stands in the risk register, with an owner and a day that is not over.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown, waiting
from controlmon.facts.controlmon.controls import Deliveries, Report, Shown
from controlmon.facts.document.risks import Risk

ADA = {"managers": ["ada"]}
SENT = {"at": "2026-11-16T08:00:00Z", "to": ["ada", "bob"], "digest": "d1"}
READ = {"at": "2026-11-17T08:00:00Z", "by": "ada", "digest": "d1"}


def report(*delivered: object, acknowledged: tuple[object, ...] = (), begun: str = "2026-01-01T00:00:00Z") -> Example:
    told = {"begun": begun, "delivered": list(delivered), "acknowledged": list(acknowledged)}
    return Example((Report.example(id="weekly", deliveries=told), Everywhere[Risk].of()), ADA)


def failing(**row: object) -> tuple[Shown, All[Risk]]:
    risk = Risk.example(id="R-1", row={"id": "R-1", "title": "Buckets", "about": ["encryption"]} | row)
    return Shown.example(id="encryption", derived={"state": "failing"}), Everywhere[Risk].of(risk)


@check(
    title="Control failures reach management in time",
    severity="medium",
    frequency="weekly",
    reads=[Report.deliveries, Shown.derived, Risk.row],
    remediation="Send the weekly report, have the managers acknowledge it, and enter what fails in the risk register with owner and day.",
    proves="That the record has a delivery and an acknowledgement for each of `managers`, and that the register of risks has each failing "
    "control. A ticket that is named beside a deviation tells of no day here, and does not count.",
    passes=[report(SENT, acknowledged=(READ,)), failing(owner="ada", due="2026-12-01")],
    fails=[
        report(),
        report(SENT),
        failing(),
        failing(owner="ada", due="2026-11-01"),
        failing(owner="ada", due="2026-12-01", status="closed"),
    ],
)
def judge(
    one: Report | Shown,
    risks: Everywhere[Risk],
    now: datetime,
    *,
    managers: tuple[str, ...] = (),
    max_days: int = 8,
    acknowledge_days: int = 5,
) -> Verdict:
    if isinstance(one, Shown):
        return _control(one, risks, now)
    told = one.deliveries
    if told.begun is None or (not told.delivered and now - told.begun <= timedelta(days=7)):
        return waiting("nothing was to be reported yet", due=((told.begun or now) + timedelta(days=7)).date())
    if not managers:
        return unknown("nothing tells who the managers are: name them in the parameter `managers`, as the report is addressed")
    wrong = [why for manager in managers if (why := _missed(manager, told, now, max_days, acknowledge_days))]
    return (
        failed("; ".join(wrong))
        if wrong
        else passed(f"{', '.join(managers)} had the report, and acknowledged what is {acknowledge_days} days old")
    )


def _missed(manager: str, told: Deliveries, now: datetime, max_days: int, acknowledge_days: int) -> str:
    """What a manager was not told, or did not acknowledge; empty if all is well."""
    name = manager.strip().lower()
    mine = sorted((d for d in told.delivered if name in (one.strip().lower() for one in d.to)), key=lambda d: d.at)
    if not mine:
        return f"no report was delivered to {manager}"
    if now - mine[-1].at > timedelta(days=max_days):
        return f"the last report to {manager} was delivered on {mine[-1].at:%Y-%m-%d}: {max_days} days are the most"
    due = [d for d in mine if now - d.at > timedelta(days=acknowledge_days)]
    read = {a.digest for a in told.acknowledged if a.by.strip().lower() == name}
    return f"{manager} has not acknowledged the report of {due[-1].at:%Y-%m-%d}" if due and due[-1].digest not in read else ""


def _control(control: Shown, risks: Everywhere[Risk], now: datetime) -> Verdict:
    if control.derived.state != "failing":
        return not_applicable(f"it is {control.derived.state}")
    known = [one for one in risks if control.id in one.row.about and one.row.status == "open"]
    owned = [one for one in known if one.row.owner and one.row.due]
    if not owned:
        why = f"{known[0].id} names no owner or no day" if known else "no open risk of the register is about it"
        return failed(f"it is failing, and {why}")
    late = [one for one in owned if one.row.due is not None and one.row.due < now.date()]
    if len(late) == len(owned):
        return failed(f"it is failing, and was to be mended by {late[0].row.due} ({late[0].id}, {late[0].row.owner})")
    best = next(one for one in owned if one not in late)
    return passed(f"it is failing, and {best.row.owner} mends it by {best.row.due} ({best.id})")
