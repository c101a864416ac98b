"""(11) The period: what was expected, against what the log says."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.ledger.offline import verify
from tests.bundles import CHECK, DAY, Log, company, dumped, stamp
from tests.ledger.offline.forged import HOUR, Verify, relogged


def test_what_was_expected_is_compared_with_what_the_log_says(told: Verify) -> None:
    """(11) Performed, missed one by one and as a span, interrupted, begun, and the slots of which nothing is said."""
    log = company(2)
    log.add(
        "schedule:hourly", type="run.missed", scheduled=stamp(DAY + 2 * HOUR), frequency="hourly", noticed=stamp(DAY + 3 * HOUR), checks=1
    )
    span = {"first": stamp(DAY + 3 * HOUR), "last": stamp(DAY + 6 * HOUR), "count": 4}
    log.add(
        "schedule:hourly",
        type="run.missed",
        scheduled=span["first"],
        span=span,
        frequency="hourly",
        noticed=stamp(DAY + 7 * HOUR),
        checks=1,
    )
    for hour, ends in ((7, True), (8, False)):
        at = stamp(DAY + hour * HOUR)
        log.add(
            "runs", f"run-{hour}", type="run.started", scheduled=at, started=at, frequencies=["hourly"], adhoc=False, targets=[], count=1
        )
        if ends:
            log.add("runs", f"run-{hour}", type="run.interrupted", scheduled=at, started=at, noticed=at, populations=[], seen={})
    log.checkpoint(DAY + 9 * HOUR)
    log.run(DAY + 10 * HOUR)
    answer = told(log.bundle(period=(DAY, DAY + 11 * HOUR)))
    assert answer.code == 0
    assert "of 11 expected runs: 3 performed, 1 interrupted, 5 missed, 1 begun, 1 silent" in answer.told
    assert "SILENT SLOTS: 1, of which the log says nothing: hourly 2026-11-23T09:00:00.000Z" in answer.told
    assert "1 runs began, and the log does not say how they ended" in answer.told


def test_a_late_daemon_serves_the_slots_of_several_frequencies(told: Verify) -> None:
    """(11) A run's scheduled time is the latest of its slots: the daily one is served too. A change of schedule ends what is expected."""
    log = Log()
    log.schedule(DAY - timedelta(minutes=1), hourly=[CHECK], daily=[CHECK], weekly=[])
    log.run(DAY + HOUR, ["hourly", "daily"])
    log.schedule(DAY + 2 * HOUR - timedelta(minutes=1), daily=[CHECK])
    log.checkpoint(DAY + 2 * HOUR)
    answer = told(log.bundle())
    assert "of 3 expected runs: 2 performed, 0 interrupted, 0 missed, 0 begun, 1 silent" in answer.told
    assert "hourly 2026-11-23T00:00:00.000Z" in answer.told


@pytest.mark.parametrize("frequency", ["hourly", "daily", "weekly", "monthly", "quarterly", "annual"])
@given(at=st.integers(0, 4 * 10**9).map(lambda seconds: DAY.replace(year=1970) + timedelta(seconds=seconds)))
def test_slots_are_those_of_the_daemon(frequency: str, at: datetime) -> None:
    """(11) The verifier's reading of a schedule is the plan's."""
    from controlmon.engine import plan

    assert verify.slot(frequency, at) == plan.slot(frequency, at)
    assert verify.following(frequency, plan.slot(frequency, at)) == plan.following(frequency, plan.slot(frequency, at))


def test_a_schedule_that_cannot_be_read_is_told(told: Verify, day: Log) -> None:
    """(11) Content that is no schedule, and frequencies that nobody knows."""
    for content in (b"[]", dumped({"frequencies": {"sometimes": [CHECK]}})):
        made = relogged(day, "schedule", lambda entry, content=content: entry.update(content=day.keep(content)))  # type: ignore[misc]
        made.content = dict(day.content)
        bundle = made.bundle()
        bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/schedule")}
        assert told(bundle).steps == {11}
