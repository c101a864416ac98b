"""Coverage: which slots a schedule expects, and what became of each."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlmon.engine.coverage import Calendar, Tally, grace, together
from controlmon.engine.dossier import Coverage
from tests.histories import BEGIN, CHECK, OTHER, hours

DAY = hours(24)
SAW: dict[str, int] = {"pass": 1}


class Told:
    """A calendar of one day, and the tallies of the checks."""

    def __init__(self, end: datetime = DAY, made_at: datetime | None = None, begin: datetime = BEGIN) -> None:
        self.calendar, self.tallies = Calendar(begin, end, made_at or end + timedelta(days=30)), dict[str, Tally]()

    def schedule(self, at: float, **frequencies: Any) -> "Told":
        self.calendar.schedule(hours(at), frequencies)
        return self

    def run(self, at: float, *frequencies: str, scheduled: float | None = None, how: str = "performed", saw: Any = None) -> "Told":
        """A run at an hour, for the slots of the hour that it is scheduled for (its own, if none is given)."""
        places = list(self.calendar.places(frequencies, hours(int(at) if scheduled is None else scheduled)))
        self.calendar.begun(places)
        if how == "interrupted":
            self.calendar.interrupted(places)
        if how == "performed":
            self.calendar.performed(places, hours(at))
            for check, outcomes in ({CHECK: SAW} if saw is None else saw).items():
                tally = self.tallies.setdefault(check, Tally(self.calendar.begin))
                tally.serve(places, outcomes)
                tally.perform(hours(at), outcomes, scheduled=bool(frequencies))
        return self

    def coverage(self, check: str = CHECK) -> Coverage:
        if not self.calendar.stretches:
            self.calendar.close()
        return self.calendar.coverage(check, self.tallies.get(check) or Tally(self.calendar.begin))

    def counts(self, check: str = CHECK) -> dict[str, int]:
        """The counts that are not zero."""
        of = self.coverage(check)
        names = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown", "unscheduled", "unjudged")
        return {name: n for name in names if (n := getattr(of, name))}


def hourly(end: datetime = DAY, made_at: datetime | None = None) -> Told:
    return Told(end, made_at).schedule(0, hourly=[CHECK])


def test_every_slot_is_expected_and_those_of_which_nothing_is_said_are_silent() -> None:
    """A day of an hourly check that ran in three hours."""
    told = hourly()
    for hour in (0, 1, 5):
        told.run(hour, "hourly")
    assert told.counts() == {"expected": 24, "performed": 3, "silent": 21}
    assert told.coverage().percent == pytest.approx(12.5)


def test_without_a_schedule_nothing_is_expected() -> None:
    """Runs on request are evidence, and no coverage: there is no percentage."""
    told = Told().run(3).run(4)
    assert told.counts() == {"unscheduled": 2}
    assert told.coverage().percent is None


def test_the_period_is_half_open() -> None:
    """The slot at its beginning counts, the one at its end does not, and a weekly one before it does not though it was served in it."""
    told = Told(end=hours(72), begin=hours(24)).schedule(0, daily=[CHECK], weekly=[OTHER])
    told.run(24.01, "daily", "weekly", scheduled=24, saw={CHECK: SAW, OTHER: SAW}).run(48, "daily").run(72, "daily")
    assert told.counts() == {"expected": 2, "performed": 2}
    assert told.counts(OTHER) == {}


def test_a_run_serves_the_slot_of_each_of_its_frequencies() -> None:
    """Scheduled for Monday, 00:00, hourly and weekly: the hour's slot and the week's. On Tuesday the week's is Monday's."""
    told = Told(end=hours(48)).schedule(0, hourly=[CHECK], weekly=[OTHER])
    told.run(30, "hourly", "weekly", saw={CHECK: SAW, OTHER: SAW})
    assert told.counts(OTHER) == {"expected": 1, "performed": 1, "late": 1}
    assert told.counts()["performed"] == 1


def test_a_schedule_counts_from_the_slot_in_which_it_began() -> None:
    """Begun at 10:20: the slot of 10:00 is expected, that of 9:00 is not; the day's too, and it is not late."""
    told = Told().schedule(10.33, hourly=[CHECK], daily=[OTHER])
    told.run(10.34, "hourly", "daily", scheduled=10, saw={CHECK: SAW, OTHER: SAW})
    assert told.counts() == {"expected": 14, "performed": 1, "silent": 13}
    assert told.counts(OTHER) == {"expected": 1, "performed": 1}


def test_a_check_that_joins_a_slot_that_was_served_waits_for_the_next() -> None:
    """The daily run was at midnight; at 11:00 a schedule names another daily check, and the daemon does not run it before tomorrow."""
    told = Told(end=hours(48)).schedule(0, daily=[CHECK]).run(0, "daily")
    told.schedule(11, daily=[CHECK, OTHER]).run(24, "daily", saw={CHECK: SAW, OTHER: SAW})
    assert told.counts(OTHER) == {"expected": 1, "performed": 1}
    assert told.counts() == {"expected": 2, "performed": 2}


