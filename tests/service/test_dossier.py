"""The dossier of a period, from logs written by hand: what counts, what does not, and what is not hidden."""

import json
from datetime import datetime
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.times import stamp
from controlmon.engine.catalog import CheckRef, Commitment, Control, Method, Role
from controlmon.engine.dossier import ControlPeriod, Dossier
from controlmon.engine.rate import rate_of
from controlmon.service.checks import Registry, check_files, load_check, packaged_checks
from controlmon.service.dossier import deviations_of, dossier_of
from tests.histories import BEGIN, CHECK, KIND, OTHER, SCOPE, MemoryHistory, control, hours

P = Role.PRIMARY
END, LATER = hours(24), hours(24 * 30)
GOOD, BAD = {"a": "pass", "b": "pass"}, {"a": "fail", "b": "pass"}
UNSEEN = {"a": "unknown", "b": "pass"}
SAID = {"root_cause": "a template", "response": "mended", "ticket": "SEC-1", "by": "Ann"}


def story(*controls: Control, commitments: Any = (), at: datetime = BEGIN) -> MemoryHistory:
    """A log with a catalog and an hourly schedule."""
    history = MemoryHistory()
    history.catalog(at, *(controls or (control((CHECK, P)),)), commitments=commitments)
    history.schedule(at, hourly=[CHECK])
    return history


def dossier(history: MemoryHistory, **more: Any) -> Dossier:
    period = {"begin": BEGIN, "end": END, "made_at": LATER} | {k: more.pop(k) for k in ("begin", "end", "made_at") if k in more}
    return dossier_of(history, period["begin"], period["end"], period["made_at"], more.pop("registry", Registry([])), **more)


def only(history: MemoryHistory, **more: Any) -> ControlPeriod:
    (one,) = dossier(history, **more).controls
    return one


def test_a_day_on_which_all_passed() -> None:
    """Twenty-four runs on time."""
    history = story()
    history.hours(0, 24, GOOD)
    found = dossier(history, key="the key")
    (one,) = found.controls
    assert (one.conclusion, one.deviations, one.rate) == ("operated", (), rate_of(0, 24))
    assert (one.coverage.percent, one.coverage.longest_gap) == (100.0, 3600)
    check = found.checks[CHECK]
    assert (check.performances, check.findings["pass"], check.frequency, len(check.ends)) == (24, 48, "hourly", 1)
    assert (found.origin, found.key, found.size, found.begin, found.end) == (
        history.origin,
        "the key",
        history.size,
        stamp(BEGIN),
        stamp(END),
    )
    (last,) = list(history.heads())[-1:]
    assert (found.checkpoint_at, len(found.root), found.unanchored) == (last.at, 64, history.size)
    assert [row["subject"] for row in found.findings(check.ends[0].findings)] == ["a", "b"]


def test_a_deviation_mended_within_the_hour_still_shows() -> None:
    """One run of twenty-four saw it; those before and after passed."""
    history = story()
    history.hours(0, 10, GOOD)
    position = history.run(hours(10), BAD, "hourly", scheduled=hours(10))
    history.hours(11, 24, GOOD)
    one = only(history)
    (deviation,) = one.deviations
    assert (one.conclusion, one.rate, one.coverage.days[0].failing) == ("operated with deviations", rate_of(1, 24), 1)
    assert (deviation.position, deviation.seen, deviation.before, deviation.ended) == (position, 1, False, stamp(hours(11)))


def test_a_missed_run_and_an_unknown_one_end_no_deviation() -> None:
    """Failing at 1:00, missed at 2:00, not seen at 3:00, failing at 4:00: one deviation, seen twice."""
    history = story()
    history.hours(0, 1, GOOD)
    history.hours(1, 2, BAD)
    history.missed("hourly", hours(2))
    history.hours(3, 4, UNSEEN)
    history.hours(4, 5, BAD)
    history.hours(5, 24, GOOD)
    one = only(history)
    ((deviation,), coverage) = (one.deviations, one.coverage)
    assert (deviation.seen, deviation.first_seen, deviation.ended) == (2, stamp(hours(1)), stamp(hours(5)))
    assert (coverage.missed, coverage.unknown, coverage.performed, one.rate) == (1, 1, 23, rate_of(2, 22))
    assert "1 missed" in one.why


