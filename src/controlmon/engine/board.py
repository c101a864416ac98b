"""The board: every control and commitment as it stands, what it rests on, and what each framework makes of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from controlmon.core.outcome import Severity
from controlmon.engine.catalog import Catalog, CheckRef, Commitment, Control, Framework, Role
from controlmon.engine.dossier import Day
from controlmon.engine.status import State, Status
from controlmon.facts.controlmon.exceptions import Exemption

RANK = {state: rank for rank, state in enumerate(State)}


class Found(Struct, frozen=True):
    """A finding that is not a pass: of which subject, where, and why. `excepted` is the id of the exception that covers it."""

    name: str
    where: str
    outcome: str
    severity: str
    reason: str
    excepted: str = ""


class Test(Struct, frozen=True):
    """A check of a control: what it asks, when it was last asked everywhere, and what came of it for the subjects that count."""

    ref: CheckRef
    title: str
    severity: str
    remediation: str
    proves: str
    installed: bool
    finished: str
    outcomes: Mapping[str, int]
    found: tuple[Found, ...] = ()
    more: int = 0

    @property
    def worst(self) -> int:
        """The rank of the most severe of its failures that no exception covers; -1 if there is none."""
        return max((Severity(one.severity).rank for one in self.found if one.outcome == "fail" and not one.excepted), default=-1)


class Line(Struct, frozen=True):
    """A control or commitment, its status, its tests, and its days up to now."""

    subject: Control | Commitment
    status: Status
    tests: tuple[Test, ...]
    days: tuple[Day, ...] = ()

    @property
    def state(self) -> str:
        """Its state, as a word."""
        return self.status.state.value

    @property
    def name(self) -> str:
        """What people call it."""
        return self.subject.name if isinstance(self.subject, Control) else self.subject.id

    @property
    def worst(self) -> int:
        """How severe the worst of its failures is, by the rank of its severity; -1 if nothing that decides fails."""
        return max((test.worst for test in self.tests if test.ref.role is not Role.SUPPORTING), default=-1)

    @property
    def told(self) -> list[Test]:
        """The tests that found something, those that decide first, then by the worst that they found."""
        return sorted((test for test in self.tests if test.found), key=lambda test: (test.ref.role is Role.SUPPORTING, -test.worst))


class Met(Struct, frozen=True):
    """One requirement of a framework: the controls that meet it, and the worst state of any."""

    id: str
    title: str
    type: str
    state: State
    controls: tuple[tuple[str, State], ...]


class Board(Struct, frozen=True):
    """All of it, as of one time (UTC, RFC 3339)."""

    company: str
    made_at: str
    origin: str
    size: int
    root: str
    controls: tuple[Line, ...]
    commitments: tuple[Line, ...]
    exceptions: tuple[Exemption, ...]
    frameworks: tuple[Framework, ...]
    failing: int
    """Subjects that fail a check of the catalog, once for each check, and that no exception covers."""

    @property
    def categories(self) -> dict[str, list[Line]]:
        """The controls by category, in the order of the catalog."""
        found: dict[str, list[Line]] = {}
        for line in self.controls:
            if isinstance(line.subject, Control):
                found.setdefault(line.subject.category, []).append(line)
        return found

    @property
    def first(self) -> list[Line]:
        """What to look at first: the controls that are failing, then those that are unknown, those with the most severe failures first."""
        bad = [line for line in self.controls if line.status.state in (State.FAILING, State.UNKNOWN)]
        return sorted(bad, key=lambda line: (RANK[line.status.state], -line.worst, line.name))

    def counts(self, lines: Sequence[Line]) -> list[tuple[str, int]]:
        """How many of some are in which state, worst first."""
        return [(state.value, sum(line.status.state is state for line in lines)) for state in State]

    def tally(self, framework: Framework) -> list[tuple[str, int]]:
        """How many requirements of a framework are in which state, worst first."""
        states = [one.state for one in self.met(framework)]
        return [(state.value, states.count(state)) for state in State]

    def met(self, framework: Framework) -> list[Met]:
        """The requirements of a framework, in its order; those that no control meets are unmonitored."""
        states = {line.subject.id: line.status.state for line in self.controls}
        return requirements(framework, (line.subject for line in self.controls if isinstance(line.subject, Control)), states)


def requirements(framework: Framework, controls: Iterable[Control], states: Mapping[str, State]) -> list[Met]:
    """Each requirement with the controls that meet it. Where a framework lists none, the references that controls name stand for them."""
    by_ref: dict[str, list[str]] = {}
    for control in controls:
        for mapping in control.frameworks:
            if mapping.framework == framework.id:
                for ref in mapping.refs or (mapping.relation.value if mapping.relation else "",):
                    by_ref.setdefault(ref, []).append(control.id)
    known = {one.id: one for one in framework.requirements}
    names = [*known, *(ref for ref in by_ref if ref not in known), *(ref for ref in framework.not_mapped if ref not in known)]
    told = []
    for name in names:
        meeting = tuple((control, states[control]) for control in by_ref.get(name, ()) if control in states)
        worst = min((state for _, state in meeting), key=lambda state: RANK[state], default=State.UNMONITORED)
        one = known.get(name)
        told.append(Met(name, one.title if one else "", one.type if one else "", worst, meeting))
    return told


def framework_of(catalog: Catalog, name: str) -> Framework | None:
    """The framework that a person means: `fda-csa` is `fda_csa`."""
    wanted = name.lower().replace("-", "_")
    return next((one for one in catalog.frameworks if one.id == wanted), None)
