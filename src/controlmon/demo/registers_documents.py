"""The small company's policies, plans, reports and letters: small files, and the register that tells of them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from controlmon.core.canonical import digest
from controlmon.demo.people import ACTIVE, JANE, OMAR, RAVI, Person, ago
from controlmon.facts.document.policies import POLICIES

VERSION, CONDUCT, BEFORE = "2", "3", "2"
"""The version of most policies, that of the code of conduct, and the one that it replaced."""
AGES = {"data_classification_policy": 430, "vendor_management_policy": 380}
"""How many days ago a policy was approved, where it was not in the last half year: the one is overdue, the other within the grace."""
SELF_APPROVED = "configuration_and_asset_management_policy"
ASSESSED = ("security", "availability", "confidentiality", "fraud", "internal threats", "external threats", "HIPAA risk analysis")
REPORT_ENDED = 120
"""How many days ago the SOC 2 report's day was."""


def version_of(policy: str) -> str:
    """The version of a policy that is in force."""
    return CONDUCT if policy == "code_of_conduct" else VERSION


def registers() -> dict[str, Any]:
    """The register of documents."""
    return {"documents": [*_policies(), *_others()]}


def files() -> dict[str, str]:
    """The text of each file that the register names."""
    return {row["file"]: _text(row) for row in (*_policies(), *_others())}


def _row(name: str, version: str, at: date, author: Person, approver: Person, topics: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    row = {
        "id": f"{name}-{version}",
        "document": name,
        "version": version,
        "type": "policy",
        "title": name.replace("_", " ").capitalize(),
        "file": f"documents/{name}-{version}.md",
        "location": f"https://wiki.artemis.example/{name}",
        "owner": JANE.login,
        "author": author.login,
        "approver": approver.login,
        "approved_at": at,
        "effective_at": at,
        "topics": {topic: str(number) for number, topic in enumerate(topics, 1)},
        **more,
    }
    return {**row, "sha256": digest(_text(row).encode())}


def _text(row: dict[str, Any]) -> str:
    """What the file of a row says."""
    head = f"# {row['title']}\n\nVersion {row['version']}, approved on {row['approved_at']} by {row['approver']}.\n"
    return head + "".join(f"\n## {number}. {topic}\n\nWhat holds for {topic} at Artemis.\n" for topic, number in row["topics"].items())


def _policies() -> Iterator[dict[str, Any]]:
    for number, (name, topics) in enumerate(POLICIES.items()):
        at = ago(AGES.get(name, 60 + 5 * number))
        author, approver = (RAVI, RAVI) if name == SELF_APPROVED else (JANE, OMAR)
        kind = {"type": "plan"} if name.endswith("_plan") else {}
        if name == "code_of_conduct":
            yield _row(name, BEFORE, ago(300), author, approver, topics, replaced_at=ago(15))
            yield _row(name, CONDUCT, ago(18), author, approver, topics, effective_at=ago(15))
        else:
            yield _row(name, VERSION, at, author, approver, topics, **kind)


def _others() -> Iterator[dict[str, Any]]:
    """Charts, reports and letters; the capacity was looked at long ago."""
    end = ago(REPORT_ENDED)
    people = " | ".join(person.login for person in ACTIVE)
    yield _row("org_chart", "7", ago(10), JANE, OMAR, (), type="other", facts={"people": people})
    customers = {"customers": "acme | zenith | helix"}
    yield _row("breach_notification_matrix", "2", ago(100), JANE, OMAR, ("HIPAA", "state laws", "GDPR"), type="other", facts=customers)
    assets = {"assets": "artemis | records"}
    yield _row("risk_assessment", "2026", ago(140), JANE, OMAR, ASSESSED, type="report", facts=assets)
    soc = {"soc_type": "1", "report_date": f"{end}", "window_start": f"{ago(REPORT_ENDED + 90)}", "window_end": f"{end}"}
    yield _row("soc2_report", "1", end, JANE, OMAR, (), type="report", title="SOC 2 type 1 report", facts=soc)
    covers = {"covers_from": f"{end}", "covers_until": f"{ago(12)}"}
    yield _row("bridge_letter", "1", ago(12), JANE, OMAR, (), type="letter", title="Bridge letter", facts=covers)
    yield _row("reporting_channel", "1", ago(200), JANE, OMAR, (), type="other", title="How to report, also without a name")
    yield _row("capacity_plan", "1", ago(260), RAVI, OMAR, ("forecast", "actions"), type="report")
    yield _row("aws_soc2", "2026", ago(90), JANE, OMAR, (), type="report", title="AWS SOC 2 type 2 report")
    yield _row("azure_soc2", "2026", ago(85), JANE, OMAR, (), type="report", title="Azure SOC 2 type 2 report")
