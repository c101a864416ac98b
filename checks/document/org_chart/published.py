"""The organizational chart is current, where staff can read it, and places everybody who works here.

A chart with a date on it passes at a glance for years. What shows that it is kept is that the people on it are those of the roster:
nobody is missing, and nobody left.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.document.governance import listed
from controlmon.facts.document.papers import outdated, version_of
from controlmon.facts.document.people import Person
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import active

SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "chart-3", "document": "org_chart", "version": "3", "type": "other", "file": "chart.pdf", "sha256": SHA,
    "location": "https://wiki/chart",
    "owner": "ada", "author": "ada", "approved_at": "2026-06-01", "facts": {"people": "ada | bob"},
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Document], All[Policy], All[Person]]:
    chart = Document.example(id="org_chart", versions=[row], contents={"chart-3": {"sha256": SHA}})
    people = [
        Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
        for who in ("ada", "bob")
    ]
    return Company.example(), All.of(chart), All.of(), All.of(*people)


@check(
    title="Formal org chart is current and published to staff",
    severity="low",
    frequency="weekly",
    reads=[Document.versions, Document.contents, Policy.versions, Policy.contents, Person.row],
    remediation="Update the chart, register the new version with its digest, and list in `facts.people` the ids of those whom it places.",
    proves="That one version is in force, and by its own list places those of the roster. Not that its lines of reporting are right.",
    passes=case(GOOD),
    fails=[
        case(GOOD | {"facts": {"people": "ada"}}),
        case(GOOD | {"facts": {"people": "ada|bob|eve"}}),
        case(GOOD | {"approved_at": "2025-06-01"}),
        case(GOOD | {"location": ""}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    documents: All[Document],
    policies: All[Policy],
    people: All[Person],
    now: datetime,
    *,
    document: str = "org_chart",
    max_age_days: int = 365,
) -> Verdict:
    version, why = version_of(document, documents, policies, now)
    if version is None:
        return failed(why)
    if told := outdated(document, version, now, max_age_days):
        return failed(told)
    if not version.location:
        return failed(f"version {version.version} has no location where staff can read it")
    here, placed = active(people, now), set(listed(version.facts.get("people", "")))
    if absent := sorted(here - placed):
        return failed(f"version {version.version} does not place {', '.join(absent)}")
    if gone := sorted(placed - here):
        return failed(f"version {version.version} places {', '.join(gone)}, who do not work here")
    return passed(f"version {version.version} is at {version.location} and places all {len(here)}")
