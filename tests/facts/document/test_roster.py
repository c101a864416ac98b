"""The registers as rosters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.base import All, Unseen
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.document.roster import ended, names_of, owner, standing, unengaged

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOSED = Gap(GapKind.DENIED, "document:read", "no such file", ("a file",))


def person(who: str = "ada", **more: Any) -> Person:
    row = {"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2026-01-01"} | more
    return Person.example(id=who, row=row)


def deal(who: str = "acme-1", **more: Any) -> Engagement:
    row = {"id": who, "customer": "acme", "accounts": ["1"], "people": ["ada"], "start": "2026-01-01", "end": "2026-11-23"} | more
    return Engagement.example(id=who, row=row)


ADA = person(accounts={"aws": ["ada.l", "Bob@x.io"], "github": ["adal"]})
BOB = person("bob", accounts={"aws_identity_center": ["b"]})


@pytest.mark.parametrize(
    ("system", "names", "employee", "whose"),
    [
        ("datadog", ["ADA@x.io"], "", "ada"),
        ("datadog", ["x", "ada@x.io"], "", "ada"),
        ("datadog", ["ada"], "", None),
        ("datadog", ["adal"], "", None),
        ("github", ["AdaL"], "", "ada"),
        ("aws_identity_center", ["ada.L"], "", "ada"),
        ("aws_identity_center", ["b"], "", "bob"),
        ("aws_iam", ["b"], "", None),
        ("aws_iam", ["bob@x.io"], "", "ada"),
        ("datadog", ["bob@x.io"], "", "bob"),
        ("entra_roles", ["bob@x.io"], "ADA", "ada"),
        ("entra_roles", ["bob@x.io"], "E7", "bob"),
        ("entra_roles", [], "", None),
    ],
)
def test_whose_an_account_is(system: str, names: list[str], employee: str, whose: str | None) -> None:
    """The employee id before an account of the system, that before an e-mail address; in any case."""
    found = owner(All.of(ADA, BOB), system, names, employee)
    assert (found and found.id) == whose


def test_all_that_a_system_may_call_somebody() -> None:
    """Their id, their address, and their accounts there, of no other system."""
    assert names_of(ADA.row, "aws_iam") == {"ada", "ada@x.io", "ada.l", "bob@x.io"}
    assert names_of(ADA.row, "datadog") == {"ada", "ada@x.io"}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({}, "active"),
        ({"end": "2026-11-23"}, "active"),
        ({"end": "2026-11-22"}, "2026-11-23T00:00:00+00:00"),
        ({"end": "2026-11-22", "access_end": "2026-11-30"}, "active"),
        ({"end": "2026-11-30", "access_end": "2026-11-21"}, "2026-11-22T00:00:00+00:00"),
        ({"start": "2026-11-23"}, "active"),
        ({"start": "2026-11-24"}, ""),
    ],
)
def test_standing(row: dict[str, Any], state: str) -> None:
    """Access ends with the last day of it, and begins with the first of work."""
    assert standing(person(**row).row, NOON) == state


def test_nobody_has_no_standing() -> None:
    """And whoever stays has no end."""
    assert standing(None, NOON) == ""
    assert ended(person().row) is None


@pytest.mark.parametrize(
    ("row", "deals", "because"),
    [
        ({}, [deal()], ""),
        ({}, [deal(accounts=["/subscriptions/1"])], ""),
        ({}, [deal(end="2026-11-22")], "acme-1, which does not hold today"),
        ({}, [deal(start="2026-11-24", end="2027-01-01")], "does not hold today"),
        ({}, [deal(end="2026-11-22"), deal("acme-2")], ""),
        ({}, [deal(end=None, approved_at="2026-08-23")], ""),
        ({}, [deal(end=None, approved_at="2026-08-22")], "was not approved within 92 days"),
        ({}, [deal(end=None)], "has no end"),
        ({}, [deal(people=["bob"])], "not on the roster of acme-1"),
        ({}, [deal(accounts=["2"])], "no engagement names 1"),
        ({}, [], "no engagement names 1"),
        ({"end": "2026-11-22"}, [deal()], "does not work here today"),
        ({"start": "2026-11-24"}, [deal()], "does not work here today"),
    ],
)
def test_why_nobody_was_engaged(row: dict[str, Any], deals: list[Engagement], because: str) -> None:
    """As long as the engagement and the work last, for the accounts that it names."""
    why = unengaged(person(**row).row, "1", All.of(*deals), NOON)
    assert (because in why, bool(why)) == (True, bool(because)), why


def test_a_register_that_was_not_seen_is_a_gap() -> None:
    """That says what was not seen, what to grant, and that there is no other roster."""
    with pytest.raises(Unseen) as people:
        owner(All[Person].of(gap=CLOSED), "datadog", ["ada"])
    assert str(people.value) == (
        "document:read was denied (no roster is given as a parameter, and the register was not seen whole: no such file): grant a file"
    )
    with pytest.raises(Unseen, match="no rows"):
        owner(All[Person].of(), "datadog", ["ada"])
    with pytest.raises(Unseen, match="no roster"):
        unengaged(None, "1", All[Engagement].of(gap=CLOSED), NOON)