def test_a_deviation_that_was_there_at_the_first_performance() -> None:
    """It may have begun before; what was seen before the period is not counted."""
    history = story(at=hours(-5))
    history.hours(-5, 3, BAD)
    history.hours(3, 24, GOOD)
    (deviation,) = only(history).deviations
    assert (deviation.before, deviation.first_seen, deviation.seen) == (True, stamp(BEGIN), 3)


def test_what_ends_after_the_period_is_open_in_it() -> None:
    """And lasts to its end."""
    history = story()
    history.hours(0, 22, GOOD)
    history.hours(22, 24, BAD)
    history.hours(24, 30, GOOD)
    (deviation,) = only(history).deviations
    assert (deviation.ended, deviation.duration, deviation.seen) == (None, 2 * 3600, 2)


def test_a_slot_that_is_served_after_the_period() -> None:
    """It was performed, late; what that run found is evidence of the next period."""
    history = story()
    history.hours(0, 23, GOOD)
    history.run(hours(24.2), {"a": "fail", "b": "pass", "c": "unknown"}, "hourly", scheduled=hours(23))
    found = dossier(history)
    (one,), check = found.controls, found.checks[CHECK]
    assert (one.coverage.performed, one.coverage.late, one.coverage.unknown, one.deviations, one.rate) == (24, 1, 1, (), rate_of(0, 23))
    assert (check.performances, check.findings["fail"], check.ends[0].at, found.populations[0].end_count) == (23, 0, stamp(hours(22)), 2)


def test_gone_from_its_own_scope() -> None:
    """The population of the region was not seen in full; that of the whole account was, and says nothing of the region."""
    history = story()
    north, wide = ({"provider": "p", "target": "1", "region": region} for region in ("north", ""))
    for hour, (rows, complete) in enumerate([(BAD, True), ({"b": "pass"}, False), ({"b": "pass"}, True)]):
        said = [history.statement(list(rows), north, complete=complete), history.statement([], wide)]
        history.run(hours(hour), rows, "hourly", scheduled=hours(hour), scope="p:1:north", populations=said)
    (deviation,) = only(history).deviations
    assert (deviation.how_ended, deviation.ended) == ("gone", stamp(hours(2)))


def test_ad_hoc_runs_never_count() -> None:
    """A run with parameters of its own fails: no deviation, no performance, no population, and the schedule's runs are untouched."""
    history = story()
    history.hours(0, 24, GOOD)
    history.run(hours(5.5), {"a": "fail", "z": "fail"}, adhoc=True)
    found = dossier(history)
    assert (found.controls[0].conclusion, found.checks[CHECK].performances, found.populations[0].removed) == ("operated", 24, ())
    assert found.controls[0].coverage.unscheduled == 0


def test_a_run_on_request_is_evidence_and_no_coverage() -> None:
    """What it found deviates; it fills no slot, and does not enter the rate."""
    history = story()
    history.hours(0, 3, GOOD)
    history.run(hours(3.5), BAD)
    history.hours(4, 24, GOOD)
    one = only(history)
    assert (one.coverage.expected, one.coverage.performed, one.coverage.silent, one.coverage.unscheduled) == (24, 23, 1, 1)
    assert (len(one.deviations), one.rate) == (1, rate_of(0, 23))


def test_an_interrupted_run_is_told() -> None:
    """It judged nothing, and another run of the same slot makes it performed."""
    history = story()
    died = history.begin(hours(0), "hourly", scheduled=hours(0))
    history.interrupt(died, hours(0.05))
    history.hours(0, 23, GOOD)
    again = history.begin(hours(23), "hourly", scheduled=hours(23))
    history.interrupt(again, hours(26))
    found = dossier(history)
    assert [run for run, _ in found.interrupted] == [died, again]
    assert (found.controls[0].coverage.interrupted, found.controls[0].coverage.performed) == (1, 23)


def test_a_control_whose_check_never_ran() -> None:
    """Not tested; and not concluded if only one of two ran."""
    history = story(control((OTHER, P), name="c.none"), control((CHECK, P), (OTHER, P), name="c.half"))
    history.hours(0, 24, GOOD)
    none, half = dossier(history).controls
    assert (none.conclusion, none.not_run, half.conclusion, half.not_run) == ("not tested", (OTHER,), "not concluded", (OTHER,))


