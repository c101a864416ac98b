"""Judging, through the real engine: what was not seen is never a pass and never a failure."""

# ruff: noqa: N805 - an aspect's parser takes the raw answer, not self

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlmon.check import All, Check, Everywhere, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Gap, GapKind, Population, Raw, Scope, absent, not_asked
from controlmon.core.finding import Finding
from controlmon.engine.evaluate import evaluate
from controlmon.facts.base import Kind, aspect
from tests.support import DENIED, NOW, Given

HERE = Scope("aws", "123456789012", "eu-west-1")
THERE = Scope("aws", "123456789012", "us-east-1")
WIDE = HERE.wide()
CUT = Gap(GapKind.TRUNCATED, "svc:ListThings", "page 3 of ?")
ON, OFF = {"on": True}, {"on": False}


def flag(raw: Raw) -> bool:
    if not isinstance(raw["on"], bool):
        raise TypeError(f"{raw['on']!r} is not true or false")
    return raw["on"]


class Thing(Kind, name="test.thing"):
    """A thing."""

    @aspect(absent=False)
    def a(raw: Raw) -> bool:
        """One flag."""
        return flag(raw)

    @aspect(absent=False)
    def b(raw: Raw) -> bool:
        """Another."""
        return flag(raw)

    @aspect(absent=False)
    def c(raw: Raw) -> bool:
        """A third."""
        return flag(raw)

    @aspect(absent=False)
    def hidden(raw: Raw) -> bool:
        """One that the checks of this file do not declare."""
        return flag(raw)


class Other(Kind, name="test.other"):
    """Another thing."""

    @aspect(absent=False)
    def x(raw: Raw) -> bool:
        """One flag."""
        return flag(raw)

    @aspect(absent=False)
    def y(raw: Raw) -> bool:
        """Another."""
        return flag(raw)


class Home(Kind, name="test.home", singleton=True):
    """Where things live."""

    @aspect(absent=False)
    def z(raw: Raw) -> bool:
        """One flag."""
        return flag(raw)


EVERY = (Thing.a, Thing.b, Thing.c, Other.x, Other.y, Home.z)


class Memory:
    """Evidence in which each population has its own members and its own gap."""

    def __init__(self, *populations: tuple[type[Kind], Scope, list[Given], Gap | None]) -> None:
        self.held = {(kind.kind, scope): (sorted(given, key=lambda g: g.subject.id), gap) for kind, scope, given, gap in populations}

    def population(self, kind: str, scope: Scope) -> Population | None:
        if (kind, scope) not in self.held:
            return None
        members, gap = self.held[kind, scope]
        return Population(kind, scope, len(members), gap is None, gap)

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        places = sorted(s for k, s in self.held if k == kind and (target is None or s.wide() == target.wide()))
        return [p for s in places if (p := self.population(kind, s)) is not None]

    def subjects(self, kind: str, scope: Scope) -> Iterator[Given]:
        return iter(self.held.get((kind, scope), ([], None))[0])


def made(judge: Callable[..., Verdict], *reads: Any, severity: str = "medium") -> Check:
    """A check of `judge` that reads all that it can, or just `reads`."""
    words = {"title": "t", "remediation": "r", "proves": "p", "passes": Thing.example(), "fails": Thing.example()}
    bare = check(severity=severity, reads=[], **words)(judge)  # type: ignore[arg-type]
    kinds = {*bare.kinds, *(argument.kind for argument in bare.arguments)}
    wanted = reads or tuple(aspect for aspect in EVERY if aspect.owner in kinds)
    return msgspec.structs.replace(check(severity=severity, reads=wanted, **words)(judge), id="test.svc.one")  # type: ignore[arg-type]


def thing(id: str = "one", scope: Scope = HERE, **answers: Any) -> Given:
    return Given(Thing, id, scope=scope, **answers)


def other(id: str, scope: Scope = HERE, **answers: Any) -> Given:
    return Given(Other, id, scope=scope, **answers)


def judged(
    one: Check, *populations: tuple[type[Kind], Scope, list[Given], Gap | None], scope: Scope = HERE, **parameters: Any
) -> list[Finding]:
    return list(evaluate(one, one.tuned(parameters), scope, Memory(*populations), NOW))


