"""What the trust center promises, the requirements that it meets, and the checks that test it. `service.catalog` reads the files."""

import difflib
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from controlmon.core.errors import UsageError

T = TypeVar("T")


class Role(StrEnum):
    """What a check's answer does to a control: decide it, show that a policy works in practice, or give context."""

    PRIMARY = "primary"
    OPERATING = "operating"
    SUPPORTING = "supporting"


class Kind(StrEnum):
    """Whether a control is met by something that happens, or by an approved and current document."""

    ACTIVITY = "activity"
    POLICY = "policy"


class Method(StrEnum):
    """How a promise is tested: by machine, by machine and people, by a document, or by a signed statement."""

    AUTOMATED = "automated"
    HYBRID = "hybrid"
    DOCUMENT = "document"
    ATTESTATION = "attestation"


class Frequency(StrEnum):
    """How often a control is tested."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


class Relation(StrEnum):
    """How closely a control meets a framework that grades it. A framework that a control does not name has no relation to it."""

    DIRECT = "direct"
    SUPPORTING = "supporting"


class CheckRef(Struct, frozen=True):
    """A check that tests a control or a commitment, in a role; `subjects` is a glob over the ids of the check's subjects that count."""

    check: str
    role: Role
    subjects: str = "*"

    def covers(self, subject: str) -> bool:
        """Whether the finding about the subject with this id counts. Case matters."""
        return fnmatchcase(subject, self.subjects)


class Mapping(Struct, frozen=True):
    """The requirements of one framework that a control meets. `relation` is None where the framework is not graded."""

    framework: str
    refs: tuple[str, ...] = ()
    relation: Relation | None = None
    note: str = ""


class Control(Struct, frozen=True):
    """A promise of the trust center. `promise` is the page's own sentence; an observation older than `fresh_for` is stale."""

    id: str
    name: str
    category: str
    promise: str
    kind: Kind
    method: Method
    frequency: Frequency
    fresh_for: timedelta
    evidence: tuple[str, ...]
    frameworks: tuple[Mapping, ...]
    checks: tuple[CheckRef, ...]
    notes: tuple[str, ...] = ()


class Commitment(Struct, frozen=True):
    """A checkable sentence of the trust center's FAQ. All of its checks are primary."""

    id: str
    source: str
    promise: str
    method: Method
    controls: tuple[str, ...]
    checks: tuple[CheckRef, ...]
    note: str = ""


class Requirement(Struct, frozen=True):
    """One requirement of a framework. `type` is the framework's own word, such as HIPAA's `addressable`, or empty."""

    id: str
    title: str
    type: str = ""


class Framework(Struct, frozen=True):
    """A standard that controls map to. `not_mapped` are its requirements in scope that no control of the page meets."""

    id: str
    name: str
    note: str
    requirements: tuple[Requirement, ...] = ()
    not_mapped: tuple[str, ...] = ()


class Catalog(Struct, frozen=True, dict=True):
    """The whole catalog, in the order of its files. `digest` is that of the files, as `sha256:HEX`."""

    controls: tuple[Control, ...]
    commitments: tuple[Commitment, ...]
    frameworks: tuple[Framework, ...]
    digest: str

    def control(self, control_id: str) -> Control:
        """The control with this id.

        Raises:
            UsageError: there is none; the message names the nearest id.
        """
        return _named("control", self._controls, control_id)

    def commitment(self, commitment_id: str) -> Commitment:
        """The commitment with this id.

        Raises:
            UsageError: there is none; the message names the nearest id.
        """
        return _named("commitment", self._commitments, commitment_id)

    def find(self, name: str) -> Control | Commitment:
        """The control or the commitment with this id. Raises `UsageError` naming the nearest."""
        both: dict[str, Control | Commitment] = {**self._controls, **self._commitments}
        return _named("control or commitment", both, name)

    def checks(self) -> tuple[str, ...]:
        """The ids, sorted, of all checks that a control or a commitment names, whether they are installed or not."""
        named = [ref for control in self.controls for ref in control.checks]
        named += [ref for commitment in self.commitments for ref in commitment.checks]
        return tuple(sorted({ref.check for ref in named}))

    def controls_of(self, check_id: str) -> tuple[str, ...]:
        """The ids of the controls that name the check, in any role and for any subjects; empty if none does."""
        return self._controls_of.get(check_id, ())

    @cached_property
    def _controls(self) -> dict[str, Control]:
        return {control.id: control for control in self.controls}

    @cached_property
    def _commitments(self) -> dict[str, Commitment]:
        return {commitment.id: commitment for commitment in self.commitments}

    @cached_property
    def _controls_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}  # a dictionary as an ordered set: a control may name a check for several subjects
        for control in self.controls:
            for ref in control.checks:
                found.setdefault(ref.check, {})[control.id] = None
        return {check: tuple(controls) for check, controls in found.items()}


def _named(what: str, known: dict[str, T], wanted: str) -> T:
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.4)
        raise UsageError(f"there is no {what} {wanted}" + (f": did you mean {near[0]}?" if near else ""))
    return known[wanted]
