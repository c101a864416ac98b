"""For each AI use case it is written down what would show that it gets worse, from when on that matters, and who then does what.

"We monitor for drift" is no plan: a number without a threshold alarms nobody, and a threshold without an owner does not either.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "ML", "start": "2020-01-01"})
PLAN: dict[str, object] = {
    "metric": "overturned answers", "threshold": "5 %", "window": "7 days", "owner": "ada", "action": "roll back the prompt",
    "monitor": "datadog:1234",
}  # fmt: skip


def case(**plan: object) -> tuple[AiUseCase, All[Person]]:
    return AiUseCase.example(id="triage", row={"id": "triage", "name": "Triage", "drift": PLAN | plan}), All.of(ADA)


@check(
    title="Drift monitoring is defined per use case with thresholds and actions",
    severity="low",
    frequency="quarterly",
    reads=[AiUseCase.row, Person.row],
    remediation="Write down metric, threshold, window, owner and action, and name the monitor that measures it.",
    proves="That the plan is whole and names a monitor. Not that this monitor is there, or that it alarms.",
    passes=case(),
    fails=[case(threshold=""), case(monitor=""), case(owner=None), case(owner="bob")],
)
def judge(use_case: AiUseCase, people: All[Person], now: datetime) -> Verdict:
    row, plan = use_case.row, use_case.row.drift
    if row.status != "live":
        return not_applicable(f"it is {row.status}")
    absent = lacks(
        metric=plan.metric.strip(), threshold=plan.threshold.strip(), window=plan.window.strip(), owner=plan.owner,
        action=plan.action.strip(), monitor=plan.monitor.strip(),
    )  # fmt: skip
    if absent:
        return failed(f"its plan does not tell {', '.join(absent)}")
    if not worked_here(people, plan.owner, now):
        return failed(f"the owner of its plan, {plan.owner}, does not work here")
    return passed(f"{plan.owner} acts when {plan.metric} passes {plan.threshold} within {plan.window} ({plan.monitor})")
