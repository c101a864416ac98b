"""In every enabled region an analyzer looks for access from outside.

An analyzer of unused access is something else, and one that failed finds nothing. One of the organization lives in the account that
administers it, and cannot be seen from here: name that account, or `none`, and where it is not named, a region of a member account is
unknown.
"""

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.accessanalyzer import EXTERNAL, Analyzer
from controlmon.facts.aws.account import Account, Region

REGION = Region.example(id="123456789012:eu-west-1", name="eu-west-1")
ALONE = Account.example(id="123456789012", organization=None)


def analyzer(type: str = "ACCOUNT", status: str = "ACTIVE") -> All[Analyzer]:  # noqa: A002 - the API's own word
    return All.of(Analyzer.example(id="a", settings={"type": type, "status": status}))


@check(
    title="IAM Access Analyzer (external access) is active in every enabled Region or organisation-wide",
    severity="medium",
    reads=[Analyzer.settings, Account.organization],
    remediation="Create an analyzer of external access in each region, for the organization from its delegated administrator.",
    proves="That an analyzer of external access is active in the region. Not that anybody reads what it finds.",
    passes=[(REGION, analyzer(), ALONE), (REGION, analyzer("ORGANIZATION"), ALONE)],
    fails=[
        (REGION, All[Analyzer].of(), ALONE),
        (REGION, analyzer("ORGANIZATION_UNUSED_ACCESS"), ALONE),
        (REGION, analyzer(status="FAILED"), ALONE),
        Example((REGION, All[Analyzer].of(), ALONE), {"organization_admin": "none"}),
    ],
)
def judge(region: Region, analyzers: All[Analyzer], account: Account, *, organization_admin: str = "") -> Verdict:
    here = analyzers.beside(region)
    active = here.first(lambda one: one.settings.type in EXTERNAL and one.settings.status == "ACTIVE")
    if active is not None:
        return passed(f"the analyzer {active.name} ({active.settings.type}) is active")
    if organization_admin not in ("", "none", region.target):
        return not_applicable(f"account {organization_admin} analyzes the organization, where it is judged")
    others = [f"{one.name} is of type {one.settings.type} and {one.settings.status}" for one in here]
    said = f"no analyzer of external access is active in the region ({'; '.join(others) or 'there is none'})"
    if organization_admin == "" and account.organization is not None and account.organization.management != region.target:
        return unknown(f"{said}, and whether one of the organization covers it cannot be seen: set organization_admin")
    return failed(said)