def test_a_check_without_a_population_is_silent() -> None:
    """The run was performed and says nothing of it: nothing observed is no performance."""
    history = story()
    history.hours(0, 23, GOOD)
    history.run(hours(23), None, "hourly", scheduled=hours(23))
    one = only(history)
    assert (one.conclusion, one.coverage.silent, one.coverage.unjudged) == ("not concluded", 1, 1)


def test_a_schedule_logged_before_the_period_is_in_force_in_it() -> None:
    """Without a run at all, every slot of the day is silent."""
    history = story(at=hours(-100))
    history.sign(hours(-100))
    found = dossier(history)
    assert (found.controls[0].coverage.silent, found.checks[CHECK].performances) == (24, 0)
    assert found.controls[0].conclusion == "not tested"


def test_what_was_in_force_before_a_stretch_can_be_given() -> None:
    """A bundle begins in mid-log: its schedule and catalog come from before it."""
    whole = story(at=hours(-100))
    part = MemoryHistory()
    part._blobs = whole._blobs
    part.hours(0, 24, GOOD)
    with pytest.raises(LedgerError, match="no catalog was recorded"):
        dossier(part)
    assert only(part, before=whole.entries()).conclusion == "operated"


def test_several_scopes_are_one_performance() -> None:
    """A run that fails in one region and passes in another is one deviating performance of one."""
    history = story()
    for hour in range(24):
        run = history.begin(hours(hour), "hourly", scheduled=hours(hour))
        history.judge(run, GOOD, scope="p:1:north")
        history.judge(run, BAD if hour == 3 else GOOD, scope="p:1:south")
        history.finish(run, hours(hour))
    found = dossier(history)
    assert (found.controls[0].rate, found.checks[CHECK].performances, found.controls[0].coverage.expected) == (rate_of(1, 24), 24, 24)
    assert [end.scope for end in found.checks[CHECK].ends] == ["p:1:north", "p:1:south"]
    assert [d.scope for d in found.controls[0].deviations] == ["p:1:south"]


def test_a_run_in_which_nothing_applied_is_not_conclusive() -> None:
    """Nothing observed is no pass: such runs are performed, and not counted in the rate."""
    history = story()
    history.hours(0, 20, {"~": "not_applicable"})
    history.hours(20, 24, GOOD)
    one = only(history)
    assert (one.conclusion, one.rate) == ("operated", rate_of(0, 4))


def test_only_the_subjects_that_count() -> None:
    """A control that names prod-* is not touched by a test bucket; one that names test-* is; what was not seen of the scope counts for both."""
    refs = [CheckRef(CHECK, P, glob) for glob in ("prod-*", "test-*", "*")]
    history = story(*(control(ref, name=f"c.{n}") for n, ref in enumerate(refs)))
    history.hours(0, 12, {"prod-1": "pass", "test-1": "pass"})
    history.hours(12, 23, {"prod-1": "pass", "test-1": "fail"})
    prod, test, every = dossier(history, end=hours(23)).controls
    assert (prod.conclusion, prod.rate, prod.deviations) == ("operated", rate_of(0, 23), ())
    assert (test.conclusion, test.rate) == ("operated with deviations", rate_of(11, 23))
    assert (every.conclusion, every.rate) == ("operated with deviations", rate_of(11, 23))
    history.hours(23, 24, {"prod-1": "pass", "~": "unknown"}, complete=False)
    prod, test, every = dossier(history).controls
    assert [one.coverage.unknown for one in (prod, test, every)] == [1, 1, 1]


def test_responses_are_beside_the_deviation() -> None:
    """By check, scope and subject; another scope's is another's."""
    history = story()
    history.hours(0, 5, GOOD)
    history.hours(5, 8, BAD)
    about = {"type": "deviation.response", "check": CHECK, "subject": "a", "first_seen": stamp(hours(5)), **SAID}
    history.add("deviations", {**about, "scope": SCOPE, "at": stamp(hours(6))})
    history.add("deviations", {**about, "scope": "p:2", "at": stamp(hours(6))})
    history.hours(8, 24, GOOD)
    (deviation,) = only(history).deviations
    assert [(r.root_cause, r.ticket, r.by, r.at) for r in deviation.responses] == [("a template", "SEC-1", "Ann", stamp(hours(6)))]


