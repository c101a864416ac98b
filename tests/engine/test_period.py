"""The conclusion of a period: worst first, never by default, and why."""

from typing import Any

import pytest

from controlmon.engine.catalog import CheckRef, Commitment, Method, Role
from controlmon.engine.dossier import CheckPeriod, Coverage, Deviation, Rate
from controlmon.engine.period import Part, commitment_period, conclude, control_period
from controlmon.engine.rate import rate_of
from tests.histories import CHECK, KIND, OTHER, SCOPE, control, hours

P, OP, SUP = Role.PRIMARY, Role.OPERATING, Role.SUPPORTING
IDLE = (hours(0), hours(5))


def deviation(severity: str = "high", *, check: str = CHECK, subject: str = "a", ended: str | None = None, position: int = 1) -> Deviation:
    name = f"{check}{subject}{position}"
    return Deviation(name, check, SCOPE, subject, "A", KIND, severity, "r", "2026", "2026", 1, position, ended=ended)


def part(check: str = CHECK, role: Role = P, **more: Any) -> Part:
    """A check that ran 24 times on time and passed."""
    passes, performances = more.pop("passes", 24), more.pop("performances", 24)
    deviations, idle = tuple(more.pop("deviations", ())), more.pop("idle", None)
    coverage = Coverage(**({"expected": 24, "performed": 24} | more))
    return Part(CheckRef(check, role), coverage, Rate(len(deviations), 24, 0.1), deviations, performances, passes, idle)


def unrun(check: str = CHECK, role: Role = P, **more: Any) -> Part:
    return part(check, role, passes=0, performances=0, **({"performed": 0, "silent": 24} | more))


@pytest.mark.parametrize(
    ("parts", "conclusion", "why"),
    [
        pytest.param([part()], "operated", "24 of 24 expected runs performed, 24 passes", id="all performed, all passed"),
        pytest.param([], "not tested", "no check is named", id="no check named"),
        pytest.param([part(role=SUP)], "not tested", "no check is named to decide it", id="supporting alone tests nothing"),
        pytest.param([unrun()], "not tested", f"none of its checks ran: {CHECK}", id="never ran"),
        pytest.param([part(), unrun(OTHER)], "not concluded", f"{OTHER} did not run", id="one primary never ran"),
        pytest.param([unrun(expected=0, silent=0), part(OTHER, OP)], "not concluded", f"{CHECK} did not run", id="only its operation ran"),
        pytest.param([part(OTHER, OP)], "not concluded", "no primary check is named", id="only operation is named"),
        pytest.param(
            [part(performed=23, missed=1)], "not concluded", "1 of 24 expected runs were not performed (1 missed)", id="one missed"
        ),
        pytest.param([part(performed=22, silent=1, interrupted=1)], "not concluded", "(1 interrupted, 1 silent)", id="silent and dead"),
        pytest.param(
            [part(performed=23, silent=1, unjudged=1)], "not concluded", f"without a word of {CHECK}", id="a run without judgement"
        ),
        pytest.param([part(unknown=2)], "not concluded", "in 2 of 24 something could not be judged", id="unknown"),
        pytest.param([part(late=24)], "operated", "24 passes", id="late is performed"),
        pytest.param([part(idle=IDLE)], "not concluded", "no schedule expected p.s.one from 2026-03-02T00", id="not expected all the time"),
        pytest.param([part(expected=0, performed=0, idle=IDLE)], "not concluded", "no schedule", id="on request alone"),
        pytest.param([part(passes=0)], "not concluded", "nothing to judge", id="nothing but not applicable"),
        pytest.param([part(passes=0), part(OTHER, OP)], "not concluded", "nothing to judge", id="passes of its operation do not help"),
        pytest.param([part(deviations=[deviation("low")])], "operated with deviations", "1 deviation of 1 subject, 1 open", id="low"),
        pytest.param(
            [part(deviations=[deviation(ended="2026"), deviation(ended="2026", position=2)])],
            "operated with deviations",
            "2 deviations of 1 subject, all ended",
            id="mended ones still show",
        ),
        pytest.param(
            [part(deviations=[deviation()], missed=3, performed=21)],
            "operated with deviations",
            "1 open; 3 of 24 expected",
            id="a deviation is not hidden by what was not seen",
        ),
        pytest.param([part(), part(OTHER, OP, deviations=[deviation("high")])], "operated with deviations", "1 open", id="operating, high"),
        pytest.param(
            [part(), part(OTHER, OP, deviations=[deviation("medium")])],
            "operated",
            "1 deviation of 1 subject, 1 open, below high, in operation",
            id="operating, below high",
        ),
        pytest.param([part(), part(OTHER, OP, unknown=1)], "not concluded", "1 of 48", id="operating, unknown"),
        pytest.param([part(), unrun(OTHER, OP)], "not concluded", "24 of 48", id="operating, expected and never ran"),
        pytest.param([part(), unrun(OTHER, OP, expected=0, silent=0)], "operated", f"without {OTHER}", id="operating, never expected"),
        pytest.param(
            [part(), part(OTHER, SUP, deviations=[deviation("critical")], unknown=9, performed=1, missed=23)],
            "operated",
            "24 of 24",
            id="supporting is context",
        ),
    ],
)
def test_the_conclusion(parts: list[Part], conclusion: str, why: str) -> None:
    """What each situation comes to, and what is said of it."""
    said = conclude(parts)
    assert said[0] == conclusion, said
    assert why in said[1]


