"""Tests of the current release show that a person decides, from evidence that is shown, and that the product is not the system of record.

A sentence in the terms changes no screen. What shows it is a test of the release: the recommendation is marked as one, its sources are
linked, a named person confirms. The statement about it is signed anew for each major release.
"""

from datetime import datetime

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.document.governance import Attestation, about, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between

TESTED: dict[str, object] = {
    "id": "t-1", "topic": "ai_release_tests", "statement": "The tests of the release passed.", "version": "4.2.0", "signer": "ada",
    "role": "QA",
    "signed_at": "2026-11-01", "basis": ["https://ci/4.2.0"],
    "outcomes": {"recommendation_status": "pass", "linked_sources": "pass", "human_decision": "pass"},
}  # fmt: skip
SIGNED = TESTED | {"id": "s-1", "topic": "ai_human_in_loop", "version": "4.0.0", "signed_at": "2026-03-01"}


def case(*rows: dict[str, object], release: str = "") -> Example:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "QA", "start": "2020-01-01"}
    signed = [Attestation.example(id=str(row["id"]), row=row) for row in rows]
    people: All[Person] = All.of(Person.example(id="ada", row=ada))
    return Example((Company.example(), All.of(*signed), people, All[Role].of()), {"current_release": release})


@check(
    title="Product requires human determination, shows source evidence and is not the system of record",
    severity="medium",
    frequency="quarterly",
    reads=[Attestation.row, Person.row, Role.row],
    remediation="Run the tests on the current release, record their outcomes and report, and sign the statement for each major release.",
    proves=(
        "That outcomes of tests of a release were signed, and a statement for its major release. Which release runs is the parameter's "
        "or the record's word: without `current_release` it is the one that was tested last, within `max_age_days`."
    ),
    passes=[case(TESTED, SIGNED), case(TESTED, SIGNED, release="4.2.0")],
    fails=[
        case(TESTED, SIGNED, release="4.3.0"),
        case(TESTED),
        case(TESTED, SIGNED | {"version": "3.0.0"}),
        case(TESTED | {"outcomes": {"recommendation_status": "pass", "linked_sources": "fail", "human_decision": "pass"}}, SIGNED),
        case(TESTED | {"signed_at": "2026-05-01"}, SIGNED),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    tests_topic: str = "ai_release_tests",
    statement_topic: str = "ai_human_in_loop",
    current_release: str = "",
    shown: tuple[str, ...] = ("recommendation_status", "linked_sources", "human_decision"),
    signers: tuple[str, ...] = (),
    max_age_days: int = 95,
) -> Verdict:
    tested = [row for row in about(attestations, tests_topic) if row.version and current_release in ("", row.version)]
    if not tested:
        return failed(f"no tests are recorded of {f'release {current_release}' if current_release else 'any release'}")
    row = tested[0]
    if not current_release and (age := days_between(row.signed_at, now)) > max_age_days:
        return failed(f"the last tests were of {row.version}, {age} days ago; {max_age_days} are allowed")
    if bad := [name for name in shown if row.outcomes.get(name, "").casefold() not in ("pass", "passed")]:
        return failed(f"the tests of {row.version} do not show {', '.join(bad)}")
    if not row.basis:
        return failed(f"the tests of {row.version} name no report")
    major = row.version.lstrip("v").partition(".")[0]
    statement = next((one for one in about(attestations, statement_topic) if one.version.lstrip("v").partition(".")[0] == major), None)
    if statement is None:
        return failed(f"nobody signed the statement for release {major}")
    for one in (row, statement):
        if why := unsigned(one, people, roles, signers, now):
            return failed(f"{one.id}: {why}")
    return passed(
        f"the tests of {row.version} show {', '.join(shown)}; {statement.signer} signed for release {major} on {statement.signed_at}"
    )
