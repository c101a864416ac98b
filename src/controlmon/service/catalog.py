"""Reads the catalog's files into `engine.catalog`, and refuses what does not fit together, at its line."""

import hashlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from controlmon.core.errors import ConfigError
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
from controlmon.service.yamlfile import Document, Duration, Step, nearest, read

__all__ = ["Catalog", "load_catalog"]

_Id = Annotated[str, Meta(pattern=r"^[a-z0-9_]+([.-][a-z0-9_]+)*$")]
_CheckId = Annotated[str, Meta(pattern=r"^\w+(\.\w+)*$")]
_Text = Annotated[str, Meta(min_length=1)]


class _Subjects(Struct, forbid_unknown_fields=True):
    check: _CheckId
    subjects: _Text


_Entry = _CheckId | _Subjects


class _Checks(Struct, forbid_unknown_fields=True):
    primary: tuple[_Entry, ...] = ()
    operating: tuple[_Entry, ...] = ()
    supporting: tuple[_Entry, ...] = ()


class _Graded(Struct, forbid_unknown_fields=True):
    relation: Relation
    refs: tuple[str, ...] = ()
    note: str = ""


class _Control(Struct, forbid_unknown_fields=True):
    id: _Id
    name: _Text
    promise: _Text
    kind: Kind
    method: Method
    frequency: Frequency
    fresh_for: Duration
    evidence: tuple[_Text, ...]
    frameworks: dict[str, tuple[str, ...] | _Graded]
    checks: _Checks
    notes: tuple[_Text, ...] = ()


class _ControlsFile(Struct, forbid_unknown_fields=True):
    category: _Text
    controls: tuple[_Control, ...]


class _Commitment(Struct, forbid_unknown_fields=True):
    id: _Id
    promise: _Text
    method: Method
    controls: tuple[str, ...]
    checks: tuple[_Entry, ...]
    note: str = ""


class _CommitmentsFile(Struct, forbid_unknown_fields=True):
    source: _Text
    commitments: tuple[_Commitment, ...]


class _Requirement(Struct, forbid_unknown_fields=True):
    title: _Text
    type: str


class _Framework(Struct, forbid_unknown_fields=True):
    id: _Id
    name: _Text
    note: str = ""
    requirements: dict[str, _Text | _Requirement] = {}
    not_mapped: tuple[str, ...] = ()


class _FrameworksFile(Struct, forbid_unknown_fields=True):
    frameworks: tuple[_Framework, ...]


def load_catalog(directory: Path | None = None) -> Catalog:
    """The catalog in `directory`: `frameworks.yaml`, `commitments.yaml` and every `controls/*.yaml`. Without one, the packaged catalog.

    That a check exists is not asked: one that is not installed shows later as a control that cannot be seen.

    Raises:
        ConfigError: a file cannot be read or does not fit, an id is given twice, or a reference leads nowhere.
    """
    directory = directory or Path(str(files("controlmon_config"))) / "catalog"
    frameworks_file, commitments_file = (read(directory / name) for name in ("frameworks.yaml", "commitments.yaml"))
    controls_files = [read(path) for path in sorted((directory / "controls").glob("*.yaml"))]
    if not controls_files:
        raise ConfigError(f"{directory / 'controls'}:1: found no file, expected `*.yaml`; write the controls of one category in each")
    frameworks = _frameworks(frameworks_file)
    controls = _controls(controls_files, frameworks)
    commitments = _commitments(commitments_file, controls)
    return Catalog(controls, commitments, frameworks, _digest(directory, [frameworks_file, commitments_file, *controls_files]))


def _frameworks(document: Document) -> tuple[Framework, ...]:
    given = document.convert(_FrameworksFile).frameworks
    _distinct("framework", [(document, ("frameworks", i, "id"), framework.id) for i, framework in enumerate(given)])
    return tuple(
        Framework(
            id=framework.id,
            name=framework.name,
            note=framework.note,
            requirements=tuple(
                Requirement(ref, said) if isinstance(said, str) else Requirement(ref, said.title, said.type)
                for ref, said in framework.requirements.items()
            ),
            not_mapped=framework.not_mapped,
        )
        for framework in given
    )


def _controls(documents: list[Document], frameworks: tuple[Framework, ...]) -> tuple[Control, ...]:
    known = {framework.id: [requirement.id for requirement in framework.requirements] for framework in frameworks}
    controls, ids = [], []
    for document in documents:
        file = document.convert(_ControlsFile)
        for index, given in enumerate(file.controls):
            place = ("controls", index)
            ids.append((document, (*place, "id"), given.id))
            refs = [
                (place_of, ref) for role in Role for place_of, ref in _refs((*place, "checks", role.value), getattr(given.checks, role), role)
            ]
            _check_once(document, refs)
            controls.append(
                Control(
                    id=given.id,
                    name=given.name,
                    category=file.category,
                    promise=given.promise,
                    kind=given.kind,
                    method=given.method,
                    frequency=given.frequency,
                    fresh_for=given.fresh_for,
                    evidence=given.evidence,
                    frameworks=tuple(_mappings(document, place, given, known)),
                    checks=tuple(ref for _, ref in refs),
                    notes=given.notes,
                )
            )
    _distinct("control", ids)
    return tuple(controls)
