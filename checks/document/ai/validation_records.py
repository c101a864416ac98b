"""Each AI use case was validated for what it is used for, as it runs now, and somebody decided how much validation that takes.

The FDA's Computer Software Assurance lets the record scale with the risk, and counts logs of automated runs as evidence; the decision on
the risk is always recorded. A validation holds for the model, the prompt and the retrieval that it was made with: after a change of any of
them there is none.
"""

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.ai import AiUseCase, AiUseCaseRow, Validation
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "QA", "start": "2020-01-01"})
SETUP = {"model": "claude-4", "prompt": "v7", "retrieval": "v2"}
RUN: dict[str, object] = {
    "at": "2026-05-01", "configuration": SETUP, "test_set": "v3", "precision": 0.95, "recall": 0.9, "precision_agreed": 0.9,
    "recall_agreed": 0.9, "agreed_with": "acme", "issues": [], "conclusion": "fit", "approver": "ada", "evidence": "sha256:" + "0" * 64,
}  # fmt: skip
GOOD: dict[str, object] = {
    "id": "triage", "name": "Triage", "intended_use": "sorts complaints", "process_risk": "high", "risk_reason": "may delay a report",
    "assurance": [{"activity": "test set", "why": "measurable"}], "configuration": SETUP,
}  # fmt: skip


def case(run: dict[str, object] | None = None, **row: object) -> tuple[AiUseCase, All[Person]]:
    return AiUseCase.example(id="triage", row=GOOD | {"validations": [RUN | (run or {})]} | row), All.of(ADA)


@check(
    title="Each AI use case has intended use, risk determination, validation and approval on file",
    severity="high",
    frequency="weekly",
    reads=[AiUseCase.row, Person.row],
    remediation="Record the decision on the risk, validate the configuration that runs against the test set, and have the result approved.",
    proves="That a validation of the registered configuration was recorded and approved. Not that what runs is that configuration.",
    passes=[case(), case({"issues": None}, process_risk="not high", assurance=[])],
    fails=[
        case(process_risk=None),
        case(validations=[]),
        case(configuration=SETUP | {"prompt": "v8"}),
        case({"recall": 0.8}),
        case({"approver": "bob"}),
        case({"issues": None}),
        case({"conclusion": "not fit"}),
        case({"evidence": None}, process_risk="not high"),
    ],
)
def judge(use_case: AiUseCase, people: All[Person], *, parts: tuple[str, ...] = ("model", "prompt", "retrieval")) -> Verdict:
    row = use_case.row
    if row.status != "live":
        return not_applicable(f"it is {row.status}")
    if absent := lacks(intended_use=row.intended_use.strip(), process_risk=row.process_risk, risk_reason=row.risk_reason.strip()):
        return failed(f"its row does not tell {', '.join(absent)}")
    if unversioned := [part for part in parts if not row.configuration.get(part, "").strip()]:
        return failed(f"its row does not tell the version of {', '.join(unversioned)} that runs")
    if row.process_risk == "high" and not (row.assurance and all(one.why.strip() for one in row.assurance)):
        return failed("its process risk is high, and its row does not tell which assurance activities were chosen, and why")
    last = max(row.validations, key=lambda one: one.at, default=None)
    if last is None:
        return failed("it was never validated")
    if changed := [part for part in parts if last.configuration.get(part) != row.configuration[part]]:
        return failed(f"its {', '.join(changed)} changed since it was validated on {last.at.isoformat()}")
    if why := wanting(row, last):
        return failed(f"the validation of {last.at.isoformat()} {why}")
    if not worked_here(people, last.approver, last.at):
        return failed(f"{last.approver} approved the validation of {last.at.isoformat()}, and did not work here on that day")
    measured = f"precision {last.precision} and recall {last.recall}"
    return passed(f"its process risk is {row.process_risk}, and it was validated on {last.at.isoformat()} with {measured}")


def wanting(row: AiUseCaseRow, run: Validation) -> str:
    """What a validation lacks; empty if nothing. Where the risk is not high, the log of the run stands for the list of issues."""
    issues = run.issues is None and (row.process_risk == "high" or run.evidence is None)
    absent = lacks(
        test_set=run.test_set, precision=run.precision, recall=run.recall, agreed_precision=run.precision_agreed,
        agreed_recall=run.recall_agreed, who_agreed=run.agreed_with, issues=None if issues else True, conclusion=run.conclusion,
        approver=run.approver, evidence=run.evidence,
    )  # fmt: skip
    if absent:
        return f"does not tell {', '.join(absent)}"
    for name, got, agreed in (("precision", run.precision, run.precision_agreed), ("recall", run.recall, run.recall_agreed)):
        if got is not None and agreed is not None and got < agreed:
            return f"has a {name} of {got}, and {agreed} was agreed"
    return "" if run.conclusion == "fit" else "concludes that it is not fit"