def test_a_period_that_is_not_over() -> None:
    """What is concluded holds so far."""
    assert conclude([part()], so_far=True)[1].startswith("so far: ")


def checked(check: str, proves: str) -> CheckPeriod:
    return CheckPeriod(check, "T", "high", "hourly", proves, "", (), {}, 24, {}, Coverage(), (), Rate(0, 24, 0.1), (), ())


def test_a_control_is_the_sum_of_the_checks_that_decide() -> None:
    """Coverage, rate and deviations of primary and operating checks, worst first; supporting ones are named and not summed."""
    refs = (CheckRef(CHECK, P), CheckRef(OTHER, OP), CheckRef("p.s.three", SUP))
    parts = [
        part(deviations=[deviation("low")]),
        part(OTHER, OP, deviations=[deviation("medium", check=OTHER)], performed=20, missed=4),
        unrun("p.s.three", SUP),
    ]
    checks = {CHECK: checked(CHECK, "That A holds. Not that B does."), OTHER: checked(OTHER, "Who is there. Nor who was; see `x`. C too.")}
    found = control_period(control(*refs), parts, checks, so_far=False)
    assert (found.coverage.expected, found.coverage.missed) == (48, 4)
    assert [d.severity for d in found.deviations] == ["medium", "low"]
    assert found.rate == rate_of(2, 48)
    assert found.not_run == ("p.s.three",)
    assert found.checks[1] == (OTHER, "operating", "*")
    assert found.proves == f"{CHECK}: That A holds.\n{OTHER}: Who is there. C too."
    assert found.does_not_prove == (f"{CHECK}: Not that B does.", f"{OTHER}: Nor who was; see `x`.")


def test_a_check_that_is_named_for_two_sets_of_subjects() -> None:
    """A deviation that lies in both is told once."""
    both = [part(deviations=[deviation()]), part(deviations=[deviation()])]
    assert (
        len(
            control_period(
                control(CheckRef(CHECK, P, "a*"), CheckRef(CHECK, P, "*a")), both, {CHECK: checked(CHECK, "")}, so_far=False
            ).deviations
        )
        == 1
    )


def test_a_commitment() -> None:
    """All of its checks are primary."""
    promised = Commitment("m", "FAQ", "Promise.", Method.AUTOMATED, (), (CheckRef(CHECK, P), CheckRef(OTHER, P)))
    found = commitment_period(promised, [part(), unrun(OTHER)], so_far=False)
    assert (found.conclusion, found.not_run, found.checks) == ("not concluded", (OTHER,), (CHECK, OTHER))