def test_a_change_of_logic_in_mid_period() -> None:
    """What the check found last before it, and first after it; its first record of all is no change."""
    history = story()
    history.change(hours(0), f"check {CHECK}", None, b"1")
    history.hours(0, 12, GOOD)
    position = history.change(hours(12), f"check {CHECK}", "sha256:1", b"2")
    history.hours(12, 24, BAD, source="2")
    found = dossier(history)
    (change,) = found.changes
    assert (change.position, change.what, change.outcomes_before["fail"], change.outcomes_after["fail"]) == (
        position,
        f"check {CHECK}",
        0,
        1,
    )
    assert len(found.checks[CHECK].digests) == 2


@pytest.mark.parametrize(("start", "told"), [(0, []), (7, ["check p.s.one"])])
def test_what_a_stretch_tells_first(start: int, told: list[str]) -> None:
    """In a stretch from mid-log the first record of a check is a check that was added; in a whole log it is where all began."""
    history = story()
    history.start = start
    history.change(hours(0), f"check {CHECK}", None, b"1")
    history.hours(0, 2, GOOD)
    assert [change.what for change in dossier(history).changes if change.what.startswith("check")] == told


def test_a_change_waits_for_the_first_run_of_its_check() -> None:
    """Runs of other checks are not what was found after it; a change that nothing came after has no outcomes."""
    history = story()
    history.hours(0, 2, GOOD)
    history.change(hours(2), f"parameters {CHECK}", "sha256:1", b"2")
    history.hours(2, 3, BAD, check=OTHER)
    history.hours(3, 4, GOOD)
    history.change(hours(4), "software", "sha256:1", "sha256:2")
    history.schedule(hours(5), hourly=[CHECK, OTHER])
    found = dossier(history)
    assert [(c.what, c.outcomes_after.get("pass")) for c in found.changes] == [
        (f"parameters {CHECK}", 2),
        ("software", None),
        ("schedule", None),
    ]
    assert found.changes[2].before is not None


def test_a_change_after_which_its_check_never_ran() -> None:
    """What another check found is not what was found after it, nor is what it found before."""
    history = story()
    history.hours(0, 2, GOOD)
    history.change(hours(2), f"parameters {CHECK}", "sha256:1", b"2")
    history.hours(2, 5, BAD, check=OTHER)
    history.change(hours(5), "software", "sha256:1", "sha256:2")
    history.finish(history.begin(hours(5.5), adhoc=True), hours(5.6), {"fail": 9})
    logic, software = dossier(history).changes
    assert (logic.outcomes_before["pass"], logic.outcomes_after, software.outcomes_after) == (2, {}, {})


def test_populations_at_both_ends() -> None:
    """Who came and went, how often the list was not complete, and who asked."""
    history = story()
    history.hours(0, 5, {"a": "pass", "b": "pass"})
    history.hours(5, 7, {"a": "pass", "~": "unknown"}, complete=False)
    history.hours(7, 24, {"b": "pass", "c": "pass", "d": "pass"})
    (found,) = dossier(history).populations
    assert (found.kind, found.scope, found.start_count, found.end_count) == (KIND, SCOPE, 2, 3)
    assert (found.added, found.removed, found.complete, found.incomplete_runs) == (("c", "d"), ("a",), False, 2)
    assert (found.start_at, found.end_at, found.identity, found.source["count"]) == (stamp(BEGIN), stamp(hours(23)), "arn:role/p", 3)


