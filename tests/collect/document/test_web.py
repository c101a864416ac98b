"""http:GET, and the checks of published pages, against servers on loopback that behave as sites do, and as they should not."""

import socket
import ssl
from datetime import timedelta
from typing import Any

import pytest

from controlmon.collect.base import Operation, Refused
from controlmon.collect.document import web
from controlmon.collect.document.fetch import LIMIT, get
from controlmon.collect.document.shown import shown
from controlmon.core.fact import GapKind
from controlmon.facts.base import All
from controlmon.facts.document.exercises import Exercise, Notice
from controlmon.facts.document.policies import Document
from controlmon.facts.document.published import shown_statuses
from controlmon.facts.document.systems import Page
from tests.checks.document.rows import COMPANY, SHA, company, person, row
from tests.collect.document.doors import NOW, OK, Authority, asked, door, moved, page, secured, told
from tests.collect.document.kept import Write, outcomes
from tests.support import Given

PAGES, SUBPROCESSORS, REPORTING = (f"document.web.{one}" for one in ("published_pages", "subprocessor_page", "reporting_channel"))
OPERATION = Operation("http", "GET", needs=("reach it",))
TODAY = NOW.date()
LATELY = TODAY - timedelta(days=30)
SAID = f"Last updated: {LATELY:%B %d, %Y}"
PRIVACY = f"<html><head><title>Privacy Policy</title></head><body><h1>Privacy</h1><p>We care. {SAID}</p></body></html>"
LIST = (
    f"<html><body><h1>Subprocessors</h1><p>{SAID}</p><table><tr><th>Purpose<th>Name</tr><tr><td>Cloud<td>AWS (hosting)</tr>"
    "<tr><td>Mail</td><td>Microsoft 365</td></tr></table><form><input type=email name=e></form></body></html>"
)
SHELL = "<html><head><script src=a.js></script></head><body><div id=root></div><noscript>Enable JavaScript</noscript></body></html>"
CHANNEL = "<html><body><h1>Report</h1><p>You may stay anonymous.</p></body></html>"


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    return secured(authority.chain("localhost"))


def digest(body: str) -> str:
    return str(shown(body, "text/html", (), "other")["digest"])


def seen(port: int, kind: str = "privacy", approved: str = "", path: str = "/", scheme: str = "https", **more: Any) -> Given:
    about = {"id": "p", "name": "P", "kind": kind, "url": f"{scheme}://localhost:{port}{path}", "approved_at": str(LATELY)}
    about |= {"approved": approved or SHA, "approved_by": "ada"} | more
    return asked(Page, {"fetched": (web.fetched, web.GET), "contact": (web.contact, web.GET)}, **about)


def redirecting(path: str) -> bytes:
    return moved("/new?token=hidden#x") if path == "/" else page(PRIVACY)


OLD, UNREADABLE = PRIVACY.replace(SAID, "Last updated: January 5th, 2020"), PRIVACY.replace(SAID, "Last updated: 01/02/2026")


