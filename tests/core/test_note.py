"""Notes and checkpoints against the examples of C2SP, Go's sumdb/note and a log that Tessera wrote."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.note import (
    ECDSA,
    ED25519,
    Checkpoint,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    key_id,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    sign_note,
    split_key,
)

TESSERA = Path(__file__).parents[3] / "shared" / "vectors" / "tessera" / "log"

# The example of C2SP signed-note: two empty lines, of which the last one separates.
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()
# The example of C2SP tlog-checkpoint.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"  # the public key of sumdb/note's documentation
ROOT = bytes(range(32))


@dataclass(frozen=True)
class Toy:
    """A signer and verifier whose signature is a hash: enough to see who was asked for what."""

    name: str
    secret: bytes = b""

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.secret)

    def sign(self, message: bytes) -> bytes:
        return hashlib.sha256(self.secret + message).digest()

    def verify(self, signature: bytes, message: bytes) -> bool:
        return signature == self.sign(message)


LOG, WITNESS, STRANGER = Toy("log.example", b"l"), Toy("witness.example", b"w"), Toy("log.example", b"other key")


@pytest.mark.parametrize("data", [POEM, SOFA])
def test_the_notes_of_the_specification_are_read_and_written_back(data: bytes) -> None:
    """C2SP's examples are notes, and encode to the bytes that were read."""
    assert parse_note(data).encode() == data


def test_the_last_empty_line_separates_text_from_signatures() -> None:
    """A text may hold empty lines of its own."""
    note = parse_note(POEM)
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert [(s.name, s.key_id.hex(), len(s.value)) for s in note.signatures] == [("quasimodo.example/salvatore", "367ba04b", 64)]


def damaged(old: str, new: str) -> bytes:
    assert old in POEM.decode()
    return POEM.decode().replace(old, new).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty line"),
        (b"text\n", "empty line"),
        (b"text\n\n", "empty line"),
        (POEM[:-1], "newline"),
        (POEM + b"\n", "empty line"),
        (POEM + b"more\n", "em dash"),
        (POEM.replace(b"\n", b"\r\n"), "U.000D"),
        (damaged("sole", "so\tle"), "U.0009"),
        (damaged("sole", "so\0le"), "U.0000"),
        (damaged("sole", "so\x1fle"), "U.001F"),
        (POEM.replace("è".encode(), b"\xe8"), "UTF-8"),
        (damaged("— quasi", "- quasi"), "em dash"),
        (damaged("— quasi", "—quasi"), "em dash"),
        (damaged("— quasi", "—  quasi"), "em dash"),
        (damaged("quasimodo.example", "quasi+modo"), "em dash"),
        (damaged("quasimodo.example", "quasi\u00a0modo"), "em dash"),
        (damaged("quasimodo.example", "quasi\u2028modo"), "em dash"),
        (damaged("wNtIc=", "wNtIc"), "Base64"),
        (damaged("wNtIc=", "wNtId="), "Base64"),  # the same bytes, spelled otherwise
        (damaged("wNtIc=", "wNtIc= x"), "Base64"),
        (damaged("wNtIc=", "wNtIc= "), "Base64"),
        (damaged("NnugSzTj", "Nnug-zTj"), "Base64"),
        ("t\n\n— name NnugSw==\n".encode(), "4 bytes"),
        ("t\n\n— name\n".encode(), "0 bytes"),
        (b"t\n\n" + "— name NnugSzTj\n".encode() * 101, "101 signatures"),
        (b"x" * 1_000_000 + POEM, "1,000,0"),
    ],
)
def test_a_note_with_any_fault_is_refused(data: bytes, reason: str) -> None:
    """Whatever C2SP signed-note forbids is refused, and the message says which."""
    with pytest.raises(NoteError, match=reason):
        parse_note(data)


def test_a_note_may_have_sixteen_signatures() -> None:
    """The specification wants at least 16 signatures accepted."""
    assert len(parse_note(b"t\n\n" + "— name NnugSzTj\n".encode() * 16).signatures) == 16


@given(st.text() | st.text().map("{}\n".format), st.binary(min_size=1, max_size=80))
def test_whatever_can_be_signed_can_be_read(text: str, secret: bytes) -> None:
    """A note that `sign_note` makes reads back as signed; a text that cannot be a note is refused before anyone sees it."""
    toy = Toy("toy", secret)
    try:
        note = sign_note(text, [toy])
    except (NoteError, UnicodeEncodeError):
        allowed = all(char == "\n" or " " <= char < "\ud800" or char > "\udfff" for char in text)
        assert not (allowed and text.endswith("\n"))
    else:
        assert open_note(note.encode(), [toy]) == Note(text, (Signature("toy", toy.key_id, toy.sign(text.encode())),))


def test_nobody_signs_a_text_that_ends_elsewhere() -> None:
    """A text without its final newline is refused before the key is used."""
    with pytest.raises(NoteError, match="ends in a newline"):
        sign_note("text", [LOG])


def test_only_verified_signatures_come_out() -> None:
    """Signatures by unknown keys are left out, even if they share a name with a known one."""
    data = sign_note("text\n", [STRANGER, LOG, WITNESS]).encode()
    assert [s.key_id for s in open_note(data, [LOG]).signatures] == [LOG.key_id]
    assert [s.key_id for s in open_note(data, [WITNESS, LOG]).signatures] == [LOG.key_id, WITNESS.key_id]