def said(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.subject.id, f.outcome.value) for f in found]


def is_on(thing: Thing) -> Verdict:
    return passed("it is on") if thing.a else failed("it is off")


# A gap ends the judgement


@pytest.mark.parametrize("kind", list(GapKind))
def test_a_gap_is_unknown_whatever_its_kind(kind: GapKind) -> None:
    """The reason names the operation and what went wrong."""
    (found,) = judged(made(is_on), (Thing, HERE, [thing(a=Gap(kind, "svc:GetA", needs=("svc:GetA",)))], None))
    assert found.outcome == "unknown"
    assert found.reason.startswith("svc:GetA ")


def test_a_denied_call_names_the_permission_to_grant() -> None:
    """So that the operator can mend it."""
    (found,) = judged(made(is_on), (Thing, HERE, [thing(a=DENIED)], None))
    assert (found.outcome, found.reason) == ("unknown", "svc:Operation was denied (AccessDenied): grant svc:Permission")


@pytest.mark.parametrize("raw", [{}, {"on": "false"}, {"on": 0}, {"on": None}, [], "on", 1, None, True, {"Error": {}, "on": 1}], ids=repr)
def test_an_answer_of_an_unexpected_shape_is_unknown(raw: Any) -> None:
    """A string "false" is not a flag; the reason names the aspect."""
    (found,) = judged(made(is_on), (Thing, HERE, [thing(a=raw)], None))
    assert found.outcome == "unknown"
    assert "test.thing.a answered something that cannot be read" in found.reason


@pytest.mark.parametrize("raw", [absent("NoSuchThing"), not_asked("there is none")])
def test_not_configured_is_an_answer(raw: Any) -> None:
    """Not a gap: the judgement goes on with the aspect's own default."""
    (found,) = judged(made(is_on), (Thing, HERE, [thing(a=raw)], None))
    assert (found.outcome, found.reason) == ("fail", "it is off")


def test_a_gap_that_is_not_read_changes_nothing() -> None:
    """What decides was seen."""
    assert said(judged(made(is_on), (Thing, HERE, [thing(a=ON, b=DENIED)], None))) == [("one", "pass")]


def test_reading_what_is_not_declared_is_unknown_and_says_so() -> None:
    """The ledger would not hold it, so nobody could judge again."""
    one = made(lambda_of(lambda t: passed("seen") if t.hidden else failed("seen")))
    (found,) = judged(one, (Thing, HERE, [thing(hidden=ON)], None))
    assert found.outcome == "unknown"
    assert "Thing.hidden is read but not declared" in found.reason


def lambda_of(body: Callable[[Thing], Any]) -> Callable[..., Verdict]:
    def judge(thing: Thing) -> Verdict:
        verdict: Verdict = body(thing)
        return verdict

    return judge


# An author's mistake is not an answer


@pytest.mark.parametrize(
    ("body", "because"),
    [
        pytest.param(lambda t: 1 / 0, "ZeroDivisionError", id="arithmetic"),
        pytest.param(lambda t: t.nothing, "AttributeError", id="an aspect that there is not"),
        pytest.param(lambda t: None, "returned NoneType", id="no verdict"),
        pytest.param(lambda t: True, "returned bool", id="a boolean is no verdict"),
        pytest.param(lambda t: failed("x", severity="awful"), "ValueError", id="a severity that there is not"),
        pytest.param(lambda t: (_ for _ in ()).throw(RecursionError("deep")), "RecursionError", id="recursion"),
    ],
)
def test_a_judgement_that_breaks_is_unknown_and_the_rest_is_judged(body: Callable[[Thing], Any], because: str) -> None:
    """The finding names the check; the run goes on."""
    one = made(lambda_of(lambda t: body(t) if t.id == "bad" else passed("fine")))
    bad, good = judged(one, (Thing, HERE, [thing("bad"), thing("good")], None))
    assert (bad.outcome, good.outcome) == ("unknown", "pass")
    assert bad.reason.startswith("test.svc.one broke: ")
    assert because in bad.reason


def test_a_record_that_cannot_be_read_is_no_finding() -> None:
    """A broken ledger must stop the run: it says nothing of the subject."""

    class Broken(Given):
        def answer(self, aspect: str) -> Any:
            raise LedgerError("the piece is gone")

    with pytest.raises(LedgerError):
        judged(made(is_on), (Thing, HERE, [Broken(Thing, "one", scope=HERE, a=ON)], None))


