"""The demonstration company is there, with its good and its bad."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from controlmon.demo import server
from controlmon.demo.company import fill
from controlmon.demo.inventory import EU, PRODUCTION, SECURITY, STAGING, US
from tests.twins.aws import AwsTwin

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Asks one account of the filled company."""
    with AwsTwin() as twin:
        fill(twin.url)

        def answer(account: str, service: str, method: str, region: str = US, **params: Any) -> dict[str, Any]:
            given: dict[str, Any] = getattr(twin.caller(service, region=region, account=account), method)(**params)
            return given

        yield answer
        assert twin.moto_errors == []


def both(ask: Ask, service: str, method: str, key: str, told: Callable[[dict[str, Any]], Any]) -> dict[str, set[Any]]:
    """What is told of the subjects of production and of staging, in both regions."""
    return {
        account: {told(one) for region in (US, EU) for one in ask(account, service, method, region)[key]}
        for account in (PRODUCTION, STAGING)
    }


def test_the_caller_is_in_the_security_account_and_reaches_the_others(ask: Ask) -> None:
    """The caller's own account and the role to assume are those of the configuration example."""
    assert ask(SECURITY, "sts", "get_caller_identity")["Account"] == SECURITY
    role = ask(SECURITY, "sts", "assume_role", RoleArn=f"arn:aws:iam::{STAGING}:role/controlmon-read", RoleSessionName="demo")
    assert role["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{STAGING}:assumed-role/controlmon-read")


def test_staging_has_a_password_without_mfa(ask: Ask) -> None:
    """A user with a password and no MFA in staging; in production each password has one."""
    assert ask(STAGING, "iam", "get_login_profile", UserName="tom.baker")
    assert ask(STAGING, "iam", "list_mfa_devices", UserName="tom.baker")["MFADevices"] == []
    assert len(ask(PRODUCTION, "iam", "list_mfa_devices", UserName="maria.silva")["MFADevices"]) == 1


def test_the_password_policies_differ(ask: Ask) -> None:
    """Fourteen characters in production, eight in staging."""
    lengths = {
        one: ask(one, "iam", "get_account_password_policy")["PasswordPolicy"]["MinimumPasswordLength"] for one in (PRODUCTION, STAGING)
    }
    assert lengths == {PRODUCTION: 14, STAGING: 8}


def test_one_pipeline_is_an_administrator(ask: Ask) -> None:
    """Staging's pipeline may do everything."""
    users = ask(STAGING, "iam", "get_account_authorization_details")["UserDetailList"]
    grants = {
        user["UserName"]: [policy["PolicyDocument"]["Statement"][0]["Action"] for policy in user.get("UserPolicyList", [])]
        for user in users
    }
    assert grants == {"ci-deploy": ["*"], "tom.baker": []}


