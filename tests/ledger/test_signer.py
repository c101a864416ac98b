"""The key file as crashes, people and other users leave it; signatures against RFC 8032, Tessera and C2SP's edge cases."""

import json
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controlmon.core.errors import LedgerError
from controlmon.core.note import ECDSA, ED25519, Checkpoint, VerifierKey, open_note, parse_checkpoint, parse_note, sign_note
from controlmon.ledger.signer import Ed25519Verifier, FileSigner

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
NAME = "log.example/controlmon"

# The key pair that Tessera publishes in its testdata/build_log.sh, and a checkpoint that it signed with it.
TESSERA_PUBLIC = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
TESSERA_PRIVATE = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
TESSERA_NOTE = """example.com/log/testdata
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

— example.com/log/testdata M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=
""".encode()

# C2SP/CCTV ed25519vectors 305, 50, 7, 303, 304, 307, 316, 51: key, signature, message; whether OpenSSL takes it; whether we do.
A, R = (
    "ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076",
    "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506",
)
MIXED = "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f"
EDGES = {
    "no edge": (A, R + "40657f1cb030f12543549bbabd848dc6403d354e7c99c4d0dcee9f63c9033b00", " 5", True, True),
    "mixed A": (MIXED, R + "08f32d206a7c0b7efa9a59e66546e8f1f599ef843fb502c9cc3c4ae8b7c11e05", " 5", True, True),
    "mixed A and R": (
        MIXED,
        "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56bbbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03",
        "",
        True,
        True,
    ),
    "A of low order": ("01" + "00" * 31, R + "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02", " 5", True, False),
    "R of low order": (A, "01" + "00" * 31 + "330b30d6c1f07511e2208d233b6a34d4ed7109da2dea615bcd97daee3a842704", " 7", True, False),
    "A not canonical": (
        "01" + "00" * 30 + "80",
        R + "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02",
        " 1",
        True,
        False,
    ),
    "R not canonical": (
        A,
        "01" + "00" * 30 + "80" + "2d32f9eeccaa31dba2ff4ab4e196b61e2ee1648073bbb5f599dcff4f7ea02900",
        " 5",
        False,
        False,
    ),
    "needs the cofactor": (MIXED, R + "030b03796b78f7afeadfccaedc9d09ce6d487d1ece1f16b1ae2b59b7e5c40603", " 3", False, False),
}


def opened(directory: Path) -> tuple[FileSigner, Path]:
    path = directory / "key"
    return FileSigner.open(path, NAME, create=True), path