# Populations


def test_an_incomplete_population_adds_an_unknown_for_the_scope() -> None:
    """What was seen is judged all the same."""
    found = judged(made(is_on), (Thing, HERE, [thing(a=ON)], CUT))
    assert said(found) == [("one", "pass"), (str(HERE), "unknown")]
    assert (found[1].subject.kind, found[1].reason) == (
        "scope",
        "not every test.thing was seen: svc:ListThings was cut short (page 3 of ?)",
    )


def test_an_empty_complete_population_is_not_applicable() -> None:
    """Never a pass."""
    (found,) = judged(made(is_on), (Thing, HERE, [], None))
    assert (found.subject.kind, found.outcome, found.reason) == ("scope", "not_applicable", "there is no test.thing here")


def test_an_empty_incomplete_population_is_unknown() -> None:
    """A listing that was denied is not an empty one."""
    assert said(judged(made(is_on), (Thing, HERE, [], DENIED))) == [(str(HERE), "unknown")]


def test_what_was_not_asked_for_here_is_not_spoken_of() -> None:
    """No population, no finding: neither a pass nor "there is none"."""
    assert judged(made(is_on), (Thing, THERE, [thing(scope=THERE, a=ON)], None)) == []


class TestSeveralKinds:
    """A check may judge subjects of more than one kind."""

    @staticmethod
    def judge(subject: Thing | Other) -> Verdict:
        return passed("on") if (subject.a if isinstance(subject, Thing) else subject.x) else failed("off")

    def test_each_is_judged(self) -> None:
        """Members of both kinds."""
        found = judged(made(self.judge), (Thing, HERE, [thing(a=ON)], None), (Other, HERE, [other("two", x=OFF)], None))
        assert said(found) == [("one", "pass"), ("two", "fail")]

    def test_one_empty_kind_says_nothing(self) -> None:
        """There is something to judge."""
        assert said(judged(made(self.judge), (Thing, HERE, [], None), (Other, HERE, [other("two", x=ON)], None))) == [("two", "pass")]

    def test_both_empty_are_told_once(self) -> None:
        """One finding for the scope."""
        (found,) = judged(made(self.judge), (Thing, HERE, [], None), (Other, HERE, [], None))
        assert (found.outcome, found.reason) == ("not_applicable", "there is no test.thing or test.other here")

    def test_one_empty_and_one_denied_is_unknown_alone(self) -> None:
        """Nothing was seen to be inapplicable."""
        assert said(judged(made(self.judge), (Thing, HERE, [], None), (Other, HERE, [], DENIED))) == [(str(HERE), "unknown")]


# Whole populations as arguments


def any_other(thing: Thing, others: All[Other]) -> Verdict:
    return passed("one is on") if others.some(lambda o: o.x) else failed("none is on")


def each_other(thing: Thing, others: All[Other]) -> Verdict:
    return passed("all are on") if all(o.x for o in others) else failed("one is off")


def any_beside(thing: Thing, others: All[Other]) -> Verdict:
    return passed("one is on") if others.beside(thing).some(lambda o: o.x) else failed("none is on")


ONE = (Thing, HERE, [thing()], None)