def test_a_stranger_is_trusted_without_an_external_id(ask: Ask) -> None:
    """Datadog must name its external id; a partner of staging need not."""

    def conditions(account: str, role: str) -> Any:
        trust = ask(account, "iam", "get_role", RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        return trust["Statement"][0].get("Condition")

    assert conditions(PRODUCTION, "datadog-integration") == {"StringEquals": {"sts:ExternalId": "d1f0c1e2"}}
    assert conditions(STAGING, "partner-export") is None


def test_the_trails_differ(ask: Ask) -> None:
    """A trail for all regions with validation, and one that sees one region without."""

    def trails(account: str, region: str) -> set[tuple[bool, bool]]:
        found = ask(account, "cloudtrail", "describe_trails", region)["trailList"]
        return {(one["IsMultiRegionTrail"], one["LogFileValidationEnabled"]) for one in found}

    assert trails(SECURITY, US) == trails(PRODUCTION, US) == {(True, True)}
    assert trails(STAGING, EU) == {(False, False)}
    assert ask(SECURITY, "cloudtrail", "get_trail_status", Name="security-trail")["IsLogging"]


def test_the_audit_bucket_is_locked(ask: Ask) -> None:
    """The trail's bucket keeps its objects in compliance mode, for longer than a year."""
    lock = ask(SECURITY, "s3", "get_object_lock_configuration", Bucket="artemis-security-audit-trail")["ObjectLockConfiguration"]
    assert (lock["Rule"]["DefaultRetention"]["Mode"], lock["Rule"]["DefaultRetention"]["Days"]) == ("COMPLIANCE", 400)
    versions = ask(SECURITY, "s3", "get_bucket_versioning", Bucket="artemis-security-audit-trail")
    assert versions["Status"] == "Enabled"


@pytest.mark.parametrize(
    ("account", "bucket", "algorithm"), [(PRODUCTION, "artemis-prod-documents", "aws:kms"), (STAGING, "artemis-staging-uploads", "AES256")]
)
def test_the_buckets_differ_in_whose_key_it_is(ask: Ask, account: str, bucket: str, algorithm: str) -> None:
    """A key of ours in production, Amazon's in staging."""
    rules = ask(account, "s3", "get_bucket_encryption", Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm


def test_one_bucket_is_public(ask: Ask) -> None:
    """Staging's website is open to all; neither its bucket nor its account blocks that."""
    assert ask(STAGING, "s3", "get_bucket_policy_status", Bucket="artemis-staging-website")["PolicyStatus"]["IsPublic"]
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        ask(STAGING, "s3control", "get_public_access_block", AccountId=STAGING)
    assert all(ask(PRODUCTION, "s3control", "get_public_access_block", AccountId=PRODUCTION)["PublicAccessBlockConfiguration"].values())


def test_guardduty_is_off_in_staging(ask: Ask) -> None:
    """On in production, suspended in one region of staging and absent in the other."""

    def statuses(account: str, region: str) -> list[str]:
        ids = ask(account, "guardduty", "list_detectors", region)["DetectorIds"]
        return [ask(account, "guardduty", "get_detector", region, DetectorId=one)["Status"] for one in ids]

    assert [statuses(PRODUCTION, US), statuses(PRODUCTION, EU), statuses(STAGING, US), statuses(STAGING, EU)] == [
        ["ENABLED"],
        ["ENABLED"],
        ["DISABLED"],
        [],
    ]


def test_staging_opens_its_admin_ports(ask: Ask) -> None:
    """SSH and remote desktop to the whole internet in staging; to the office alone in production."""

    def sources(account: str, name: str) -> dict[int, str]:
        groups = ask(account, "ec2", "describe_security_groups")["SecurityGroups"]
        rules = next(one for one in groups if one["GroupName"] == name)["IpPermissions"]
        return {one["FromPort"]: one["IpRanges"][0]["CidrIp"] for one in rules}

    assert sources(STAGING, "staging-main") == {443: "0.0.0.0/0", 22: "0.0.0.0/0", 3389: "0.0.0.0/0"}
    assert sources(PRODUCTION, "prod-main") == {443: "0.0.0.0/0", 22: "203.0.113.0/24"}


def test_production_has_flow_logs(ask: Ask) -> None:
    """One flow log in production, none in staging."""
    told = both(ask, "ec2", "describe_flow_logs", "FlowLogs", lambda one: one["TrafficType"])
    assert told == {PRODUCTION: {"ALL"}, STAGING: set()}


def test_disks_are_encrypted_in_production(ask: Ask) -> None:
    """By default in both regions of production, in one of staging; staging's jump box is not."""
    defaults = {
        (account, region): ask(account, "ec2", "get_ebs_encryption_by_default", region)["EbsEncryptionByDefault"]
        for account in (PRODUCTION, STAGING)
        for region in (US, EU)
    }
    assert [key for key, on in defaults.items() if not on] == [(STAGING, EU)]
    assert both(ask, "ec2", "describe_volumes", "Volumes", lambda one: one["Encrypted"]) == {PRODUCTION: {True}, STAGING: {False}}


def test_databases_differ(ask: Ask) -> None:
    """Encrypted, private and backed up in production, one with too short a backup; none of it in staging."""
    told = both(
        ask,
        "rds",
        "describe_db_instances",
        "DBInstances",
        lambda one: (one["StorageEncrypted"], one["PubliclyAccessible"], one["BackupRetentionPeriod"]),
    )
    assert told == {PRODUCTION: {(True, False, 14), (True, False, 1)}, STAGING: {(False, True, 0)}}


def test_keys_differ(ask: Ask) -> None:
    """Production has a key of its own that rotates and one that does not; staging's is open to everyone."""

    def keys(account: str) -> list[str]:
        return [one["KeyId"] for one in ask(account, "kms", "list_keys")["Keys"]]

    rotation = [ask(PRODUCTION, "kms", "get_key_rotation_status", KeyId=one)["KeyRotationEnabled"] for one in keys(PRODUCTION)]
    assert sorted(rotation) == [False, True]
    (key,) = keys(STAGING)
    assert '"AWS": "*"' in ask(STAGING, "kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"]


@pytest.mark.parametrize(("account", "old"), [(PRODUCTION, False), (STAGING, True)])
def test_listeners_differ_in_the_oldest_tls(ask: Ask, account: str, old: bool) -> None:
    """Staging's listener still speaks TLS 1.0."""
    balancer = ask(account, "elbv2", "describe_load_balancers")["LoadBalancers"][0]["LoadBalancerArn"]
    policy = ask(account, "elbv2", "describe_listeners", LoadBalancerArn=balancer)["Listeners"][0]["SslPolicy"]
    protocols = ask(account, "elbv2", "describe_ssl_policies", Names=[policy])["SslPolicies"][0]["SslProtocols"]
    assert ("TLSv1" in protocols) is old


def test_tables_differ_in_recovery(ask: Ask) -> None:
    """Production's tables recover to a point in time, staging's does not."""

    def recovers(account: str) -> set[str]:
        names = ask(account, "dynamodb", "list_tables")["TableNames"]
        backups = [ask(account, "dynamodb", "describe_continuous_backups", TableName=one)["ContinuousBackupsDescription"] for one in names]
        return {one["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] for one in backups}

    assert (recovers(PRODUCTION), recovers(STAGING)) == ({"ENABLED"}, {"DISABLED"})


def test_a_server_of_its_own_is_filled_and_ends() -> None:
    """The demo's server answers, knows what moto does not, and is gone afterwards."""
    with server.AwsServer() as aws:
        process = aws._process
        client = boto3.client("iam", region_name=US, endpoint_url=aws.url, aws_access_key_id="a", aws_secret_access_key="b")
        assert client.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
        client.close()
    assert process.returncode is not None
