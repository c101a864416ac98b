"""The board: what a framework makes of its controls, and what to look at first."""

from controlmon.engine import board as engine
from controlmon.engine.board import Board, Found, Line, framework_of, requirements
from controlmon.engine.catalog import CheckRef, Framework, Mapping, Requirement, Role
from controlmon.engine.status import State, Status
from controlmon.service.catalog import load_catalog
from tests.engine.test_status import control

CATALOG = load_catalog()


def line(name: str, state: State, severity: str = "", role: Role = Role.PRIMARY) -> Line:
    """A control of that name in a state, with one failure of a severity."""
    found = (Found("one", "aws:1", "fail", severity, "it is open"),) if severity else ()
    test = engine.Test(CheckRef("p.s.one", role), "", "", "", "", True, "", {}, found)
    base = control()
    named = type(base)(**{field: getattr(base, field) for field in base.__struct_fields__} | {"id": name, "name": name})
    return Line(named, Status(name, state, (), (), 1, 1, ""), (test,))


def board(*lines: Line) -> Board:
    return Board("artemis", "2026-11-25T00:00:00.000Z", "log", 0, "", lines, (), (), (), 0)


def test_the_worst_state_of_any_control_is_the_requirement_s() -> None:
    """A requirement that one passing and one failing control meet is failing; one that none meets is unmonitored, and stays on the list."""
    framework = Framework("soc2", "SOC 2", "", (Requirement("CC1", "one"), Requirement("CC2", "two")), ("CC9",))
    controls = [type(c)(**{f: getattr(c, f) for f in c.__struct_fields__} | {"id": n, "frameworks": (Mapping("soc2", refs),)})
                for n, refs, c in (("good", ("CC1",), control()), ("bad", ("CC1",), control()), ("other", ("CC3",), control()))]  # fmt: skip
    states = {"good": State.PASSING, "bad": State.FAILING, "other": State.PASSING}
    told = {met.id: (met.state, [c for c, _ in met.controls]) for met in requirements(framework, controls, states)}
    assert told == {
        "CC1": (State.FAILING, ["good", "bad"]), "CC2": (State.UNMONITORED, []),
        "CC3": (State.PASSING, ["other"]), "CC9": (State.UNMONITORED, []),
    }  # fmt: skip


def test_every_framework_of_the_catalog_has_its_requirements() -> None:
    """Each control stands under each framework that it names, by the name that people type."""
    states = {one.id: State.PASSING for one in CATALOG.controls}
    for typed in ("soc2", "hipaa", "fda-csa", "gamp5"):
        framework = framework_of(CATALOG, typed)
        assert framework is not None
        met = {name for one in requirements(framework, CATALOG.controls, states) for name, _ in one.controls}
        assert met == {c.id for c in CATALOG.controls if any(m.framework == framework.id for m in c.frameworks)}
    assert framework_of(CATALOG, "iso27001") is None


def test_what_to_look_at_first() -> None:
    """Failing before unknown, the most severe first; a supporting failure makes nothing more severe, and what passes is not there."""
    b = line("b", State.FAILING, "critical")
    a, c = line("a", State.FAILING, "low"), line("c", State.FAILING, "critical", Role.SUPPORTING)
    lines = [line("z", State.PASSING), line("u", State.UNKNOWN), a, b, c]
    assert [one.name for one in board(*lines).first] == ["b", "a", "c", "u"]
    assert dict(board(*lines).counts(lines))["failing"] == 3