@pytest.mark.parametrize(
    ("judge", "populations", "outcome"),
    [
        pytest.param(any_other, [(Other, HERE, [other("o", x=ON)], CUT)], "pass", id="one witness decides, whatever was not listed"),
        pytest.param(any_other, [(Other, HERE, [other("m", x=DENIED), other("o", x=ON)], None)], "pass", id="or could not be seen"),
        pytest.param(any_other, [(Other, HERE, [other("o", x=OFF)], CUT)], "unknown", id="without one, all must have been listed"),
        pytest.param(any_other, [(Other, HERE, [other("m", x=DENIED), other("o", x=OFF)], None)], "unknown", id="and all seen"),
        pytest.param(any_other, [(Other, HERE, [other("o", x=OFF)], None)], "fail", id="none of all is a failure"),
        pytest.param(any_other, [(Other, HERE, [], None)], "fail", id="so is none of none"),
        pytest.param(any_other, [], "unknown", id="a population that nobody asked for is not an empty one"),
        pytest.param(any_other, [(Other, Scope("aws", "999999999999"), [], None)], "unknown", id="nor is another target's"),
        pytest.param(
            any_other, [(Other, HERE, [], None), (Other, THERE, [other("o", THERE, x=ON)], None)], "pass", id="every region counts"
        ),
        pytest.param(any_other, [(Other, HERE, [], None), (Other, THERE, [], DENIED)], "unknown", id="a region that was denied counts too"),
        pytest.param(each_other, [(Other, HERE, [other("o", x=OFF)], CUT)], "unknown", id="to go through it is to need all of it"),
        pytest.param(each_other, [(Other, HERE, [other("o", x=ON)], None), (Other, THERE, [], CUT)], "unknown", id="in every region"),
        pytest.param(each_other, [(Other, HERE, [other("o", x=ON)], None)], "pass", id="all of all"),
        pytest.param(
            any_beside, [(Other, HERE, [other("o", x=ON)], None), (Other, THERE, [], DENIED)], "pass", id="beside: only this region"
        ),
        pytest.param(any_beside, [(Other, HERE, [], None), (Other, THERE, [other("o", THERE, x=ON)], None)], "fail", id="not another one"),
        pytest.param(any_beside, [(Other, THERE, [other("o", THERE, x=ON)], None)], "unknown", id="beside where nobody asked"),
        pytest.param(any_beside, [(Other, WIDE, [], DENIED)], "unknown", id="beside, when the regions could not be listed"),
    ],
)
def test_whole_populations(judge: Callable[..., Verdict], populations: list[Any], outcome: str) -> None:
    """A witness may decide; an absence never does, unless all was seen."""
    (found,) = judged(made(judge), ONE, *populations)
    assert found.outcome == outcome, found.reason


def test_a_population_is_read_once_whatever_the_number_of_subjects() -> None:
    """Judging n subjects against m others parses m answers, not n times m."""
    parsed = []

    class Counted(Given):
        def answer(self, aspect: str) -> Any:
            parsed.append(aspect)
            return super().answer(aspect)

    others = [Counted(Other, f"o{i}", scope=HERE, x=ON) for i in range(3)]
    found = judged(made(each_other), (Thing, HERE, [thing(str(i)) for i in range(10)], None), (Other, HERE, others, None))
    assert (len(found), len(parsed)) == (10, 3)


def count_here(thing: Thing, others: All[Other]) -> Verdict:
    return passed(str(sum(1 for _ in others)))


def count_everywhere(thing: Thing, others: Everywhere[Other]) -> Verdict:
    return passed(str(sum(1 for _ in others)))


def test_everywhere_is_every_target_of_every_provider() -> None:
    """A whole population is that of the target; everywhere it is that of the run, and one gap anywhere ends the judgement."""
    far, cloud = Scope("aws", "222222222222"), Scope("azure", "subscription")
    held = [(Other, place, [other(str(place), place, x=ON)], None) for place in (HERE, THERE, far, cloud)]
    assert [f.reason for f in judged(made(count_here), ONE, *held)] == ["2"]
    assert [f.reason for f in judged(made(count_everywhere), ONE, *held)] == ["4"]
    (found,) = judged(made(count_everywhere), ONE, *held[:3], (Other, cloud, [], DENIED))
    assert (found.outcome, "svc:Operation was denied" in found.reason) == ("unknown", True)


# Single subjects, the clock, parameters, severity


def at_home(thing: Thing, home: Home) -> Verdict:
    return passed("on") if home.z else failed("off")


@pytest.mark.parametrize("place", [HERE, WIDE])
def test_a_single_subject_is_that_of_the_scope_or_of_the_target(place: Scope) -> None:
    """And its digest is one of those behind the finding."""
    home = Given(Home, "home", scope=place, z=ON)
    (found,) = judged(made(at_home), ONE, (Home, place, [home], None))
    assert (found.outcome, found.facts) == ("pass", (home.seen("z")[0],))


