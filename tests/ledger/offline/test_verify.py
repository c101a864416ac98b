"""The verifier of the bundle, against bundles that another hand wrote from the contract: what holds, under which keys, and how it is told."""

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from controlmon.ledger.offline import verify
from tests.bundles import DAY, ORDER, Hash, Key, Log, company, joined_entries, sha256, split_entries, zipped
from tests.ledger.offline.forged import HOUR, Verify, with_member

KEYS = {1: Key(), 2: Key(type=2)}


# --- What holds


def test_a_whole_bundle_holds(told: Verify) -> None:
    """Nothing is found against a bundle that follows the contract, under the key that was given."""
    answer = told(company())
    assert (answer.code, answer.steps) == (0, set())
    assert "of 24 expected runs: 24 performed, 0 interrupted, 0 missed, 0 begun, 0 silent" in answer.told


def test_without_a_key_nothing_is_known_of_who_signed(told: Verify, day: Log) -> None:
    """All is gone through under the bundle's own key, and the exit code is 3; what is wrong still gives 1."""
    members = day.bundle().members()
    assert told(members).code == 3
    assert told({**members, "index.html": b""}).code == 1


def test_it_runs_as_a_script_without_us(day: Log, tmp_path: Path) -> None:
    """A bare Python runs it, and a person reads what it found, what it cannot find, and where to get key and verifier."""
    path = day.bundle().write(tmp_path / "b.zip")
    done = subprocess.run(
        [sys.executable, "-I", "-S", verify.__file__, str(path), "--key", day.key.text], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("HOLDS, under the key that you gave.\n")
    assert all(f"  {number:>2}  {step}" in done.stdout for number, step in enumerate(verify.STEPS, 1))
    assert all(one in done.stdout for one in (*verify.CANNOT, verify.OUTSIDE))


def test_it_imports_the_standard_library_alone() -> None:
    """An auditor needs Python, and nothing of ours."""
    tree = ast.parse(Path(verify.__file__).read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "arguments",
    [
        ["absent.zip"],
        [],
        ["{bundle}", "--key", "x"],
        ["{bundle}", "--key", "{witness}"],
        ["{bundle}", "--witness", "{log}"],
        ["{bundle}", "--tsa-ca", "none"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], day: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there, and keys that are none or of another purpose, are told on standard error."""
    names = {"bundle": str(day.bundle().write(tmp_path / "b.zip")), "witness": Key("w", 4).text, "log": day.key.text}
    assert verify.main([one.format(**names) for one in arguments]) == 2
    assert capsys.readouterr().err


def test_a_bundle_of_a_later_period_holds(told: Verify, day: Log) -> None:
    """The tree before it is taken from its frontier, and streams go on from where they were."""
    start = day.heads[2]["size"]
    answer = told(day.bundle(start, period=(DAY + 3 * HOUR, DAY + 6 * HOUR)))
    assert answer.code == 0
    assert "of 3 expected runs: 3 performed" in answer.told


def test_an_empty_log_holds(told: Verify) -> None:
    """Nothing is signed as nothing."""
    log = Log()
    log.checkpoint(DAY)
    bundle = log.bundle()
    bundle.heads = log.heads
    assert told(bundle).code == 0


def test_ecdsa_keys_sign_logs_too(told: Verify) -> None:
    """A log of a P-256 key (AWS KMS, Azure Key Vault) holds; and not under another."""
    log = company(2, Key(type=2))
    assert told(log).code == 0
    assert told(log.bundle(), key=Key(type=2)).steps >= {2, 4}


def written(type: int, public: bytes, name: str = "log.example") -> str:
    """A public key as text, with the id that it has."""
    material = public if type == 2 else name.encode() + b"\n" + bytes([type]) + public
    return f"{name}+{sha256(material)[:8]}+{base64.b64encode(bytes([type]) + public).decode()}"


@pytest.mark.parametrize("encoded", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2, 2**255 + 1], ids=hex)
def test_weak_keys_are_refused(encoded: int) -> None:
    """Ed25519 keys of low order, written in a second way, or no point at all: for some of them anyone can sign."""
    with pytest.raises(ValueError, match=r"anyone can sign|not a point"):
        verify.read_key(written(1, encoded.to_bytes(32, "little")))


def test_keys_that_are_not_as_written_are_refused() -> None:
    """A P-256 key off its curve or in another spelling, an id of another key, an unknown type, a name with a space."""
    key = Key(type=2)
    public = base64.b64decode(key.text.split("+", 2)[2])[1:]
    assert verify.read_key(written(2, public)).algorithm == 2
    for wrong in (
        written(2, public[:-1] + bytes([public[-1] ^ 1])),
        written(2, public + b"x"),
        written(2, b"\0" + public[1:]),
        written(3, public),
    ):
        with pytest.raises(ValueError, match="not a"):
            verify.read_key(wrong)
    for wrong in (key.text.replace("+", "+0", 1), written(1, bytes([3] * 32), "a b"), "a+b"):
        with pytest.raises(ValueError):
            verify.read_key(wrong)


@given(message=st.binary(max_size=80), type=st.sampled_from([1, 2]), bit=st.integers(0, 511))
@settings(max_examples=40, deadline=None)
def test_signatures_are_verified_strictly(message: bytes, type: int, bit: int) -> None:
    """What `cryptography` signs verifies; one bit more or less, a second spelling and another message do not."""
    key = KEYS[type]
    believes = verify.read_key(key.text).verify
    signature = key.sign(message)
    assert believes(signature, message)
    assert not believes(signature, message + b"x")
    changed = bytearray(signature)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    assert not believes(bytes(changed), message)
    assert not believes(signature + b"\0", message)
    if type == 1:
        s = int.from_bytes(signature[32:], "little") + verify.L
        assert not believes(signature[:32] + s.to_bytes(32, "little"), message)
    else:
        r, s = decode_dss_signature(signature)
        assert not believes(encode_dss_signature(r, ORDER - s), message)
    assert not believes(b"", message)


# --- What is told


def test_names_are_escaped(day: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What others chose reaches the terminal without control characters."""
    members = with_member(day.bundle().members(), "a\x1b[2Jb\u202e.html")
    assert verify.main([str(zipped(tmp_path / "x.zip", members)), "--key", day.key.text]) == 1
    out = capsys.readouterr().out
    assert "a\\u001b[2Jb\\u202e.html" in out
    assert all(line.isprintable() for line in out.splitlines())
    assert "NOT GONE THROUGH" in out


def test_many_problems_are_counted(told: Verify, day: Log) -> None:
    """The first are told in full, the rest by number; too many end the step."""
    bundle = day.bundle()
    bundle.blobs += [b"%d" % number for number in range(100)]
    answer = told(bundle)
    assert json.loads(answer.text)["count"] == 100
    assert len(json.loads(answer.text)["problems"]) == verify.KEPT
    bundle.blobs += [b"more %d" % number for number in range(10_000)]
    assert "given up" in told(bundle).text


def test_the_workshop_reads_what_it_writes(day: Log) -> None:
    """The helpers that tests of attacks use are each other's inverse."""
    entries = [*day.entries[:3], Hash(bytes(32))]
    assert list(split_entries(joined_entries(entries))) == entries