@pytest.mark.parametrize(
    ("complete", "gap", "whole"), [(True, False, True), (False, False, False), (True, True, False)], ids=["whole", "cut off", "half asked"]
)
def test_every_listing_of_a_population_came_to_its_end(complete: bool, gap: bool, whole: bool) -> None:
    """That which defines it, and those which answer more of it; a run in which two checks speak of it is one run."""
    history = story()
    place = {"provider": "p", "target": "1", "region": ""}
    for hour in range(2):
        said = history.statement(["a", "b"], place)
        more = {"operation": "s:More", "parameters": {}, "pages": 1, "count": 1} | (
            {"gap": {"kind": "denied"}, "aspects": ["x"]} if gap else {}
        )
        said = {**said, "complete": complete, "operations": [*said["operations"], more]}
        run = history.begin(hours(hour), "hourly", scheduled=hours(hour))
        for check in (CHECK, OTHER):
            history.judge(run, GOOD, check=check, populations=[said])
        history.finish(run, hours(hour))
    (found,) = dossier(history).populations
    assert (found.complete, found.incomplete_runs) == (whole, 0 if whole else 2)


def test_populations_that_whole_judgements_look_at() -> None:
    """Statements of the list `others` count, and follow the runs though the list is the same."""
    history = story()
    far = {"provider": "p", "target": "1", "region": "far"}
    for hour in range(3):
        others = [history.statement(["x", "y"] if hour < 2 else ["x"], far, kind="p.s.far")]
        history.run(hours(hour), GOOD, "hourly", scheduled=hours(hour), others=others)
    found = {one.kind: one for one in dossier(history).populations}
    assert (found["p.s.far"].scope, found["p.s.far"].removed, found["p.s.far"].end_at) == ("p:1:far", ("y",), stamp(hours(2)))
    assert dossier(history).checks[CHECK].populations == ((KIND, SCOPE), ("p.s.far", "p:1:far"))


def test_only_some_controls() -> None:
    """Their checks and populations; commitments too; an unknown id names the nearest."""
    promised = Commitment("mfa", "FAQ", "Promise.", Method.AUTOMATED, (), (CheckRef(CHECK, P),))
    history = story(control((CHECK, P), name="c.one"), control((OTHER, P), name="c.two"), commitments=[promised])
    history.hours(0, 24, GOOD)
    found = dossier(history, controls=["c.two"])
    assert ([c.control.id for c in found.controls], found.commitments, found.checks, found.populations) == (["c.two"], (), {}, ())
    found = dossier(history, controls=["mfa"])
    assert (found.controls, found.commitments[0].conclusion) == ((), "operated")
    with pytest.raises(UsageError, match=r"did you mean c\.two"):
        dossier(history, controls=["c.tow"])


def test_the_catalog_in_force_at_the_end() -> None:
    """One that came later does not count; one that came in mid-period does."""
    history = story(control((CHECK, P), name="c.old"))
    history.hours(0, 12, GOOD)
    history.catalog(hours(12), control((CHECK, P), name="c.new"))
    history.hours(12, 24, GOOD)
    history.catalog(hours(25), control((CHECK, P), name="c.later"))
    assert [c.control.id for c in dossier(history).controls] == ["c.new"]


def test_withheld_entries_are_counted_nowhere_and_told() -> None:
    """A judgement of which only the hash is here leaves its slot silent."""
    history = story()
    history.hours(0, 23, GOOD)
    position = history.run(hours(23), BAD, "hourly", scheduled=hours(23))
    history.withhold(position)
    found = dossier(history)
    assert (found.controls[0].conclusion, found.controls[0].coverage.silent) == ("not concluded", 1)
    assert any("withheld or pruned, 1" in limit for limit in found.limits)


def test_anchors_and_the_tail() -> None:
    """What lies behind the last one can still be replaced."""
    history = story()
    history.hours(0, 24, GOOD)
    body = {"type": "anchor", "kind": "witness", "place": "w", "root": "00", "receipt": None, "says": {"time": "t"}}
    history.add("anchors", {**body, "size": 9, "at": stamp(hours(-1))})
    history.add("anchors", {**body, "size": 40, "at": stamp(hours(3))})
    history.sign(hours(25))
    found = dossier(history)
    assert ([a.size for a in found.anchors], found.unanchored, found.unanchored_since) == ([40], history.size - 40, stamp(hours(3)))


