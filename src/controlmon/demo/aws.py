"""The double of AWS: moto, and what moto does not implement or tells only by half, which the small company says itself.

python -m controlmon.demo.aws      says where it listens, and ends when its standard input does
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import Any

from controlmon_twins.aws import AwsTwin

from controlmon.demo.inventory import PRODUCTION, SECURITY, STAGING
from controlmon.demo.registers_ai import CLAUDE

NOTHING = {
    ("backup", "ListProtectedResources"): "Results",
    ("bedrock", "ListImportedModels"): "modelSummaries",
    ("ec2", "ListSnapshotsInRecycleBin"): "Snapshots",
    ("inspector2", "ListCoverage"): "coveredResources",
}
"""Operations that list nothing, and the member in which they do not."""


@contextmanager
def answered(twin: AwsTwin) -> Iterator[None]:
    """Has the twin give these answers, for as long as the `with` lasts."""
    with ExitStack() as answers:
        for (service, operation), member in NOTHING.items():
            answers.enter_context(twin.answer(service, operation, {member: []}))
        for account in (SECURITY, PRODUCTION, STAGING):
            for service, operation, answer in (*_of(account, good=account != STAGING), *(_models() if account == PRODUCTION else ())):
                answers.enter_context(twin.answer(service, operation, answer, account=account))
        yield


def _of(account: str, *, good: bool) -> list[tuple[str, str, dict[str, Any]]]:
    """Careful in security and production: root has a second factor, snapshots stay ours, an analyzer looks on, databases demand TLS."""
    arn = f"arn:aws:access-analyzer:us-east-1:{account}:analyzer/artemis"
    analyzer = {"arn": arn, "name": "artemis", "type": "ACCOUNT", "status": "ACTIVE", "createdAt": "2026-01-01T00:00:00Z"}
    none = ("AccountAccessKeysPresent", "AccountSigningCertificatesPresent")
    root = {"AccountMFAEnabled": int(good), "AccountPasswordPresent": 1, **dict.fromkeys(none, 0)}
    tls = {"rds.force_ssl": str(int(good)), "ssl_min_protocol_version": "TLSv1.2"}
    parameters = [{"ParameterName": key, "ParameterValue": value, "IsModifiable": True} for key, value in tls.items()]
    role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    everything = {"allSupported": True, "includeGlobalResourceTypes": True, "resourceTypes": []}
    recorder = {"name": "default", "roleARN": role, "recordingGroup": everything}
    return [
        ("accessanalyzer", "ListAnalyzers", {"analyzers": [analyzer] if good else []}),
        ("config", "DescribeConfigurationRecorders", {"ConfigurationRecorders": [recorder]}),
        (
            "config",
            "DescribeConfigurationRecorderStatus",
            {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "SUCCESS"}]},
        ),
        ("ec2", "GetSnapshotBlockPublicAccessState", {"State": "block-all-sharing" if good else "unblocked"}),
        ("iam", "GetAccountSummary", {"SummaryMap": root}),
        ("rds", "DescribeDBParameters", {"Parameters": parameters}),
    ]


def _models() -> list[tuple[str, str, dict[str, Any]]]:
    """Production calls a model by Bedrock, which keeps nothing; prompts and answers go to the company's own bucket."""
    called = {"Id": "invocations", "Label": CLAUDE, "Values": [412.0], "StatusCode": "Complete"}
    bucket = {"bucketName": "artemis-prod-prompts", "keyPrefix": ""}
    return [
        ("cloudwatch", "GetMetricData", {"MetricDataResults": [called], "Messages": []}),
        ("bedrock", "GetModelInvocationLoggingConfiguration", {"loggingConfig": {"s3Config": bucket, "textDataDeliveryEnabled": True}}),
        ("bedrock", "GetAccountDataRetention", {"mode": "none"}),
    ]


def main() -> None:
    """Runs it. moto's own remarks are none of the reader's business."""
    with AwsTwin() as twin, answered(twin):
        sys.stdout.write(f"{twin.url}\n")
        sys.stdout.flush()
        with redirect_stdout(sys.stderr):
            sys.stdin.read()


if __name__ == "__main__":
    main()
