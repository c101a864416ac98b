"""tls:handshake and cross.tls.endpoint_probe, against servers on loopback that really speak old versions, with good and bad certificates."""

import socket
import ssl
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.collect.base import Operation, Refused
from controlmon.collect.document import tls
from controlmon.collect.document.hello import VERSIONS, Said, client_hello, read_answer
from controlmon.collect.document.probe import probe
from controlmon.core.fact import GapKind
from controlmon.facts.document.systems import Endpoint
from tests.checks.document.rows import COMPANY, company
from tests.collect.document.doors import Authority, V, asked, door, doors, moved, secured, told
from tests.collect.document.kept import Write, outcomes
from tests.support import DENIED, Given

PROBE = "cross.tls.endpoint_probe"
OPERATION = Operation("tls", "handshake", needs=("reach it",))
HSTS = b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=31536000\r\nContent-Length: 0\r\n\r\n"
BARE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("lowest", "highest", "taken"),
    [
        (V.TLSv1, V.TLSv1, {"TLS 1.0": "TLS 1.0", "TLS 1.1": "TLS 1.0", "TLS 1.2": "TLS 1.0"}),
        (V.TLSv1_1, V.TLSv1_2, {"TLS 1.1": "TLS 1.1", "TLS 1.2": "TLS 1.2"}),
        (V.TLSv1_2, V.TLSv1_3, {"TLS 1.2": "TLS 1.2", "TLS 1.3": "TLS 1.3"}),
        (V.TLSv1_3, V.TLSv1_3, {"TLS 1.3": "TLS 1.3"}),
    ],
)
def test_versions_are_the_servers_own(authority: Authority, lowest: V, highest: V, taken: dict[str, str]) -> None:
    """What a real server takes and refuses, version by version, although the library here greets with none below 1.2."""
    with door(HSTS, secured(authority.chain("localhost"), lowest, highest)) as port:
        (met,) = probe(OPERATION, "localhost", port)["results"]
    hellos = {version: said["selected"] for version, said in met["versions"].items() if said["answer"] == "hello"}
    assert hellos == taken
    assert {said["answer"] for version, said in met["versions"].items() if version not in taken} == {"alert"}


def test_a_server_that_cannot_finish_an_old_handshake_refuses_it(authority: Authority) -> None:
    """OpenSSL at its usual level negotiates 1.0 and then finds no signature that it may make: its alert counts, not its intention."""
    context = secured(authority.chain("localhost"), V.TLSv1_2)
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    with pytest.deprecated_call():
        context.minimum_version = V.TLSv1
    with door(HSTS, context) as port:
        (met,) = probe(OPERATION, "localhost", port)["results"]
    assert {version: said["answer"] for version, said in met["versions"].items()} == {
        **dict.fromkeys(("SSL 3.0", "TLS 1.0", "TLS 1.1"), "alert"), **dict.fromkeys(("TLS 1.2", "TLS 1.3"), "hello")
    }  # fmt: skip


def test_certificates(authority: Authority) -> None:
    """One that is believed, and each way in which one is not."""
    chains: dict[str, Any] = {}
    for name, chain in {
        "good": authority.chain("localhost", "www.localhost"), "expired": authority.chain("localhost", days=-1),
        "another name": authority.chain("example.com"), "its own": authority.chain("localhost", own=True),
    }.items():  # fmt: skip
        with door(HSTS, secured(chain)) as port:
            chains[name] = probe(OPERATION, "localhost", port)["results"][0]["chain"]
    with door(HSTS, secured(authority.chain("localhost"))) as port:
        chains["another address"] = probe(OPERATION, "127.0.0.1", port)["results"][0]["chain"]
    good = chains.pop("good")
    days = (datetime.fromisoformat(good["not_after"]) - datetime.now(UTC)).days
    assert (good["valid"], good["issuer"], good["names"], days) == (True, "Doors", ["DNS:localhost", "DNS:www.localhost"], 30)
    assert {name: one["valid"] for name, one in chains.items()} == dict.fromkeys(chains, False)
    for name, word in (("expired", "expired"), ("another name", "mismatch"), ("another address", "mismatch"), ("its own", "self-signed")):
        assert word in chains[name]["why"].lower(), chains