def test_a_check_that_leaves_is_not_expected_in_the_slot_that_tells_so() -> None:
    """The schedule is told when the first slot is served by it: who is no longer in it is not missing there."""
    told = Told(end=hours(3)).schedule(0, hourly=[CHECK, OTHER])
    told.run(0, "hourly", saw={CHECK: SAW, OTHER: SAW})
    told.schedule(1.004, hourly=[CHECK]).run(1.005, "hourly").run(2, "hourly")
    assert told.counts(OTHER) == {"expected": 1, "performed": 1}
    assert told.counts() == {"expected": 3, "performed": 3}


def test_a_slot_that_nobody_served_is_expected_of_every_schedule_that_was_in_force_in_it() -> None:
    """The run for which a new schedule was told died: both the old and the new check were expected."""
    told = Told(end=hours(1)).schedule(0, hourly=[CHECK])
    told.schedule(0.2, hourly=[OTHER]).run(0.21, "hourly", how="interrupted")
    assert told.counts() == told.counts(OTHER) == {"expected": 1, "interrupted": 1}


def test_a_check_whose_frequency_changes_is_expected_at_both() -> None:
    """Hourly until noon, daily from the next day on."""
    told = Told(end=hours(48)).schedule(0, hourly=[CHECK])
    for hour in range(12):
        told.run(hour, "hourly")
    told.schedule(24, daily=[CHECK]).run(24, "daily")
    assert told.counts() == {"expected": 25, "performed": 13, "silent": 12}
    assert told.calendar.frequency_of(CHECK) == "daily"


def test_late_is_more_than_a_tenth_of_the_time_to_the_next_slot_and_at_most_an_hour() -> None:
    """Six minutes for an hour, an hour for a day and for all that is longer."""
    assert [grace(BEGIN, hours(n)) for n in (1, 24, 24 * 31)] == [timedelta(minutes=6), timedelta(hours=1), timedelta(hours=1)]
    told = hourly(hours(3)).run(0.1, "hourly").run(1.11, "hourly").run(2, "hourly")
    assert told.counts() == {"expected": 3, "performed": 3, "late": 1}


def test_what_was_performed_later_was_not_interrupted() -> None:
    """A run died and the next tick ran it again; another died and nobody did; a third was missed as well."""
    told = hourly(hours(4))
    told.run(0, "hourly", how="interrupted").run(0.05, "hourly").run(1, "hourly", how="interrupted").run(2, "hourly", how="interrupted")
    told.calendar.missed("hourly", hours(2), hours(3))
    assert told.counts() == {"expected": 4, "performed": 1, "interrupted": 2, "missed": 1}


def test_a_span_of_missed_slots() -> None:
    """First and last included; slots of another frequency are not meant."""
    told = Told().schedule(0, hourly=[CHECK], daily=[OTHER])
    told.calendar.missed("hourly", hours(3), hours(6))
    assert (told.counts()["missed"], told.counts(OTHER)) == (4, {"expected": 1, "silent": 1})


def test_a_run_that_says_nothing_of_a_check_does_not_perform_it() -> None:
    """The slot was served, and another check judged: silent, and told apart from a slot that nobody served."""
    told = Told(end=hours(3)).schedule(0, hourly=[CHECK, OTHER]).run(0, "hourly").run(1, "hourly")
    assert told.counts(OTHER) == {"expected": 3, "silent": 3, "unjudged": 2}


def test_unknown_is_performed() -> None:
    """A run that could not see one subject was performed, and is counted as unknown; a failure beside it changes nothing."""
    told = hourly(hours(3)).run(0, "hourly", saw={CHECK: {"pass": 9, "unknown": 1}}).run(1, "hourly", saw={CHECK: {"fail": 1}})
    assert told.counts() == {"expected": 3, "performed": 2, "silent": 1, "unknown": 1}


def test_what_is_not_due_yet_is_not_expected() -> None:
    """At 2:05 the slot of 2:00 may still be served in time; at 2:07 it is silent; served, it counts at once."""
    assert hourly(DAY, hours(2) + timedelta(minutes=5)).counts() == {"expected": 2, "silent": 2}
    assert hourly(DAY, hours(2) + timedelta(minutes=7)).counts() == {"expected": 3, "silent": 3}
    assert hourly(DAY, hours(2) + timedelta(minutes=5)).run(2, "hourly").counts() == {"expected": 3, "performed": 1, "silent": 2}


def test_a_daemon_that_died_leaves_silence_to_the_end() -> None:
    """The log ends at 2:00, the dossier is made a month later: the rest of the day was expected."""
    assert hourly().run(0, "hourly").run(1, "hourly").counts() == {"expected": 24, "performed": 2, "silent": 22}


def test_a_run_under_way_is_not_expected_yet_and_one_that_never_ended_was_interrupted() -> None:
    """It began at 2:00. At 2:30 it may still end in time; a month later it has not."""
    begun = {"scheduled": 2, "how": "begun"}
    assert hourly(hours(3), hours(2.5)).run(2, "hourly", **begun).counts() == {"expected": 2, "silent": 2}
    assert hourly(hours(3)).run(2, "hourly", **begun).counts() == {"expected": 3, "silent": 2, "interrupted": 1}


