"""What the asks of all providers share: one answer for many, pages that end, JSON without secrets."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.collect.ask import DROPPED, BaseAsk, Once, Trail, plain, skew
from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, absent

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Book:
    """A session whose only answer are pages."""

    def __init__(self, *pages: Raw) -> None:
        self.pages, self.now, self.once, self.asked = pages, NOW, Once(), 0

    @staticmethod
    def clock() -> datetime:
        return NOW


class Reader(BaseAsk):
    def __init__(self, book: Book, *, shared: bool = False, trail: Trail | None = None) -> None:
        super().__init__(book, Operation("book", "Read", ("book:read",), shared=shared), Scope("book", "1"), trail)
        self._book = book

    def to(self, operation: Operation) -> "Reader":
        return Reader(self._book, trail=self._trail)

    def whole(self, **parameters: object) -> Iterator[Raw]:
        passed: set[Any] = set()
        for page in self._book.pages:
            self._pass(page.get("next"), passed)
            yield page

    def _answer(self, parameters: dict[str, Any]) -> Raw:
        self._book.asked += 1
        self._began(parameters)
        self._trail.pages += 1
        self._remember(f"request {self._book.asked}", "Wed, 25 Nov 2026 12:00:07 GMT", "https://book.example")
        if parameters.get("id") == "secret":
            raise Refused(Gap(GapKind.DENIED, self.operation.id))
        return {"id": parameters["id"]}


def test_a_shared_question_is_asked_once_and_everyone_tells_how_it_was_seen() -> None:
    """However many put it at once: answer, request, count of pages and parameters are those of the one call."""
    book, told = Book(), list[tuple[Raw, str, int, dict[str, Any]]]()

    def ask() -> None:
        reader = Reader(book, shared=True)
        told.append((reader(id="a"), reader.seen().request_id, reader.pages, reader.parameters))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [({"id": "a"}, "request 1", 1, {"id": "a"})] * 8
    assert book.asked == 1
    Reader(book, shared=True)(id="b")
    assert book.asked == 2


def test_a_refusal_is_shared_too() -> None:
    """Whoever asks the same is refused for the same reason, without asking again."""
    book = Book()
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            Reader(book, shared=True)(id="secret")
        assert refused.value.gap.kind is GapKind.DENIED
    assert book.asked == 1


def test_pages_that_come_again_are_cut() -> None:
    """And what they lack is malformed, in the name of the operation that was asked; "there is none" has no items."""
    with pytest.raises(Refused, match="round in circles") as refused:
        list(Reader(Book({"a": {"b": [1]}, "next": "x"}, {"a": {"b": [2]}, "next": "x"})).items("a.b"))
    assert refused.value.gap.kind is GapKind.TRUNCATED
    assert list(Reader(Book({"a": {"b": [1]}, "next": "x"}, absent("NoSuchThing"), {"a": {"b": [2]}, "next": "y"})).items("a.b")) == [1, 2]
    for page in ({"a": {}}, {"a": {"b": {}}}, {"a": None}):
        with pytest.raises(Refused) as refused:
            list(Reader(Book(page)).items("a.b"))
        assert (refused.value.gap.kind, refused.value.gap.operation) == (GapKind.MALFORMED, "book:Read")


def test_what_is_recorded_is_json_without_secrets() -> None:
    """However deep; null is no secret, and stays; numbers that JSON does not hold, times and bytes are text."""
    answer = {"key": "s3cret", "list": [{"key": None}, {"key": ["s3cret"]}], "n": (2**53, 2**53 - 1, True), "at": NOW, "raw": b"\0"}
    assert plain(answer, ("key",)) == {
        "key": DROPPED,
        "list": [{"key": None}, {"key": DROPPED}],
        "n": [str(2**53), 2**53 - 1, True],
        "at": "2026-11-25T12:00:00Z",
        "raw": "AA==",
    }


def test_how_far_the_clocks_are_apart() -> None:
    """By the provider's own date; unknown is none."""
    assert skew(Seen("x", "2026-11-25T12:00:00.000Z", date="Wed, 25 Nov 2026 12:00:07 GMT")) == 7
    assert (skew(Seen("x", "2026-11-25T12:00:00.000Z")), skew(None)) == (0, 0)
