"""The author's door: what is taken for a judgement, what is refused, and what a company may tune."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Optional, Union

import msgspec
import pytest

from controlmon.check import All, Argument, Check, Example, Parameter, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.core.outcome import Outcome, Severity
from tests.engine.test_evaluate import Home, Other, Thing

WORDS: dict[str, Any] = {"title": "Things are on", "remediation": "Turn them on.", "proves": "Little.", "reads": [Thing.a]}


def made(judge: Callable[..., Verdict], **words: Any) -> Check:
    return check(**{"severity": "high", "passes": Thing.example(a=True), "fails": Thing.example(a=False), **WORDS, **words})(judge)


def plain(thing: Thing, *, ports: tuple[int, ...] = (22,), strict: bool = False, days: int = 30, share: float = 0.5) -> Verdict:
    return passed("x")


# Signatures


def test_a_subject_and_nothing_else() -> None:
    """The least that a judgement is."""

    def judge(thing: Thing) -> Verdict:
        return passed("x")

    one = made(judge)
    assert (one.kinds, one.arguments, one.parameters, one.takes_now) == ((Thing,), (), (), False)
    assert (one.severity, one.frequency, one.reads) == (Severity.HIGH, "daily", (Thing.a,))


def test_the_rest_of_a_signature() -> None:
    """Several kinds of subject, a single one beside it, a whole population, the clock anywhere after the subject, parameters."""

    def judge(subject: Thing | Other, home: Home, now: datetime, others: All[Other], *, days: int = 30) -> Verdict:
        return passed("x")

    one = made(judge)
    assert one.kinds == (Thing, Other)
    assert one.arguments == (Argument("home", Home, everything=False), Argument("others", Other, everything=True))
    assert (one.takes_now, one.now_at) == (True, 1)
    assert one.parameters == (Parameter("days", int, 30),)


def test_a_union_in_the_old_spelling() -> None:
    """`Union[A, B]` is `A | B`."""

    def judge(subject: Union[Thing, Other]) -> Verdict:  # noqa: UP007 - the spelling that is tested
        return passed("x")

    assert made(judge).kinds == (Thing, Other)


def no_subject(*, days: int = 3) -> Verdict:
    return passed("x")


def clock_first(now: datetime, thing: Thing) -> Verdict:
    return passed("x")


def bare(thing) -> Verdict:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return passed("x")


def maybe(thing: Optional[Thing]) -> Verdict:  # noqa: UP045 - the spelling that is tested
    return passed("x")


def everything(things: All[Thing]) -> Verdict:
    return passed("x")


def several(thing: Thing, other: Other) -> Verdict:
    return passed("x")


def unnamed(thing: Thing, others: All) -> Verdict:  # type: ignore[type-arg]
    return passed("x")


def positional(thing: Thing, days: int = 3) -> Verdict:
    return passed("x")


def loose(thing: Thing, **more: int) -> Verdict:
    return passed("x")


@pytest.mark.parametrize("judge", [no_subject, clock_first, bare, maybe, everything, several, unnamed, positional, loose])
def test_what_is_no_judgement_is_refused(judge: Callable[..., Verdict]) -> None:
    """When the file is loaded, not when it is run."""
    with pytest.raises(TypeError, match=r"subject|annotated|named"):
        made(judge)


def required(thing: Thing, *, days: int) -> Verdict:
    return passed("x")


def clock_as_parameter(thing: Thing, *, now: datetime) -> Verdict:
    return passed("x")


def untyped(thing: Thing, *, days=3) -> Verdict:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return passed("x")


def mistyped(thing: Thing, *, days: int = "3") -> Verdict:  # type: ignore[assignment]
    return passed("x")


def two_clocks(thing: Thing, now: datetime, then: datetime) -> Verdict:
    return passed("x")


def starred(thing: Thing, *others: All[Other]) -> Verdict:
    return passed("x")


def mixed(thing: Thing, others: All[Thing | Other]) -> Verdict:  # type: ignore[type-var]
    return passed("x")


def numbers(thing: Thing, others: All[int]) -> Verdict:  # type: ignore[type-var]
    return passed("x")


@pytest.mark.parametrize("judge", [required, clock_as_parameter, untyped, mistyped, two_clocks, starred, mixed, numbers])
def test_what_would_break_when_it_is_run_is_refused_too(judge: Callable[..., Verdict]) -> None:
    """A parameter without a default would be called with the class `inspect._empty`, and might pass."""
    with pytest.raises(TypeError):
        made(judge)


def test_an_aspect_that_no_parameter_can_ask_for() -> None:
    """A slip of the pen in `when`."""
    with pytest.raises(TypeError):
        made(plain, reads=[Thing.a.when("strcit")])


def test_an_aspect_of_a_kind_that_is_not_an_argument() -> None:
    """Every check makes the fewest calls that can answer it."""
    with pytest.raises(TypeError):
        made(plain, reads=[Thing.a, Other.x])


def test_words_that_are_not_words() -> None:
    """A severity or a frequency that there is not."""
    with pytest.raises(ValueError, match=r"severity|Severity"):
        made(plain, severity="awful")
    with pytest.raises(ValueError, match="frequency is 'fortnightly': use one of hourly"):
        made(plain, frequency="fortnightly")


# Parameters


def test_parameters_as_they_are_and_as_they_are_tuned() -> None:
    """The defaults, and what replaces them: YAML's lists become tuples."""
    one = made(plain)
    assert one.tuned({}) == {"ports": (22,), "strict": False, "days": 30, "share": 0.5}
    assert one.tuned({"ports": [22, 3389], "share": 1}) == {"ports": (22, 3389), "strict": False, "days": 30, "share": 1.0}
    assert one.tuned({}) == {"ports": (22,), "strict": False, "days": 30, "share": 0.5}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strict", "false"),
        ("strict", 0),
        ("strict", None),
        ("days", "30"),
        ("days", True),
        ("days", 1.5),
        ("ports", 22),
        ("ports", "22"),
        ("ports", ["22"]),
        ("share", "a"),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:
    """The text "false" is not a flag, and 1 is not a yes."""
    with pytest.raises(msgspec.ValidationError):
        made(plain).tuned({name: value})