def test_a_slot_served_after_the_end_of_the_period_is_performed_late() -> None:
    """The last slot of the day, served after midnight."""
    told = hourly()
    places = list(told.calendar.places(["hourly"], hours(23)))
    told.calendar.performed(places, hours(24.2))
    told.tallies[CHECK] = Tally(BEGIN)
    told.tallies[CHECK].serve(places, SAW)
    assert told.counts() == {"expected": 24, "performed": 1, "late": 1, "silent": 23}


def test_the_longest_gap_reaches_the_ends_of_the_period() -> None:
    """From the beginning to the first run, between two, and from the last to the end; what is not over yet does not count."""

    def gap(*runs: float, made_at: datetime | None = None) -> float:
        told = hourly(made_at=made_at)
        for at in runs:
            told.run(at, "hourly")
        return told.coverage().longest_gap / 3600

    assert [gap(9, 12, 20), gap(1, 12, 20), gap(1, 5, 9), gap()] == [9, 11, 15, 24]
    assert gap(1, 5, 9, made_at=hours(10)) == 4


def test_runs_out_of_order_make_no_negative_gap() -> None:
    """A clock that was set back."""
    assert hourly().run(10, "hourly").run(3, "hourly").run(21, "hourly").coverage().longest_gap == 11 * 3600


def test_days_add_up() -> None:
    """Each day holds its slots and what was found on it, and the days together are the whole."""
    told = hourly(hours(48)).run(0, "hourly", saw={CHECK: {"fail": 2, "unknown": 3}}).run(30, "hourly")
    first, second = told.coverage().days
    assert (first.date, first.expected, first.performed, first.silent) == ("2026-03-02", 24, 1, 23)
    assert (first.failing, first.unknown, second.failing, second.performed) == (2, 3, 0, 1)
    both = together([told.coverage(), told.coverage()])
    assert (both.expected, both.days[1].silent, both.longest_gap) == (96, 46, told.coverage().longest_gap)


@pytest.mark.parametrize(
    ("told", "idle"),
    [
        pytest.param(hourly(), None, id="always in force"),
        pytest.param(Told(), (0, 24), id="never"),
        pytest.param(Told().schedule(5.5, hourly=[CHECK]), (0, 5), id="not before it began"),
        pytest.param(Told().schedule(9, daily=[CHECK]), None, id="in force from the slot in which it began"),
        pytest.param(Told().schedule(-30, hourly=[CHECK]).schedule(-29, hourly=[CHECK, OTHER]), None, id="before the period"),
        pytest.param(hourly().schedule(7, hourly=[OTHER]), (7, 24), id="removed"),
        pytest.param(hourly().schedule(7, hourly=[OTHER]).schedule(9.5, hourly=[CHECK]), (7, 9), id="removed and back"),
        pytest.param(hourly().schedule(7, daily=[CHECK]), None, id="another frequency"),
        pytest.param(hourly(made_at=hours(6)).schedule(7, hourly=[OTHER]), None, id="what is to come is not over"),
    ],
)
def test_when_no_schedule_expected_it(told: Told, idle: tuple[int, int] | None) -> None:
    """The first part of the period in which none did."""
    told.calendar.close()
    assert told.calendar.not_in_force(CHECK) == (None if idle is None else (hours(idle[0]), hours(idle[1])))


FREQUENCIES = st.sampled_from(["hourly", "daily", "weekly"])
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["performed", "interrupted", "begun", "missed", "schedule"]),
        st.floats(-30, 80),
        st.sets(FREQUENCIES),
        st.sets(st.sampled_from([CHECK, OTHER])),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(EVENTS, st.floats(1, 90))
def test_what_was_expected_was_performed_missed_interrupted_or_silent(events: Any, made_at: float) -> None:
    """Whatever happens in whatever order, the four add up, for all and for each day; late and unknown are among the performed."""
    told = Told(end=hours(60), made_at=hours(made_at))
    for what, at, frequencies, checks in events:
        if what == "schedule":
            told.schedule(at, **dict.fromkeys(frequencies, checks))
        elif what == "missed":
            for frequency in frequencies:
                told.calendar.missed(frequency, hours(at), hours(at + 5))
        else:
            told.run(at, *frequencies, scheduled=at, how=what, saw={check: {"pass": 1, "unknown": 1} for check in checks})
    for check in (CHECK, OTHER):
        whole = told.coverage(check)
        for one in (whole, *whole.days):
            assert one.performed + one.missed + one.interrupted + one.silent == one.expected
            assert one.late <= one.performed
        assert whole.unknown == whole.performed
        assert whole.unjudged <= whole.silent
        assert sum(day.expected for day in whole.days) == whole.expected
        slots = sum(len(told.calendar.slots(f)) for f in ("hourly", "daily", "weekly"))
        assert whole.expected <= slots