@pytest.mark.parametrize("homes", [[], [(Home, HERE, [], DENIED)], [(Home, THERE, [Given(Home, "h", scope=THERE, z=ON)], None)]])
def test_a_single_subject_that_is_not_there_is_unknown(homes: list[Any]) -> None:
    """Another region's does not stand in for it."""
    (found,) = judged(made(at_home), ONE, *homes)
    assert (found.outcome, "no test.home was recorded for 123456789012" in found.reason) == ("unknown", True)


def test_the_clock_is_an_argument_wherever_it_stands() -> None:
    """Judgements about age are pure, too."""

    def last(thing: Thing, others: All[Other], home: Home, now: datetime) -> Verdict:
        return passed(f"{now:%Y} {type(others).__name__} {type(home).__name__}")

    def first(thing: Thing, now: datetime, others: All[Other], home: Home) -> Verdict:
        return last(thing, others, home, now)

    def middle(thing: Thing, others: All[Other], now: datetime, home: Home) -> Verdict:
        return last(thing, others, home, now)

    evidence = (ONE, (Home, HERE, [Given(Home, "h", scope=HERE)], None))
    assert {judged(made(judge), *evidence)[0].reason for judge in (first, middle, last)} == {"2026 All Home"}


def test_an_aspect_that_a_parameter_asks_for_is_readable_only_then() -> None:
    """Otherwise nobody fetched it."""

    def judge(thing: Thing, *, strict: bool = False, ask: bool = False) -> Verdict:
        return passed("b") if (strict or ask) and thing.b else failed("not b")

    one = made(judge, Thing.a, Thing.b.when("strict"))
    evidence = (Thing, HERE, [thing(b=ON)], None)
    outcomes = [judged(one, evidence, **p)[0].outcome.value for p in ({}, {"strict": True}, {"ask": True})]
    assert outcomes == ["fail", "pass", "unknown"]


def test_a_verdict_may_weigh_more_than_its_check() -> None:
    """The severity of the finding is the verdict's, if it has one; of what was not seen, the check's."""
    one = made(lambda_of(lambda t: failed("x", severity="critical") if t.a else failed("y")), severity="low")
    found = judged(one, (Thing, HERE, [thing("1", a=ON), thing("2", a=OFF), thing("3", a=DENIED)], CUT))
    assert [f.severity.value for f in found] == ["critical", "low", "low", "low"]


@pytest.mark.parametrize("verdict", [passed("x"), failed("x"), unknown("x"), not_applicable("x")], ids=lambda v: v.outcome.value)
def test_a_verdict_is_reported_as_it_is(verdict: Verdict) -> None:
    """Each of the four."""
    (found,) = judged(made(lambda_of(lambda t: verdict)), ONE)
    assert (found.outcome, found.reason, found.check) == (verdict.outcome, "x", "test.svc.one")


def test_the_digests_are_those_of_what_was_read() -> None:
    """Of nothing else, and not of a gap; the time is that of the oldest."""

    class Timed(Given):
        def seen(self, aspect: str) -> tuple[str, str]:
            return super().seen(aspect)[0], {"a": "2026-11-23T11:00:00Z", "b": "2026-11-23T10:00:00Z"}.get(aspect, "")

    one = made(lambda_of(lambda t: passed("x") if t.a and t.b and t.c else failed("y")))
    subject = Timed(Thing, "one", scope=HERE, a=ON, b=ON, c=DENIED, hidden=OFF)
    (found,) = judged(one, (Thing, HERE, [subject], None))
    assert (found.outcome, found.observed_at) == ("unknown", "2026-11-23T10:00:00Z")
    assert found.facts == (subject.seen("a")[0],)  # a and b were answered alike: one digest
    subject = Timed(Thing, "one", scope=HERE, a=ON, b=OFF)
    (found,) = judged(one, (Thing, HERE, [subject], None))
    assert (found.observed_at, len(found.facts)) == ("2026-11-23T10:00:00Z", 2)
    (scope_finding,) = judged(one, (Thing, HERE, [], CUT))
    assert (scope_finding.facts, scope_finding.observed_at) == ((), "")


# Whatever was seen and whatever is asked

