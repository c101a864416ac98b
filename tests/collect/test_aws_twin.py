"""The double of AWS is believed by an unmodified boto3, and says what was asked of it."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, PaginationError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from tests.twins.aws import AwsError, AwsTwin, Call, Fault, faults_for
from tests.twins.route import Request, identify, operation_model, service_model
from tests.twins.wire import cbor, decode, encode, encode_error

OTHER = "111111111111"
# One list of each protocol, and what its members are called.
LISTS = {
    "query": ("iam", "list_users", "Users"),
    "ec2": ("ec2", "describe_volumes", "Volumes"),
    "json": ("kms", "list_keys", "Keys"),
    "json-1.0": ("dynamodb", "list_tables", "TableNames"),
    "rest-json": ("guardduty", "list_detectors", "DetectorIds"),
    "rest-xml": ("s3", "list_buckets", "Buckets"),
    "s3control": ("s3control", "list_access_points", "AccessPointList"),
}
pageable = {name: one for name, one in LISTS.items() if name != "s3control"}  # botocore has no paginator for access points
each_pageable = pytest.mark.parametrize(("service", "method", "key"), pageable.values(), ids=pageable)
each_protocol = pytest.mark.parametrize(("service", "method", "key"), LISTS.values(), ids=LISTS)


@pytest.fixture(scope="module")
def shared() -> Iterator[AwsTwin]:
    with AwsTwin() as twin:
        yield twin


@pytest.fixture
def twin(shared: AwsTwin) -> AwsTwin:
    shared.reset()
    shared.thaw()
    shared.reset_journal()
    return shared


def ask(twin: AwsTwin, service: str, method: str, **config: Any) -> dict[str, Any]:
    params = {"AccountId": "123456789012"} if service == "s3control" else {}
    answer: dict[str, Any] = getattr(twin.caller(service, **config), method)(**params)
    return {k: v for k, v in answer.items() if k != "ResponseMetadata"}


def operation(twin: AwsTwin, service: str, method: str) -> str:
    return str(twin.caller(service).meta.method_to_api_mapping[method])


def users(twin: AwsTwin, *names: str) -> None:
    for name in names:
        twin.client("iam").create_user(UserName=name)


# Routes and the journal


@each_protocol
def test_journal_names_the_operation(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """Whatever the protocol, the journal names the service and the operation as boto3 does."""
    ask(twin, service, method)
    assert [(c.service, c.operation, c.account, c.region) for c in twin.calls()] == [
        (service, operation(twin, service, method), "123456789012", "us-east-1")
    ]


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("get_bucket_encryption", "GetBucketEncryption"),
        ("get_bucket_policy_status", "GetBucketPolicyStatus"),
        ("get_public_access_block", "GetPublicAccessBlock"),
        ("get_bucket_acl", "GetBucketAcl"),
        ("get_bucket_policy", "GetBucketPolicy"),
        ("get_bucket_ownership_controls", "GetBucketOwnershipControls"),
        ("get_bucket_versioning", "GetBucketVersioning"),
        ("get_object_lock_configuration", "GetObjectLockConfiguration"),
        ("get_bucket_location", "GetBucketLocation"),
        ("get_bucket_lifecycle_configuration", "GetBucketLifecycleConfiguration"),
        ("head_bucket", "HeadBucket"),
        ("list_objects_v2", "ListObjectsV2"),
        ("list_objects", "ListObjects"),
        ("list_object_versions", "ListObjectVersions"),
        ("get_bucket_tagging", "GetBucketTagging"),
        ("get_bucket_logging", "GetBucketLogging"),
    ],
)
def test_s3_sub_resources_are_told_apart(twin: AwsTwin, method: str, wanted: str) -> None:
    """An S3 operation is known by its query key, and its bucket is a parameter."""
    twin.client("s3").create_bucket(Bucket="artemis")
    with suppress(ClientError):
        getattr(twin.caller("s3"), method)(Bucket="artemis")
    assert [(c.operation, c.params["Bucket"]) for c in twin.calls()] == [(wanted, "artemis")]


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        ("ec2", "describe_flow_logs", {"Filter": [{"Name": "resource-id", "Values": ["vpc-1", "vpc-2"]}]}),
        ("iam", "list_access_keys", {"UserName": "jane.doe"}),
        ("kms", "get_key_policy", {"KeyId": "k", "PolicyName": "default"}),
        ("guardduty", "get_detector", {"DetectorId": "d1"}),
        ("rds", "describe_db_instances", {"Filters": [{"Name": "engine", "Values": ["postgres"]}], "MaxRecords": 20}),
        ("s3control", "list_access_points", {"AccountId": "123456789012", "Bucket": "bbb", "MaxResults": 5}),
        ("lambda", "get_function_configuration", {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f"}),
        ("elbv2", "describe_ssl_policies", {"Names": ["one", "two"]}),
        ("cloudwatch", "describe_alarms", {"AlarmNames": ["one"]}),
        ("securityhub", "get_findings", {"MaxResults": 7}),
    ],
)
def test_parameters_come_back_as_they_were_given(twin: AwsTwin, service: str, method: str, params: dict[str, Any]) -> None:
    """The journal holds the parameters that boto3 was given."""
    with suppress(ClientError), twin.fault(service, operation(twin, service, method), Fault.DENIED):
        getattr(twin.caller(service), method)(**params)
    assert twin.calls()[0].params == params


def test_an_assumed_role_calls_in_its_own_account(twin: AwsTwin) -> None:
    """Calls with assumed credentials are journaled under the role's account."""
    role = twin.caller("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/controlmon-read", RoleSessionName="tests")["Credentials"]
    client = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=twin.url,
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert client.get_caller_identity()["Account"] == OTHER
    client.close()
    assert [(c.operation, c.account, c.region) for c in twin.calls()] == [
        ("AssumeRole", "123456789012", "us-east-1"),
        ("GetCallerIdentity", OTHER, "eu-west-1"),
    ]


