"""The rows that the page holds and shows on request: each population once, with what each check said of each subject."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from controlmon.engine.dossier import CheckPeriod, Dossier, PopulationSeen
from controlmon.report.places import present
from controlmon.report.words import shown

LETTERS = {"pass": "p", "fail": "f", "unknown": "u", "not_applicable": "n"}
MARKS = {"throughout": "-", "since it arrived": "a", "until it left": "r"}
_WORST = "-npuf"  # by rising weight, "-" being: the check said nothing of it


class Rows:
    """One population with its subjects, those that left it included."""

    def __init__(self, seen: PopulationSeen, dossier: Dossier) -> None:
        self._index: dict[str, int] = {}
        self._ids: list[str] = []
        self._names: list[str | int] = []
        self._regions: dict[str, int] = {}
        self._region: list[int] = []
        self._marks: list[str] = []
        self._said: dict[str, list[str]] = {}
        for row, there in present(seen, dossier):
            self._add(row, MARKS[there])

    def _add(self, row: dict[str, Any], mark: str) -> None:
        told, name = shown(row["id"]), shown(row["name"])
        self._index.setdefault(row["id"], len(self._ids))
        self._ids.append(told)
        self._names.append(len(name) if told.endswith(name) else name)  # most ids end in the name: its length is enough
        self._region.append(self._regions.setdefault(shown(row["region"]), len(self._regions)))
        self._marks.append(mark)

    def heard(self, check: str, subject: str, outcome: str) -> bool:
        """Note what a check said of a subject; False if it is none of this population."""
        at = self._index.get(subject)
        if at is None:
            return False
        said = self._said.setdefault(check, ["-"] * len(self._ids))
        said[at] = max(said[at], LETTERS[outcome], key=_WORST.index)
        return True

    def __len__(self) -> int:
        return len(self._ids)

    def json(self) -> Markup:
        """All of it, for a `script` of type `application/json`."""
        checks = [[check, "".join(said)] for check, said in sorted(self._said.items())]
        regions = {"regions": list(self._regions), "region": self._region}
        return script({"ids": self._ids, "names": self._names, **regions, "marks": "".join(self._marks), "checks": checks})


class Heard(Struct, frozen=True):
    """What the last findings of each check come to: the populations with their outcomes, and why something was unknown."""

    rows: dict[tuple[str, str], Rows]
    unknown: dict[str, Counter[str]]


def hear(dossier: Dossier) -> Heard:
    """Read every population and every last finding, once."""
    rows = {(seen.kind, seen.scope): Rows(seen, dossier) for seen in dossier.populations}
    unknown: dict[str, Counter[str]] = {}
    for check in dossier.checks.values():
        reasons = unknown.setdefault(check.id, Counter())
        for scope, finding in _findings(check, dossier):
            if finding["outcome"] == "unknown":
                reasons[finding["reason"]] += 1
            for population in _near(check, scope, finding["kind"], rows):
                if population.heard(check.id, finding["subject"], finding["outcome"]):
                    break
    return Heard(rows, unknown)


def _findings(check: CheckPeriod, dossier: Dossier) -> Iterator[tuple[str, dict[str, Any]]]:
    for end in check.ends:
        for finding in dossier.findings(end.findings):
            yield end.scope, finding


def _near(check: CheckPeriod, scope: str, kind: str, rows: dict[tuple[str, str], Rows]) -> Iterable[Rows]:
    """The populations in which a finding's subject may be: that of its own scope first."""
    keys = [(kind, scope), *(key for key in check.populations if key[0] == kind and key[1] != scope)]
    return (rows[key] for key in keys if key in rows)


def script(value: object) -> Markup:
    """JSON that cannot end the element that it stands in, nor begin another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - what HTML would read is written as JSON escapes
