"""Findings of AWS accounts in the AWS Security Finding Format (2018-10-08), as Security Hub takes them.

One JSON array, a finding a line. `BatchImportFindings` takes 100 at a time, from the account that they are about:
`jq -c '_nwise(100)' FILE` cuts the array up.

The format has no place for what belongs to no AWS account (`AwsAccountId` is required), and naming some account instead would be untrue.
Such findings are left out, and how many they are is told as a warning; `--format ocsf` has them all.

What could not be seen is `WARNING` ("some information is missing"), with the severity of the check; what does not apply is `NOT_AVAILABLE`.
A text that is longer than the format allows ends in an ellipsis, and the finding's `Note` says which and where the whole text is.
"""

import json
import logging
import re
from typing import Any, TextIO

from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.report.model import RunReport, Told
from controlmon.report.ocsf import finding_id

log = logging.getLogger(__name__)

STATUS = {Outcome.PASS: "PASSED", Outcome.FAIL: "FAILED", Outcome.UNKNOWN: "WARNING", Outcome.NOT_APPLICABLE: "NOT_AVAILABLE"}
HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The region that stands for an account as a whole: Security Hub has a door in each region, and none without."""
TYPES = {
    "scope": "AwsAccount",
    "aws.account": "AwsAccount",
    "aws.cloudtrail.trail": "AwsCloudTrailTrail",
    "aws.dynamodb.table": "AwsDynamoDbTable",
    "aws.ec2.network_interface": "AwsEc2NetworkInterface",
    "aws.ec2.route_table": "AwsEc2RouteTable",
    "aws.ec2.security_group": "AwsEc2SecurityGroup",
    "aws.ec2.subnet": "AwsEc2Subnet",
    "aws.ec2.volume": "AwsEc2Volume",
    "aws.ec2.vpc": "AwsEc2Vpc",
    "aws.elbv2.load_balancer": "AwsElbv2LoadBalancer",
    "aws.guardduty.detector": "AwsGuardDutyDetector",
    "aws.iam.access_key": "AwsIamAccessKey",
    "aws.iam.group": "AwsIamGroup",
    "aws.iam.policy": "AwsIamPolicy",
    "aws.iam.role": "AwsIamRole",
    "aws.iam.user": "AwsIamUser",
    "aws.kms.key": "AwsKmsKey",
    "aws.rds.cluster": "AwsRdsDbCluster",
    "aws.rds.instance": "AwsRdsDbInstance",
    "aws.s3.access_point": "AwsS3AccessPoint",
    "aws.s3.bucket": "AwsS3Bucket",
}
"""Security Hub's word for a kind of subject; `Other` for those that it has none for."""

TITLE, DESCRIPTION, REMEDIATION, RESOURCE_ID, REQUIREMENT = 256, 1024, 512, 512, 64
REQUIREMENTS = 32
"""The most that the format allows: characters (API_AwsSecurityFinding, API_Recommendation, API_Resource), and related requirements."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITION = re.compile(r"arn:(aws[a-z-]*):")

Object = dict[str, Any]


def write(report: RunReport, out: TextIO) -> None:
    """Write the findings about AWS accounts, passes too; warn of those that the format cannot hold."""
    separator, left = "[\n", 0
    for finding in report.findings():
        if not in_account(finding):
            left += 1
            continue
        out.write(separator + json.dumps(as_asff(finding, report.told(finding.check), report), ensure_ascii=True))
        separator = ",\n"
    out.write("\n]\n" if separator == ",\n" else "[]\n")
    if left:
        log.warning("%d findings are about no AWS account, and ASFF has no place for them: --format ocsf has them all", left)


def in_account(finding: Finding) -> bool:
    """Whether a finding is about an AWS account that we know by its number."""
    scope = finding.subject.scope
    return scope.provider == "aws" and bool(_ACCOUNT.fullmatch(scope.target))


def as_asff(finding: Finding, told: Told, report: RunReport) -> Object:
    """One finding about an AWS account, as an `AwsSecurityFinding`."""
    subject, account = finding.subject, finding.subject.scope.target
    region = subject.region or subject.scope.region
    partition = _partition(subject.id, region)
    region = region or HOME.get(partition, HOME["aws"])
    observed = finding.observed_at or report.finished
    cut = _Cut()
    said: Object = {
        "SchemaVersion": "2018-10-08",
        "Id": f"controlmon/{account}/{region}/{finding.check}/{finding_id(finding)}",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "ProductName": "controlmon",
        "CompanyName": "controlmon",
        "Region": region,
        "GeneratorId": f"controlmon/{finding.check}",
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": observed,
        "UpdatedAt": report.finished,
        "LastObservedAt": observed,
        "Severity": {"Label": _label(finding), "Original": finding.severity.value},
        "Title": cut("Title", told.title, TITLE),
        "Description": cut("Description", finding.reason, DESCRIPTION),
        "ProductFields": {
            "controlmon/outcome": finding.outcome.value,
            "controlmon/run": report.run,
            "controlmon/version": report.version,
            **({"controlmon/facts": cut("ProductFields", " ".join(finding.facts), 2048)} if finding.facts else {}),
        },
        "Resources": [
            {
                "Type": TYPES.get(subject.kind, "Other"),
                "Id": f"AWS::::Account:{account}" if TYPES.get(subject.kind) == "AwsAccount" else cut("Resources", subject.id, RESOURCE_ID),
                "Partition": partition,
                "Region": region,
                "Details": {"Other": {"kind": subject.kind, "name": cut("Resources", subject.name, DESCRIPTION)}},
            }
        ],
        "Compliance": {"Status": STATUS[finding.outcome]},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    if told.controls:
        if len(told.controls) > REQUIREMENTS:
            cut.fields["RelatedRequirements"] = None
        said["Compliance"]["RelatedRequirements"] = [cut("RelatedRequirements", c, REQUIREMENT) for c in told.controls[:REQUIREMENTS]]
    if finding.outcome is Outcome.FAIL and told.remediation:
        said["Remediation"] = {"Recommendation": {"Text": cut("Remediation", told.remediation, REMEDIATION)}}
    if cut.fields:
        text = f"Cut to what the format allows: {', '.join(cut.fields)}. The whole is in run {report.run} of controlmon."
        said["Note"] = {"Text": text, "UpdatedBy": "controlmon", "UpdatedAt": report.finished}
    return said


def _partition(subject_id: str, region: str) -> str:
    """The partition that an ARN names, or that the region is in; `aws` where neither tells."""
    if found := _PARTITION.match(subject_id):
        return found[1]
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")


def _label(finding: Finding) -> str:
    return finding.severity.value.upper() if finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN) else "INFORMATIONAL"


class _Cut:
    """Cuts texts to a length (characters), and remembers which."""

    def __init__(self) -> None:
        self.fields: dict[str, None] = {}

    def __call__(self, field: str, text: str, most: int) -> str:
        if not text.strip():
            return "-"  # the format wants something that is not space
        if len(text) <= most:
            return text
        self.fields[field] = None
        return text[: most - 1] + "…"