def test_setup_is_not_journaled(twin: AwsTwin) -> None:
    """What the fixture itself writes is not in the journal, and lands in the account asked for."""
    twin.client("iam", account=OTHER).create_user(UserName="jane.doe")
    assert twin.calls() == []
    assert not ask(twin, "iam", "list_users")["Users"]
    assert "jane.doe" in twin.backend("iam", OTHER).users


def test_a_write_is_not_read_only(twin: AwsTwin) -> None:
    """One write among the calls fails the assertion, by name."""
    ask(twin, "iam", "list_users")
    twin.assert_read_only()
    twin.caller("iam").create_user(UserName="mallory")
    with pytest.raises(AssertionError, match=r"iam\.CreateUser"):
        twin.assert_read_only()


@pytest.mark.parametrize(
    ("service", "name", "reads"),
    [
        ("s3", "GetBucketPolicy", True),
        ("s3", "GetObjectLockConfiguration", True),
        ("iam", "GenerateCredentialReport", True),
        ("sts", "AssumeRole", True),
        ("sts", "GetCallerIdentity", True),
        ("cloudtrail", "LookupEvents", True),
        ("s3", "GetObject", False),
        ("secretsmanager", "GetSecretValue", False),
        ("sts", "GetSessionToken", False),
        ("kms", "GenerateDataKey", False),
        ("kms", "Decrypt", False),
        ("iam", "Listen", False),
        ("s3", "GET /nothing", False),
    ],
)
def test_reads_are_told_strictly(service: str, name: str, reads: bool) -> None:
    """A read is a read by its verb, unless it hands out a secret."""
    assert Call(service, name, "1", "r", {}).reads is reads


def test_an_unknown_request_is_loud(twin: AwsTwin) -> None:
    """A request that no model knows is refused, and is not read-only."""
    refused = twin.respond(
        Request(
            "GET",
            "/no/such/path/at/all",
            {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/guardduty/aws4_request"},
            b"",
        )
    )
    assert refused.status == 501
    with pytest.raises(AssertionError, match="guardduty"):
        twin.assert_read_only()


def test_many_threads_lose_no_call(twin: AwsTwin) -> None:
    """Eight threads at once are all answered, and all journaled."""
    client = twin.caller("iam")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.list_users(), range(40)))
    assert len(twin.calls("iam", "ListUsers")) == 40


# Faults