def openssl_takes(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def we_take(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        verifier = Ed25519Verifier(VerifierKey("vector", ED25519, key))
    except LedgerError:
        return False
    return verifier.verify(signature, message)


def test_a_checkpoint_signed_by_a_file_is_verified_with_its_public_key(tmp_path: Path) -> None:
    """What the file signs opens with the public key that it prints, and with no other text."""
    signer, _ = opened(tmp_path)
    verifier = Ed25519Verifier.parse(str(signer.verifier_key))
    checkpoint = Checkpoint(NAME, 7, bytes(32))
    note = sign_note(checkpoint.text(), [signer])
    assert parse_checkpoint(open_note(note.encode(), [verifier]).text) == checkpoint
    with pytest.raises(LedgerError, match="is wrong"):
        open_note(note.encode().replace(b"\n7\n", b"\n8\n"), [verifier])


def test_a_new_key_is_its_owners_alone(tmp_path: Path) -> None:
    """The file has mode 0600 under any umask, and no draft of it is left beside it."""
    before = os.umask(0)
    try:
        _, path = opened(tmp_path)
    finally:
        os.umask(before)
    assert (path.stat().st_mode & 0o777, path.stat().st_nlink, list(tmp_path.iterdir())) == (0o600, 1, [path])


@pytest.mark.parametrize("create", [True, False])
def test_an_existing_key_is_used_and_never_replaced(tmp_path: Path, create: bool) -> None:
    """The second opening gives the same key and leaves the file's bytes alone."""
    first, path = opened(tmp_path)
    before = path.read_bytes()
    second = FileSigner.open(path, NAME, create=create)
    assert (second.key_id, path.read_bytes()) == (first.key_id, before)


def test_the_process_that_comes_second_takes_the_key_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If another process creates the key between our look and our write, its key stays and is ours too."""
    first, path = opened(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert FileSigner.open(path, NAME, create=True).key_id == first.key_id
    assert list(tmp_path.iterdir()) == [path]


def test_a_crash_before_the_key_has_its_name_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails, there is no file, so that the next start creates a whole one."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LedgerError, match="key: No space left on device"):
            opened(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert opened(tmp_path)[0].name == NAME


def test_a_missing_key_is_not_replaced_once_there_are_checkpoints(tmp_path: Path) -> None:
    """Without `create`, a missing file is an error that says what to restore, and none is made."""
    with pytest.raises(LedgerError, match=r"key: the key that signed this ledger's checkpoints is missing\. Restore"):
        FileSigner.open(tmp_path / "key", NAME, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_key_cannot_be_created_in_a_missing_directory(tmp_path: Path) -> None:
    """A directory that is not there is told with the file's name."""
    with pytest.raises(LedgerError, match="nowhere/key: No such file or directory"):
        FileSigner.open(tmp_path / "nowhere" / "key", NAME, create=True)


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """What is no readable file, here a directory, is told with its name and reason."""
    with pytest.raises(LedgerError, match=r"Is a directory\. Let the user"):
        FileSigner.open(tmp_path, NAME, create=False)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    """Any permission of group or others refuses the key, and the message gives the command that mends it."""
    _, path = opened(tmp_path)
    path.chmod(mode)
    with pytest.raises(LedgerError, match=rf"mode {mode:04o}\)\. .*chmod 600 {path}"):
        FileSigner.open(path, NAME, create=False)


def test_the_key_of_another_log_is_refused(tmp_path: Path) -> None:
    """A key file of another name is not used under ours."""
    _, path = opened(tmp_path)
    with pytest.raises(LedgerError, match=f"it is the key of '{NAME}', not of 'other'"):
        FileSigner.open(path, "other", create=False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not start"),
        ("\n", "does not start"),
        (TESSERA_PUBLIC, "does not start"),
        ("-----BEGIN PRIVATE KEY-----\n", "does not start"),
        (TESSERA_PRIVATE[:60], "is not one line|not an Ed25519"),
        (TESSERA_PRIVATE + "\n\n", "is not one line"),
        (TESSERA_PRIVATE + "\n" + TESSERA_PRIVATE, "is not one line"),
        (TESSERA_PRIVATE.replace("33d7b496", "33d7b497"), "part of it was altered"),
        (TESSERA_PRIVATE.replace("AeymY", "AeymZ"), "part of it was altered"),
        (TESSERA_PRIVATE.replace("example.com", "example.org"), "part of it was altered"),
        (TESSERA_PRIVATE.replace("+Ae", "+Ae+"), "is not one line"),
        (TESSERA_PRIVATE.replace("+Aeym", "+Buym"), "not an Ed25519"),
        ("PRIVATE+KEY+n+00000000+AQEB", "not an Ed25519"),
        ("PRIVATE+KEY+n\udcff+00000000+AQEB", "is not one line"),
    ],
)
def test_a_malformed_key_is_refused_without_being_quoted(tmp_path: Path, text: str, reason: str) -> None:
    """A key file that was cut, altered or is something else is refused by name, and its content is not repeated."""
    path = tmp_path / "key"
    path.write_bytes(text.encode(errors="surrogateescape"))
    path.chmod(0o600)
    with pytest.raises(LedgerError, match=reason) as caught:
        FileSigner.open(path, "example.com/log/testdata", create=True)
    assert str(caught.value).startswith(str(path))
    assert "SZAX0j" not in str(caught.value)


def test_a_name_that_no_note_allows_is_refused_before_a_file_exists(tmp_path: Path) -> None:
    """A name with a space creates nothing."""
    with pytest.raises(LedgerError, match="without spaces"):
        FileSigner.open(tmp_path / "key", "my log", create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_of_go_signs_as_go_does(tmp_path: Path) -> None:
    """With Tessera's key file we make the very bytes of Tessera's checkpoint, and its public key opens them."""
    path = tmp_path / "key"
    path.write_text(TESSERA_PRIVATE + "\n")
    path.chmod(0o600)
    signer = FileSigner.open(path, "example.com/log/testdata", create=False)
    text = parse_note(TESSERA_NOTE).text
    assert sign_note(text, [signer]).encode() == TESSERA_NOTE
    assert (str(signer.verifier_key), open_note(TESSERA_NOTE, [Ed25519Verifier.parse(TESSERA_PUBLIC)]).text) == (TESSERA_PUBLIC, text)


@pytest.mark.skipif(not (VECTORS / "tessera").is_dir(), reason="no ../shared/vectors/tessera")
def test_every_checkpoint_of_tessera_is_verified() -> None:
    """Each checkpoint of Tessera's test log opens with Tessera's public key; with its size changed, none does."""
    verifier = Ed25519Verifier.parse(TESSERA_PUBLIC)
    files = list((VECTORS / "tessera" / "log").glob("checkpoint*"))
    assert len(files) == 17
    for file in files:
        data = file.read_bytes()
        size = parse_checkpoint(open_note(data, [verifier]).text).size
        with pytest.raises(LedgerError):
            open_note(data.replace(f"\n{size}\n".encode(), f"\n{size + 1}\n".encode()), [verifier])


def test_the_first_signature_of_rfc_8032_is_accepted_and_its_twin_is_not() -> None:
    """RFC 8032, section 7.1, test 1 verifies; with L added to S, which solves the same equation, it does not."""
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    s = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert we_take(key, signature, b"")
    assert not we_take(key, signature[:32] + s.to_bytes(32, "little"), b"")


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_a_signature_of_another_length_is_refused(tmp_path: Path, length: int) -> None:
    """A signature that was cut or grown is wrong, and does not raise."""
    signer, _ = opened(tmp_path)
    signature = (signer.sign(b"x") + b"\0")[:length]
    assert not Ed25519Verifier(signer.verifier_key).verify(signature, b"x")


@pytest.mark.parametrize("key", [VerifierKey("n", ECDSA, b"x" * 32), VerifierKey("n", ED25519, b"x" * 31)])
def test_a_key_of_another_kind_is_refused(key: VerifierKey) -> None:
    """Only Ed25519 keys of 32 bytes are taken for such."""
    with pytest.raises(LedgerError, match="not an Ed25519 key"):
        Ed25519Verifier.parse(str(key))


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_of_ed25519_is_judged_strictly(edge: str) -> None:
    """Of the edges that OpenSSL takes, we refuse points of low order and encodings that are not canonical."""
    key, signature, message, openssl, ours = EDGES[edge]
    case = bytes.fromhex(key), bytes.fromhex(signature), f"ed25519vectors{message}".encode()
    assert (openssl_takes(*case), we_take(*case)) == (openssl, ours)


@pytest.mark.skipif(not (VECTORS / "ed25519").is_dir(), reason="no ../shared/vectors/ed25519")
def test_every_edge_of_ed25519_is_judged_by_its_flags() -> None:
    """Of 914 cases OpenSSL takes the 208 that need no cofactor and whose R is canonical; we take the 43 of them without a weak point."""
    cases = json.loads((VECTORS / "ed25519" / "ed25519vectors.json").read_bytes())
    taken = {"openssl": 0, "ours": 0}
    for case in cases:
        flags = set(case["flags"] or [])
        arguments = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"]), case["msg"].encode()
        openssl, ours = openssl_takes(*arguments), we_take(*arguments)
        assert openssl == flags.isdisjoint({"low_order_residue", "non_canonical_R"}), case
        assert ours == (flags <= {"low_order_component_A", "low_order_component_R"}), case
        taken["openssl"] += openssl
        taken["ours"] += ours
    assert (len(cases), taken) == (914, {"openssl": 208, "ours": 43})