def test_a_note_without_a_known_signature_is_refused() -> None:
    """A note signed by strangers only is not believed."""
    with pytest.raises(NoteError, match="not signed by any key"):
        open_note(sign_note("text\n", [STRANGER]).encode(), [LOG, WITNESS])


def test_one_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    """A known key's wrong signature refuses the note, although another known key's is right."""
    good = sign_note("text\n", [LOG, WITNESS])
    forged = Note("text\n", (good.signatures[0], Signature(WITNESS.name, WITNESS.key_id, b"forged")))
    with pytest.raises(NoteError, match=r"signature by witness\.example"):
        open_note(forged.encode(), [LOG, WITNESS])
    assert open_note(forged.encode(), [LOG]).signatures == good.signatures[:1]


def test_a_checkpoint_is_three_lines() -> None:
    """C2SP's example reads as origin, size and root, and writes itself back."""
    checkpoint = parse_checkpoint(parse_note(SOFA).text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()[:8]) == ("example.com/behind-the-sofa", 20852163, "0ac5186a")
    assert checkpoint.text() == parse_note(SOFA).text


def test_extension_lines_are_kept() -> None:
    """Lines after the root are part of what was signed, so they survive."""
    text = Checkpoint("o", 0, ROOT, ("one", "two words")).text()
    assert text.endswith("=\none\ntwo words\n")
    assert parse_checkpoint(text).text() == text


B64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"\n1\n{B64}\n",
        f"o\n1\n{B64}",
        f"o\n\n{B64}\n",
        f"o\n01\n{B64}\n",
        f"o\n+1\n{B64}\n",
        f"o\n-1\n{B64}\n",
        f"o\n1_0\n{B64}\n",
        f"o\n 1\n{B64}\n",
        f"o\n\u0661\n{B64}\n",
        f"o\n{2**63}\n{B64}\n",
        f"o\n{'9' * 5000}\n{B64}\n",
        "o\n1\n",
        "o\n1\n\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{B64[:-1]}\n",
        f"o\n1\n{B64}\n\n",
        f"o\n1\n{B64}\n\nextension\n",
        f"o\r\n1\n{B64}\n",
    ],
)
def test_a_checkpoint_with_any_fault_is_refused(text: str) -> None:
    """Whatever C2SP tlog-checkpoint forbids is refused: missing or empty lines, other spellings of the size, short roots."""
    with pytest.raises(NoteError):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [("", 0, ROOT, ()), ("a\nb", 0, ROOT, ()), ("o", -1, ROOT, ()), ("o", 2**63, ROOT, ()), ("o", 0, b"", ()), ("o", 0, ROOT, ("",))],
)
def test_a_checkpoint_that_cannot_be_written_cannot_be_built(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> None:
    """A checkpoint is refused where it is built, not where it is read."""
    with pytest.raises(NoteError):
        Checkpoint(origin, size, root, extensions)


def test_a_public_key_of_go_is_read_and_written_back() -> None:
    """The key of sumdb/note's documentation has the id that it states, and is spelled the same again."""
    key = parse_verifier_key(PETER)
    assert (key.name, key.key_id.hex(), key.algorithm, len(key.public_key)) == ("PeterNeumann", "c74f20a3", ED25519, 32)
    assert str(key) == PETER


@given(st.binary(min_size=1, max_size=100), st.sampled_from([ED25519, ECDSA, 4, 255]))
def test_any_public_key_reads_back(public: bytes, algorithm: int) -> None:
    """A key of any type survives its text, plus signs of Base64 included."""
    key = VerifierKey("log.example/x", algorithm, public)
    assert parse_verifier_key(str(key)) == key


def test_an_ecdsa_key_is_named_by_its_der_alone() -> None:
    """The id of a key of type 2 is the hash of its DER, whatever the name."""
    assert key_id("any", ECDSA, b"der") == hashlib.sha256(b"der").digest()[:4]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("c74f20a3", "c74f20a"),
        PETER.replace("Peter", "Pete"),
        PETER.replace("Peter", "Peter "),
        PETER.replace("PeterNeumann", ""),
        PETER[:-1],
        PETER + "\n",
        PETER.replace("ARpc", "AhJc"),
        "n+00000000+AQ==",
        "n+00000000+",
    ],
)
def test_a_public_key_with_any_fault_is_refused(text: str) -> None:
    """A key that was mistyped, cut or renamed does not pass for another key."""
    with pytest.raises(NoteError):
        parse_verifier_key(text)


def test_a_broken_key_is_not_quoted() -> None:
    """No message repeats what may be a private key."""
    with pytest.raises(NoteError) as caught:
        split_key("name+00000000+SECRETSECRET!")
    assert "SECRET" not in str(caught.value)


@pytest.mark.skipif(not TESSERA.is_dir(), reason="no ../shared/vectors/tessera")
def test_checkpoints_that_tessera_wrote_are_read_and_written_back() -> None:
    """Each checkpoint of Tessera's test log is a note by its origin, of one key, and keeps its bytes."""
    files = sorted(TESSERA.glob("checkpoint*"))
    notes = [parse_note(file.read_bytes()) for file in files]
    assert [note.encode() for note in notes] == [file.read_bytes() for file in files]
    assert [parse_checkpoint(note.text).text() for note in notes] == [note.text for note in notes]
    assert sorted({parse_checkpoint(note.text).size for note in notes}) == list(range(16))
    assert {(s.name, s.key_id.hex()) for note in notes for s in note.signatures} == {("example.com/log/testdata", "33d7b496")}