def test_every_address_of_a_name(authority: Authority) -> None:
    """IPv4 and IPv6 of one name may be two servers: each is told of; two that say the same are told once."""

    def both(_host: str) -> list[str]:
        return ["127.0.0.1", "::1"]

    new = secured(authority.chain("localhost"))
    with pytest.deprecated_call():
        old = secured(authority.chain("localhost"), V.TLSv1)
    with doors(HSTS, ("127.0.0.1", new), ("::1", old)) as port:
        found = probe(OPERATION, "localhost", port, resolve=both)
    takes = {a: found["results"][i]["versions"]["TLS 1.0"]["answer"] for a, i in found["addresses"].items()}
    assert takes == {"127.0.0.1": "alert", "::1": "hello"}
    with doors(HSTS, ("127.0.0.1", new), ("::1", new)) as port:
        found = probe(OPERATION, "localhost", port, resolve=both)
    assert (len(found["results"]), set(found["addresses"])) == (1, {"127.0.0.1", "::1"})
    with door(HSTS, new) as port:
        found = probe(OPERATION, "localhost", port, resolve=both)
    assert {found["results"][i].get("unreachable", "") for i in found["addresses"].values()} == {"", "Connection refused"}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "other"),
        (b"", "closed"),
        (b"\x15\x03\x01\x00\x02\x01\x70", "cut"),  # a warning, and then nothing
        (b"\x15\x03\x01\x00\x02\x02\x46", "alert"),
        (b"\x16\x03\x01\x00\x30", "cut"),
        (b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "other"),  # a ServerHello of no bytes
    ],
)
def test_a_server_that_speaks_no_tls(said: bytes, answer: str) -> None:
    """What is no answer is taken for none: neither yes nor no, but for an alert, and for hanging up twice."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(2)
                    if connection.recv(4096):
                        connection.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        (met,) = probe(OPERATION, "127.0.0.1", server.getsockname()[1], 2)["results"]
        server.shutdown(socket.SHUT_RDWR)
    assert {one["answer"] for one in met["versions"].values()} == {answer}


def test_what_cannot_be_reached_is_a_gap() -> None:
    """No name, nobody there, and a server that never answers: a gap each, and no verdict on anything."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host in ("nowhere.invalid", "127.0.0.1"):
        with pytest.raises(Refused) as refused:
            probe(OPERATION, host, port)
        assert refused.value.gap.kind is GapKind.UNAVAILABLE
    with socket.create_server(("127.0.0.1", 0)) as mute:
        (met,) = probe(OPERATION, "127.0.0.1", mute.getsockname()[1], 0.05)["results"]
    assert {one["answer"] for one in met["versions"].values()} == {"timeout"}


def test_greetings_to_the_byte() -> None:
    """The record, the version and the name stand where RFC 5246 and RFC 6066 put them; 1.3 offers itself in an extension alone."""
    for version, number in VERSIONS.items():
        hello = client_hello(version, "app.example.com", bytes(64))
        assert hello[0:1] + hello[5:6] == b"\x16\x01"
        assert int.from_bytes(hello[3:5], "big") == len(hello) - 5
        assert int.from_bytes(hello[6:9], "big") == len(hello) - 9
        assert int.from_bytes(hello[9:11], "big") == min(number, 0x0303)
        assert (b"app.example.com" in hello) == (version != "SSL 3.0")
        assert (b"\x00\x2b\x00\x03\x02\x03\x04" in hello) == (version == "TLS 1.3")


def test_answers_in_pieces() -> None:
    """However a first flight is cut into records and packets, it says the same; a warning before it says nothing; a refusal within it all."""
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x2f\x00"
    hello, done = b"\x02" + len(body).to_bytes(3, "big") + body, b"\x0e\x00\x00\x00"
    warning, refusal = b"\x15\x03\x01\x00\x02\x01\x70", b"\x15\x03\x01\x00\x02\x02\x50"

    def records(flight: bytes, size: int) -> bytes:
        parts = [flight[i : i + size] for i in range(0, len(flight), size)]
        return b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)

    for size in (1, 7, 1000):
        whole = warning + records(hello + done, size)
        assert read_answer(whole) == Said("hello", "TLS 1.0", "0x002f")
        assert [read_answer(whole[:i]) for i in range(len(whole))] == [None] * len(whole)
    certificate = b"\x0b\x00\x00\x01\x00"
    assert read_answer(records(hello + certificate, 9)) is None
    assert read_answer(records(hello + certificate, 9) + refusal) == Said("alert", alert=80)


def endpoint(port: int, **row: Any) -> Given:
    row = {"id": "app", "host": "localhost", "port": port, "http_port": 0} | row
    return asked(Endpoint, {"handshakes": (tls.handshakes, tls.HANDSHAKE), "web": (tls.web, tls.GET)}, **row)


