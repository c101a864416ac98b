"""Listings that several subjects ask for: each page is one shared question."""

from controlmon.collect.ask import shaped
from controlmon.collect.base import Ask, Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, is_absent


def every(ask: Ask, operation: Operation, member: str, **parameters: object) -> list[Raw] | None:
    """The items of `member` of every page of a shared operation; None if the answer is that there is no such thing.

    Raises:
        Refused: if a page is refused, has no such member, or leads round in circles.

    """
    items: list[Raw] = []
    passed: set[str] = set()
    asked = dict(parameters)
    while True:
        page = ask(**asked)
        if is_absent(page):
            return None
        with shaped(operation):
            items += page[member]
            token = page.get("NextToken")
        if not token:
            return items
        if token in passed:
            raise Refused(Gap(GapKind.TRUNCATED, operation.id, "the answer leads round in circles", operation.needs))
        passed.add(token)
        asked["NextToken"] = token