GAPS = st.builds(Gap, st.sampled_from(list(GapKind)), st.just("svc:Op"))
ANSWERS = st.one_of(
    st.sampled_from([ON, OFF]),
    st.sampled_from([ON, OFF]),
    st.sampled_from([absent("NoSuchThing"), not_asked("needless")]),
    st.sampled_from([{}, {"on": "true"}, {"on": 1}, [], "html", 7]),
    GAPS,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from(["a", "b", "c", "hidden"])),
        st.tuples(st.sampled_from(["some", "first", "each", "beside"]), st.sampled_from(["x", "y"])),
        st.just(("home", "z")),
        st.just(("break", "")),
    ),
    max_size=4,
)


@st.composite
def populations(draw: st.DrawFn) -> list[tuple[type[Kind], Scope, list[Given], Gap | None]]:
    held: list[tuple[type[Kind], Scope, list[Given], Gap | None]] = []
    for kind, scope in ((Thing, HERE), (Other, HERE), (Other, THERE), (Home, draw(st.sampled_from([HERE, WIDE])))):
        if kind is not Thing and draw(st.integers(0, 5)) == 0:
            continue
        several = range(draw(st.integers(0, 1 if kind is Home else 3)))
        members = [Given(kind, f"{kind.kind}{i}", scope=scope, **{name: draw(ANSWERS) for name in kind.aspects}) for i in several]
        held.append((kind, scope, members, draw(st.none() | GAPS)))
    return held


def truth(given: Given, name: str) -> bool | None:
    """The oracle's own reading of an answer: None if it was not seen."""
    raw = given.answers[name]
    if raw is ON or raw is OFF:  # {"on": 1} equals {"on": True}, and is not one
        return raw is ON
    return False if isinstance(raw, dict) and ("Error" in raw or "NotAsked" in raw) else None


def seen_to_hold(members: list[Given], complete: bool, name: str) -> bool | None:
    """The oracle's "some": a witness, or all of them seen and none."""
    values = [truth(m, name) for m in members]
    if True in values:
        return True
    return None if None in values or not complete else False


def expected(step: tuple[str, str], subject: Given, held: list[tuple[type[Kind], Scope, list[Given], Gap | None]]) -> bool | None:
    """What the step may rest on, worked out from the raw answers without the engine: None if it was not seen."""
    what, name = step
    if what == "read":
        return None if name == "hidden" else truth(subject, name)
    if what == "break":
        return None
    if what == "home":
        homes = [m for kind, _, members, _ in held if kind is Home for m in members]
        return truth(homes[0], name) if homes else None
    places = [(s, members, gap) for kind, s, members, gap in held if kind is Other and (what != "beside" or s == HERE)]
    members = [m for _, several, _ in places for m in several]
    complete = bool(places) and all(gap is None for _, _, gap in places)
    if what == "each":
        values = [truth(m, name) for m in members]
        return None if None in values or not complete else all(v for v in values)
    return seen_to_hold(members, complete, name)


@settings(max_examples=400, deadline=None)
@given(populations(), STEPS, st.booleans())
def test_nothing_rests_on_what_was_not_seen(held: list[Any], steps: list[tuple[str, str]], flip: bool) -> None:
    """For any answers, gaps and populations, and any judgement that reads some of them in some order, the finding is the oracle's."""

    def follow(thing: Thing, others: All[Other], home: Home | None) -> Verdict:
        verdict = flip
        for what, name in steps:
            verdict ^= taken(what, name, thing, others, home)
        return passed("so it is") if verdict else failed("so it is not")

    def without(thing: Thing, others: All[Other]) -> Verdict:
        return follow(thing, others, None)

    def within(thing: Thing, home: Home, others: All[Other]) -> Verdict:
        return follow(thing, others, home)

    found = judged(made(within if ("home", "z") in steps else without), *held)
    by_subject = {f.subject.id: f.outcome.value for f in found if f.subject.kind == "test.thing"}
    assert set(by_subject) == {subject.subject.id for subject in held[0][2]}
    for subject in held[0][2]:
        values = [expected(step, subject, held) for step in steps]
        decided = "pass" if sum(map(bool, values), flip) % 2 else "fail"
        assert by_subject[subject.subject.id] == ("unknown" if None in values else decided)
    about_scope = [f.outcome.value for f in found if f.subject.kind == "scope"]
    assert about_scope == (["unknown"] if held[0][3] else ["not_applicable"] if not held[0][2] else [])


