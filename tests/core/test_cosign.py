"""Cosignatures and requests for them, against the examples of C2SP and of Go's implementation, and every form that is forbidden."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.cosign import (
    COSIGNATURE,
    MAX_PROOF,
    MAX_REQUEST,
    AddCheckpoint,
    cosignature,
    cosignature_time,
    cosigned_message,
    encode_signatures,
    parse_add_checkpoint,
    parse_signatures,
    split_cosignature,
)
from controlmon.core.note import NoteError, Signature, parse_checkpoint, parse_note, parse_verifier_key

# tlog-cosignature, "Introduction": a checkpoint with a cosignature made at 1679315147.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()
# tlog-witness, "add-checkpoint": the request's header, before a checkpoint, and an answer.
HEADER = b"""old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

"""
ANSWER = """— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
""".encode()
HASH = base64.b64encode(bytes(32))
sizes = st.integers(0, 2**63 - 1)


def test_the_published_cosignature_has_its_time() -> None:
    """The cosignature in the specification was made at 1679315147; the one in Go's tests at 1727964367."""
    (_, line) = parse_note(EXAMPLE).signatures
    go = base64.b64decode("ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA==")
    assert (cosignature_time(line.value), cosignature_time(go[4:])) == (1679315147, 1727964367)


def test_the_published_message_is_what_is_signed() -> None:
    """Two lines, then the text of the note without its signatures (tlog-cosignature, "Ed25519 signed message")."""
    text = parse_note(EXAMPLE).text
    expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_message(text.encode(), 1679315147) == expected.encode()


def test_the_key_of_a_witness_is_told_from_that_of_a_log() -> None:
    """A key that Go's tests take has type 0x04, and its id is that of the type, the name and the key."""
    key = parse_verifier_key("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    assert (key.algorithm, key.key_id.hex()) == (COSIGNATURE, "da77ade7")


@given(sizes, st.binary(min_size=64, max_size=64))
def test_a_cosignature_comes_apart_as_it_was_put_together(time: int, signature: bytes) -> None:
    """Time and signature come back from the 72 bytes."""
    assert split_cosignature(cosignature(time, signature)) == (time, signature)


@pytest.mark.parametrize("value", [b"", bytes(71), bytes(73), b"\x80" + bytes(71)])
def test_what_is_no_cosignature_is_refused(value: bytes) -> None:
    """Another length, or a time of 2**63 and more."""
    with pytest.raises(NoteError, match="cosignature"):
        split_cosignature(value)


@pytest.mark.parametrize("time", [-1, 2**63])
def test_no_time_is_signed_that_cannot_be_written(time: int) -> None:
    """Only seconds from 0 to below 2**63."""
    with pytest.raises(NoteError, match="seconds"):
        cosigned_message(b"", time)


def test_the_published_request_is_read_and_written_again() -> None:
    """Size, four hashes and the checkpoint come out of it, and it comes out of them."""
    request = parse_add_checkpoint(HEADER + EXAMPLE)
    assert (request.old_size, len(request.proof), request.proof[0].hex()[:8]) == (20852014, 4, "3e544d0a")
    assert parse_checkpoint(parse_note(request.note).text).size == 20852163
    assert request.encode() == HEADER + EXAMPLE


@given(sizes, st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF), st.binary(max_size=300))
def test_every_request_is_read_as_it_was_written(old: int, proof: list[bytes], note: bytes) -> None:
    """No size, proof or note is changed on the way, whatever the note's bytes."""
    request = AddCheckpoint(old, tuple(proof), note)
    assert parse_add_checkpoint(request.encode()) == request


MALFORMED = {
    "nothing": b"",
    "no empty line": b"old 1\n",
    "no size": b"old \n\nnote",
    "a leading zero": b"old 01\n\nnote",
    "a sign": b"old +1\n\nnote",
    "two spaces": b"old  1\n\nnote",
    "another word": b"new 1\n\nnote",
    "a carriage return": b"old 1\r\n\r\nnote",
    "too large a size": b"old 9223372036854775808\n\nnote",
    "a digit of another script": "old \u0661\n\nnote".encode(),
    "a short hash": b"old 1\n" + base64.b64encode(bytes(31)) + b"\n\nnote",
    "a long hash": b"old 1\n" + base64.b64encode(bytes(33)) + b"\n\nnote",
    "a hash without padding": b"old 1\n" + HASH[:-1] + b"\n\nnote",
    "a second spelling of a hash": b"old 1\n" + HASH[:-2] + b"B=\n\nnote",
    "a hash and a space": b"old 1\n" + HASH + b" \n\nnote",
    "64 hashes": b"old 1\n" + (HASH + b"\n") * 64 + b"\nnote",
    "too many bytes": b"old 1\n\n" + bytes(MAX_REQUEST),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_request_is_refused(case: str) -> None:
    """What tlog-witness forbids is not read."""
    with pytest.raises(NoteError):
        parse_add_checkpoint(MALFORMED[case])


@pytest.mark.parametrize(("old", "proof"), [(-1, ()), (2**63, ()), (1, (bytes(31),)), (1, (bytes(32),) * 64)])
def test_no_request_is_made_that_cannot_be_read(old: int, proof: tuple[bytes, ...]) -> None:
    """What would be refused is not sent."""
    with pytest.raises(NoteError):
        AddCheckpoint(old, proof, b"")


def test_the_published_answer_is_read_and_written_again() -> None:
    """Three lines of two witnesses."""
    lines = parse_signatures(ANSWER)
    assert [line.name for line in lines] == ["witness.example/w1", "witness.example/w1", "witness.example/w2"]
    assert encode_signatures(lines) == ANSWER


@pytest.mark.parametrize("answer", [b"", b"\n", ANSWER[:-1], b"text\n\n" + ANSWER, ANSWER + b"\n", b"\n\n" + ANSWER, b"ok\n"])
def test_an_answer_that_is_more_or_less_than_lines_is_refused(answer: bytes) -> None:
    """No text, no empty line, no line that is cut."""
    with pytest.raises(NoteError):
        parse_signatures(answer)


def test_no_signatures_are_no_lines() -> None:
    """And one is one line."""
    one = Signature("w", b"1234", b"x")
    assert (encode_signatures([]), encode_signatures([one])) == (b"", "— w MTIzNHg=\n".encode())
