"""One HTTP GET: redirects followed and told, bodies read to a limit, and every way in which it can fail a gap of its kind.

Proxies are those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
"""

import codecs
import errno
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from controlmon.collect.base import Operation, Refused
from controlmon.collect.document.trust import WRONG, context, refusal
from controlmon.core.fact import Gap, GapKind, Raw, absent

if TYPE_CHECKING:
    import httpx

SECONDS = 20.0
"""How long to wait for a connection, and for each part of an answer; an answer as a whole has three times that."""
LIMIT = 5_000_000
"""Bytes of a body; a longer one is a gap."""
HOPS = 10
KEPT = ("content-type", "last-modified", "location", "strict-transport-security", "retry-after")
REDIRECTS = (301, 302, 303, 307, 308)
CLOSED = "ConnectionRefused"
"""The code of an answer that is one where it was declared: nobody listens."""


def get(operation: Operation, url: str, *, follow: bool = True, body: bool = True, seconds: float = SECONDS) -> Raw:
    """The answer to a GET: `url` (the last one), `status`, `headers`, `hops` (the redirects before it), `text` and `bytes`.

    `tls` in place of a status says that the server's own certificate is not to be believed, and why.

    Args:
        operation: what is asked; if it declares `ConnectionRefused` as absent, that is an answer.
        url: where.
        follow: whether to go where it redirects to.
        body: whether to read the body.
        seconds: see `SECONDS`.

    Raises:
        Refused: if there is no answer, or not all of it.

    """
    import httpx  # noqa: PLC0415 - heavy, and most runs fetch nothing

    hops: list[dict[str, Any]] = []
    been: set[str] = set()
    until = time.monotonic() + 3 * seconds
    headers = {"User-Agent": "controlmon", "Accept-Encoding": "identity", "Accept-Language": "en"}
    try:
        with httpx.Client(verify=context(), timeout=seconds, headers=headers) as client:
            while True:
                with client.stream("GET", url) as response:
                    told = {
                        "url": bare(url),
                        "status": response.status_code,
                        "headers": {k: v for k, v in response.headers.items() if k in KEPT},
                    }
                    if not (follow and response.status_code in REDIRECTS and response.next_request):
                        return {**told, "hops": hops, **(_body(operation, response, until) if body else {})}
                    hops.append({"url": bare(url), "status": response.status_code})
                    been.add(url)
                    url = str(response.next_request.url)
                if len(hops) > HOPS or url in been:
                    raise Refused(
                        _gap(GapKind.TRUNCATED, operation, f"after {len(hops)} redirects it leads round in circles, to {bare(url)}")
                    )
    except httpx.TimeoutException as error:
        raise Refused(_gap(GapKind.TIMEOUT, operation, f"{bare(url)}: {type(error).__name__}")) from error
    except httpx.DecodingError as error:
        raise Refused(_gap(GapKind.MALFORMED, operation, f"{bare(url)}: {error}")) from error
    except (httpx.TransportError, httpx.InvalidURL, ValueError, OSError) as error:
        wrong = refusal(error)
        if wrong and wrong.verify_code in WRONG:
            return {"url": bare(url), "tls": wrong.verify_message, "hops": hops}
        if CLOSED in operation.absent and _errno(error) == errno.ECONNREFUSED:
            return absent(CLOSED)
        hint = "; if a proxy ends TLS here, name its authority in SSL_CERT_FILE" if wrong else ""
        cut = isinstance(error, httpx.RemoteProtocolError) and "complete message body" in str(error)
        raise Refused(_gap(GapKind.TRUNCATED if cut else GapKind.UNAVAILABLE, operation, f"{bare(url)}: {error}{hint}")) from error


def _body(operation: Operation, response: "httpx.Response", until: float) -> dict[str, Any]:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > LIMIT:
            raise Refused(
                _gap(GapKind.TRUNCATED, operation, f"{bare(str(response.url))} has more than {LIMIT:,} bytes, which are not read")
            )
        if time.monotonic() > until:
            raise Refused(_gap(GapKind.TIMEOUT, operation, f"{bare(str(response.url))}: its body did not come to an end"))
    return {"text": decoded(bytes(data), response.charset_encoding), "bytes": len(data)}


def bare(url: str) -> str:
    """An address without what may be a secret, or change by itself: the query, the fragment, and who comes."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def decoded(data: bytes, told: str | None) -> str:
    """A body as text, by its header, its mark, or what it says of itself at its beginning (HTML section 13.2.3); else UTF-8."""
    if data.startswith(codecs.BOM_UTF8):
        told = "utf-8-sig"
    if told is None and (found := re.search(rb"""<meta[^>]{0,200}charset=["']?([\w.:-]+)""", data[:1024], re.IGNORECASE)):
        told = found[1].decode("ascii", "replace")
    try:
        return data.decode(told or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _gap(kind: GapKind, operation: Operation, detail: str) -> Gap:
    return Gap(kind, operation.id, " ".join(detail.split())[:300], operation.needs)


def _errno(error: BaseException) -> int | None:
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ConnectionRefusedError):
        seen = seen.__cause__ or seen.__context__
    return errno.ECONNREFUSED if seen is not None else None
