"""aws.elbv2.http_redirect on raw answers of Elastic Load Balancing and EC2."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.elbv2.http_redirect"
TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
TO_ITSELF = {"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}", "StatusCode": "HTTP_301"}}
TO_NOTHING = {"Type": "redirect", "RedirectConfig": {"Path": "/x", "StatusCode": "HTTP_301"}}
FORWARD, FIXED = {"Type": "forward", "TargetGroupArn": "arn:t"}, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def listener(*actions: Any, rules: Any = (), protocol: str = "HTTP") -> Given:
    raw = {"LoadBalancerArn": "arn:lb", "Protocol": protocol, "Port": 80, "DefaultActions": list(actions)}
    asked = rules if isinstance(rules, dict) or rules is DENIED else {"Rules": [{"Priority": f"{n}", "Actions": [a]} for n, a in enumerate(rules)]}  # fmt: skip
    return Given(Listener, "arn:l", settings=raw, rules_serving=asked)


BALANCER = Given(LoadBalancer, "arn:lb", settings={"Type": "application", "Scheme": "internal", "SecurityGroups": ["sg-1"]})


def group(lists: tuple[str, ...] = (), cidrs: tuple[str, ...] = (), groups: tuple[str, ...] = (), port: int = 80) -> Given:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs],
        "Ipv6Ranges": [],
        "PrefixListIds": [{"PrefixListId": name} for name in lists],
        "UserIdGroupPairs": [{"GroupId": name} for name in groups],
    }
    return Given(SecurityGroup, "arn:sg", name="sg-1", rules={"IpPermissions": [rule]})


OPEN = group(cidrs=("0.0.0.0/0",))


@pytest.mark.parametrize(
    ("subject", "outcome", "because"),
    [
        pytest.param(listener(TO_HTTPS, rules=[TO_HTTPS]), "pass", "redirect to HTTPS", id="all redirects"),
        pytest.param(listener(FIXED, rules=[FIXED, TO_HTTPS]), "pass", "by themselves", id="or fixed answers"),
        pytest.param(listener(FORWARD), "fail", "default action", id="a forward"),
        pytest.param(listener(TO_HTTPS, rules=[TO_HTTPS, FORWARD]), "fail", "rules 1", id="a rule that forwards beside a redirect"),
        pytest.param(listener(TO_ITSELF), "fail", "default action", id="a redirect to where it came from"),
        pytest.param(listener(TO_NOTHING), "fail", "default action", id="or that names no protocol"),
        pytest.param(listener(TO_HTTPS, rules=[TO_ITSELF]), "fail", "rules 0", id="also in a rule"),
        pytest.param(listener(FORWARD, protocol="HTTPS"), "not_applicable", "HTTPS", id="HTTPS is another check's"),
        pytest.param(listener(TO_HTTPS, rules=DENIED), "unknown", "grant svc:Permission", id="rules that may not be seen"),
        pytest.param(listener(FORWARD, rules=DENIED), "fail", "default", id="which a forward does not need"),
        pytest.param(listener(TO_HTTPS, rules=not_asked("x")), "unknown", "not looked at", id="or were not asked for"),
        pytest.param(Given(Listener, settings=DENIED), "unknown", "grant", id="a denied listener"),
        pytest.param(Given(Listener, settings={"LoadBalancerArn": "a"}), "unknown", "DefaultActions", id="an empty one"),
    ],
)
def test_listener(subject: Given, outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, BALANCER, OPEN)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("others", "more", "outcome"),
    [
        pytest.param([BALANCER, group(lists=("pl-1",))], {}, "unknown", id="only a prefix list reaches it"),
        pytest.param([BALANCER, group(lists=("pl-1",), cidrs=("10.0.0.0/8",))], {}, "fail", id="and others"),
        pytest.param([BALANCER, group(lists=("pl-1",), groups=("sg-9",), cidrs=())], {}, "unknown", id="a group beside a list"),
        pytest.param([BALANCER, group(groups=("sg-9",))], {}, "fail", id="only another group"),
        pytest.param([BALANCER, group(lists=("pl-1",), port=443)], {}, "fail", id="a list for another port"),
        pytest.param([BALANCER], {"gaps": {SecurityGroup: DENIED}}, "unknown", id="groups that were not seen"),
        pytest.param([], {"gaps": {LoadBalancer: DENIED}, "empty": (SecurityGroup,)}, "unknown", id="a load balancer that was not"),
    ],
)
def test_what_cloudfront_alone_reaches_is_decided_there(others: list[Given], more: Any, outcome: str) -> None:
    found = verdict(CHECK, listener(FORWARD), *others, **more)
    assert found.outcome == outcome, found.reason


def test_listeners_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Listener: DENIED}))] == ["unknown"]