CODES = {
    Fault.DENIED: {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"},
    Fault.THROTTLED: {"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException"},
    Fault.ERROR_500: {"InternalFailure", "InternalError", "InternalServerError", "InternalServerErrorException"},
    Fault.EXPIRED_TOKEN: {"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
    Fault.REGION_DISABLED: {"OptInRequired", "AuthFailure", "UnrecognizedClientException"},
}


@each_protocol
@pytest.mark.parametrize("fault", CODES)
def test_an_error_is_read_by_its_code(twin: AwsTwin, service: str, method: str, key: str, fault: Fault) -> None:
    """boto3 raises a ClientError with the service's own code."""
    with twin.fault(service, operation(twin, service, method), fault) as rule, pytest.raises(ClientError) as raised:
        ask(twin, service, method)
    assert raised.value.response["Error"]["Code"] in CODES[fault]
    assert rule.hits == 1


@each_protocol
def test_a_time_out_is_a_time_out(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """A call that is not answered ends by boto3's own read time-out."""
    with twin.fault(service, operation(twin, service, method), Fault.TIMEOUT, seconds=3), pytest.raises(ReadTimeoutError):
        ask(twin, service, method, read_timeout=0.1)


def test_a_time_out_shorter_than_the_clients_drops_the_call(twin: AwsTwin) -> None:
    """After its seconds the connection is dropped: the answer never comes."""
    with twin.fault("iam", "ListUsers", Fault.TIMEOUT, seconds=0.05), pytest.raises(ConnectionClosedError):
        ask(twin, "iam", "list_users")


@each_protocol
def test_a_malformed_body_never_shows_the_list(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """A body cut in the middle: XML is refused by boto3, S3 makes it a 500, and JSON is read as nothing at all."""
    with twin.fault(service, operation(twin, service, method), Fault.MALFORMED):
        if service in ("iam", "ec2", "s3control"):
            with pytest.raises(ResponseParserError):
                ask(twin, service, method)
        elif service == "s3":
            with pytest.raises(ClientError, match="500"):
                ask(twin, service, method)
        else:
            assert ask(twin, service, method) == {}


@each_protocol
@pytest.mark.parametrize("fault", [Fault.HTML, Fault.HTML_SOUP])
def test_a_web_page_never_shows_the_list(twin: AwsTwin, service: str, method: str, key: str, fault: Fault) -> None:
    """A proxy's page with status 200 is an error, or an answer without its members."""
    web_page = twin.fault(service, operation(twin, service, method), fault)
    with web_page, suppress(ResponseParserError, ClientError, KeyError):  # KeyError: the query parser does not find its wrapper
        assert key not in ask(twin, service, method)


@each_protocol
def test_a_wrong_shape_has_no_members(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """A well-formed empty answer parses, and lacks the list."""
    with twin.fault(service, operation(twin, service, method), Fault.WRONG_SHAPE):
        assert key not in ask(twin, service, method)


def test_a_truncated_page_says_more_and_gives_no_token(twin: AwsTwin) -> None:
    """IsTruncated without a Marker: botocore's paginator would stop there without a word."""
    users(twin, "a", "b", "c", "d")
    with twin.fault("iam", "ListUsers", Fault.TRUNCATED_PAGE):
        answer = ask(twin, "iam", "list_users")
    assert answer["IsTruncated"]
    assert "Marker" not in answer
    assert len(answer["Users"]) == 2


def test_a_token_that_leads_nowhere_is_refused(twin: AwsTwin) -> None:
    """Where the token alone says that there is more, using it is an error."""
    with twin.fault("guardduty", "ListDetectors", Fault.TRUNCATED_PAGE), pytest.raises(ClientError, match="InvalidNextToken"):
        list(twin.caller("guardduty").get_paginator("list_detectors").paginate())


@each_pageable
def test_a_repeated_token_is_a_loop(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """The same token again and again: botocore's paginator notices."""
    with twin.fault(service, operation(twin, service, method), Fault.REPEATED_TOKEN), pytest.raises(PaginationError):
        list(twin.caller(service).get_paginator(method).paginate())


def test_a_list_without_a_paginator_has_pages_too(twin: AwsTwin) -> None:
    """A token on both sides is enough to cut S3 Control's access points, and to break their pages."""
    points = [{"Name": name, "NetworkOrigin": "VPC"} for name in "abc"]
    client = twin.caller("s3control")
    with twin.answer("s3control", "ListAccessPoints", {"AccessPointList": points}), twin.page_size(2):
        first = client.list_access_points(AccountId="123456789012")
        second = client.list_access_points(AccountId="123456789012", NextToken=first["NextToken"])
    assert first["AccessPointList"] + second["AccessPointList"] == points
    assert "NextToken" not in second
    assert Fault.TRUNCATED_PAGE in faults_for("s3control", "ListAccessPoints")


def test_faults_of_pages_are_only_for_pages(twin: AwsTwin) -> None:
    """An operation that answers in one piece cannot be truncated, and asking for it is an error."""
    assert Fault.TRUNCATED_PAGE not in faults_for("s3", "GetBucketEncryption")
    assert set(faults_for("iam", "ListUsers")) == set(Fault)
    with pytest.raises(ValueError, match="no pages"), twin.fault("s3", "GetBucketEncryption", Fault.REPEATED_TOKEN):
        pass
    assert Fault.HTML not in faults_for("s3", "HeadBucket")


def test_what_is_absent_is_malformed_all_the_same(twin: AwsTwin) -> None:
    """Where moto would answer an error ("no such policy"), the malformed answer is not that error's body."""
    twin.client("s3").create_bucket(Bucket="artemis")
    with twin.fault("s3", "GetBucketPolicy", Fault.MALFORMED):
        policy = twin.caller("s3").get_bucket_policy(Bucket="artemis")["Policy"]
    assert "NoSuchBucketPolicy" not in policy
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(policy)


def test_a_fault_is_as_narrow_as_asked(twin: AwsTwin) -> None:
    """Region, account, parameters and a number of times narrow a fault."""

    def denied(region: str = "us-east-1", account: str = "123456789012") -> bool:
        try:
            twin.caller("ec2", region=region, account=account).describe_volumes(MaxResults=6)
        except ClientError:
            return True
        return False

    with twin.fault("ec2", "DescribeVolumes", Fault.DENIED, region="eu-west-1"):
        assert (denied("eu-west-1"), denied("us-east-1")) == (True, False)
    with twin.fault("ec2", "DescribeVolumes", Fault.DENIED, account=OTHER):
        assert (denied(account=OTHER), denied()) == (True, False)
    with twin.fault("ec2", "DescribeVolumes", Fault.DENIED, where=lambda p: p["MaxResults"] == 5):
        assert not denied()
    with twin.fault("ec2", "*", Fault.DENIED, times=2):
        assert [denied(), denied(), denied()] == [True, True, False]


def test_any_code_can_be_injected(twin: AwsTwin) -> None:
    """An AwsError in place of a Fault fails with its own code and status, on HEAD by its status alone."""
    with twin.fault("iam", "ListUsers", AwsError("InvalidClientTokenId", 403)), pytest.raises(ClientError, match="InvalidClientTokenId"):
        ask(twin, "iam", "list_users")
    with twin.fault("s3", "HeadBucket", AwsError("AccessDenied", 403)), pytest.raises(ClientError, match="403"):
        twin.caller("s3").head_bucket(Bucket="artemis")


def test_a_name_that_aws_does_not_have_is_refused(twin: AwsTwin) -> None:
    """A misspelt operation is an error of the test, said at once."""
    with pytest.raises(Exception, match="GetBuckets"), twin.fault("s3", "GetBuckets", Fault.DENIED):
        pass


def test_one_fault_spares_the_other_calls(twin: AwsTwin) -> None:
    """A denial of one operation leaves the others, and ends with its `with`."""
    with twin.fault("iam", "ListUsers", Fault.DENIED):
        assert ask(twin, "iam", "list_roles")["Roles"] == []
    assert ask(twin, "iam", "list_users")["Users"] == []


# Canned answers

WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
CANNED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "ec2 scalar": ("ec2", "get_ebs_default_kms_key_id", {}, {"KmsKeyId": "alias/aws/ebs"}),
    "ec2 lists": (
        "ec2",
        "describe_flow_logs",
        {},
        {"FlowLogs": [{"CreationTime": WHEN, "FlowLogId": "fl-1", "Tags": [{"Key": "a", "Value": "<&>"}], "MaxAggregationInterval": 60}]},
    ),
    "query dates": (
        "iam",
        "get_access_key_last_used",
        {"AccessKeyId": "AKIAXXXXXXXXXXXXXXXX"},
        {"UserName": "jane.doe", "AccessKeyLastUsed": {"LastUsedDate": WHEN, "ServiceName": "s3", "Region": "us-east-1"}},
    ),
    "query map": ("iam", "get_account_summary", {}, {"SummaryMap": {"AccountMFAEnabled": 1, "Users": 3}}),
    "query policy": (
        "iam",
        "get_role",
        {"RoleName": "r"},
        {
            "Role": {
                "Path": "/",
                "RoleName": "r",
                "RoleId": "A",
                "Arn": "arn",
                "CreateDate": WHEN,
                "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]},
            }
        },
    ),
    "query blob": ("iam", "get_credential_report", {}, {"Content": b"user,arn\n", "ReportFormat": "text/csv", "GeneratedTime": WHEN}),
    "query named lists": (
        "rds",
        "describe_db_instances",
        {},
        {
            "DBInstances": [
                {
                    "DBInstanceIdentifier": "db",
                    "StorageEncrypted": True,
                    "LatestRestorableTime": WHEN,
                    "BackupRetentionPeriod": 7,
                    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                }
            ]
        },
    ),
    "json dates": ("cloudtrail", "get_trail_status", {"Name": "t"}, {"IsLogging": True, "LatestDeliveryTime": WHEN}),
    "json nested": (
        "dynamodb",
        "describe_continuous_backups",
        {"TableName": "t" * 3},
        {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED", "EarliestRestorableDateTime": WHEN},
            }
        },
    ),
    "rest-json names": (
        "guardduty",
        "get_detector",
        {"DetectorId": "d"},
        {"Status": "ENABLED", "ServiceRole": "r", "Tags": {"a": "b"}, "FindingPublishingFrequency": "SIX_HOURS"},
    ),
    "rest-xml flattened": (
        "s3",
        "get_bucket_encryption",
        {"Bucket": "b-1"},
        {
            "ServerSideEncryptionConfiguration": {
                "Rules": [
                    {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}, "BucketKeyEnabled": True}
                ]
            }
        },
    ),
    "rest-xml attribute": (
        "s3",
        "get_bucket_acl",
        {"Bucket": "b-1"},
        {
            "Owner": {"ID": "o"},
            "Grants": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}],
        },
    ),
    "rest-xml text": ("s3", "get_bucket_policy", {"Bucket": "b-1"}, {"Policy": '{"Statement": []}'}),
    "rest-xml root": ("s3", "get_bucket_location", {"Bucket": "b-1"}, {"LocationConstraint": "eu-west-1"}),
    "rest-xml dates": ("s3", "list_buckets", {}, {"Buckets": [{"Name": "b", "CreationDate": WHEN, "BucketRegion": "eu-west-1"}]}),
    "rest-xml headers": ("s3", "head_bucket", {"Bucket": "b-1"}, {"BucketRegion": "eu-west-1", "AccessPointAlias": False}),
    "s3control": (
        "s3control",
        "get_public_access_block",
        {"AccountId": "123456789012"},
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": False,
            }
        },
    ),
}


