"""Every operation that a collector declares, under every fault: no wrong pass, no wrong fail, the right unknown, and the rest completes.

The matrix is generated from the declarations, so a new collector is in it from its first day.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.collect.aws.session import Terms
from controlmon.collect.aws.target import AwsTarget
from controlmon.collect.base import Operation
from controlmon.core.fact import GapKind
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.demo.company import fill
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_directories, load_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.permissions import operations_of
from controlmon.service.providers import services
from controlmon.service.readback import findings_of, gaps_of
from controlmon.service.settings import Budget
from tests.collect.canned import canned
from tests.twins.aws import AwsTwin, Fault, faults_for

ACCOUNT, REGION = "111111111111", "us-east-1"
KINDS = {
    Fault.DENIED: {GapKind.DENIED},
    Fault.EXPIRED_TOKEN: {GapKind.DENIED},
    Fault.REGION_DISABLED: {GapKind.REGION_DISABLED, GapKind.DENIED},
    Fault.THROTTLED: {GapKind.THROTTLED},
    Fault.ERROR_500: {GapKind.UNAVAILABLE},
    Fault.TIMEOUT: {GapKind.TIMEOUT},
    # A token that leads nowhere is refused by the service that is asked to go on from it.
    # A page that is cut so short that its member is missing is malformed before it is truncated.
    Fault.TRUNCATED_PAGE: {GapKind.TRUNCATED, GapKind.UNAVAILABLE, GapKind.MALFORMED},
    Fault.REPEATED_TOKEN: {GapKind.TRUNCATED, GapKind.MALFORMED},
    # botocore turns a body of S3 that it cannot read into an error 500 of its own.
    Fault.MALFORMED: {GapKind.MALFORMED, GapKind.UNAVAILABLE},
    Fault.HTML: {GapKind.MALFORMED, GapKind.UNAVAILABLE},
    Fault.HTML_SOUP: {GapKind.MALFORMED, GapKind.UNAVAILABLE},
    Fault.WRONG_SHAPE: {GapKind.MALFORMED},
}
EMPTY_IS_AN_ANSWER = {"s3:GetBucketVersioning", "s3:GetBucketAcl", "sqs:ListQueues", "bedrock:GetModelInvocationLoggingConfiguration"}
"""Operations whose true answer may be without members: an empty one of the right protocol cannot be told from it, by anybody."""


@cache
def every_check() -> tuple[Check, ...]:
    return tuple(check for check in load_checks(check_directories()) if check.provider == "aws")


@cache
def readers(operation: str) -> tuple[Check, ...]:
    """The checks that may ask an operation."""
    return tuple(c for c in every_check() if any(o.id == operation for o in operations_of([c], services("aws"))))


def cells() -> Iterator[Any]:
    for operation in operations_of(every_check(), services("aws")):
        if operation.id in ("sts:GetCallerIdentity", "organizations:DescribeAccount"):
            continue  # logging in: tests of its own
        for fault in faults_for(operation.service, operation.name):
            if not (fault is Fault.WRONG_SHAPE and operation.id in EMPTY_IS_AN_ANSWER):
                yield pytest.param(operation, fault, id=f"{operation.id}-{fault.name.lower()}")


@pytest.fixture(scope="module")
def twin() -> Iterator[AwsTwin]:
    with AwsTwin() as twin, canned(twin):
        fill(twin.url)
        _give_reasons(twin)
        while twin.client("iam", account=ACCOUNT).generate_credential_report()["State"] != "COMPLETE":
            pass
        twin.freeze()
        yield twin


def _give_reasons(twin: AwsTwin) -> None:
    """What the company lacks for some questions to be asked: a password without MFA, a role with it, an access point, a bucket that no block
    guards, flow logs in a bucket, plain HTTP, a prefix list in a rule.
    """
    iam, ec2 = twin.client("iam", account=ACCOUNT), twin.client("ec2", account=ACCOUNT, region=REGION)
    iam.create_user(UserName="without.mfa")
    iam.create_login_profile(UserName="without.mfa", Password="Pa55word!long-enough")
    bucket = twin.client("s3", account=ACCOUNT).list_buckets()["Buckets"][0]["Name"]
    s3control = twin.client("s3control", account=ACCOUNT, region=REGION)
    s3control.create_access_point(AccountId=ACCOUNT, Name="reports", Bucket=bucket)
    flags = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=flags)
    twin.client("s3", account=ACCOUNT).create_bucket(Bucket="artemis-legacy", ObjectOwnership="ObjectWriter")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    logs = {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{bucket}/flows", "TrafficType": "ALL"}
    ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], **logs)
    for log in twin.backend("ec2", ACCOUNT, REGION).flow_logs.values():
        log.deliver_logs_status = ""  # as AWS leaves it for a delivery to S3
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ada"}, "Action": "sts:AssumeRole"}
    trust["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="emergency", AssumeRolePolicyDocument=document)
    elbv2 = twin.client("elbv2", account=ACCOUNT, region=REGION)
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    upgrade = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[upgrade])
    entries = [{"Cidr": "203.0.113.0/24"}]
    made = ec2.create_managed_prefix_list(PrefixListName="office", MaxEntries=5, AddressFamily="IPv4", Entries=entries)["PrefixList"]
    group = ec2.create_security_group(GroupName="office", Description="ssh from the office")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": made["PrefixListId"]}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


@pytest.fixture(autouse=True)
def credentials(twin: AwsTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in twin.env(account=ACCOUNT, region=REGION).items():
        monkeypatch.setenv(name, value)


def run(checks: tuple[Check, ...], directory: Path, patience: float = 30) -> tuple[list[Finding], list[Any]]:
    """The findings and the gaps of one run of the real cycle."""
    terms = Terms(attempts=1, connect=5, read=patience)
    selected = [Selected(check, check.tuned(tuning(check))) for check in checks]
    request = Request(selected, [AwsTarget(terms=terms)])
    directory.mkdir(exist_ok=True)
    ledger = Ledger.open(directory)
    try:
        done = cycle(ledger, request, services("aws"), Budget(), utc_now)
        return list(findings_of(ledger, done.run)), list(gaps_of(ledger, done.run))
    finally:
        ledger.close()


ENVIRONMENTS: dict[str, Any] = {"environment_map": {ACCOUNT: "prod", "123456789012": "dev"}}
"""What the company declares, so that there is something to be wrong about."""
GLASS = f"arn:aws:iam::{ACCOUNT}:role/emergency"
TUNED: dict[str, dict[str, Any]] = {
    "aws.iam.root_mfa": {"require_hardware": True},
    "aws.iam.breakglass_monitored": {"principals": [GLASS], "custodians": ["*"], "alerts": {GLASS: "used"}, "tickets": []},
    "aws.identitycenter.orphan_users": {"roster": {"ada": "active"}},
    "aws.identitycenter.prod_assignments_named": {
        **ENVIRONMENTS,
        "roster": [{"person": "ada", "account": ACCOUNT, "until": "2999-12-31"}],
    },
}
"""Parameters without which a question would not be asked, or its answer would not matter."""


def tuning(check: Check) -> dict[str, Any]:
    """The parameters that differ from a check's own."""
    return TUNED.get(check.id, ENVIRONMENTS if any(p.name == "environment_map" for p in check.parameters) else {})


