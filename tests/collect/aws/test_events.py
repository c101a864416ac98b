"""The collector of the uses of break-glass over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

from controlmon.collect.aws.events import events
from controlmon.collect.aws.iam import iam
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.iam import Role, User
from tests.collect.aws.conftest import NOW, Collect
from tests.twins.aws import AwsError, AwsTwin

AT = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
REGIONS = {
    "Regions": [
        {"RegionName": one, "OptInStatus": status}
        for one, status in (("us-east-1", "opt-in-not-required"), ("eu-west-1", "opted-in"), ("af-south-1", "not-opted-in"))
    ]
}


def event(name: str = "AssumeRole", **told: Any) -> dict[str, Any]:
    identity = {"type": "AssumedRole", "principalId": "AROA1:ada", "sessionContext": {"sourceIdentity": "ada@a.example"}}
    handed = {"responseElements": {"credentials": {"sessionToken": "a secret"}}}
    detail = {"awsRegion": "eu-west-1", "userIdentity": identity} | handed | told
    return {"EventId": f"e-{name}", "EventName": name, "EventTime": AT, "CloudTrailEvent": json.dumps(detail)}


def role(twin: AwsTwin, name: str, condition: dict[str, Any]) -> str:
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    made = twin.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    return str(made["Role"]["Arn"])


def test_uses_of_a_role_in_every_region_without_the_credentials_that_it_hands_out(twin: AwsTwin, collect: Collect) -> None:
    """What only reads the role is no use; a role without MFA is not asked about, nor a region that is not enabled."""
    arn = role(twin, "glass", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    role(twin, "machine", {})
    found_there = {"Events": [event(), event("GetRole"), event("AssumeRoleWithSAML", errorCode="AccessDenied")]}
    with (
        twin.answer("ec2", "DescribeRegions", REGIONS),
        twin.answer("cloudtrail", "LookupEvents", found_there, region="eu-west-1"),
        twin.answer("cloudtrail", "LookupEvents", {"Events": []}, region="us-east-1"),
    ):
        found = collect(events, Role.uses, also=(iam,))
    [use] = found.views(Role.uses)["glass"].seen
    assert (use.event, use.at, use.who, use.region) == ("AssumeRole", AT, "ada@a.example", "eu-west-1")
    assert "a secret" not in str(found.facts)
    assert is_absent(found.of(Role.uses)["machine"])
    calls = twin.calls("cloudtrail", "LookupEvents")
    assert sorted(call.region for call in calls) == ["eu-west-1", "us-east-1"]
    assert {call.params["LookupAttributes"][0]["AttributeValue"] for call in calls} == {arn}
    assert {call.params["EndTime"] - call.params["StartTime"] for call in calls} == {90 * 24 * 3600}
    assert {call.params["EndTime"] for call in calls} == {NOW.timestamp()}


def test_a_region_that_refuses_is_told_beside_the_others(twin: AwsTwin, collect: Collect) -> None:
    """And is all there is to tell, if the others say nothing."""
    role(twin, "glass", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    for seen in ([event()], []):
        with (
            twin.answer("ec2", "DescribeRegions", REGIONS),
            twin.answer("cloudtrail", "LookupEvents", {"Events": seen}, region="eu-west-1"),
            twin.answer("cloudtrail", "LookupEvents", AwsError("AccessDeniedException", 400), region="us-east-1"),
        ):
            answer = collect(events, Role.uses, also=(iam,)).views(Role.uses)["glass"]
        gap = answer if isinstance(answer, Gap) else answer.gap
        assert (gap.kind, gap.operation, isinstance(answer, Gap)) == (GapKind.DENIED, "cloudtrail:LookupEvents", not seen)


def test_logins_of_a_user_with_a_password_and_mfa(twin: AwsTwin, collect: Collect) -> None:
    """A login that failed is no use."""
    client = twin.client("iam")
    for name in ("glass", "keys"):
        client.create_user(UserName=name)
    client.create_login_profile(UserName="glass", Password="Pa55word!long-enough")
    device = client.create_virtual_mfa_device(VirtualMFADeviceName="glass")["VirtualMFADevice"]["SerialNumber"]
    client.enable_mfa_device(UserName="glass", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    identity = {"type": "IAMUser", "userName": "glass"}
    logins = [event("ConsoleLogin", userIdentity=identity, responseElements={"ConsoleLogin": how}) for how in ("Success", "Failure")]
    with (
        twin.answer("ec2", "DescribeRegions", {"Regions": REGIONS["Regions"][:1]}),
        twin.answer("cloudtrail", "LookupEvents", {"Events": logins}),
    ):
        found = collect(events, User.uses, also=(iam,))
    assert [use.who for use in found.views(User.uses)["glass"].seen] == ["glass"]
    assert is_absent(found.of(User.uses)["keys"])
