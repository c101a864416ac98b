"""Endpoints as the Internet meets them: handshakes with every address of a name, and what is said over HTTP."""

from controlmon.collect.base import Ask, Met, Operation, Refused, Service
from controlmon.collect.document.fetch import CLOSED, bare
from controlmon.core.fact import GapKind, Raw, is_absent, not_asked
from controlmon.facts.document.systems import Endpoint

tls = Service("document", "tls")
HANDSHAKE = Operation("tls", "handshake", needs=("reach the endpoints of the register directly",))
GET = Operation("http", "GET", needs=("reach the endpoints of the register",), absent=(CLOSED,))
ANOTHERS = "another company answers it"


@tls.answers(Endpoint.handshakes, HANDSHAKE, after=(Endpoint.row,))
def handshakes(ask: Ask, endpoint: Met) -> Raw:
    """Which versions of TLS it takes, and its certificate. What another company answers is not knocked at."""
    row = Endpoint.row.view(endpoint.answer(Endpoint.row))
    return not_asked(ANOTHERS) if row.third_party else ask(host=row.host, port=row.port)


@tls.answers(Endpoint.web, GET, after=(Endpoint.row,))
def web(ask: Ask, endpoint: Met) -> Raw:
    """Its answer over TLS, if a browser may come, and its answer in the clear."""
    row = Endpoint.row.view(endpoint.answer(Endpoint.row))
    if row.third_party:
        return not_asked(ANOTHERS)
    port = "" if row.port == 443 else f":{row.port}"
    told = {"https": _said(ask, f"https://{row.host}{port}/")} if row.hsts else {}
    if row.clear:
        told["plain"] = _said(ask, f"http://{row.host}{'' if row.clear == 80 else f':{row.clear}'}/")
    return told


def _said(ask: Ask, url: str) -> Raw:
    try:
        raw = ask(url=url, follow=False, body=False)
    except Refused as refused:
        return {"unseen": str(refused.gap), "silent": refused.gap.kind is GapKind.TIMEOUT}
    if is_absent(raw):
        return {"closed": True}
    if "tls" in raw:
        return {"unseen": f"its certificate is not to be believed: {raw['tls']}"}
    headers = raw["headers"]
    return {"status": raw["status"], "location": bare(headers.get("location", "")), "hsts": headers.get("strict-transport-security")}