def taken(what: str, name: str, thing: Thing, others: All[Other], home: Home | None) -> bool:
    """One step of a judgement, as an author would write it."""
    match what:
        case "read":
            return bool(getattr(thing, name))
        case "home":
            return bool(getattr(home, name))
        case "some":
            return others.some(lambda o: getattr(o, name))
        case "first":
            return others.first(lambda o: getattr(o, name)) is not None
        case "beside":
            return others.beside(thing).some(lambda o: getattr(o, name))
        case "each":
            return all([getattr(o, name) for o in others])  # noqa: C419 - every one is to be read
        case _:
            raise ArithmeticError(what)


@settings(max_examples=50, deadline=None)
@given(populations())
def test_judging_again_gives_the_same(held: list[Any]) -> None:
    """Pure: the same evidence, check and clock give the same findings, digests and reasons."""

    def judge(thing: Thing, others: All[Other], now: datetime) -> Verdict:
        return passed(f"{now}") if thing.a and others.some(lambda o: o.x) else failed(f"{thing.b}")

    one = made(judge)
    assert judged(one, *held) == judged(one, *held)


def test_the_clock_of_these_tests_has_a_zone() -> None:
    """As every clock here."""
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize(("gap", "outcome"), [(None, "fail"), (CUT, "unknown")])
def test_asking_whether_there_is_any_needs_the_population(gap: Gap | None, outcome: str) -> None:
    """`if others:` is what an author writes without thinking."""

    def judge(thing: Thing, others: All[Other]) -> Verdict:
        return passed("there are some") if others else failed("there are none")

    assert judged(made(judge), ONE, (Other, HERE, [], gap))[0].outcome in (outcome, "unknown")


def test_a_check_cannot_swallow_what_was_not_seen() -> None:
    """No author can turn a gap into a pass by catching too much."""

    def body(thing: Thing) -> Verdict:
        try:
            return passed("on") if thing.a else failed("off")
        except Exception:  # noqa: BLE001 - the mistake that is tested
            return passed("well")

    assert judged(made(lambda_of(body)), (Thing, HERE, [thing(a=DENIED)], None))[0].outcome == "unknown"


def test_a_population_that_is_incomplete_without_a_reason_is_unknown_too() -> None:
    """`complete` is what the record states; the gap only says why."""

    class Unexplained(Memory):
        def population(self, kind: str, scope: Scope) -> Population | None:
            return Population(kind, scope, 1, complete=False)

    found = list(evaluate(made(is_on), {}, HERE, Unexplained((Thing, HERE, [thing(a=ON)], None)), NOW))
    assert said(found) == [("one", "pass"), (str(HERE), "unknown")]


def test_nor_is_a_whole_population_that_is_incomplete_without_a_reason_taken_for_whole() -> None:
    """Among the arguments it is no different."""

    class Unexplained(Memory):
        def populations(self, kind: str, target: Scope) -> list[Population]:
            return [Population(kind, HERE, 0, complete=False)]

    assert said(list(evaluate(made(any_other), {}, HERE, Unexplained(ONE), NOW))) == [("one", "unknown")]


@pytest.mark.parametrize("verdict", [Verdict("green", "x"), Verdict("pass", "x"), passed(None)], ids=repr)  # type: ignore[arg-type]
def test_a_verdict_that_is_none_of_the_four_is_unknown(verdict: Verdict) -> None:
    """It would stop the whole run when its outcome is counted, or the report when its reason is written."""
    (found,) = judged(made(lambda_of(lambda t: verdict)), ONE)
    assert found.outcome == "unknown"
    assert "broke" in found.reason


def test_the_oldest_of_two_equal_answers_dates_the_finding() -> None:
    """Two aspects may be answered alike, at different times."""

    class Timed(Given):
        def seen(self, aspect: str) -> tuple[str, str]:
            return super().seen(aspect)[0], {"a": "2026-11-23T10:00:00Z", "b": "2026-11-23T11:00:00Z"}[aspect]

    one = made(lambda_of(lambda t: passed("x") if t.a and t.b else failed("y")))
    (found,) = judged(one, (Thing, HERE, [Timed(Thing, "one", scope=HERE, a=ON, b=ON)], None))
    assert found.observed_at == "2026-11-23T10:00:00Z"
