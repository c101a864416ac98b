"""`controlmon witness`, as a process: it serves, ends on SIGTERM with 0, remembers, shares its memory, and says what it cannot do."""

import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from controlmon.core.cosign import COSIGNATURE, MAX_REQUEST, AddCheckpoint
from controlmon.core.errors import LedgerError
from controlmon.core.note import VerifierKey, parse_verifier_key
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.proofs import prover
from controlmon.ledger.witness import Witness, read_receipt
from tests.logs import ORIGIN, MemoryLog

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = "2026-11-23T12:00:00.000Z"
NAME = "witness.example/w1"
COMMAND = "from controlmon.cli import main; main.COMMANDS['witness'] = ('witness', 'Be a witness.'); main.main()"


def command(*arguments: str, before: str = "") -> list[str]:
    return [sys.executable, "-c", before + COMMAND, "witness", *arguments]


def fails(*arguments: str, before: str = "") -> str:
    """What is said by a command that a person has to mend."""
    done = subprocess.run(command(*arguments, before=before), check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr


class Running:
    def __init__(self, process: "subprocess.Popen[str]", follows: list[str], key: VerifierKey, url: str) -> None:
        self.process, self.follows, self.key, self.url = process, follows, key, url

    def client(self, log: MemoryLog) -> Witness:
        return Witness(self.url, self.key, log.origin, log.prove)

    def end(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@contextmanager
def running(state: Path, *keys: VerifierKey, listen: str = "127.0.0.1:0") -> "Iterator[Running]":
    logs = [part for key in keys for part in ("--log", str(key))]
    line = command("serve", "--state", str(state), "--name", NAME, "--listen", listen, *logs)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said: list[str] = []
            assert process.stdout is not None
            while not said or not said[-1].startswith("listens on "):
                said.append(process.stdout.readline().rstrip("\n"))
                assert said[-1], process.communicate()
            *follows, key, url = said
            yield Running(process, follows, parse_verifier_key(key.removeprefix("key ")), url.removeprefix("listens on "))
        finally:
            process.kill()


@pytest.fixture
def log(tmp_path: Path) -> MemoryLog:
    return MemoryLog(tmp_path, 5)


def test_a_checkpoint_is_cosigned_over_http(log: MemoryLog, tmp_path: Path) -> None:
    """The process that prints its key cosigns under that key, tells who it is, and refuses what is no request."""
    with running(tmp_path / "state", log.key) as witness:
        assert (witness.follows, witness.key.algorithm) == ([f"follows {ORIGIN}"], COSIGNATURE)
        receipt = witness.client(log).anchor(log.checkpoint())
        assert read_receipt(receipt.proof, [witness.key, log.key]).checkpoint.size == 5
        receipt = witness.client(log).anchor(log.grow(3).checkpoint())
        assert read_receipt(receipt.proof, [witness.key, log.key]).checkpoint.size == 8
        with httpx.Client(base_url=witness.url) as client:
            assert client.get("/").text == f"witness {NAME}\n{witness.key}\n"
            asked = client.post("/add-checkpoint", content=AddCheckpoint(0, (), log.checkpoint()).encode())
            assert (asked.status_code, asked.headers["content-type"], asked.content) == (409, "text/x.tlog.size", b"8\n")
            answers = [client.post("/add-checkpoint", content=body) for body in (b"", bytes(MAX_REQUEST), bytes(MAX_REQUEST + 1))]
            assert [answer.status_code for answer in answers] == [400, 400, 413]
            assert (client.get("/add-checkpoint").status_code, client.get("/else").status_code) == (405, 404)
        code, errors = witness.end()
    assert code == 0
    assert "cosigned log.example/controlmon at 8" in errors
    assert "Traceback" not in errors


def test_a_ledger_is_witnessed_until_it_is_rewritten(tmp_path: Path) -> None:
    """Entries are added and cosigned; a ledger that is begun anew with the same key is told that it is not the one that was seen."""
    ledger = Ledger.open(tmp_path / "ledger")
    with running(tmp_path / "state", parse_verifier_key(ledger.verifier_key)) as witness:
        anchor = Witness(witness.url, witness.key, ledger.origin, prover(ledger))
        for count in (2, 1, 7):
            ledger.append("test", AT, [("notes", {"type": "note"})] * count)
            proof = anchor.anchor(ledger.checkpoint().encode()).proof
            assert read_receipt(proof, [witness.key, ledger.signer.verifier_key]).checkpoint.size == ledger.size
        ledger.close()
        (tmp_path / "again").mkdir()
        (tmp_path / "again" / "signing.key").write_bytes((tmp_path / "ledger" / "signing.key").read_bytes())
        (tmp_path / "again" / "signing.key").chmod(0o600)
        again = Ledger.open(tmp_path / "again")
        anchor = Witness(witness.url, witness.key, again.origin, prover(again))
        for count, said in ((4, "it has seen 10 entries"), (6, "it has seen another log"), (5, "do not continue them")):
            again.append("test", AT, [("notes", {"type": "other"})] * count)
            with pytest.raises(LedgerError, match=rf"{said}.*Keep the ledger as it is, and compare it with a backup"):
                anchor.anchor(again.checkpoint().encode())
        again.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(log: MemoryLog, tmp_path: Path, how: int) -> None:
    """Even one that comes as soon as it listens; and nothing is complained about."""
    with running(tmp_path / "state", log.key) as witness:
        assert witness.end(how) == (0, "")


def test_a_witness_that_was_killed_remembers(log: MemoryLog, tmp_path: Path) -> None:
    """Key and size are the same after kill -9: a log that is cut or forked in between is told so."""
    with running(tmp_path / "state", log.key) as first:
        first.client(log).anchor(log.checkpoint())
        first.end(signal.SIGKILL)
    with running(tmp_path / "state", log.key) as second:
        assert second.key == first.key
        log.bodies[4] = b"another"
        answer = httpx.post(f"{second.url}/add-checkpoint", content=AddCheckpoint(5, (), log.checkpoint()).encode())
        assert (answer.status_code, answer.content) == (409, b"5\n")
        code, errors = second.end()
    assert code == 0
    assert "CRITICAL controlmon.service.witness: SPLIT VIEW: log.example/controlmon was seen with 5 entries" in errors


def test_two_processes_share_one_memory(log: MemoryLog, tmp_path: Path) -> None:
    """Two forks of one log, asked at once of two processes at each size: one of them is cosigned, never both."""
    other = MemoryLog(tmp_path, 5)
    with ExitStack() as stack:
        pair = [stack.enter_context(running(tmp_path / "state", log.key)) for _ in range(2)]
        assert pair[0].key == pair[1].key
        pair[0].client(log).anchor(log.checkpoint())
        for turn in range(8):
            old = log.size
            forks = [log.grow(1, b"a%d" % turn), other.grow(1, b"b%d" % turn)]
            bodies = [AddCheckpoint(old, fork.prove(old, old + 1), fork.checkpoint()).encode() for fork in forks]
            with ThreadPoolExecutor(4) as pool:
                posts = [pool.submit(httpx.post, f"{one.url}/add-checkpoint", content=body) for body in bodies for one in pair]
                statuses = [post.result().status_code for post in posts]
            cosigned = [n for n in (0, 1) if 200 in statuses[2 * n : 2 * n + 2]]
            assert len(cosigned) == 1
            kept = forks[cosigned[0]]
            for fork in forks:
                fork.bodies = list(kept.bodies)


def test_the_key_is_made_once_and_printed(tmp_path: Path) -> None:
    """`witness key` makes it with mode 0600, and prints the same the next time."""
    line = command("key", "--state", str(tmp_path / "new" / "state"), "--name", NAME)
    first, second = (subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout for _ in range(2))
    key = parse_verifier_key(first.strip())
    assert (first, key.name, key.algorithm) == (second, NAME, COSIGNATURE)
    assert (tmp_path / "new" / "state" / "witness.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("listen", ["8080", "127.0.0.1:", ":1", "127.0.0.1:x", "127.0.0.1:99999", "192.0.2.1:1"])
def test_an_address_that_is_none_is_told(log: MemoryLog, tmp_path: Path, listen: str) -> None:
    """It is named, with what to give."""
    said = fails("serve", "--state", str(tmp_path / "s"), "--name", NAME, "--log", str(log.key), "--listen", listen)
    assert re.match(rf"controlmon: --listen {listen}: .*give ", said)


def test_a_port_that_is_taken_is_told(log: MemoryLog, tmp_path: Path) -> None:
    """Before anything is served."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        said = fails("serve", "--state", str(tmp_path / "s"), "--name", NAME, "--log", str(log.key), "--listen", listen)
    assert f"--listen {listen}: " in said
    assert "free port" in said


def test_a_key_that_is_none_is_told(tmp_path: Path, log: MemoryLog) -> None:
    """A malformed key, a witness's in place of a log's, a name with spaces."""
    serve = ("serve", "--state", str(tmp_path / "s"), "--listen", "127.0.0.1:0")
    assert "NAME+ID+BASE64" in fails(*serve, "--name", NAME, "--log", "nonsense")
    theirs = VerifierKey("w", COSIGNATURE, log.key.public_key)
    assert "a key of type 0x04" in fails(*serve, "--name", NAME, "--log", str(theirs))
    assert "without spaces" in fails(*serve, "--name", "my witness", "--log", str(log.key))


def test_without_the_web_extra_its_name_is_told(log: MemoryLog, tmp_path: Path) -> None:
    """`serve` needs Starlette and uvicorn; `key` needs neither."""
    for module in ("starlette", "uvicorn"):
        before = f"import sys; sys.modules['{module}'] = None; "
        said = fails("serve", "--state", str(tmp_path / "s"), "--name", NAME, "--log", str(log.key), before=before)
        assert re.fullmatch(rf"controlmon: A witness needs {module}[.a-z]*: install controlmon\[web\]\.\n", said)
        key = command("key", "--state", str(tmp_path / "s"), "--name", NAME)
        assert subprocess.run(key, capture_output=True, check=True, timeout=60, env=os.environ).stdout