def test_a_parameter_that_there_is_not() -> None:
    """Names itself, so that the caller can say which are."""
    with pytest.raises(KeyError, match="nonsense"):
        made(plain).tuned({"nonsense": 1})


def test_what_is_read_depends_on_the_parameters() -> None:
    """The aspects that are always read, and those that a true parameter asks for."""
    one = made(plain, reads=[Thing.a, Thing.b.when("strict")])
    assert one.read_ids({"strict": False}) == one.read_ids({}) == {"test.thing.a"}
    assert one.read_ids({"strict": True}) == {"test.thing.a", "test.thing.b"}


# Examples and verdicts


def test_examples_in_each_of_their_forms() -> None:
    """A subject, a tuple of arguments, an `Example` with parameters, or a list of such."""
    good, more = Thing.example(a=True), Example((Thing.example(), All.of()), {"strict": True})
    assert made(plain, passes=good).passes == (Example((good,)),)
    assert made(plain, passes=(good, All.of())).passes[0].arguments[0] is good
    assert made(plain, passes=[good, more]).passes == (Example((good,)), more)


def test_an_example_that_does_not_fit_its_kind() -> None:
    """A name that is no aspect, or a value that is no view."""
    with pytest.raises(TypeError, match="Thing has no aspect 'colour': it has a, b, c, hidden"):
        Thing.example(colour="red")
    with pytest.raises(msgspec.ValidationError):
        Thing.example(a="yes")


@pytest.mark.parametrize(
    ("make", "outcome"),
    [(passed, Outcome.PASS), (failed, Outcome.FAIL), (unknown, Outcome.UNKNOWN), (not_applicable, Outcome.NOT_APPLICABLE)],
)
def test_verdicts(make: Callable[[str], Verdict], outcome: Outcome) -> None:
    """Each of the four, with its reason and the check's own severity."""
    assert make("so it is") == Verdict(outcome, "so it is", None)


def test_a_failure_may_have_a_severity_of_its_own() -> None:
    """One of those that there are."""
    assert failed("x", severity="critical").severity is Severity.CRITICAL
    with pytest.raises(ValueError, match="awful"):
        failed("x", severity="awful")


def test_the_words_of_the_file_are_those_of_the_check() -> None:
    """The module's docstring is what `checks show` prints, and the id's first word is the provider."""
    assert made(plain).doc.startswith("The author's door")
    assert msgspec.structs.replace(made(plain), id="aws.s3.bucket_encryption").provider == "aws"
