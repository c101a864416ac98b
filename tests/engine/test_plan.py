"""What is due and what is needed, with the clock as an argument."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.check import FREQUENCIES, All, Verdict, passed
from controlmon.engine.plan import Needs, Selected, due, following, missed, needs, slot
from tests.engine.test_evaluate import Home, Other, Thing, made

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
LATER = st.timedeltas(timedelta(0), timedelta(days=1500))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plain(thing: Thing, *, strict: bool = False) -> Verdict:
    return passed("x")


def wide(subject: Thing | Other, home: Home, others: All[Other]) -> Verdict:
    return passed("x")


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        pytest.param([], Needs(frozenset(), frozenset()), id="nothing selected needs nothing"),
        pytest.param(
            [Selected(made(plain, Thing.a), {})],
            Needs(frozenset({"test.thing"}), frozenset({"test.thing.a"})),
            id="the subject's kind and the aspects that are read",
        ),
        pytest.param(
            [Selected(made(plain, Thing.a, Thing.b.when("strict")), {"strict": False})],
            Needs(frozenset({"test.thing"}), frozenset({"test.thing.a"})),
            id="an aspect that a parameter asks for is not needed without it",
        ),
        pytest.param(
            [Selected(made(plain, Thing.a, Thing.b.when("strict")), {"strict": True})],
            Needs(frozenset({"test.thing"}), frozenset({"test.thing.a", "test.thing.b"})),
            id="and is with it",
        ),
        pytest.param(
            [Selected(made(wide, Other.x), {})],
            Needs(frozenset({"test.thing", "test.other", "test.home"}), frozenset({"test.other.x"})),
            id="every kind of a union and of the other arguments is listed",
        ),
        pytest.param(
            [Selected(made(plain, Thing.a), {}), Selected(made(plain, Thing.a, Thing.c), {})],
            Needs(frozenset({"test.thing"}), frozenset({"test.thing.a", "test.thing.c"})),
            id="what several read is needed once",
        ),
    ],
)
def test_needs(selected: list[Selected], expected: Needs) -> None:
    """The kinds and aspects that the selected checks read, and no more."""
    assert needs(selected) == expected


@pytest.mark.parametrize(
    ("frequency", "moment", "expected", "then"),
    [
        ("hourly", "2026-11-23T12:59:59.999999", "2026-11-23T12:00", "2026-11-23T13:00"),
        ("daily", "2026-11-23T00:00", "2026-11-23", "2026-11-24"),
        ("daily", "2026-12-31T23:59", "2026-12-31", "2027-01-01"),
        ("weekly", "2026-11-29T23:59", "2026-11-23", "2026-11-30"),  # a Sunday belongs to the Monday before
        ("weekly", "2027-01-01T00:00", "2026-12-28", "2027-01-04"),  # an ISO week may begin in the old year
        ("monthly", "2028-02-29T12:00", "2028-02-01", "2028-03-01"),
        ("monthly", "2027-02-28T12:00", "2027-02-01", "2027-03-01"),
        ("monthly", "2026-12-31T12:00", "2026-12-01", "2027-01-01"),
        ("quarterly", "2028-03-31T23:59", "2028-01-01", "2028-04-01"),
        ("quarterly", "2026-12-31T23:59", "2026-10-01", "2027-01-01"),
        ("annual", "2028-12-31T23:59", "2028-01-01", "2029-01-01"),  # the 366th day of a leap year
        ("annual", "2027-12-31T23:59", "2027-01-01", "2028-01-01"),
    ],
)
def test_the_calendar(frequency: str, moment: str, expected: str, then: str) -> None:
    """The start of the hour, day, ISO week, month, quarter or year; and that of the next."""
    assert slot(frequency, at(moment)) == at(expected)
    assert following(frequency, at(expected)) == at(then)


def test_an_unknown_frequency_is_refused() -> None:
    """Rather than never due."""
    with pytest.raises(ValueError, match="no such frequency: fortnightly"):
        slot("fortnightly", at("2026-11-23"))


def test_a_schedule_is_in_utc_wherever_the_clock_is() -> None:
    """01:30 in Berlin on the first is still the last of the month before; a day there of 23 or 25 hours changes nothing."""
    berlin = timezone(timedelta(hours=2))
    assert slot("monthly", datetime(2026, 7, 1, 1, 30, tzinfo=berlin)) == at("2026-06-01")
    spring = [slot("daily", at("2026-03-29") + timedelta(hours=h)) for h in range(25)]
    assert len(set(spring)) == 2


@given(st.sampled_from(FREQUENCIES), MOMENTS)
def test_a_slot_holds_its_moment(frequency: str, moment: datetime) -> None:
    """It begins at or before the moment, the next one after it; and it is a slot itself."""
    start = slot(frequency, moment)
    assert start <= moment < following(frequency, start)
    assert slot(frequency, start) == start
    assert slot(frequency, following(frequency, start) - timedelta(microseconds=1)) == start


@given(st.sampled_from(FREQUENCIES), MOMENTS, LATER)
def test_time_never_turns_a_slot_back(frequency: str, moment: datetime, later: timedelta) -> None:
    """Slots are in the order of their moments."""
    assert slot(frequency, moment) <= slot(frequency, moment + later)


def test_what_never_ran_is_due_at_once() -> None:
    """And nothing was missed: nobody had promised it yet."""
    now = at("2026-11-23T12:34")
    assert due("daily", None, now) == at("2026-11-23")
    assert list(missed("daily", None, now)) == []


@pytest.mark.parametrize(
    ("last", "now", "due_now", "were_missed"),
    [
        pytest.param("2026-11-23", "2026-11-23T23:59", None, [], id="served today"),
        pytest.param("2026-11-22", "2026-11-23T00:00", "2026-11-23", [], id="due on the stroke"),
        pytest.param("2026-11-20", "2026-11-23T12:00", "2026-11-23", ["2026-11-21", "2026-11-22"], id="asleep over two"),
        pytest.param("2026-11-23", "2026-11-22T23:59", None, [], id="a clock set back makes nothing due again"),
        pytest.param("2026-11-23", "2020-01-01T00:00", None, [], id="not even by years"),
        pytest.param("2028-02-28", "2028-03-01T06:00", "2028-03-01", ["2028-02-29"], id="the leap day was missed"),
        pytest.param("2026-11-20T07:31", "2026-11-21T07:00", "2026-11-21", [], id="a last time that is no slot stands for its slot"),
    ],
)
def test_due_and_missed(last: str, now: str, due_now: str | None, were_missed: list[str]) -> None:
    """One run serves now; those that nobody ran are told, and not made up for."""
    assert due("daily", at(last), at(now)) == (at(due_now) if due_now else None)
    assert list(missed("daily", at(last), at(now))) == [at(m) for m in were_missed]


def test_a_long_sleep() -> None:
    """A year of hours, less the one that was served and the one that is due."""
    assert sum(1 for _ in missed("hourly", at("2027-01-01"), at("2028-01-01"))) == 365 * 24 - 1


@given(st.sampled_from(["daily", "weekly", "monthly", "quarterly", "annual"]), MOMENTS, LATER)
def test_every_slot_is_served_due_or_missed(frequency: str, last: datetime, later: timedelta) -> None:
    """From the last one served to the one of now, none is left out and none is told twice."""
    now = last + later
    told: list[Any] = [slot(frequency, last), *missed(frequency, last, now), *filter(None, [due(frequency, last, now)])]
    counted = [slot(frequency, last)]
    while counted[-1] < slot(frequency, now):
        counted.append(following(frequency, counted[-1]))
    assert told == counted


@given(st.sampled_from(FREQUENCIES), MOMENTS, LATER)
def test_what_was_served_is_not_due_again(frequency: str, moment: datetime, earlier: timedelta) -> None:
    """Not at the same moment, and not when the clock goes back."""
    served = due(frequency, None, moment)
    assert due(frequency, served, moment) is None
    assert due(frequency, served, moment - earlier) is None
    assert list(missed(frequency, served, moment - earlier)) == []
