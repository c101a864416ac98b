"""The measure: the least that a bare script does for the same answers. boto3, sixteen threads, the same calls, findings as JSON lines."""

import csv
import io
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
SESSION = boto3.Session(region_name=REGION)
CONFIG = Config(max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 3})
CLIENTS: dict[str, Any] = {}
OUT: list[tuple[str, str, bool]] = []
POOL = ThreadPoolExecutor(16)
LEFT: list[Future[None]] = []


def client(service: str) -> Any:
    if service not in CLIENTS:
        CLIENTS[service] = SESSION.client(service, config=CONFIG)
        if service == "s3control":
            import re

            def strip(request: Any, **_: Any) -> None:
                request.url = re.sub(r"^(https?://)\d{12}\.", r"\1", request.url)

            CLIENTS[service].meta.events.register_first("request-created.s3-control", strip)
    return CLIENTS[service]


def pages(service: str, operation: str, member: str, **arguments: Any) -> list[Any]:
    paginator = client(service).get_paginator(operation)
    return [item for page in paginator.paginate(**arguments) for item in page[member]]


def ask(service: str, operation: str, **arguments: Any) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = getattr(client(service), operation)(**arguments)
    except ClientError as error:
        return {"Error": error.response["Error"]["Code"]}
    return answer


def later(function: Any, *arguments: Any) -> None:
    LEFT.append(POOL.submit(function, *arguments))


def bucket(name: str) -> None:
    later(lambda: OUT.append(("encryption", name, "Error" not in ask("s3", "get_bucket_encryption", Bucket=name))))
    for operation in ("get_public_access_block", "get_bucket_policy_status", "get_bucket_acl", "get_bucket_ownership_controls"):
        later(lambda o=operation: OUT.append((o, name, "Error" not in ask("s3", o, Bucket=name))))


def identity(account: str) -> None:
    iam = client("iam")
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    for row in csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode())):
        if row["password_enabled"] == "true" and row["mfa_active"] != "true":
            later(lambda u=row["user"]: OUT.append(("mfa", u, bool(ask("iam", "list_mfa_devices", UserName=u)["MFADevices"]))))
            later(lambda u=row["user"]: OUT.append(("profile", u, "Error" not in ask("iam", "get_login_profile", UserName=u))))
    for page in iam.get_paginator("get_account_authorization_details").paginate():
        for user in page["UserDetailList"]:
            later(
                lambda u=user["UserName"]: OUT.append(("keys", u, bool(pages("iam", "list_access_keys", "AccessKeyMetadata", UserName=u))))
            )
    for role in pages("iam", "list_roles", "Roles"):
        OUT.append(("trust", role["RoleName"], True))
    for operation in ("get_account_summary", "get_account_password_policy"):
        OUT.append((operation, account, "Error" not in ask("iam", operation)))
    OUT.append(("organization", account, "Error" not in ask("organizations", "list_accounts")))


def keys() -> None:
    def one(arn: str) -> None:
        settings = ask("kms", "describe_key", KeyId=arn)["KeyMetadata"]
        if settings["KeyManager"] == "CUSTOMER" and settings["KeyState"] == "Enabled":
            OUT.append(("rotation", arn, ask("kms", "get_key_rotation_status", KeyId=arn)["KeyRotationEnabled"]))

    for key in pages("kms", "list_keys", "Keys"):
        later(one, key["KeyArn"])
        later(lambda a=key["KeyArn"]: OUT.append(("policy", a, "Error" not in ask("kms", "get_key_policy", KeyId=a, PolicyName="default"))))
        later(lambda a=key["KeyArn"]: OUT.append(("grants", a, not pages("kms", "list_grants", "Grants", KeyId=a))))


def trails() -> None:
    for trail in ask("cloudtrail", "describe_trails", includeShadowTrails=True)["trailList"]:
        arn, name = trail["TrailARN"], trail["S3BucketName"]
        later(lambda a=arn: OUT.append(("logging", a, ask("cloudtrail", "get_trail_status", Name=a)["IsLogging"])))
        later(lambda a=arn: OUT.append(("selectors", a, "Error" not in ask("cloudtrail", "get_event_selectors", TrailName=a))))
        if trail["IsMultiRegionTrail"]:
            for operation in (
                "get_object_lock_configuration", "get_bucket_versioning", "get_bucket_lifecycle_configuration", "get_bucket_policy",
            ):  # fmt: skip
                later(lambda o=operation, b=name: OUT.append((o, b, "Error" not in ask("s3", o, Bucket=b))))


def balancers() -> None:
    for balancer in pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        later(
            lambda a=balancer["LoadBalancerArn"]: OUT.append(
                ("listeners", a, bool(pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=a)))
            )
        )


def region() -> None:
    for operation, member in (
        ("describe_security_groups", "SecurityGroups"), ("describe_network_interfaces", "NetworkInterfaces"), ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"), ("describe_flow_logs", "FlowLogs"), ("describe_route_tables", "RouteTables"),
        ("describe_volumes", "Volumes"),
    ):  # fmt: skip
        later(lambda o=operation, m=member: OUT.extend((o, str(i)[:40], True) for i in pages("ec2", o, m)))
    later(lambda: OUT.append(("ebs", REGION, ask("ec2", "get_ebs_encryption_by_default")["EbsEncryptionByDefault"])))
    for operation, member in (("describe_db_instances", "DBInstances"), ("describe_db_clusters", "DBClusters")):
        later(lambda o=operation, m=member: OUT.extend((o, str(i)[:40], True) for i in pages("rds", o, m)))
    later(lambda: [OUT.append(("detector", d, ask("guardduty", "get_detector", DetectorId=d)["Status"] == "ENABLED"))
                   for d in pages("guardduty", "list_detectors", "DetectorIds")])  # fmt: skip
    for table in pages("dynamodb", "list_tables", "TableNames"):
        later(lambda t=table: OUT.append(("pitr", t, "Error" not in ask("dynamodb", "describe_continuous_backups", TableName=t))))


def main() -> None:
    account = client("sts").get_caller_identity()["Account"]
    for service in ("s3", "iam", "kms", "ec2", "rds", "elbv2", "dynamodb", "cloudtrail", "guardduty", "organizations", "s3control"):
        client(service)  # boto3 builds clients in one thread only
    for function in (keys, trails, balancers, region):
        later(function)
    later(identity, account)
    for one in client("s3").list_buckets(MaxBuckets=10_000)["Buckets"]:
        bucket(one["Name"])
    OUT.append(("account", account, "Error" not in ask("s3control", "get_public_access_block", AccountId=account)))
    OUT.append(("points", account, "Error" not in ask("s3control", "list_access_points", AccountId=account)))
    while LEFT:
        LEFT.pop().result()
    for check, subject, good in OUT:
        sys.stdout.write(json.dumps({"check": check, "subject": subject, "pass": good}) + "\n")


if __name__ == "__main__":
    main()