@pytest.mark.parametrize(("service", "method", "params", "result"), CANNED.values(), ids=CANNED)
def test_a_canned_answer_comes_back_as_it_was_given(
    twin: AwsTwin, service: str, method: str, params: dict[str, Any], result: dict[str, Any]
) -> None:
    """boto3 reads back exactly what the test said, in each protocol."""
    with twin.answer(service, operation(twin, service, method), result):
        answer = getattr(twin.caller(service), method)(**params)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer == result


def test_a_canned_answer_may_be_a_function(twin: AwsTwin) -> None:
    """A function of the parameters answers, refuses, or leaves the call to moto."""
    users(twin, "john")
    known = {"jane": {"AccessKeyMetadata": [{"UserName": "jane"}]}, "gone": AwsError("NoSuchEntity", 404)}
    keys = twin.caller("iam").list_access_keys
    with twin.answer("iam", "ListAccessKeys", lambda params: known.get(params["UserName"])):
        assert keys(UserName="jane")["AccessKeyMetadata"] == [{"UserName": "jane"}]
        assert keys(UserName="john")["AccessKeyMetadata"] == []
        with pytest.raises(ClientError, match="NoSuchEntity"):
            keys(UserName="gone")


def test_a_canned_answer_cannot_invent_members(twin: AwsTwin) -> None:
    """A member that AWS does not have is refused, in the test's own thread: a double must not lie."""
    with (
        pytest.raises(AssertionError, match="impossible"),
        twin.answer("iam", "ListUsers", {"Userz": []}),
        pytest.raises(ResponseParserError),
    ):
        ask(twin, "iam", "list_users")
    with pytest.raises(ValueError, match="Userz"):
        encode(operation_model("iam", "ListUsers"), {"Userz": []})


