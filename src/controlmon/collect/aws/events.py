"""When the principals of people were used: CloudTrail's event history, in every region, since a use is told where it happened.

The history answers twice a second in each region, so only those are asked about that break-glass may be: roles that nobody assumes without
MFA, and users with a password and MFA.
"""

import json

from controlmon.collect.ask import shaped
from controlmon.collect.base import Ask, Met, Operation, Refused, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.events import HISTORY, demands_mfa
from controlmon.facts.aws.iam import Role, User

events = Service("aws", "events")
LOOKUP = Operation("cloudtrail", "LookupEvents", needs=("cloudtrail:LookupEvents",))
PLACES = Operation("ec2", "DescribeRegions", needs=("ec2:DescribeRegions",), shared=True)
IDENTITY = ("type", "principalId", "arn", "accountId", "userName")


@events.answers(Role.uses, LOOKUP, PLACES, after=[Role.trust])
def role_uses(ask: Ask, role: Met) -> Raw:
    """Who assumed a role."""
    allowed = [statement for statement in Role.trust.view(role.answer(Role.trust)).statements if statement.allow]
    if not allowed or not all(demands_mfa(statement) for statement in allowed):
        return not_asked("it can be assumed without MFA")
    return _looked_up(ask, "ResourceName", role.id)


@events.answers(User.uses, LOOKUP, PLACES, after=[User.credentials])
def user_uses(ask: Ask, user: Met) -> Raw:
    """When a user logged in to the console, or assumed a role."""
    credentials = User.credentials.view(user.answer(User.credentials))
    if not credentials.password or not credentials.mfa:
        return not_asked("it has no password, or no MFA device")
    return _looked_up(ask, "Username", user.name)


def _looked_up(ask: Ask, attribute: str, value: str) -> Raw:
    """The uses of the last 90 days. A region that refuses is told beside what the others say; if none says anything, so is the answer."""
    with shaped(PLACES):
        listed = ask.to(PLACES)(AllRegions=True)["Regions"]
        regions = sorted(one["RegionName"] for one in listed if one.get("OptInStatus") != "not-opted-in")
    found: list[Raw] = []
    refusals: list[Refused] = []
    for region in regions:
        asked = {"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}], "StartTime": ask.now - HISTORY}
        try:
            found += [_kept(one) for one in ask.at(region).items("Events", **asked, EndTime=ask.now) if _is_use(one)]
        except Refused as refused:
            refusals.append(refused)
    if refusals and not found:
        raise refusals[0]
    answer: dict[str, Raw] = {"Events": sorted(found, key=lambda one: (str(one["EventTime"]), str(one["EventId"])))}
    if refusals:
        gap = refusals[0].gap
        answer["Refused"] = {"kind": gap.kind.value, "operation": gap.operation, "detail": gap.detail, "needs": list(gap.needs)}
    return answer


def _is_use(event: Raw) -> bool:
    return str(event["EventName"]).startswith("AssumeRole") or event["EventName"] == "ConsoleLogin"


def _kept(event: Raw) -> Raw:
    """Who did what when. The credentials that AssumeRole hands out are in the event, and are not kept."""
    told = json.loads(event["CloudTrailEvent"])
    identity, asked = told["userIdentity"], told.get("requestParameters") or {}
    session = identity.get("sessionContext") or {}
    answered = (told.get("responseElements") or {}).get("ConsoleLogin", "Success")
    return {
        "EventId": event["EventId"],
        "EventName": event["EventName"],
        "EventTime": event["EventTime"],
        "Region": told["awsRegion"],
        "Identity": {key: identity[key] for key in IDENTITY if key in identity},
        "SourceIdentity": asked.get("sourceIdentity") or session.get("sourceIdentity") or "",
        "Failed": bool(told.get("errorCode")) or answered != "Success",
    }
