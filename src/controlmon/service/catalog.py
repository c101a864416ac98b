"""Reading the catalog: controls by category, commitments, frameworks; each reference held against what it names."""

import hashlib
import importlib.util
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import Document, Duration, nearest
from controlmon.engine.catalog import (
    Catalog,
    CheckRef,
    Commitment,
    Control,
    Framework,
    Frequency,
    Kind,
    Mapping,
    Method,
    Relation,
    Requirement,
    Role,
)
from controlmon.service.yamlfile import read


class Ref(Struct, frozen=True, forbid_unknown_fields=True):
    """A check of which only some subjects count."""

    check: str
    subjects: str


class Graded(Struct, frozen=True, forbid_unknown_fields=True):
    """How closely a control meets a framework that grades it."""

    relation: Relation
    refs: tuple[str, ...] = ()
    note: str = ""


class Roles(Struct, frozen=True, forbid_unknown_fields=True):
    """The checks of a control by role."""

    primary: tuple[str | Ref, ...] = ()
    operating: tuple[str | Ref, ...] = ()
    supporting: tuple[str | Ref, ...] = ()


class ControlFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A control as a person writes it."""

    id: str
    name: str
    promise: str
    kind: Kind
    method: Method
    frequency: Frequency
    fresh_for: Duration
    evidence: tuple[str, ...]
    frameworks: dict[str, tuple[str, ...] | Graded]
    checks: Roles
    notes: tuple[str, ...] = ()


class CategoryFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A category: one file."""

    category: str
    controls: tuple[ControlFile, ...]


class CommitmentFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A commitment as a person writes it."""

    id: str
    source: str
    promise: str
    method: Method
    controls: tuple[str, ...]
    checks: tuple[str | Ref, ...]
    note: str = ""


class CommitmentsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All commitments: one file."""

    commitments: tuple[CommitmentFile, ...]


class RequirementFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A requirement that its framework types."""

    title: str
    type: str


class FrameworkFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A framework as a person writes it."""

    id: str
    name: str
    note: str
    requirements: dict[str, str | RequirementFile] = {}
    not_mapped: tuple[str, ...] = ()


class FrameworksFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All frameworks: one file."""

    frameworks: tuple[FrameworkFile, ...]


def packaged_catalog() -> Path:
    """The catalog that comes with controlmon."""
    spec = importlib.util.find_spec("controlmon_config")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the package controlmon_config is not installed: reinstall controlmon")
    return Path(next(iter(spec.submodule_search_locations))) / "catalog"


def load_catalog(directory: Path | None = None) -> Catalog:
    """Read a catalog directory: `controls/*.yaml`, `commitments.yaml`, `frameworks.yaml`.

    Raises:
        ConfigError: naming file and line, for what does not parse, an id used twice, a requirement, framework or control that is not there.

    """
    directory = directory or packaged_catalog()
    files = sorted((directory / "controls").glob("*.yaml"))
    if not files:
        raise ConfigError(f"{directory}: it has no controls/*.yaml: give a directory that holds a catalog")
    frameworks_at, commitments_at = read(directory / "frameworks.yaml"), read(directory / "commitments.yaml")
    frameworks = tuple(_framework(f) for f in frameworks_at.convert(FrameworksFile).frameworks)
    for i, framework in enumerate(frameworks):
        if framework.id in {f.id for f in frameworks[:i]}:
            raise frameworks_at.error(("frameworks", i, "id"), f"there are two frameworks {framework.id}: ids are unique")
    categories = [(document, document.convert(CategoryFile)) for document in map(read, files)]
    controls: dict[str, Control] = {}
    for document, category in categories:
        for i, one in enumerate(category.controls):
            if one.id in controls:
                raise document.error(("controls", i, "id"), f"there are two controls {one.id}: ids are unique")
            controls[one.id] = _control(one, category.category, frameworks, document, i)
    commitments = _commitments(commitments_at, commitments_at.convert(CommitmentsFile).commitments, controls)
    total = hashlib.sha256()
    for document in (*(d for d, _ in categories), commitments_at, frameworks_at):
        total.update(f"{document.path.name}\0{document.sha256}\0".encode())
    return Catalog(tuple(controls.values()), commitments, frameworks, f"sha256:{total.hexdigest()}")


def _framework(one: FrameworkFile) -> Framework:
    requirements = tuple(
        Requirement(key, said) if isinstance(said, str) else Requirement(key, said.title, said.type)
        for key, said in one.requirements.items()
    )
    return Framework(one.id, one.name, one.note, requirements, one.not_mapped)


def _control(one: ControlFile, category: str, frameworks: Iterable[Framework], document: Document, i: int) -> Control:
    known = {f.id: {r.id for r in f.requirements} for f in frameworks}
    mappings = []
    for name, said in one.frameworks.items():
        place = ("controls", i, "frameworks", name)
        if name not in known:
            raise document.error(place, f"there is no framework {name}{_hint(name, known)}")
        refs, at = (said, place) if isinstance(said, tuple) else (said.refs, (*place, "refs"))
        for j, ref in enumerate(refs):
            if ref not in known[name]:
                raise document.error((*at, j), f"{name} has no requirement {ref}{_hint(ref, known[name])}")
        graded = said if isinstance(said, Graded) else None
        mappings.append(Mapping(name, refs, graded.relation if graded else None, graded.note if graded else ""))
    checks: list[CheckRef] = []
    for role in Role:
        for tested in _refs(getattr(one.checks, role.value), role):
            if any(c.check == tested.check and (c.subjects == tested.subjects or "*" in (c.subjects, tested.subjects)) for c in checks):
                raise document.error(("controls", i, "checks", role.value), f"{one.id} names {tested.check} twice: give it one role")
            checks.append(tested)
    fresh_for = timedelta(seconds=one.fresh_for.total_seconds())  # plain, as the record writes it
    shared: dict[str, Any] = {"kind": one.kind, "method": one.method, "frequency": one.frequency, "fresh_for": fresh_for}
    return Control(
        id=one.id, name=one.name, category=category, promise=one.promise, evidence=one.evidence,
        frameworks=tuple(mappings), checks=tuple(checks), notes=one.notes, **shared,
    )  # fmt: skip


def _commitments(document: Document, several: Iterable[CommitmentFile], controls: Iterable[str]) -> tuple[Commitment, ...]:
    known, found = set(controls), dict[str, Commitment]()
    for i, one in enumerate(several):
        if one.id in found or one.id in known:
            raise document.error(("commitments", i, "id"), f"there are two of {one.id}: ids are unique")
        for j, control in enumerate(one.controls):
            if control not in known:
                raise document.error(("commitments", i, "controls", j), f"there is no control {control}{_hint(control, known)}")
        checks = _refs(one.checks, Role.PRIMARY)
        found[one.id] = Commitment(one.id, one.source, one.promise, one.method, one.controls, checks, one.note)
    return tuple(found.values())


def _refs(several: Iterable[str | Ref], role: Role) -> tuple[CheckRef, ...]:
    return tuple(CheckRef(r, role) if isinstance(r, str) else CheckRef(r.check, role, r.subjects) for r in several)


def _hint(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f": did you mean {near}?" if near else ""
