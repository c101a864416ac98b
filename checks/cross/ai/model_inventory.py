"""Each model in use belongs to a validated use case, and to a family that we publish with its operator.

The register tells what was meant to be used, the meters of the clouds what was. A model that somebody tried in production is in no
register, and one that is new in a family has another id. Who operates it differs by route: AWS runs what Bedrock serves, Anthropic runs
Claude in Foundry. What was validated is the id that the register names, so an id of another version is another model.
"""

from collections.abc import Iterable

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Region
from controlmon.facts.azure.cognitive import Deployment
from controlmon.facts.document.ai import AiUseCase, AiUseCaseRow
from controlmon.facts.models import FAMILIES, InUse, Published, of_azure, of_bedrock, published

SONNET = "anthropic.claude-sonnet-4-20250514-v1:0"
RUN: dict[str, object] = {"at": "2026-05-01", "conclusion": "fit", "approver": "ada", "evidence": "sha256:" + "0" * 64}
ROW: dict[str, object] = {
    "id": "triage", "name": "Triage", "process_risk": "high", "risk_reason": "may delay a report", "validations": [RUN],
    "models": [{"model": SONNET, "route": "bedrock"}, {"model": "gpt-4o-2024-11-20", "route": "azure-openai"}],
}  # fmt: skip


def case(*used: str, deployed: str = "", **row: object) -> tuple[object, ...]:
    region = Region.example(id="eu-west-1", bedrock_invocations={"models": dict.fromkeys(used, 7)})
    there = Deployment.example(id="d", model={"format": "OpenAI", "name": deployed, "version": "2024-11-20"}) if deployed else region
    return there, Everywhere.of(AiUseCase.example(id="triage", row=ROW | row))


@check(
    title="Models in use equal the published families and the validated list",
    severity="high",
    reads=[Region.bedrock_invocations, Deployment.model, AiUseCase.row],
    remediation="Register the model with its use case, decide on the risk, validate it, and publish family and operator; or switch it off.",
    proves="That each model that Bedrock served in the last 30 days, or that is deployed in Azure, is of a live use case with a decision "
    "on the risk and a validation, and of a family that is published. Not calls past both clouds, nor that the pages still say so.",
    passes=[case(SONNET), case(f"eu.{SONNET}"), case(deployed="gpt-4o")],
    fails=[
        case("anthropic.claude-sonnet-4-5-20250929-v1:0"),
        case(SONNET, status="retired"),
        case(SONNET, process_risk=None),
        case(SONNET, validations=[]),
        case(SONNET, validations=[RUN | {"conclusion": "not fit"}]),
        case(deployed="gpt-5"),
        Example(case(SONNET), {"families": FAMILIES[1:]}),
    ],
)
def judge(place: Region | Deployment, use_cases: Everywhere[AiUseCase], *, families: tuple[Published, ...] = FAMILIES) -> Verdict:
    models = [of_bedrock(one) for one in place.bedrock_invocations.models] if isinstance(place, Region) else [of_azure(place.model)]
    if not models:
        return not_applicable("no model was invoked in the last 30 days")
    unpublished = [one.words for one in models if published(one, families) is None]
    if unpublished:
        return failed(f"{', '.join(unpublished)}: of no family that is published for this route")
    rows = [one.row for one in use_cases]
    if wrong := [f"{one.words} {why}" for one in models if (why := unfit(one, rows))]:
        return failed("; ".join(wrong))
    said = [f"{one.words} ({family['family']}, run by {family['operator']})" for one in models if (family := published(one, families))]
    return passed(f"registered, validated and published: {', '.join(said)}")


def unfit(model: InUse, rows: Iterable[AiUseCaseRow]) -> str:
    """Why no use case makes a model fit for use; "" if one does."""
    mine = [row for row in rows if model.is_of(row)]
    live = [row for row in mine if row.status == "live"]
    if not live:
        return f"is only of {mine[0].id}, which is {mine[0].status}" if mine else "is of no registered use case"
    whys = [_wanting(row) for row in live]
    return "" if "" in whys else f"is of {live[0].id}, {whys[0]}"


def _wanting(row: AiUseCaseRow) -> str:
    if row.process_risk is None or not row.risk_reason.strip():
        return "whose risk nobody determined"
    last = max(row.validations, key=lambda one: one.at, default=None)
    if last is None or last.evidence is None:
        return "which has no validation on record"
    return "" if last.conclusion == "fit" else "whose last validation does not conclude that it is fit"