def test_the_newest_answer_wins(twin: AwsTwin) -> None:
    """An answer within another's `with` takes its place."""
    with (
        twin.answer("iam", "ListAccountAliases", {"AccountAliases": ["old"]}),
        twin.answer("iam", "ListAccountAliases", {"AccountAliases": ["new"]}, region="us-east-1"),
    ):
        assert ask(twin, "iam", "list_account_aliases")["AccountAliases"] == ["new"]


# Pages


def test_pages_are_cut_and_followed(twin: AwsTwin) -> None:
    """Seven users in pages of three are three calls, and seven users."""
    users(twin, *"abcdefg")
    with twin.page_size(3):
        pages = list(twin.caller("iam").get_paginator("list_users").paginate())
    assert [len(page["Users"]) for page in pages] == [3, 3, 1]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert len(twin.calls("iam", "ListUsers")) == 3


@each_pageable
def test_canned_lists_are_paged_in_each_protocol(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """Pages are cut by botocore's paginator models, whatever the protocol."""
    shape = operation_model(service, operation(twin, service, method)).output_shape.members[key]
    items = [
        {next(n for n, m in shape.member.members.items() if m.type_name == "string"): f"x{i}"}
        if shape.member.type_name == "structure"
        else f"x{i}"
        for i in range(5)
    ]
    with twin.answer(service, operation(twin, service, method), {key: items}), twin.page_size(2):
        pages = list(twin.caller(service).get_paginator(method).paginate())
    assert [len(page[key]) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page[key]] == items


def test_several_lists_share_the_pages(twin: AwsTwin) -> None:
    """An answer of several lists is cut across all of them."""
    users(twin, "a", "b")
    for name in "xyz":
        twin.client("iam").create_group(GroupName=name)
    with twin.page_size(2):
        pages = list(twin.caller("iam").get_paginator("get_account_authorization_details").paginate())
    assert [(len(page["UserDetailList"]), len(page["GroupDetailList"])) for page in pages] == [(2, 0), (0, 2), (0, 1)]


def test_objects_in_a_bucket_are_paged(twin: AwsTwin) -> None:
    """S3's own counts go with its pages."""
    twin.client("s3").create_bucket(Bucket="artemis")
    for name in "abc":
        twin.client("s3").put_object(Bucket="artemis", Key=name, Body=b"")
    with twin.page_size(2):
        pages = list(twin.caller("s3").get_paginator("list_objects_v2").paginate(Bucket="artemis"))
    assert [(page["KeyCount"], page["IsTruncated"]) for page in pages] == [(2, True), (1, False)]


# Frozen answers


def test_frozen_answers_stay_until_a_write(twin: AwsTwin) -> None:
    """Frozen, an edit behind moto's back is not seen; a write through the API is."""
    users(twin, "a")
    twin.freeze()
    assert len(ask(twin, "iam", "list_users")["Users"]) == 1
    twin.backend("iam").users.clear()
    assert len(ask(twin, "iam", "list_users")["Users"]) == 1
    users(twin, "b")
    assert [one["UserName"] for one in ask(twin, "iam", "list_users")["Users"]] == ["b"]
    twin.backend("iam").users.clear()
    twin.thaw()
    assert ask(twin, "iam", "list_users")["Users"] == []


def test_frozen_answers_are_kept_apart(twin: AwsTwin) -> None:
    """Account, region and parameters each have an answer of their own."""
    twin.client("dynamodb", region="eu-west-1").create_table(
        TableName="patients",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    twin.freeze()
    assert [twin.caller("dynamodb", region=one).list_tables()["TableNames"] for one in ("us-east-1", "eu-west-1")] == [[], ["patients"]]
    assert twin.caller("dynamodb", region="eu-west-1", account=OTHER).list_tables()["TableNames"] == []


def test_a_frozen_answer_is_fast(twin: AwsTwin) -> None:
    """A frozen answer takes the twin less than a millisecond."""
    users(twin, *"abcdef")
    twin.freeze()
    request = Request(
        "POST",
        "/",
        {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request"},
        b"Action=ListUsers&Version=2010-05-08",
    )
    twin.respond(request)
    began = time.perf_counter()
    for _ in range(100):
        twin.respond(request)
    assert (time.perf_counter() - began) / 100 < 0.001


def test_faults_and_pages_apply_to_frozen_answers(twin: AwsTwin) -> None:
    """Freezing changes the speed and nothing else."""
    users(twin, *"abc")
    twin.freeze()
    ask(twin, "iam", "list_users")
    with twin.page_size(2):
        assert len(ask(twin, "iam", "list_users")["Users"]) == 2
    with twin.fault("iam", "ListUsers", Fault.DENIED), pytest.raises(ClientError):
        ask(twin, "iam", "list_users")


# The twin itself


def test_the_environment_is_enough(twin: AwsTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the twin's environment, boto3 as it comes reaches the twin, also S3 with its buckets."""
    for name, value in twin.env(region="eu-west-1").items():
        monkeypatch.setenv(name, value)
    twin.client("s3").create_bucket(Bucket="artemis")
    client = boto3.session.Session().client("s3")
    assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["artemis"]
    client.close()
    assert twin.calls()[0].region == "eu-west-1"


def test_moto_does_not_know_everything(twin: AwsTwin) -> None:
    """A call that moto does not implement is an HTML page with status 500, never an empty answer."""
    with pytest.raises(ClientError, match="500") as raised:
        twin.caller("cloudtrail").lookup_events()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@each_protocol
def test_no_good_answer_is_called_a_web_page(twin: AwsTwin, service: str, method: str, key: str) -> None:
    """moto says text/html of much of what it answers; the twin says what AWS says."""
    params = {"AccountId": "123456789012"} if service == "s3control" else {}
    headers = getattr(twin.caller(service), method)(**params)["ResponseMetadata"]["HTTPHeaders"]
    assert "html" not in headers["content-type"]


def test_each_answer_has_a_date_and_a_request_id(twin: AwsTwin) -> None:
    """The provenance that the product records is there, from moto, from the can and in an error."""

    def metadata() -> dict[str, Any]:
        return dict(twin.caller("iam").list_users()["ResponseMetadata"])

    with twin.answer("iam", "ListUsers", {"Users": []}):
        canned = metadata()
    for one in (metadata(), canned):
        assert one["RequestId"]
        assert one["HTTPHeaders"]["date"]


def test_cbor_is_spoken(twin: AwsTwin) -> None:
    """A service of the newest protocol: the route, the answer and the error."""
    model = service_model("cloudwatchomni")
    one = next(o for o in map(model.operation_model, model.operation_names) if o.output_shape and o.output_shape.members)
    request = Request(
        "POST",
        f"/service/Any/operation/{one.name}",
        {"authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{model.signing_name}/aws4_request"},
        cbor({"Name": "x"}),
    )
    route = identify(request)
    assert route is not None
    assert (route.operation.name, route.params) == (one.name, {"Name": "x"})
    assert decode(one, encode_error(one, AwsError("AccessDeniedException", 400)))["Error"]["Code"] == "AccessDeniedException"
    assert "Error" not in decode(one, encode(one, {}))


def test_cbor_items_are_read_back() -> None:
    """Each kind of item is read back by botocore's own parser."""
    import io

    from botocore.parsers import create_parser

    value = {"a": [1, -5, 300, 70000, 2**40], "b": True, "c": False, "d": 1.5, "e": b"\x00", "f": WHEN, "g": {"h": "x" * 30}}
    parser = create_parser("smithy-rpc-v2-cbor")
    assert parser.parse_data_item(io.BufferedReader(io.BytesIO(cbor(value)))) == value


@pytest.mark.parametrize(
    "service",
    [
        "iam",
        "ec2",
        "rds",
        "kms",
        "elbv2",
        "dynamodb",
        "cloudtrail",
        "guardduty",
        "organizations",
        "s3",
        "s3control",
        "config",
        "lambda",
        "backup",
        "securityhub",
        "cloudwatch",
        "logs",
        "ecs",
        "eks",
        "ssm",
    ],
)
def test_an_empty_answer_of_each_operation_is_understood(service: str) -> None:
    """Whatever the operation, botocore's parser reads the twin's encoding of an empty answer, and of an error."""
    for name in service_model(service).operation_names:
        model = operation_model(service, name)
        if not model.has_event_stream_output:
            assert "Error" not in decode(model, encode(model, {}))
            if model.http.get("method") != "HEAD":
                assert decode(model, encode_error(model, AwsError("SomethingBad", 400)))["Error"]["Code"] == "SomethingBad"