@pytest.mark.parametrize(
    ("reply", "approved", "outcome", "why"),
    [
        (page(PRIVACY), PRIVACY, "pass", "the version that ada approved"),
        (redirecting, PRIVACY, "pass", ""),
        (page(PRIVACY.replace("<p>", "\n<script>nonce=7</script>\n<p class=a>")), PRIVACY, "pass", ""),
        (page(PRIVACY.replace("We care", "We sell")), PRIVACY, "fail", "was approved on"),
        (page(PRIVACY.replace("Privacy", "Secrecy")), PRIVACY, "fail", "does not show Privacy"),
        (page(PRIVACY.replace(SAID, "")), PRIVACY.replace(SAID, ""), "fail", "when it was last updated"),
        (page(OLD), OLD, "fail", "January 5th, 2020"),
        (page(UNREADABLE), UNREADABLE, "unknown", "01/02/2026"),
        (page("gone", "404 Not Found"), PRIVACY, "fail", "answers 404"),
        (page("oops", "500 Oops"), PRIVACY, "fail", "answers 500"),
        *((page("Are you human?", status), PRIVACY, "unknown", "robots") for status in ("403 No", "429 Slow", "503 Busy")),
        (page(SHELL), PRIVACY, "unknown", "made in the browser"),
        (moved("/"), PRIVACY, "unknown", "round in circles"),
        (lambda path: moved(f"{path}x"), PRIVACY, "unknown", "round in circles"),
        (page(PRIVACY)[:-20], PRIVACY, "unknown", "cut short"),
        (b"220 smtp ready\r\n", PRIVACY, "unknown", ""),
        (b"", PRIVACY, "unknown", ""),
    ],
)
def test_a_published_page(tls: ssl.SSLContext, reply: Any, approved: str, outcome: str, why: str) -> None:
    """The approved text passes however it is dressed; what a robot cannot see is unknown; what is gone or changed fails."""
    with door(reply, tls) as port:
        subject = seen(port, approved=digest(approved), markers=["Privacy"])
    found = told(PAGES, subject, person())
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("more", "people", "outcome", "why"),
    [
        ({"approved_at": None}, [person()], "fail", f"needs its digest (now {digest(PRIVACY)})"),
        ({"approved_by": None}, [person()], "fail", "no version of it was approved"),
        ({}, [person(end="2021-01-01")], "fail", "did not work here"),
        ({"markers": []}, [person()], "fail", "names no word"),
        ({"kind": "subprocessors"}, [person()], "not_applicable", ""),
    ],
)
def test_who_approved_it(tls: ssl.SSLContext, more: dict[str, Any], people: list[Given], outcome: str, why: str) -> None:
    """A digest that nobody who works here approved is no approved version."""
    with door(page(PRIVACY), tls) as port:
        found = told(PAGES, seen(port, **({"approved": digest(PRIVACY), "markers": ["privacy"]} | more)), *people)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_where_it_was_found(tls: ssl.SSLContext) -> None:
    """Each step on the way is told, without the query, which may hold a secret or change by itself; the page itself is not kept."""
    with door(redirecting, tls) as port:
        raw = seen(port).answers["fetched"]
    where = f"https://localhost:{port}"
    assert (raw["url"], raw["hops"]) == (f"{where}/new", [{"url": f"{where}/", "status": 302}])
    assert ("hidden" in str(raw), "We care" in str(raw)) == (False, False)


def test_the_statuses_that_are_shown(tls: ssl.SSLContext) -> None:
    """A status page in JSON tells what it shows of each control; one that cannot be read, is gone or is not registered says why not."""
    shown_ = []
    for reply in (page('{"mfa": "passing"}', kind="application/json"), page(SHELL), page("", "404 Gone")):
        with door(reply, tls) as port:
            raw = seen(port, "status").answers
        shown_.append(shown_statuses(All.of(Page.example(id="p", row=raw["row"]["row"], fetched=raw["fetched"]))))
    assert [told_ for told_, _ in shown_] == [{"mfa": "passing"}, {}, {}]
    assert ["JSON" in shown_[1][1], "answers 404" in shown_[2][1]] == [True, True]
    assert shown_statuses(All[Page].of())[0] == {}


def test_pages_that_are_promised(tls: ssl.SSLContext) -> None:
    """A register without a page of privacy, terms or security fails as a whole."""
    with door(page(PRIVACY), tls) as port:
        privacy = seen(port)
    assert told(PAGES, company(), privacy) == ("fail", "no page is registered that is of terms, security")
    assert told(PAGES, company(), privacy, required=("privacy",))[0] == "pass"


def test_over_tls_and_no_other_way(authority: Authority, tls: ssl.SSLContext) -> None:
    """Plain HTTP fails, even as a step between; so does a certificate that is the server's own fault; a strange authority does not."""
    approved = {"approved": digest(PRIVACY), "markers": ["Privacy"]}
    with door(page(PRIVACY)) as plain, door(lambda path: moved(f"http://localhost:{plain}/"), tls) as port:
        bare, between = seen(plain, scheme="http", **approved), seen(port, **approved)
    with (
        door(page(PRIVACY), tls) as last,
        door(moved(f"https://localhost:{last}/")) as back,
        door(moved(f"http://localhost:{back}/"), tls) as port,
    ):
        through = seen(port, **approved)
    for found in (told(PAGES, bare, person()), told(PAGES, between, person()), told(PAGES, through, person())):
        assert (found[0], "is not over TLS" in found[1]) == ("fail", True), found
    for chain in (authority.chain("localhost", days=-1), authority.chain("example.com"), authority.chain("localhost", own=True)):
        with door(page(PRIVACY), secured(chain)) as port:
            found = told(PAGES, seen(port, **approved), person())
        assert (found[0], "not to be believed" in found[1]) == ("fail", True), found


def test_an_authority_that_is_not_known_here(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """It may be a proxy's: a gap that says what to set, and no failure of the page."""
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).pem))
    with door(page(PRIVACY), tls) as port, pytest.raises(Refused, match="SSL_CERT_FILE") as refused:
        get(OPERATION, f"https://localhost:{port}/")
    assert refused.value.gap.kind is GapKind.UNAVAILABLE


