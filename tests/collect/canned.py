"""What moto does not tell, said of the company for the fault matrix: answers in the shapes of botocore's models."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.collect.canned_paths import ACCOUNT, OTHER, PATHS
from tests.twins.aws import AwsTwin

SUMMARY = {"Id": "p-rcp", "Name": "tls", "Type": "RESOURCE_CONTROL_POLICY"}
CONTENT = json.dumps({"Version": "2012-10-17", "Statement": []})
SNAPSHOT = {"SnapshotId": "snap-1", "OwnerId": ACCOUNT, "State": "completed", "Encrypted": True, "VolumeId": "vol-1"}
RESTORE = {"AttributeName": "restore", "AttributeValues": [OTHER]}
RDS_SNAPSHOT = {
    "DBSnapshotArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:snapshot:s",
    "DBSnapshotIdentifier": "s",
    "SnapshotType": "manual",
    "Encrypted": True,
}
RDS_CLUSTER_SNAPSHOT = {
    "DBClusterSnapshotArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-snapshot:c",
    "DBClusterSnapshotIdentifier": "c",
    "SnapshotType": "manual",
    "StorageEncrypted": False,
}
CLUSTER = {
    "DBClusterArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:aurora",
    "DBClusterIdentifier": "aurora",
    "Engine": "aurora-mysql",
    "EngineVersion": "8.0.mysql_aurora.3.08.0",
    "Status": "available",
    "StorageEncrypted": False,
    "BackupRetentionPeriod": 7,
    "DBClusterParameterGroup": "own",
    "DBClusterMembers": [{"DBInstanceIdentifier": "one", "DBClusterParameterGroupStatus": "in-sync"}],
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
INSTANCE = {
    "InstanceId": "i-1",
    "State": {"Name": "running"},
    "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required"},
}
SERVER_CERTIFICATE = {
    "Path": "/",
    "ServerCertificateName": "old",
    "ServerCertificateId": "ASCA1",
    "Arn": f"arn:aws:iam::{ACCOUNT}:server-certificate/old",
    "Expiration": datetime(2099, 1, 1, tzinfo=UTC),
}
DISTRIBUTIONS = {
    "Marker": "",
    "MaxItems": 100,
    "IsTruncated": False,
    "Quantity": 1,
    "Items": [
        {
            "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
            "DomainName": "d1.cloudfront.net",
            "Enabled": True,
            "ViewerCertificate": {"CloudFrontDefaultCertificate": False, "MinimumProtocolVersion": "TLSv1.2_2021"},
            "DefaultCacheBehavior": {"ViewerProtocolPolicy": "https-only"},
            "CacheBehaviors": {"Quantity": 0},
        }
    ],
}
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
GROUP = {"allSupported": True, "includeGlobalResourceTypes": True}
ANALYZER = {"arn": "arn:a", "name": "a", "type": "ACCOUNT", "status": "ACTIVE", "createdAt": LONG_AGO}
METRIC = {"Id": "invocations", "Label": "anthropic.claude", "Values": [3.0], "StatusCode": "Complete"}
INSPECTED = {"accountId": ACCOUNT, "resourceState": {name: {"status": "ENABLED"} for name in ("ec2", "ecr", "lambda")}}
COVERED = {
    "resourceType": "AWS_EC2_INSTANCE",
    "resourceId": "i-1",
    "accountId": ACCOUNT,
    "scanType": "PACKAGE",
    "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
}
FINDING = {
    "findingArn": "arn:f",
    "awsAccountId": ACCOUNT,
    "type": "PACKAGE_VULNERABILITY",
    "description": "d",
    "remediation": {},
    "severity": "HIGH",
    "status": "ACTIVE",
    "firstObservedAt": LONG_AGO,
    "lastObservedAt": LONG_AGO,
    "fixAvailable": "YES",
    "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-1", "source": "NVD"},
    "resources": [{"id": "i-1", "type": "AWS_EC2_INSTANCE"}],
}
PROTECTED = {"ResourceArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:db:artemis-prod-records", "ResourceType": "RDS", "LastBackupTime": LONG_AGO}
RESTORED = {"RestoreJobId": "1", "ResourceType": "RDS", "Status": "COMPLETED", "CreationDate": LONG_AGO, "CompletionDate": LONG_AGO}
SSO, SSO_SET = "arn:aws:sso:::instance/ssoins-1", "arn:aws:sso:::permissionSet/ssoins-1/ps-1"

ROOT = {"Id": "r-1", "Name": "Root", "Arn": f"arn:aws:organizations::{OTHER}:root/o-1/r-1"}
MEMBER = {"Id": ACCOUNT, "Name": "artemis-prod", "Status": "ACTIVE"}
PEERED = {
    "VpcPeeringConnectionId": "pcx-1",
    "Status": {"Code": "active"},
    "RequesterVpcInfo": {"OwnerId": ACCOUNT, "VpcId": "vpc-1", "Region": "us-east-1"},
    "AccepterVpcInfo": {"OwnerId": OTHER, "VpcId": "vpc-2", "Region": "us-east-1"},
}
REPLICATION = {
    "Role": "arn:r",
    "Rules": [{"Status": "Enabled", "Priority": 1, "Destination": {"Bucket": "arn:aws:s3:::theirs", "Account": OTHER}}],
}
SHARE = f"arn:aws:ram:us-east-1:{ACCOUNT}:resource-share/1"


USE = {
    "EventId": "e-1",
    "EventName": "AssumeRole",
    "EventTime": LONG_AGO,
    "CloudTrailEvent": json.dumps({"awsRegion": "us-east-1", "userIdentity": {"type": "IAMUser", "userName": "ada"}}),
}
LET_IN = {"AccountId": ACCOUNT, "PermissionSetArn": SSO_SET}

ANSWERS: list[tuple[str, str, Any]] = [
    *PATHS,
    ("ec2", "DescribeRegions", {"Regions": [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}]}),
    ("cloudtrail", "LookupEvents", {"Events": [USE]}),
    ("organizations", "ListAccounts", {"Accounts": [MEMBER]}),
    ("sso-admin", "ListPermissionSetsProvisionedToAccount", {"PermissionSets": [SSO_SET]}),
    (
        "sso-admin",
        "ListAccountAssignments",
        {
            "AccountAssignments": [
                {**LET_IN, "PrincipalType": "USER", "PrincipalId": "u-1"},
                {**LET_IN, "PrincipalType": "GROUP", "PrincipalId": "g-1"},
            ]
        },
    ),
    (
        "sso-admin",
        "ListAccountAssignmentsForPrincipal",
        {"AccountAssignments": [{**LET_IN, "PrincipalType": "USER", "PrincipalId": "u-2"}]},
    ),
    (
        "identitystore",
        "ListGroupMemberships",
        {"GroupMemberships": [{"IdentityStoreId": "d-1", "GroupId": "g-1", "MemberId": {"UserId": "u-2"}}]},
    ),
    (
        "identitystore",
        "DescribeUser",
        lambda asked: {"IdentityStoreId": "d-1", "UserId": asked["UserId"], "UserName": asked["UserId"].replace("u-1", "ada")},
    ),
    ("s3control", "GetAccessPointPolicyStatus", {"PolicyStatus": {"IsPublic": True}}),
    ("organizations", "ListRoots", {"Roots": [ROOT]}),
    (
        "organizations",
        "ListOrganizationalUnitsForParent",
        lambda asked: {"OrganizationalUnits": [{"Id": "ou-1", "Name": "Prod"}] if asked["ParentId"] == "r-1" else []},
    ),
    ("organizations", "ListAccountsForParent", lambda asked: {"Accounts": [MEMBER] if asked["ParentId"] == "ou-1" else []}),
    ("organizations", "ListTagsForResource", {"Tags": [{"Key": "owner", "Value": "ops"}]}),
    ("resourcegroupstaggingapi", "GetTagKeys", {"TagKeys": ["Environment", "owner"]}),
    (
        "resourcegroupstaggingapi",
        "GetResources",
        {"ResourceTagMappingList": [{"ResourceARN": "arn:x", "Tags": [{"Key": "Environment", "Value": "dev"}]}]},
    ),
    ("ec2", "DescribeVpcPeeringConnections", {"VpcPeeringConnections": [PEERED]}),
    ("ec2", "DescribeImages", {"Images": [{"ImageId": "ami-1", "Name": "base"}]}),
    ("ec2", "DescribeImageAttribute", {"ImageId": "ami-1", "LaunchPermissions": [{"UserId": OTHER}]}),
    ("s3", "GetBucketReplication", {"ReplicationConfiguration": REPLICATION}),
    ("s3control", "GetAccessPointPolicy", {"Policy": OPEN}),
    (
        "ram",
        "GetResourceShares",
        {"resourceShares": [{"resourceShareArn": SHARE, "name": "db", "status": "ACTIVE", "allowExternalPrincipals": False}]},
    ),
    ("ram", "ListPrincipals", {"principals": [{"id": OTHER, "external": False, "resourceShareArn": SHARE}]}),
    ("ram", "ListResources", {"resources": [{"arn": "arn:x", "type": "rds:Cluster", "resourceShareArn": SHARE}]}),
    (
        "organizations",
        "DescribeOrganization",
        {"Organization": {"Id": "o-1", "MasterAccountId": OTHER, "FeatureSet": "ALL"}},
    ),
    ("organizations", "ListPoliciesForTarget", {"Policies": [SUMMARY]}),
    ("organizations", "DescribePolicy", {"Policy": {"PolicySummary": SUMMARY, "Content": CONTENT}}),
    ("organizations", "ListParents", {"Parents": [{"Id": "r-1", "Type": "ROOT"}]}),
    ("ec2", "DescribeSnapshots", {"Snapshots": [SNAPSHOT]}),
    ("ec2", "DescribeSnapshotAttribute", {"SnapshotId": "snap-1", "CreateVolumePermissions": [{"UserId": OTHER}]}),
    ("ec2", "ListSnapshotsInRecycleBin", {"Snapshots": [{"SnapshotId": "snap-2", "VolumeId": "vol-gone"}]}),
    ("ec2", "GetSnapshotBlockPublicAccessState", {"State": "block-new-sharing"}),
    (
        "rds",
        "DescribeDBParameters",
        {
            "Parameters": [
                {"ParameterName": "rds.force_ssl", "ParameterValue": "1"},
                {"ParameterName": "ssl_min_protocol_version", "ParameterValue": "TLSv1.2"},
            ]
        },
    ),
    ("rds", "DescribeDBClusterParameters", {"Parameters": [{"ParameterName": "require_secure_transport", "ParameterValue": "OFF"}]}),
    ("rds", "DescribeDBSnapshots", lambda asked: {"DBSnapshots": [RDS_SNAPSHOT] if asked.get("SnapshotType") == "manual" else []}),
    (
        "rds",
        "DescribeDBClusterSnapshots",
        lambda asked: {"DBClusterSnapshots": [RDS_CLUSTER_SNAPSHOT] if asked.get("SnapshotType") == "manual" else []},
    ),
    ("rds", "DescribeDBSnapshotAttributes", {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [RESTORE]}}),
    ("rds", "DescribeDBClusterSnapshotAttributes", {"DBClusterSnapshotAttributesResult": {"DBClusterSnapshotAttributes": [RESTORE]}}),
    ("rds", "DescribeDBClusters", {"DBClusters": [CLUSTER]}),
    ("ec2", "DescribeInstances", {"Reservations": [{"Instances": [INSTANCE]}]}),
    ("iam", "ListServerCertificates", {"ServerCertificateMetadataList": [SERVER_CERTIFICATE], "IsTruncated": False}),
    ("cloudfront", "ListDistributions", {"DistributionList": DISTRIBUTIONS}),
    ("sqs", "ListQueues", {"QueueUrls": [f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs"]}),
    ("sqs", "GetQueueAttributes", {"Attributes": {"QueueArn": "arn:q", "SqsManagedSseEnabled": "true", "Policy": OPEN}}),
    ("sns", "ListTopics", {"Topics": [{"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"}]}),
    ("sns", "GetTopicAttributes", {"Attributes": {"TopicArn": "arn:t", "Policy": CONTENT, "KmsMasterKeyId": "alias/k"}}),
    ("lambda", "ListFunctions", {"Functions": [{"FunctionName": "f", "FunctionArn": FUNCTION}]}),
    ("lambda", "GetPolicy", {"Policy": OPEN}),
    (
        "ecr",
        "DescribeRepositories",
        {"repositories": [{"repositoryArn": f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/repo", "repositoryName": "repo"}]},
    ),
    ("ecr", "GetRepositoryPolicy", {"policyText": CONTENT}),
    ("secretsmanager", "ListSecrets", {"SecretList": [{"ARN": "arn:s", "Name": "s", "CreatedDate": LONG_AGO}]}),
    ("secretsmanager", "GetResourcePolicy", {"ARN": "arn:s", "Name": "s", "ResourcePolicy": OPEN}),
    ("config", "DescribeConfigurationRecorders", {"ConfigurationRecorders": [{"name": "default", "recordingGroup": GROUP}]}),
    (
        "config",
        "DescribeConfigurationRecorderStatus",
        {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "SUCCESS"}]},
    ),
    ("accessanalyzer", "ListAnalyzers", {"analyzers": [ANALYZER]}),
    ("sso-admin", "ListInstances", {"Instances": [{"InstanceArn": SSO, "IdentityStoreId": "d-1"}]}),
    (
        "identitystore",
        "ListUsers",
        {
            "Users": [
                {"UserId": "u-1", "UserName": "ada", "IdentityStoreId": "d-1", "UserStatus": "ENABLED"},
                {"UserId": "u-2", "UserName": "gone", "IdentityStoreId": "d-1", "UserStatus": "DISABLED"},
            ]
        },
    ),
    ("sso-admin", "ListPermissionSets", {"PermissionSets": [SSO_SET]}),
    ("sso-admin", "DescribePermissionSet", {"PermissionSet": {"PermissionSetArn": SSO_SET, "SessionDuration": "PT8H"}}),
    ("sso-admin", "ListManagedPoliciesInPermissionSet", {"AttachedManagedPolicies": []}),
    ("sso-admin", "GetInlinePolicyForPermissionSet", {"InlinePolicy": ""}),
    ("sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet", {"CustomerManagedPolicyReferences": []}),
    ("kms", "ListResourceTags", {"Tags": [{"TagKey": "data-class", "TagValue": "customer"}], "Truncated": False}),
    ("s3", "GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": "customer"}]}),
    ("cloudwatch", "GetMetricData", {"MetricDataResults": [METRIC]}),
    ("bedrock", "GetModelInvocationLoggingConfiguration", {}),
    ("bedrock", "GetAccountDataRetention", {"mode": "none"}),
    ("bedrock", "ListModelCustomizationJobs", {"modelCustomizationJobSummaries": [{"jobArn": "arn:j", "jobName": "j"}]}),
    ("bedrock", "GetModelCustomizationJob", {"jobArn": "arn:j", "trainingDataConfig": {"s3Uri": "s3://b/x"}}),
    ("bedrock", "ListCustomModels", {"modelSummaries": [{"modelArn": "arn:m", "modelName": "m"}]}),
    ("bedrock", "GetCustomModel", {"modelArn": "arn:m", "trainingDataConfig": {"s3Uri": "s3://b/x"}}),
    ("bedrock", "ListImportedModels", {"modelSummaries": [{"modelArn": "arn:i", "modelName": "i"}]}),
    ("bedrock", "GetImportedModel", {"modelArn": "arn:i"}),
    ("inspector2", "BatchGetAccountStatus", {"accounts": [INSPECTED]}),
    ("inspector2", "ListCoverage", {"coveredResources": [COVERED]}),
    ("inspector2", "ListFindings", {"findings": [FINDING]}),
    ("backup", "ListProtectedResources", {"Results": [PROTECTED]}),
    ("backup", "ListRestoreJobs", {"RestoreJobs": [RESTORED]}),
    ("efs", "DescribeFileSystems", {"FileSystems": [{"FileSystemId": "fs-1", "LifeCycleState": "available"}]}),
]


@contextmanager
def canned(twin: AwsTwin) -> Iterator[None]:
    """The answers of this file, for as long as the `with` lasts."""
    with ExitStack() as stack:
        for service, operation, answer in ANSWERS:
            stack.enter_context(twin.answer(service, operation, answer))
        yield
