"""Every public endpoint takes TLS 1.2 or 1.3 and nothing older, with a certificate that browsers believe, and leads there from plain HTTP.

What a load balancer is configured to do is not what the edge in front of it does, and one address of a name may differ from the next: so
each is asked, version by version, and what counts is the server's own word. A client whose library refuses TLS 1.0 has shown nothing of the
server; here the greeting is written by hand.
"""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from controlmon.check import All, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.document.registers import Company
from controlmon.facts.document.systems import Endpoint
from controlmon.facts.document.tls import GOOD, REFUSALS, Chain, Met, Spoken
from controlmon.facts.document.web import BOT_WALLS

ROW = {"id": "app", "host": "app.example.com"}
NO, YES = {"answer": "alert", "alert": 70}, {"TLS 1.2": "TLS 1.2", "TLS 1.3": "TLS 1.3"}
CERTIFICATE: dict[str, object] = {"valid": True, "not_after": "2027-06-01T00:00:00Z", "issuer": "Example Authority"}


def case(
    taken: dict[str, str] = YES, chain: dict[str, object] = CERTIFICATE, hsts: str | None = "max-age=31536000", location: str = "https://a/"
) -> tuple[Endpoint, All[Endpoint]]:
    names = ("SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
    versions = {name: {"answer": "hello", "selected": taken[name], "suite": "0x1301"} if name in taken else NO for name in names}
    met = {"results": [{"versions": versions, "chain": chain}], "addresses": {"192.0.2.1": 0, "2001:db8::1": 0}}
    web = {"https": {"status": 200, "hsts": hsts}, "plain": {"status": 301, "location": location}}
    return Endpoint.example(id="app", row=ROW, handshakes=met, web=web), All[Endpoint].of()


@check(
    title="Public endpoints negotiate TLS 1.2+ only, with valid certificates",
    severity="critical",
    reads=[Endpoint.row, Endpoint.handshakes, Endpoint.web],
    remediation="Allow TLS 1.2 and 1.3 alone, renew or mend the certificate, redirect plain HTTP, and send Strict-Transport-Security.",
    proves="What each address of each registered name took and refused when it was asked from here. Not that every public name is "
    "registered, nor what SSL 2.0 or a client with its own certificate would get. HSTS and the redirect are those of the name, not of "
    "each address.",
    passes=[case(), case({"TLS 1.3": "TLS 1.3"})],
    fails=[
        case(YES | {"TLS 1.0": "TLS 1.0"}),
        case({}),
        case(chain={"valid": False, "why": "certificate has expired"}),
        case(chain=CERTIFICATE | {"not_after": "2026-12-01T00:00:00Z"}),
        case(hsts=None),
        case(location="http://www.a/"),
    ],
)
def judge(
    subject: Endpoint | Company,
    endpoints: All[Endpoint],
    now: datetime,
    *,
    min_days: int = 21,
    require_hsts: bool = True,
    families: tuple[str, ...] = ("ipv4", "ipv6"),
    silence_is_closed: bool = False,
) -> Verdict:
    if isinstance(subject, Company):
        own = sum(not one.row.third_party for one in endpoints)
        return passed(f"{own} endpoints are registered") if own else failed("no endpoint of our own is registered: none is probed")
    if subject.row.third_party:
        return not_applicable("another company answers it, as the register says")
    web = subject.web
    said = [_secure(web.https), _plain(web.plain, silence_is_closed)] if require_hsts else [_plain(web.plain, silence_is_closed)]
    if wrong := next((told for told, sure in said if told and sure), ""):
        return failed(wrong)
    each = subject.handshakes.each()
    if wrong := next((f"{address} {told}" for address, met in each for told in _flaws(met, now, min_days)), ""):
        return failed(wrong)
    asked = [(address, met) for address, met in each if f"ipv{ip_address(address).version}" in families]
    unsure = [f"{address} {told}" for address, met in asked for told in _doubts(met)] + [told for told, _ in said if told]
    if unsure or not asked:
        return unknown("; ".join(unsure) or f"it has no address of {', '.join(families)}")
    ends = min(met.chain.not_after for _, met in asked if met.chain.not_after)
    versions = " and ".join(sorted({version for _, met in asked for version in met.good()}))
    return passed(f"{len(asked)} addresses take {versions} and nothing older; the certificate holds until {ends.date()}")


def _flaws(met: Met, now: datetime, min_days: int) -> Iterator[str]:
    """What is wrong at one address, for certain."""
    if old := met.old():
        yield f"takes {', '.join(old)}"
    if met.versions and all(met.versions[name].answer in (*REFUSALS, "other") for name in GOOD):
        yield f"takes neither TLS 1.2 nor 1.3 ({met.versions['TLS 1.2'].words})"
    yield from _certificate(met.chain, now, min_days)


def _certificate(chain: Chain, now: datetime, min_days: int) -> Iterator[str]:
    if chain.valid is False:
        yield f"has a certificate that is not to be believed: {chain.why}"
    if chain.not_after is not None and (days := (chain.not_after - now).days) <= min_days:
        yield f"has a certificate that ends on {chain.not_after.date()}, in {days} days; more than {min_days} are required"


def _doubts(met: Met) -> Iterator[str]:
    """What was not seen of one address."""
    if met.unreachable:
        yield f"cannot be reached: {met.unreachable}"
    elif unsaid := met.unsaid():
        yield f"said neither yes nor no to {', '.join(unsaid)}"
    elif not met.good():
        yield "answered neither to TLS 1.2 nor to 1.3"
    elif met.chain.valid is None:
        yield f"did not show its certificate: {met.chain.unseen}"


def _secure(said: Spoken | None) -> tuple[str, bool]:
    """What is wrong with the answer over TLS, and whether that is certain. None: no browser comes there."""
    if said is None or said.hsts_seconds:
        return "", True
    if said.closed or said.unseen or said.status in BOT_WALLS:
        return f"whether it sends Strict-Transport-Security was not seen: {said.unseen or said.status or 'nobody listens'}", False
    return f"it sends Strict-Transport-Security {said.hsts}" if said.hsts else "it sends no Strict-Transport-Security", True


def _plain(said: Spoken | None, silence_is_closed: bool) -> tuple[str, bool]:  # noqa: FBT001 - the parameter
    """What is wrong with the answer in the clear, and whether that is certain."""
    if said is None or said.closed or (said.silent and silence_is_closed):
        return "", True
    if said.unseen or said.status in BOT_WALLS or said.status >= 500:
        return f"what it says over plain HTTP was not seen: {said.unseen or said.status}", False
    if said.status not in (301, 302, 303, 307, 308):
        return f"it answers {said.status} over plain HTTP, and does not redirect", True
    return ("" if said.location.lower().startswith("https://") else f"plain HTTP redirects to {said.location or 'nowhere'}"), True