def test_faults(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody there, no answer in time, a body that is huge, a proxy that is none: a gap of its kind each."""
    kinds: dict[str, tuple[GapKind, str]] = {}

    def refusal(name: str, port: int, **more: Any) -> None:
        with pytest.raises(Refused) as refused:
            get(OPERATION, f"https://localhost:{port}/", **more)
        kinds[name] = refused.value.gap.kind, refused.value.gap.detail

    with socket.create_server(("127.0.0.1", 0)) as mute:
        refusal("no answer", mute.getsockname()[1], seconds=0.05)
        port = mute.getsockname()[1]
    refusal("nobody", port)
    with door(OK + b"\r\n" + b"x" * (LIMIT + 1), tls) as port:
        refusal("huge", port)
        assert get(OPERATION, f"https://localhost:{port}/", body=False)["status"] == 200
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    refusal("a proxy", port)
    assert {name: kind for name, (kind, _) in kinds.items()} == {
        "no answer": GapKind.TIMEOUT, "nobody": GapKind.UNAVAILABLE, "huge": GapKind.TRUNCATED, "a proxy": GapKind.UNAVAILABLE,
    }  # fmt: skip
    assert f"{LIMIT:,} bytes" in kinds["huge"][1]
    monkeypatch.setenv("NO_PROXY", "localhost")
    with door(page(PRIVACY), tls) as port:
        assert get(OPERATION, f"https://localhost:{port}/")["status"] == 200


def notice(sent: Any) -> Given:
    about = {"id": "n", "event": "c", "type": "subprocessor_change", "known_at": "2020-01-01", "due_at": "2020-02-01", "audience": "all"}
    return row(Notice, about, sent_at=str(sent))


def drill(held: Any, kind: str, **more: Any) -> Given:
    return row(Exercise, {"id": "e", "type": kind, "held_at": str(held), "findings": ["it came"]} | more)


BEFORE = LATELY - timedelta(days=1)


@pytest.mark.parametrize(
    ("body", "approved", "others", "outcome", "why"),
    [
        (LIST, LIST, [], "pass", "2 subprocessors are listed"),
        (LIST, LIST, [notice(LATELY), drill(LATELY, "subscription")], "pass", "received the notice"),
        (LIST, LIST, [notice(LATELY), drill(BEFORE, "subscription")], "fail", "nobody recorded"),
        (LIST, LIST, [notice(LATELY), drill(LATELY, "subscription", findings=[])], "fail", "nobody recorded"),
        (LIST, LIST, [notice(TODAY)], "pass", "within 7 days"),
        (LIST.replace("AWS", "GCP"), LIST, [], "fail", "was approved on"),
        (LIST.replace("<form>", "").replace("type=email name=e", ""), LIST, [], "fail", "no form, feed or link"),
        (LIST.replace(SAID, ""), LIST.replace(SAID, ""), [], "fail", "last updated"),
        (SHELL, LIST, [], "unknown", "made in the browser"),
        (LIST.replace("<th>Name", "<th>Where"), LIST.replace("<th>Name", "<th>Where"), [], "unknown", "no list could be read"),
    ],
)
def test_the_page_of_subprocessors(tls: ssl.SSLContext, body: str, approved: str, others: list[Given], outcome: str, why: str) -> None:
    """Live, approved, dated, readable, with a way to be told, and the last notice came."""
    with door(page(body), tls) as port:
        subject = seen(port, "subprocessors", digest(approved))
    found = told(SUBPROCESSORS, company(), subject, person(), *others)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_a_page_of_subprocessors_that_is_not_there(tls: ssl.SSLContext) -> None:
    """None in the register fails; one that answers 404 fails; a wall leaves it unknown."""
    assert told(SUBPROCESSORS, company())[0] == "fail"
    for status, outcome in (("404 Gone", "fail"), ("403 No", "unknown")):
        with door(page("", status), tls) as port:
            assert told(SUBPROCESSORS, company(), seen(port, "subprocessors"), person())[0] == outcome


TXT = f"# ours\nContact: mailto:security@x.io\nContact: https://x.io/report\nExpires: {TODAY + timedelta(days=90)}T00:00:00Z\n"
SIGNED = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{TXT}-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"


def internal(**over: Any) -> Given:
    version = {"id": "r", "document": "reporting_channel", "version": "1", "type": "statement", "owner": "ada", "file": "r.md",
               "sha256": SHA, "approved_at": "2020-01-01", "location": "https://wiki/report"} | over  # fmt: skip
    about = {"rows": [version], "lines": [1]}
    return Given(Document, "reporting_channel", scope=COMPANY, versions=about, contents={"files": {"r": {"sha256": SHA}}})


FOUND = [internal(), drill(LATELY, "reporting_channel")]
LONG_AGO = TODAY - timedelta(days=186)


@pytest.mark.parametrize(
    ("txt", "channel", "others", "outcome", "why"),
    [
        (page(TXT, kind="text/plain"), CHANNEL, FOUND, "pass", "security.txt is valid"),
        (page(SIGNED, kind="text/plain; charset=utf-8"), CHANNEL, FOUND, "pass", "security.txt, signed,"),
        (page(TXT.replace("Contact", "Contakt"), kind="text/plain"), CHANNEL, FOUND, "fail", "no Contact"),
        (page(TXT.replace("https://x", "http://x"), kind="text/plain"), CHANNEL, FOUND, "fail", "http://x.io/report is no https"),
        (page(TXT + "Expires: 2099-01-01T00:00:00Z\n", kind="text/plain"), CHANNEL, FOUND, "fail", "2 Expires"),
        (page(TXT.replace("Expires", "# Expires"), kind="text/plain"), CHANNEL, FOUND, "fail", "no Expires"),
        (page(TXT.replace(f"{TODAY + timedelta(days=90)}", "2026-01-01"), kind="text/plain"), CHANNEL, FOUND, "fail", "expired at"),
        (page(TXT.replace("T00:00:00Z", ""), kind="text/plain"), CHANNEL, FOUND, "fail", "has no offset"),
        (page(TXT + "Canonical: https://y.io/security.txt\n", kind="text/plain"), CHANNEL, FOUND, "fail", "Canonical"),
        (page(TXT + "hello\n", kind="text/plain"), CHANNEL, FOUND, "fail", "hello"),
        (page(TXT), CHANNEL, FOUND, "fail", "served as text/html"),
        (page("", "404 Gone"), CHANNEL, FOUND, "fail", "answers 404"),
        (page("", "403 No"), CHANNEL, FOUND, "unknown", "robots"),
        (page(TXT, kind="text/plain"), CHANNEL.replace("anonymous", "named"), FOUND, "fail", "anonymously"),
        (page(TXT, kind="text/plain"), SHELL, FOUND, "unknown", "anonymously"),
        (page(TXT, kind="text/plain"), CHANNEL, [internal(location=""), FOUND[1]], "fail", "no location"),
        (page(TXT, kind="text/plain"), CHANNEL, FOUND[1:], "fail", "reporting_channel"),
        (page(TXT, kind="text/plain"), CHANNEL, FOUND[:1], "fail", "no test message"),
        (page(TXT, kind="text/plain"), CHANNEL, [FOUND[0], drill(LONG_AGO, "reporting_channel")], "fail", "186 days ago"),
        (page(TXT, kind="text/plain"), CHANNEL, [FOUND[0], drill(LATELY, "reporting_channel", findings=[])], "fail", "no test message"),
    ],
)
def test_the_reporting_channel(tls: ssl.SSLContext, txt: bytes, channel: str, others: list[Given], outcome: str, why: str) -> None:
    """security.txt by RFC 9116, the page, the internal one, and a test that somebody answered."""
    with door(lambda path: txt if path == "/.well-known/security.txt" else page(channel), tls) as port:
        subject = seen(port, "reporting", path="/report")
    found = told(REPORTING, company(), subject, *others)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_a_channel_that_is_to_be_tested_first(tls: ssl.SSLContext) -> None:
    """Before its first day the test waits; a register without such a page fails at once."""
    with door(lambda path: page(TXT, kind="text/plain") if "known" in path else page(CHANNEL), tls) as port:
        subject = seen(port, "reporting")
    assert told(REPORTING, company(), subject, internal(), first_due=str(TODAY))[0] == "not_applicable"
    assert told(REPORTING, company(), subject, internal(), first_due=str(BEFORE))[0] == "fail"
    assert told(REPORTING, company(), internal())[0] == "fail"


def test_from_the_register_to_the_verdict(tls: ssl.SSLContext, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A page of the register is fetched, recorded by its digest and judged in one run."""
    with door(page(PRIVACY), tls) as port:
        about = f"approved: '{digest(PRIVACY)}', approved_at: {LATELY}, approved_by: ada"
        write({"pages.yaml": f"- {{id: p, name: P, kind: privacy, url: 'https://localhost:{port}/', markers: [Privacy], {about}}}\n"})
        assert outcomes(capsys, PAGES)["p"][0] == "pass"
