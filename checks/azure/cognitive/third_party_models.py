"""Models that somebody else made, and may operate, are declared with their operator.

A model that is bought through Azure may be run by its maker, under the maker's terms, outside of Azure: Claude in Foundry is Anthropic's in
both hosting options. No field of Azure tells the option, so it is declared, with a statement behind it, until one does.
"""

from fnmatch import fnmatchcase
from typing import NotRequired, TypedDict

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.azure.cognitive import Deployment


class Approved(TypedDict):
    """An approved model: globs of its format and name, who operates it under which terms and where, and if it is a listed subprocessor."""

    format: str
    name: NotRequired[str]
    operator: str
    terms: str
    hosting: str
    subprocessor: bool


def deployment(maker: str, name: str = "model") -> Deployment:
    return Deployment.example(model={"format": maker, "name": name})


CLAUDE = {"format": "Anthropic", "operator": "Anthropic", "terms": "2026-01", "hosting": "Azure", "subprocessor": True}


@check(
    title="Partner-operated models (Claude and others) are declared with their operator as subprocessor",
    severity="critical",
    reads=[Deployment.model],
    remediation="Declare the model with its operator, terms, hosting option and subprocessor entry, or redeploy on the Azure-hosted option "
    "and correct the public statement.",
    proves="That each partner's model that is deployed is a declared one. Not that the declaration is true, nor serverless endpoints of "
    "machine learning workspaces.",
    passes=[deployment("OpenAI"), deployment("Microsoft"), Example((deployment("Anthropic", "claude-x"),), {"approved": [CLAUDE]})],
    fails=[
        deployment("Anthropic"),
        Example((deployment("Anthropic"),), {"approved": [CLAUDE | {"hosting": "Anthropic"}]}),
        Example((deployment("Anthropic"),), {"approved": [CLAUDE | {"subprocessor": False}]}),
        Example((deployment("Mistral AI"),), {"approved": [CLAUDE]}),
    ],
)
def judge(
    deployment: Deployment, *, approved: tuple[Approved, ...] = (), own_formats: tuple[str, ...] = ("OpenAI", "Microsoft")
) -> Verdict:
    model = deployment.model
    what = f"{model.name} {model.version}".strip() + f" by {model.publisher or model.format}"
    if model.format.lower() in {one.lower() for one in own_formats}:
        return passed(f"{what} is operated by Microsoft")
    entry = next((one for one in approved if _matches(model.format, one["format"]) and _matches(model.name, one.get("name", "*"))), None)
    if entry is None:
        return failed(f"{what} is not on the approved list")
    if not entry["subprocessor"]:
        return failed(f"{what} is operated by {entry['operator']}, which is not on the list of subprocessors")
    if model.format.lower() == "anthropic" and entry["hosting"].lower() != "azure":
        return failed(f"{what} is declared as hosted by {entry['hosting']}, not on Azure")
    return passed(
        f"{what} is declared: operated by {entry['operator']} under {entry['terms']}, hosted on {entry['hosting']}, a listed subprocessor"
    )


def _matches(said: str, glob: str) -> bool:
    return fnmatchcase(said.lower(), glob.lower())