def test_verdicts(authority: Authority) -> None:
    """An endpoint is judged by what came back: over TLS, over HTTP, and in the clear; what did not come back is nobody's fault."""
    good, soon = secured(authority.chain("localhost", days=60)), secured(authority.chain("localhost", days=20))
    with pytest.deprecated_call():
        old = secured(authority.chain("localhost", days=60), V.TLSv1)
    secure, row = moved("https://localhost/"), dict[str, Any]
    cases: list[tuple[ssl.SSLContext, bytes, bytes | None, dict[str, Any], str, str]] = [
        (good, HSTS, secure, row(), "pass", "1 addresses take TLS 1.2 and TLS 1.3 and nothing older"),
        (old, HSTS, None, row(), "fail", "127.0.0.1 takes TLS 1.0, TLS 1.1"),
        (soon, HSTS, None, row(), "fail", "in 20 days; more than 21 are required"),
        (good, BARE, None, row(), "fail", "no Strict-Transport-Security"),
        (good, BARE, None, row(hsts=False), "pass", ""),
        (good, HSTS.replace(b"31536000", b"0"), None, row(), "fail", "max-age=0"),
        (good, HSTS, moved("http://localhost/x"), row(), "fail", "plain HTTP redirects to http://localhost/x"),
        (good, HSTS, moved("/x"), row(), "fail", "plain HTTP redirects to /x"),
        (good, HSTS, BARE, row(), "fail", "answers 200 over plain HTTP"),
        (good, HSTS, BARE.replace(b"200", b"403"), row(), "unknown", "403"),
        (good, BARE.replace(b"200", b"503"), None, row(), "unknown", "503"),
        (old, BARE, BARE, row(third_party=True), "not_applicable", "another company"),
    ]
    for context, said, clear, about, outcome, why in cases:
        with ExitStack() as stack:
            port = stack.enter_context(door(said, context))
            plain = {"http_port": stack.enter_context(door(clear))} if clear else {}
            found = told(PROBE, endpoint(port, **about, **plain))
        assert (found[0], why in found[1]) == (outcome, True), (why, found)


def test_what_another_company_answers_is_not_knocked_at() -> None:
    """It is not asked: nobody listens there, and still there is an answer."""
    answers = endpoint(1, third_party=True).answers
    assert answers["handshakes"] == answers["web"] == {"NotAsked": "another company answers it"}


def test_a_port_that_nobody_listens_on(authority: Authority) -> None:
    """In the clear it is as good as a redirect; over TLS it leaves nothing to judge. A register without endpoints fails."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with door(HSTS, secured(authority.chain("localhost"))) as secure:
        assert told(PROBE, endpoint(secure, http_port=port))[0] == "pass"
    assert told(PROBE, endpoint(port))[0] == "unknown"
    assert told(PROBE, company())[0] == "fail"
    assert told(PROBE, company(), endpoint(port))[0] == "pass"


HELLO, NO = {"answer": "hello", "selected": "TLS 1.3"}, {"answer": "alert", "alert": 70}
MET: dict[str, Any] = {
    "versions": dict.fromkeys(("SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"), NO) | {"TLS 1.3": HELLO},
    "chain": {"valid": True, "not_after": "2100-01-01T00:00:00Z"},
}


@pytest.mark.parametrize(
    ("second", "parameters", "outcome", "why"),
    [
        (MET, {}, "pass", "2 addresses"),
        ({"unreachable": "no route from here"}, {}, "unknown", "::1 cannot be reached: no route from here"),
        ({"unreachable": "no route from here"}, {"families": ["ipv4"]}, "pass", "1 addresses"),
        (MET | {"versions": MET["versions"] | {"TLS 1.0": {"answer": "timeout"}}}, {}, "unknown", "TLS 1.0: timeout"),
        (MET | {"versions": MET["versions"] | {"TLS 1.0": {"answer": "closed"}}}, {}, "pass", ""),
        (MET | {"versions": MET["versions"] | {"SSL 3.0": {"answer": "hello", "selected": "SSL 3.0"}}}, {"families": ["ipv4"]}, "fail", "SSL"),
        (MET | {"versions": dict.fromkeys(MET["versions"], NO), "chain": {}}, {}, "fail", "neither TLS 1.2 nor 1.3"),
        (MET | {"chain": {"unseen": "timed out"}}, {}, "unknown", "did not show its certificate"),
        (MET | {"chain": {"valid": False, "why": "expired"}}, {}, "fail", "::1 has a certificate"),
    ],
)  # fmt: skip
def test_one_address_of_two(second: dict[str, Any], parameters: dict[str, Any], outcome: str, why: str) -> None:
    """One bad address fails the name; one that was not seen leaves it unknown, unless its family was not asked for."""
    met = {"results": [MET, second], "addresses": {"127.0.0.1": 0, "::1": 1}}
    row = {"row": {"id": "app", "host": "app.example.com"}, "file": "f", "line": 1}
    subject = Given(Endpoint, "app", scope=COMPANY, row=row, handshakes=met, web={})
    found = told(PROBE, subject, **parameters)
    assert (found[0], why in found[1]) == (outcome, True), found
    assert told(PROBE, Given(Endpoint, "app", scope=COMPANY, row=row, handshakes=DENIED, web={}))[0] == "unknown"
    silent = Given(Endpoint, "app", scope=COMPANY, row=row, handshakes=met, web={"plain": {"unseen": "timed out", "silent": True}})
    assert told(PROBE, silent, **parameters, silence_is_closed=True)[0] == outcome
    assert told(PROBE, silent, **parameters)[0] == ("unknown" if outcome == "pass" else outcome)


def test_from_the_register_to_the_verdict(authority: Authority, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A name of the register is asked and judged in one run."""
    with door(HSTS, secured(authority.chain("localhost"))) as port:
        write({"endpoints.yaml": f"- {{id: app, host: localhost, port: {port}, http_port: 0}}\n"})
        assert outcomes(capsys, PROBE)["app"][0] == "pass"
