"""People are told over real wires: a webhook and a mail server on loopback, which take, refuse and come back."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from controlmon.notify.channel import Channel, without
from controlmon.service import flow
from controlmon.service.config import load_config
from controlmon.service.notify import Teller
from tests.cli.test_run import CHECK, output
from tests.twins.aws import AwsTwin, Fault


class Hook:
    """A webhook: what it was sent, how often it was fetched, and the status that it answers with."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.fetched = 0


@contextmanager
def hook() -> Iterator[tuple[Hook, str]]:
    state = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            state.fetched += 1
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield state, f"json://user:hook-secret-1@127.0.0.1:{server.server_address[1]}/notify/token-9f8e7d"
        finally:
            server.shutdown()


class Mail(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as it takes to receive a letter."""

    def handle(self) -> None:
        self.wfile.write(b"220 loopback\r\n")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    letter += part
                self.server.letters.append(letter.decode())  # type: ignore[attr-defined]
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 loopback\r\n" if verb != b"AUTH" else b"235 ok\r\n")


def test_a_letter_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subject and body are those that were sent, with nobody's password in them."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"mailto://127.0.0.1:{server.server_address[1]}/ops@artemis.example?from=controlmon@artemis.example&mode=insecure"
        monkeypatch.setenv("OPS_URL", url)
        assert Channel("ops", "OPS_URL").send("controlmon: 1 new finding", "  aws.s3.x (high): 1\n", bad=True) == ""
        server.shutdown()
    (letter,) = server.letters  # type: ignore[attr-defined]
    assert "Subject: controlmon: 1 new finding" in letter
    assert "ops@artemis.example" in letter


def test_each_change_is_told_once(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """New, then nothing, then mended: across restarts, because what was told is in the ledger. A hook that fails is tried again, and told of."""
    (tmp_path / "controlmon.yaml").write_text("notify: {channels: [{name: ops, url: OPS_URL, checks: ['aws.s3.*']}]}\n")
    with hook() as (state, url):
        monkeypatch.setenv("OPS_URL", url)
        output(capsys, "run", CHECK)
        state.status = 500
        code, out, err = output(capsys, "notify", "send")
        assert (code, "not delivered" in out) == (1, True)
        assert "hook-secret-1" not in out + err
        assert "token-9f8e7d" not in out + err
        state.status = 200
        assert output(capsys, "notify", "send")[:2] == (0, "ops: told\n")
        message = state.got[-1]
        assert "1 new finding" in message["title"]
        assert "artemis-bad in aws:123456789012" in message["message"]
        assert "artemis-good" not in message["message"]
        assert output(capsys, "notify", "send") == (0, "there is nothing to tell\n", "")
        output(capsys, "run", CHECK)
        assert output(capsys, "notify", "send")[1] == "there is nothing to tell\n"
        twin.client("s3").delete_bucket(Bucket="artemis-bad")
        output(capsys, "run", CHECK)
        assert output(capsys, "notify", "send")[0] == 0
        assert "mended" in state.got[-1]["title"]
        assert "artemis-bad" in state.got[-1]["message"].partition("Mended")[2]
    code, out, _ = output(capsys, "ledger", "verify", "--format", "json")
    assert code == 0


def test_what_is_denied_is_not_mended(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A finding whose bucket can no longer be read, or listed, is not told as mended, nor as new afterwards."""
    (tmp_path / "controlmon.yaml").write_text("notify: {channels: [{name: ops, url: OPS_URL}]}\n")
    with hook() as (_, url):
        monkeypatch.setenv("OPS_URL", url)
        output(capsys, "run", CHECK)
        config = load_config()
        ledger, now = flow.open_ledger(config), flow.utc_now()
        teller = Teller(config, flow.open_catalog(config), {CHECK: "daily"})
        teller.tell(ledger, now)
        told = []
        for operation in ("GetBucketEncryption", "ListBuckets"):
            with twin.fault("s3", operation, Fault.DENIED):
                output(capsys, "run", CHECK)
                told += teller.tell(ledger, now)
        output(capsys, "run", CHECK)
        told += teller.tell(ledger, now)
        assert sum(entry["changes"] for entry in told) > 1
        assert [(entry["new"], entry["mended"]) for entry in told if entry["new"] or entry["mended"]] == []
        ledger.close()


def test_a_failing_channel_is_tried_later(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The daemon waits a minute, then two; the other channel is told at once, and each failure is in the record."""
    (tmp_path / "controlmon.yaml").write_text("notify: {channels: [{name: dead, url: DEAD_URL}, {name: ops, url: OPS_URL}]}\n")
    with hook() as (state, url):
        monkeypatch.setenv("OPS_URL", url)
        monkeypatch.setenv("DEAD_URL", "json://127.0.0.1:1/")
        output(capsys, "run", CHECK)
        config = load_config()
        ledger = flow.open_ledger(config)
        teller, now = Teller(config, flow.open_catalog(config), {CHECK: "daily"}), flow.utc_now()
        assert [(e["channel"], e["type"]) for e in teller.tell(ledger, now)] == [("dead", "notice.failed"), ("ops", "notice")]
        assert teller.tell(ledger, now + timedelta(seconds=59)) == []
        assert [e["channel"] for e in teller.tell(ledger, now + timedelta(seconds=60))] == ["dead"]
        assert teller.tell(ledger, now + timedelta(seconds=179)) == []
        assert [e["channel"] for e in teller.tell(ledger, now + timedelta(seconds=180))] == ["dead"]
        assert len(state.got) == 1
        assert [e["type"] for e in ledger.stream("notices")] == ["notice.failed", "notice", "notice.failed", "notice.failed"]
        ledger.close()


def test_what_a_channel_is_interested_in(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Owner routing: a channel hears of its own controls and checks, from its severity on."""
    channels = "[{name: a, url: A, checks: ['aws.iam.*'], controls: [none]}, {name: b, url: B, severity: critical, controls: [none]}]"
    (tmp_path / "controlmon.yaml").write_text(f"notify: {{channels: {channels}}}\n")
    output(capsys, "run", CHECK)
    assert output(capsys, "notify", "send") == (0, "there is nothing to tell\n", "")


@pytest.mark.parametrize(
    ("config", "environment", "arguments", "said"),
    [
        pytest.param("{}", {}, ("test",), "there are no channels", id="no channel"),
        pytest.param("{channels: [{name: a, url: A}]}", {}, ("test",), "set A to an Apprise URL", id="no URL"),
        pytest.param("{channels: [{name: a, url: A}]}", {"A": "nonsense"}, ("test",), "does not understand the URL in A", id="not a URL"),
        pytest.param("{channels: [{name: a, url: A}]}", {}, ("test", "b"), "there is no channel b: there are a", id="no such channel"),
        pytest.param(
            "{channels: [{name: a, url: 'json://u:secret@h'}]}", {}, ("test",), "in `notify.channels.0.url`", id="a secret in the file"
        ),
        pytest.param(
            "{channels: [{name: a, url: A}, {name: a, url: B}]}", {}, ("test",), "two channels are called a", id="two of one name"
        ),
    ],
)
def test_bad_channels(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    config: str, environment: dict[str, str], arguments: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    """Exit code 2, what to mend, and never the URL itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "controlmon.yaml").write_text(f"notify: {config}\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code, _, err = output(capsys, "notify", *arguments)
    assert (code, said in err, "secret" in err) == (2, True, False)


def test_no_part_of_a_url_is_told() -> None:
    """Whatever Apprise says of a failure, tokens and passwords are cut out of it."""
    url = "slack://tokenA123/tokenB456/p%40ssword9?key=value77"
    assert (
        without(url, "could not send tokenA123 tokenB456 p@ssword9 value77 to the host")
        == "could not send [...] [...] [...] [...] to the host"
    )