def test_the_words_of_the_installed_check() -> None:
    """Of one that is installed, its title and what it proves; if another version judged, or none is installed, that is told."""
    installed: Check = load_check(check_files(packaged_checks())[name := "aws.s3.bucket_encryption"], "aws.s3.bucket_encryption")
    history = story(control((name, P)))
    history.schedule(hours(0.1), hourly=[name])
    history.hours(0, 24, GOOD, check=name, source=installed.source.decode())
    found = dossier(history, registry=Registry([installed]))
    assert (found.checks[name].title, found.checks[name].severity) == (installed.title, "high")
    assert found.controls[0].proves.startswith(f"{name}: ")
    assert any(one.startswith(f"{name}: ") for one in found.controls[0].does_not_prove)
    words = [limit for limit in found.limits if "words" in limit]
    history.hours(24, 25, GOOD, check=name, source="another")
    other = dossier(history, end=hours(25), registry=Registry([installed]))
    none = dossier(history)
    assert (words, none.checks[name].title) == ([], "")
    assert [("another one is installed" in "".join(d.limits), "not installed here" in "".join(d.limits)) for d in (other, none)] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_a_period_that_is_not_over() -> None:
    """What is to come is not expected, and the conclusion is so far."""
    history = story()
    history.hours(0, 6, GOOD)
    one = only(history, made_at=hours(6))
    assert (one.conclusion, one.coverage.expected, one.why[:7]) == ("operated", 6, "so far:")


def test_deviations_of_checks_that_no_control_names() -> None:
    """They are listed all the same, worst first, and need no catalog."""
    history = MemoryHistory()
    history.hours(0, 2, {"a": "fail/low", "b": "fail/critical"}, check="p.s.nobody")
    assert [d.subject for d in deviations_of(history, BEGIN, END, LATER)] == ["b", "a"]


def test_nothing_recorded() -> None:
    """Said, with what to do."""
    with pytest.raises(LedgerError, match="nothing has been recorded yet"):
        dossier(MemoryHistory())


@pytest.mark.parametrize(("begin", "end", "words"), [(END, BEGIN, "before it begins"), (BEGIN.replace(year=1900), END, "a hundred years")])
def test_periods_that_mean_nothing(begin: datetime, end: datetime, words: str) -> None:
    """Refused before the log is read."""
    with pytest.raises(UsageError, match=words):
        dossier(story(), begin=begin, end=end)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "run.started"},
        {"type": "schedule", "at": "yesterday", "content": "sha256:0"},
        {"type": "run.missed", "frequency": "sometimes", "scheduled": stamp(BEGIN)},
        {"type": "run.missed", "frequency": "hourly", "scheduled": 7},
        {"type": "anchor"},
        {"type": "change", "what": "catalog", "from": None, "to": "x", "content": "sha256:0", "at": stamp(BEGIN)},
        {"type": "check", "run": "run-1"},
    ],
)
def test_an_entry_that_is_none(body: dict[str, Any]) -> None:
    """One sentence that names the entry, or what is missing; no traceback."""
    history = story()
    history.begin(BEGIN, "hourly", scheduled=BEGIN)
    history.add("x", body, "run-1")
    with pytest.raises(LedgerError, match=r"entry 3 |is missing"):
        dossier(history)


def test_contents_that_are_none() -> None:
    """A schedule or a catalog of another shape is told as such."""
    for what in (b"[]", b'{"frequencies": []}', b'{"frequencies": {"hourly": 7}}'):
        history = story()
        history.add("schedule", {"type": "schedule", "at": stamp(BEGIN), "content": history.keep(what)})
        with pytest.raises(LedgerError, match="entry 2 is not as the record has it"):
            dossier(history)
    history = story()
    history.change(BEGIN, "catalog", None, json.dumps({"controls": 1}).encode())
    with pytest.raises(LedgerError, match="entry 2 is not as the record has it"):
        dossier(history)


def test_memory_does_not_grow_with_runs() -> None:
    """After many runs that found the same, what is held is one stream, one deviation and one mark a slot."""
    from controlmon.service.reading import Reading

    history = story()
    history.hours(0, 24 * 20, BAD)
    reading = Reading(history, BEGIN, hours(24 * 20), LATER)
    for placed in history.entries():
        reading.take(placed)
    reading.close()
    assert (len(list(reading.deviations())), reading._runs, len(reading._streams)) == (1, {}, 1)
    assert max(history.read.values()) <= 3
