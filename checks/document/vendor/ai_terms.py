"""For every model and every route to it, the clause on training is on file, fresh, and somebody held our public words against it.

The operator differs by route, and so do the terms: AWS runs what Bedrock serves, Microsoft what Azure OpenAI serves, and Anthropic what is
sold as Claude in Microsoft's Foundry. One clause of Microsoft's does not cover all three. Terms change without notice: a new digest asks
for a new reading of what we publish.
"""

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between, in_force
from controlmon.facts.document.vendors import VendorTerms, VendorTermsRow

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "counsel", "start": "2020-01-01"})
ROUTES = {"bedrock": "AWS", "azure-openai": "Microsoft", "foundry-claude": "Anthropic"}
"""Who runs the models of each route."""
GOOD: dict[str, object] = {
    "id": "t2", "provider": "aws", "service": "Amazon Bedrock", "route": "bedrock", "operator": "AWS", "clause": "50.3",
    "retrieved_at": "2026-10-01", "sha256": "sha256:" + "0" * 64, "excludes_training": True, "retention": "none", "boundary": "the region",
    "reviewer": "ada", "reviewed_at": "2026-10-02", "still_true": True,
}  # fmt: skip


def case(row: dict[str, object], *, used: str = "") -> tuple[object, ...]:
    terms = VendorTerms.example(id="t2", row=GOOD | row)
    models = [{"model": "anthropic.claude-4", "route": used or "bedrock"}]
    cases = AiUseCase.example(id="summary", row={"id": "summary", "name": "Summary", "models": models})
    return Company.example() if used else terms, All.of(terms), All.of(cases), All.of(ADA)


@check(
    title="Model provider terms exclude training and match the published retention and boundary statements",
    severity="critical",
    frequency="quarterly",
    reads=[VendorTerms.row, AiUseCase.row, Person.row],
    remediation="Retrieve the terms of the route's operator, register them as a new record, and have the public wording held against them.",
    proves="That the terms of each route in use were filed and reviewed. Not that the provider keeps them.",
    passes=[case({}), case({}, used="bedrock")],
    fails=[
        case({"retrieved_at": "2026-01-01"}),
        case({"reviewed_at": "2026-09-30"}),
        case({"still_true": False}),
        case({"excludes_training": False}),
        case({"route": "foundry-claude", "operator": "Microsoft"}),
        case({}, used="foundry-claude"),
    ],
)
def judge(
    subject: VendorTerms | Company,
    terms: All[VendorTerms],
    cases: All[AiUseCase],
    people: All[Person],
    now: datetime,
    *,
    operators: dict[str, str] = ROUTES,
    max_age_days: int = 92,
) -> Verdict:
    standing = {one.row.id: one.row for one in in_force(terms)}
    if isinstance(subject, VendorTerms):
        if subject.row.id not in standing:
            return not_applicable("another record supersedes it")
        return of_terms(subject.row, {one.row.id: one.row for one in terms}, people, now, operators, max_age_days)
    used = sorted({(model.route, model.model) for one in cases if one.row.status == "live" for model in one.row.models})
    if not used:
        return not_applicable("no use case of the register calls a model")
    bare = [f"{model} by {route}" for route, model in used if not any(covers(row, route, model) for row in standing.values())]
    if bare:
        return failed(f"no terms are on file for {', '.join(bare)}")
    return passed(f"terms are on file for each of the {len(used)} models and routes in use")


def covers(row: VendorTermsRow, route: str, model: str) -> bool:
    """Whether terms speak of a model on a route."""
    return row.route == route and any(fnmatchcase(model, pattern) for pattern in row.models)


def of_terms(
    row: VendorTermsRow,
    every: Mapping[str, VendorTermsRow],
    people: All[Person],
    now: datetime,
    operators: Mapping[str, str],
    max_age_days: int,
) -> Verdict:
    """One record that holds."""
    operator = operators.get(row.route, "")
    if operator.casefold() != row.operator.casefold():
        return failed(
            f"the route {row.route} is run by {operator or 'nobody that the parameter names'}, and these are terms of {row.operator}"
        )
    if (age := days_between(row.retrieved_at, now)) > max_age_days:
        return failed(f"the terms were retrieved on {row.retrieved_at.isoformat()}, {age} days ago")
    if not row.excludes_training:
        return failed("the terms do not exclude training on inputs and outputs")
    read, before = row, every.get(row.supersedes)
    while read.reviewed_at is None and before is not None and before.sha256 == row.sha256:  # the same words need no second reading
        read, before = before, every.get(before.supersedes)
    if read.reviewed_at is None or read.still_true is None:
        return failed("nobody held the public wording against these terms")
    if read.reviewed_at < read.retrieved_at:
        return failed(f"the last review, on {read.reviewed_at.isoformat()}, was of earlier terms")
    if not worked_here(people, read.reviewer, read.reviewed_at):
        return failed(f"{read.reviewer or 'nobody'} reviewed the terms, and did not work here on that day")
    if not read.still_true:
        return failed(f"{read.reviewer} found that the public wording is no longer true of these terms")
    return passed(
        f"clause {row.clause}, retrieved on {row.retrieved_at.isoformat()}, excludes training, and the public wording is true of it"
    )
