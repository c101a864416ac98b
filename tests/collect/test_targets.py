"""Logging in, and where to look: regions that are enabled, roles that are assumed, accounts that are shut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.aws.session import Terms
from controlmon.collect.aws.target import AwsTarget
from controlmon.core.finding import Finding
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_files, load_check, packaged_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.providers import services
from controlmon.service.readback import findings_of
from controlmon.service.settings import Budget
from tests.twins.aws import AwsError, AwsTwin, Fault

ROLE = "arn:aws:iam::111111111111:role/controlmon-read"


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsTwin]:
    with AwsTwin() as twin:
        twin.reset()
        for name, value in twin.env().items():
            monkeypatch.setenv(name, value)
        yield twin


def run(tmp_path: Path, check_id: str, *targets: AwsTarget) -> tuple[list[Finding], list[dict[str, Any]]]:
    """The findings of one check over some targets, and the logins that the last entry of the run tells of."""
    check = load_check(check_files(packaged_checks())[check_id], check_id)
    ledger = Ledger.open(tmp_path / "state")
    try:
        done = cycle(ledger, Request([Selected(check, check.tuned({}))], targets), services("aws"), Budget(), utc_now)
        *_, last = ledger.entries_of(done.run)
        return list(findings_of(ledger, done.run)), last["logins"]
    finally:
        ledger.close()


def regions(*names: str, off: tuple[str, ...] = ()) -> dict[str, Any]:
    listed = [{"RegionName": n, "OptInStatus": "opt-in-not-required"} for n in names]
    return {"Regions": [*listed, *({"RegionName": n, "OptInStatus": "not-opted-in"} for n in off)]}


def test_every_enabled_region_is_looked_at(twin: AwsTwin, tmp_path: Path) -> None:
    """Those that are not opted in are recorded as such, and not asked."""
    with twin.answer("ec2", "DescribeRegions", regions("us-east-1", "eu-west-1", off=("af-south-1",))):
        findings, logins = run(tmp_path, "aws.ebs.default_encryption", AwsTarget())
    assert sorted((f.subject.name, f.outcome.value) for f in findings) == [("eu-west-1", "fail"), ("us-east-1", "fail")]
    assert logins[0]["regions"]["af-south-1"] == "not-opted-in"
    assert {c.region for c in twin.calls("ec2", "GetEbsEncryptionByDefault")} == {"us-east-1", "eu-west-1"}


def test_a_denied_list_of_regions_is_a_gap(twin: AwsTwin, tmp_path: Path) -> None:
    """The region at hand is judged; that there may be others is unknown, with the permission to grant."""
    with twin.fault("ec2", "DescribeRegions", Fault.DENIED):
        findings, _ = run(tmp_path, "aws.ebs.default_encryption", AwsTarget())
    assert sorted((f.subject.kind, f.outcome.value) for f in findings) == [("aws.region", "fail"), ("scope", "unknown")]
    assert "grant ec2:DescribeRegions" in next(f.reason for f in findings if f.outcome == "unknown")


def test_a_role_opens_another_account(twin: AwsTwin, tmp_path: Path) -> None:
    """Each account is judged by itself, and the identity that asked is recorded."""
    twin.client("s3", account="111111111111").create_bucket(Bucket="artemis-production")
    twin.client("s3").create_bucket(Bucket="artemis-security")
    findings, logins = run(tmp_path, "aws.s3.bucket_encryption", AwsTarget(), AwsTarget("production", role=ROLE))
    assert {(f.subject.scope.target, f.subject.name) for f in findings} == {
        ("111111111111", "artemis-production"),
        ("123456789012", "artemis-security"),
    }
    assert {login["target"] for login in logins} == {"111111111111", "123456789012"}
    assert any("controlmon-read" in login["identity"] for login in logins)


def test_a_denied_account_is_a_gap_for_that_account(twin: AwsTwin, tmp_path: Path) -> None:
    """The others are judged; the run does not end."""
    twin.client("s3").create_bucket(Bucket="artemis-security")
    with twin.fault("sts", "AssumeRole", Fault.DENIED):
        findings, _ = run(tmp_path, "aws.s3.bucket_encryption", AwsTarget(), AwsTarget("production", role=ROLE))
    said = {(f.subject.scope.target, f.outcome.value): f.reason for f in findings}
    assert set(said) == {("123456789012", "fail"), ("111111111111", "unknown")}
    assert "grant sts:AssumeRole" in said["111111111111", "unknown"]


def test_a_suspended_account_is_told_by_its_organization(twin: AwsTwin, tmp_path: Path) -> None:
    """Nothing in it can be called: its organization's word makes root's MFA not applicable; without that word it is unknown."""
    answer = {"Account": {"Id": "111111111111", "Status": "SUSPENDED"}}
    with twin.fault("sts", "AssumeRole", Fault.DENIED), twin.answer("organizations", "DescribeAccount", answer):
        (finding,), _ = run(tmp_path / "a", "aws.iam.root_mfa", AwsTarget("closed", role=ROLE))
    assert (finding.outcome, "SUSPENDED" in finding.reason) == ("not_applicable", True)
    denied = AwsError("AccessDeniedException", 400)
    with twin.fault("sts", "AssumeRole", Fault.DENIED), twin.answer("organizations", "DescribeAccount", denied):
        findings, _ = run(tmp_path / "b", "aws.iam.root_mfa", AwsTarget("closed", role=ROLE))
    assert {f.outcome.value for f in findings} == {"unknown"}


def test_pages_are_followed_to_the_end(twin: AwsTwin, tmp_path: Path) -> None:
    """Whatever the size of a page, the population is the same."""
    for i in range(7):
        twin.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=bool(i % 2))
    with twin.page_size(2):
        findings, _ = run(tmp_path, "aws.ebs.volume_encryption", AwsTarget(regions=("us-east-1",)))
    assert len(findings) == 7
    assert len(twin.calls("ec2", "DescribeVolumes")) == 4


def test_throttling_costs_time_and_not_calls_without_end(twin: AwsTwin, tmp_path: Path) -> None:
    """Throttled twice, answered the third time: three calls, and the right answer."""
    twin.client("s3").create_bucket(Bucket="artemis-security")
    with twin.fault("s3", "GetBucketEncryption", Fault.THROTTLED, times=2):
        findings, _ = run(tmp_path, "aws.s3.bucket_encryption", AwsTarget(terms=Terms(attempts=5)))
    assert [f.outcome.value for f in findings] == ["fail"]
    assert len(twin.calls("s3", "GetBucketEncryption")) == 3
