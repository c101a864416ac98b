"""The collector of S3 over HTTP.

moto tells no bucket's region, sends no redirect, calls every access point's policy public and knows no pages of them: those answers are
laid over it, and the redirect is spoken by a server of its own.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from controlmon.collect.aws.account import account
from controlmon.collect.aws.s3 import s3
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import Bucket, PublicAccessBlock
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin, Fault

OWNER = "123456789012"
ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
QUESTIONS = (Bucket.public_access_block, Bucket.policy_public, Bucket.ownership, Bucket.public_grants)
OPEN = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}]}'


@pytest.fixture
def client(twin: AwsTwin) -> Any:
    return twin.client("s3")


def asked(twin: AwsTwin, service: str = "s3") -> dict[str, int]:
    names = [call.operation for call in twin.calls(service)]
    return {name: names.count(name) for name in sorted(set(names))}


def test_what_makes_a_bucket_public(client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="plain")
    client.create_bucket(Bucket="open", ObjectOwnership="BucketOwnerPreferred", ACL="public-read")
    client.put_bucket_policy(Bucket="open", Policy=OPEN)
    client.create_bucket(Bucket="shut", ObjectOwnership="BucketOwnerEnforced")
    client.put_public_access_block(Bucket="shut", PublicAccessBlockConfiguration=ALL)
    found = collect(s3, *QUESTIONS)
    assert found.ids(Bucket) == {f"arn:aws:s3:::{name}" for name in ("plain", "open", "shut")}
    blocks = found.views(Bucket.public_access_block)
    assert (blocks["plain"], blocks["shut"].full) == (PublicAccessBlock(), True)
    assert found.views(Bucket.policy_public) == {"plain": False, "open": True, "shut": False}
    assert found.views(Bucket.ownership)["open"] == "BucketOwnerPreferred"
    assert found.views(Bucket.public_grants) == {"plain": (), "open": ("READ to AllUsers",), "shut": ()}


def test_a_bucket_whose_block_is_full_is_asked_nothing_more(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="shut")
    client.put_public_access_block(Bucket="shut", PublicAccessBlockConfiguration=ALL)
    found = collect(s3, *QUESTIONS)
    assert asked(twin) == {"ListBuckets": 1, "GetPublicAccessBlock": 1}
    assert asked(twin, "s3control") == {}
    assert found.of(Bucket.policy_public)["shut"] == {"NotAsked": "the block of the bucket restricts public policies"}
    assert found.of(Bucket.public_grants)["shut"] == {"NotAsked": "the block of the bucket ignores public ACLs"}


@pytest.mark.parametrize(
    ("flag", "spared"),
    [("RestrictPublicBuckets", {"GetBucketPolicyStatus"}), ("IgnorePublicAcls", {"GetBucketOwnershipControls", "GetBucketAcl"})],
)
def test_each_flag_of_the_account_spares_what_it_decides(twin: AwsTwin, client: Any, collect: Collect, flag: str, spared: set[str]) -> None:
    """And the account is asked once, not for each bucket."""
    for name in ("one", "two", "three"):
        client.create_bucket(Bucket=name)
    flags = {**dict.fromkeys(ALL, False), flag: True}
    twin.client("s3control").put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration=flags)
    collect(s3, *QUESTIONS)
    every = {"GetBucketPolicyStatus", "GetBucketOwnershipControls", "GetBucketAcl"}
    assert {name for name in asked(twin) if name in every} == every - spared
    assert asked(twin, "s3control") == {"GetPublicAccessBlock": 1}


def test_a_block_that_was_not_seen_spares_nothing(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="one")
    twin.client("s3control").put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration=ALL)
    with twin.fault("s3control", "GetPublicAccessBlock", Fault.DENIED), twin.fault("s3", "GetPublicAccessBlock", Fault.DENIED):
        found = collect(s3, *QUESTIONS)
    assert {"GetBucketPolicyStatus", "GetBucketOwnershipControls", "GetBucketAcl"} <= set(asked(twin))
    assert found.of(Bucket.public_access_block)["one"].kind is GapKind.DENIED
    assert found.views(Bucket.public_grants)["one"] == ()


def test_acls_are_read_unless_they_are_off(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="acl-on", ObjectOwnership="ObjectWriter")
    client.create_bucket(Bucket="acl-off", ObjectOwnership="BucketOwnerEnforced")
    found = collect(s3, Bucket.ownership, Bucket.public_grants)
    assert asked(twin)["GetBucketAcl"] == 1
    assert found.of(Bucket.public_grants)["acl-off"] == {"NotAsked": "BucketOwnerEnforced makes ACLs inert"}
    with twin.fault("s3", "GetBucketOwnershipControls", Fault.DENIED):
        found = collect(s3, Bucket.ownership, Bucket.public_grants)
    assert asked(twin)["GetBucketAcl"] == 2
    assert found.of(Bucket.ownership)["acl-off"].kind is GapKind.DENIED


def test_what_is_not_configured_is_an_answer(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="bare")
    with twin.answer("s3", "GetBucketOwnershipControls", AwsError("OwnershipControlsNotFoundError", 404)):
        found = collect(s3, *QUESTIONS, Account.s3_public_access_block, also=(account,))
    assert all(is_absent(found.of(aspect)["bare"]) for aspect in QUESTIONS[:3])
    assert is_absent(found.of(Account.s3_public_access_block)[OWNER])
    with twin.answer("s3", "GetBucketPolicyStatus", AwsError("NoSuchBucket", 404)):
        assert isinstance(collect(s3, Bucket.policy_public).of(Bucket.policy_public)["bare"], Gap)


def test_each_bucket_is_asked_about_in_its_own_region(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="near")
    twin.client("s3", region="eu-west-1").create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    listed = [{"Name": "near", "BucketRegion": "us-east-1"}, {"Name": "far", "BucketRegion": "eu-west-1"}]
    with twin.answer("s3", "ListBuckets", {"Buckets": listed}):
        collect(s3, *QUESTIONS)
    assert {(call.params["Bucket"], call.region) for call in twin.calls("s3") if "Bucket" in call.params} == {
        ("near", "us-east-1"), ("far", "eu-west-1"),
    }  # fmt: skip


def points(*names: str, **change: Any) -> list[dict[str, Any]]:
    arn = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/"
    common = {"NetworkOrigin": "Internet", "Bucket": "behind", "BucketAccountId": OWNER}
    return [common | {"Name": name, "AccessPointArn": arn + name} | change for name in names]


def test_an_access_point(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_bucket(Bucket="behind")
    control = twin.client("s3control")
    control.create_access_point(AccountId=OWNER, Name="quiet", Bucket="behind", PublicAccessBlockConfiguration=ALL)
    control.create_access_point(AccountId=OWNER, Name="open", Bucket="behind", PublicAccessBlockConfiguration=ALL)
    control.put_access_point_policy(AccountId=OWNER, Name="open", Policy=OPEN)
    control.create_access_point(AccountId=OWNER, Name="inside", Bucket="behind", VpcConfiguration={"VpcId": "vpc-1"})
    found = collect(s3, AccessPoint.settings, AccessPoint.policy_public, AccessPoint.public_access_block)
    assert found.ids(AccessPoint) == {f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/{name}" for name in ("quiet", "open", "inside")}
    assert {name: view.vpc_only for name, view in found.views(AccessPoint.settings).items()} == {
        "quiet": False,
        "open": False,
        "inside": True,
    }
    assert found.views(AccessPoint.policy_public) == {"quiet": False, "open": True, "inside": False}
    assert found.views(AccessPoint.public_access_block)["open"].full
    assert asked(twin, "s3control") == {"ListAccessPoints": 1, "GetAccessPointPolicyStatus": 2, "GetAccessPoint": 1}


def test_the_flags_are_asked_where_the_policy_was_not_seen(twin: AwsTwin, collect: Collect) -> None:
    with (
        twin.answer("s3control", "ListAccessPoints", {"AccessPointList": points("door")}),
        twin.answer("s3control", "GetAccessPoint", {"Name": "door", "PublicAccessBlockConfiguration": ALL}),
        twin.fault("s3control", "GetAccessPointPolicyStatus", Fault.DENIED),
    ):
        found = collect(s3, AccessPoint.policy_public, AccessPoint.public_access_block)
    assert found.of(AccessPoint.policy_public)["door"].kind is GapKind.DENIED
    assert found.views(AccessPoint.public_access_block)["door"].full


def test_access_points_are_listed_to_the_end(twin: AwsTwin, collect: Collect) -> None:
    """botocore has no paginator for them: a thousand of them would otherwise pass for all."""
    pages = {None: ("one", "1"), "1": ("two", "2"), "2": ("three", None)}

    def page(parameters: Any) -> dict[str, Any]:
        name, token = pages[parameters.get("NextToken")]
        return {"AccessPointList": points(name)} | ({"NextToken": token} if token else {})

    with twin.answer("s3control", "ListAccessPoints", page):
        found = collect(s3, AccessPoint.settings)
    listing = found.listings[AccessPoint.kind]
    assert (set(found.of(AccessPoint.settings)), listing.count, listing.complete) == ({"one", "two", "three"}, 3, True)
    assert len(twin.calls("s3control", "ListAccessPoints")) == 3


def test_a_list_that_leads_round_in_circles_is_not_complete(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("s3control", "ListAccessPoints", {"AccessPointList": points("one"), "NextToken": "again"}):
        listing = collect(s3, AccessPoint.settings).listings[AccessPoint.kind]
    assert listing.gap is not None
    assert listing.gap.kind is GapKind.TRUNCATED


def test_an_access_point_without_an_arn_has_the_one_that_its_name_implies(twin: AwsTwin, collect: Collect) -> None:
    [door] = points("door")
    del door["AccessPointArn"]
    with twin.answer("s3control", "ListAccessPoints", {"AccessPointList": [door]}):
        assert collect(s3, AccessPoint.settings).ids(AccessPoint) == {f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/door"}


class Elsewhere(BaseHTTPRequestHandler):
    """S3 that names no bucket's region in its list, and sends whoever asks for one in us-east-1 to eu-west-1."""

    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        region = self.headers["Authorization"].split("/")[2]
        if self.path.startswith("/far"):
            self.seen.append((region, self.path))
            if region != "eu-west-1":
                error = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message><Bucket>far</Bucket></Error>"
                return self.say(301, error, {"x-amz-bucket-region": "eu-west-1"})
            rule = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
            wrapped = f"<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"
            return self.say(200, wrapped)
        listed = "<Buckets><Bucket><Name>far</Name></Bucket></Buckets>"
        return self.say(200, f"<ListAllMyBucketsResult>{listed}</ListAllMyBucketsResult>")

    def say(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/xml", "Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
    Elsewhere.seen.clear()
    yield Elsewhere.seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_redirect_is_followed_and_is_no_finding(collect: Collect, elsewhere: list[tuple[str, str]]) -> None:
    """Where S3 named no region, the SDK goes where PermanentRedirect sends it."""
    found = collect(s3, Bucket.encryption)
    assert found.views(Bucket.encryption)["far"].algorithm == "AES256"
    assert [region for region, _ in elsewhere] == ["us-east-1", "eu-west-1"]
