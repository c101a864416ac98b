"""What a list of firewall rules lets in."""

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.facts import net
from controlmon.facts.net import Opening, exposures, network, on_the_internet, protocol, public, span, told, union


def rule(protocol: str = "tcp", first: int = 22, last: int = 22, *sources: str) -> Opening:
    return Opening(protocol=protocol, first=first, last=last, sources=sources)


@pytest.mark.parametrize(
    ("given", "name"),
    [("-1", "all"), ("*", "all"), ("Any", "all"), ("6", "tcp"), ("TCP", "tcp"), ("17", "udp"), ("58", "icmpv6"), ("50", "50")],
)
def test_protocols_have_names_and_numbers(given: str, name: str) -> None:
    assert protocol(given) == name


def test_a_protocol_is_text() -> None:
    with pytest.raises(TypeError, match="not text"):
        protocol(6)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [("22", 22, TypeError), (True, 22, TypeError), (22, 21, ValueError), (-1, -1, ValueError), (0, 65536, ValueError)],
)
def test_what_is_no_range_of_ports_is_refused(first: Any, last: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        span(first, last)


def test_a_range_of_ports() -> None:
    assert span(0, 65535) == (0, 65535)
    assert span(22, 22) == (22, 22)


@pytest.mark.parametrize("cidr", [7, None, "0.0.0.0/33", "anywhere"])
def test_what_is_no_block_of_addresses_is_refused(cidr: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        network(cidr)


@pytest.mark.parametrize(
    ("opening", "opens"),
    [
        pytest.param(rule("tcp", 22, 22), True, id="the port itself"),
        pytest.param(rule("tcp", 20, 25), True, id="a range around it"),
        pytest.param(rule("tcp", 0, 65535), True, id="every port"),
        pytest.param(rule("all", 0, 65535), True, id="every protocol"),
        pytest.param(rule("tcp", 23, 65535), False, id="a range above it"),
        pytest.param(rule("tcp", 0, 21), False, id="a range below it"),
        pytest.param(rule("udp", 22, 22), False, id="another protocol"),
        pytest.param(rule("icmp", 0, 65535), False, id="ICMP, whose numbers are no ports"),
        pytest.param(rule("50", 0, 65535), False, id="a protocol without ports"),
    ],
)
def test_an_opening_opens_a_port(opening: Opening, opens: bool) -> None:
    assert opening.opens("tcp", 22) is opens


def test_an_opening_counts_for_udp_too() -> None:
    assert rule("udp", 3389, 3389).opens_any((22, 3389))
    assert not rule("icmp", 0, 65535).opens_any((22, 3389))
    assert not rule("tcp", 443, 443).opens_any((22, 3389))


@pytest.mark.parametrize(
    ("cidrs", "wide"),
    [
        pytest.param(["0.0.0.0/0"], ["0.0.0.0/0"], id="all of IPv4"),
        pytest.param(["::/0"], ["::/0"], id="all of IPv6"),
        pytest.param(["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/0"], id="two halves"),
        pytest.param(["::/1", "8000::/1"], ["::/0"], id="two halves of IPv6"),
        pytest.param(["8.0.0.0/9", "8.128.0.0/9"], ["8.0.0.0/8"], id="halves of a wide prefix"),
        pytest.param(["8.0.0.0/9"], [], id="one half of it is not wide"),
        pytest.param(["8.0.0.0/8"], ["8.0.0.0/8"], id="a wide prefix"),
        pytest.param(["203.0.113.0/24", "2001:db8::/32"], [], id="somebody's own network"),
        pytest.param(["10.0.0.0/8"], [], id="a private network is as wide, and nobody's on the internet"),
        pytest.param(["10.0.0.0/9", "10.128.0.0/9"], [], id="nor are its halves"),
        pytest.param(["10.0.0.0/7"], ["10.0.0.0/7"], id="but what reaches beyond it is"),
        pytest.param(["224.0.0.0/4", "240.0.0.0/4"], [], id="multicast and reserved addresses send nothing"),
        pytest.param(["2000::/3"], ["2000::/3"], id="global unicast"),
        pytest.param(["2002::/16"], ["2002::/16"], id="IPv4 within IPv6"),
        pytest.param(["2002::/17"], [], id="half of that is not wide"),
        pytest.param(["fc00::/7", "fe80::/10"], [], id="private and local IPv6"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_what_is_as_wide_as_the_internet(cidrs: list[str], wide: list[str]) -> None:
    assert [str(block) for block in public(cidrs)] == wide


def test_how_wide_is_wide_can_be_told() -> None:
    assert [str(block) for block in public(["8.8.0.0/16"], wide_v4=16)] == ["8.8.0.0/16"]
    assert [str(block) for block in public(["8.0.0.0/8"], wide_v4=7)] == []
    assert [str(block) for block in public(["2600::/32"], wide_v6=32)] == ["2600::/32"]


@pytest.mark.parametrize(
    ("cidr", "public"),
    [
        ("203.0.113.7/32", True), ("10.1.0.0/16", False), ("172.31.0.0/16", False), ("172.32.0.0/16", True), ("192.168.1.0/24", False),
        ("100.64.0.0/10", False), ("100.128.0.0/10", True), ("0.0.0.0/0", True), ("2600::/16", True), ("fd00::/8", False),
        ("64:ff9b::/96", True), ("::/0", True),
    ],
)  # fmt: skip
def test_who_may_be_a_stranger(cidr: str, public: bool) -> None:
    assert on_the_internet(network(cidr)) is public


def test_rules_add_up() -> None:
    """Two rules that each open half of the internet for one port open it to all; for different ports they do not."""
    halves = [rule("tcp", 20, 25, "0.0.0.0/1"), rule("all", 0, 65535, "128.0.0.0/1")]
    assert [(e.protocol, e.port, e.source) for e in exposures(halves, (22,), wide_v4=0)] == [("tcp", 22, "0.0.0.0/0")]
    apart = [rule("tcp", 22, 22, "0.0.0.0/1"), rule("tcp", 23, 23, "128.0.0.0/1"), rule("udp", 22, 22, "128.0.0.0/1")]
    assert list(exposures(apart, (22,), wide_v4=0)) == []


def test_every_port_and_protocol_is_told() -> None:
    found = list(exposures([rule("all", 0, 65535, "0.0.0.0/0"), rule("tcp", 22, 22, "::/0")], (22, 3389)))
    assert told(found) == "tcp 22, 3389 to 0.0.0.0/0; tcp 22 to ::/0; udp 22, 3389 to 0.0.0.0/0"


v4 = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda pair: f"{ip_address(pair[0])}/{pair[1]}")


@given(st.lists(v4, max_size=8), st.integers(0, 2**32 - 1))
def test_a_union_holds_the_addresses_of_its_parts_and_no_others(cidrs: list[str], address: int) -> None:
    one = ip_address(address)
    whole = union(cidrs)
    assert any(one in block for block in whole) == any(one in network(cidr) for cidr in cidrs)
    assert len(whole) <= len(set(cidrs))


@given(st.lists(v4, max_size=8), st.lists(v4, max_size=4))
def test_more_sources_are_never_less_public(cidrs: list[str], more: list[str]) -> None:
    assert not public(cidrs) or public([*cidrs, *more])


def test_the_documented_widths_are_those_in_force() -> None:
    assert (net.WIDE_V4, net.WIDE_V6) == (8, 16)
