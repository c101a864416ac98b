"""The collector of Inspector over HTTP. moto knows no coverage and no findings: those are laid over it."""

from typing import Any

from controlmon.collect.aws.account import account
from controlmon.collect.aws.inspector2 import inspector2
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.inspector2 import Covered, Vulnerability
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin

OURS = "123456789012"


def finding(arn: str, cve: str | None, image: str = "", id: str = "i-1") -> dict[str, Any]:
    details = {"awsEcrContainerImage": {"repositoryName": image, "imageHash": "h", "registry": OURS}} if image else {}
    found: dict[str, Any] = {"findingArn": arn, "severity": "HIGH", "status": "ACTIVE", "firstObservedAt": "2026-01-01T00:00:00Z"}
    found |= {"awsAccountId": OURS, "type": "PACKAGE_VULNERABILITY", "description": "d", "remediation": {}, "lastObservedAt": "2026-01-01T00:00:00Z"}  # fmt: skip
    found |= {"resources": [{"id": id, "type": "AWS_EC2_INSTANCE", "details": details}]}
    return found | ({"packageVulnerabilityDetails": {"vulnerabilityId": cve, "source": "NVD"}} if cve else {})


def test_findings_come_by_vulnerability_and_workload(twin: AwsTwin, collect: Collect) -> None:
    """Two images of one repository are one workload."""
    several = [finding("1", "CVE-1", "app", "img1"), finding("2", "CVE-1", "app", "img2"), finding("3", "CVE-1"), finding("4", "CVE-2"), finding("5", None)]  # fmt: skip
    with twin.answer("inspector2", "ListFindings", {"findings": several}), twin.page_size(2):
        found = collect(inspector2, Vulnerability.findings)
    told = {name: [one.resource for one in view] for name, view in found.views(Vulnerability.findings).items()}
    assert told == {"CVE-1 in repository app": ["img1", "img2"], "CVE-1 in i-1": ["i-1"], "CVE-2 in i-1": ["i-1"], "5 in i-1": ["i-1"]}
    assert "description" not in str(found.facts)
    assert found.listings[Vulnerability.kind].complete


def test_findings_out_of_order_are_not_trusted(twin: AwsTwin, collect: Collect) -> None:
    """One vulnerability would stand there twice, the second time younger than it is."""
    with twin.answer("inspector2", "ListFindings", {"findings": [finding("1", "CVE-1"), finding("2", "CVE-2"), finding("3", "CVE-1")]}):
        listing = collect(inspector2, Vulnerability.findings).listings[Vulnerability.kind]
    assert listing.gap is not None
    assert "order" in listing.gap.detail


def test_coverage_and_types(twin: AwsTwin, collect: Collect) -> None:
    item: dict[str, Any] = {"resourceType": "AWS_EC2_INSTANCE", "resourceId": "i-1", "accountId": OURS, "scanType": "PACKAGE"}
    item |= {"scanStatus": {"statusCode": "INACTIVE", "reason": "STALE_INVENTORY"}}
    state = {"ec2": {"status": "ENABLED"}, "ecr": {"status": "DISABLED"}}
    told = {"accounts": [{"accountId": OURS, "resourceState": state}]}
    with twin.answer("inspector2", "ListCoverage", {"coveredResources": [item]}), twin.answer("inspector2", "BatchGetAccountStatus", told):
        found = collect(inspector2, Covered.coverage, Region.inspector_types, also=(account,))
    assert found.views(Covered.coverage)["i-1/PACKAGE"].reason == "STALE_INVENTORY"
    assert found.views(Region.inspector_types)["us-east-1"] == {"ec2": "ENABLED", "ecr": "DISABLED"}
    assert twin.calls("inspector2", "BatchGetAccountStatus")[0].params == {"accountIds": [OURS]}