BASELINE: dict[tuple[str, str], Outcome] = {}
ASKED: set[tuple[str, str]] = set()


@pytest.fixture
def baseline(twin: AwsTwin, tmp_path: Path) -> dict[tuple[str, str], Outcome]:
    if not BASELINE:
        twin.reset_journal()
        findings, _ = run(every_check(), tmp_path / "baseline")
        ASKED.update((call.service, call.operation) for call in twin.calls())
        BASELINE.update({(f.check, f.subject.id): f.outcome for f in findings})
    return BASELINE


@pytest.mark.parametrize(("operation", "fault"), list(cells()))
def test_cell(operation: Operation, fault: Fault, twin: AwsTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """What was true without the fault is said with it, or is unknown; and nothing else is said."""
    if (operation.service, operation.name) not in ASKED:
        pytest.fail("this company gives no reason to ask it: _give_reasons, or an answer of canned.py, is to give one")
    others = [
        c for c in every_check() if c not in readers(operation.id) and c.id in ("aws.s3.account_public_block", "aws.ebs.volume_encryption")
    ][:1]
    with twin.fault(operation.service, operation.name, fault, seconds=2.5) as rule:
        findings, gaps = run((*readers(operation.id), *others), tmp_path / "faulted", 1.0 if fault is Fault.TIMEOUT else 30)
    assert rule.hits

    said = {(f.check, f.subject.id): f for f in findings}
    for key, finding in said.items():
        if key in baseline:
            assert finding.outcome in (baseline[key], Outcome.UNKNOWN), f"{key}: {baseline[key]} became {finding.outcome}: {finding.reason}"
        else:
            assert finding.outcome is Outcome.UNKNOWN, f"{key}: {finding.outcome} was said of what is not there: {finding.reason}"
    lost = {check for check, subject in baseline if (check, subject) not in said and check in {c.id for c in readers(operation.id)}}
    unknown = {f.check for f in findings if f.outcome is Outcome.UNKNOWN}
    assert lost <= unknown, f"subjects vanished without a word: {lost - unknown}"
    for other in others:
        assert {k: o for k, o in baseline.items() if k[0] == other.id} == {k: f.outcome for k, f in said.items() if k[0] == other.id}
    kinds = {gap.kind for _, _, gap in gaps if gap.operation == operation.id or operation.id.endswith("DescribeRegions")}
    assert kinds & KINDS[fault], f"no gap of kind {KINDS[fault]} is recorded for {operation.id}: {sorted(kinds)}"


def test_nothing_but_reads_is_asked(twin: AwsTwin, tmp_path: Path) -> None:
    """A full run calls no operation that writes, and none that it does not declare."""
    twin.reset_journal()
    run(every_check(), tmp_path / "run")
    twin.assert_read_only()
    declared = {(o.service, o.name) for o in operations_of(every_check(), services("aws"))}
    assert {(c.service, c.operation) for c in twin.calls()} <= declared
