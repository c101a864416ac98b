"""What the page says, before it is drawn."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from controlmon.engine.dossier import ControlPeriod, Coverage, Deviation, Dossier, PopulationSeen
from controlmon.report.page import charts
from controlmon.report.page.embed import Rows, hear
from controlmon.report.places import control_folder, population_files
from controlmon.report.words import lasted, period, responded, shown

SHOWN = 50
"""Deviations of a control (and arrivals in a population, and reasons) written out; the script shows the rest, and a CSV has them all."""
REASONS = 5
CONCLUSIONS = ("operated", "operated with deviations", "not concluded", "not tested")


class Population(Struct, frozen=True):
    """One population with its place in the page and its CSV."""

    seen: PopulationSeen
    id: str
    file: str
    rows: Rows


class View:
    """The dossier as the template reads it."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        heard = hear(dossier)
        self._unknown = heard.unknown
        files = population_files(dossier)
        ordered = sorted(dossier.populations, key=lambda seen: (seen.kind, seen.scope))
        self.populations = [
            Population(seen, f"population-{i}", files[seen.kind, seen.scope], heard.rows[seen.kind, seen.scope])
            for i, seen in enumerate(ordered)
        ]
        self._by_key = {(one.seen.kind, one.seen.scope): one for one in self.populations}

    @property
    def period(self) -> str:
        """From when to when, in words."""
        return period(self._dossier.begin, self._dossier.end)

    @property
    def categories(self) -> dict[str, list[ControlPeriod]]:
        """The controls by category, in the order of the catalog."""
        found: dict[str, list[ControlPeriod]] = {}
        for one in self._dossier.controls:
            found.setdefault(one.control.category, []).append(one)
        return found

    @property
    def conclusions(self) -> list[tuple[str, int]]:
        """How many controls came to which conclusion, the usual four first."""
        return conclusions(one.conclusion for one in self._dossier.controls)

    @property
    def coverage(self) -> Coverage:
        """All checks together."""
        each = [check.coverage for check in self._dossier.checks.values()]
        return Coverage(expected=sum(c.expected for c in each), performed=sum(c.performed for c in each))

    @property
    def deviations(self) -> list[Deviation]:
        """All deviations, each once, however many controls rest on it."""
        return list({d.id: d for check in self._dossier.checks.values() for d in check.deviations}.values())

    @property
    def subjects(self) -> int:
        """Subjects at the end of the period, in all populations."""
        return sum(one.seen.end_count for one in self.populations)

    def populations_of(self, keys: Iterable[tuple[str, str]]) -> list[Population]:
        """Those of these kinds and scopes that the dossier speaks of."""
        return [self._by_key[key] for key in dict.fromkeys(keys) if key in self._by_key]

    def judged_by(self, control: ControlPeriod) -> list[Population]:
        """The populations that a control's checks judged."""
        checks = (self._dossier.checks.get(check) for check, _, _ in control.checks)
        return self.populations_of(key for check in checks if check for key in check.populations)

    def used_by(self, check: str) -> list[ControlPeriod]:
        """The controls that rest on a check."""
        return [one for one in self._dossier.controls if any(check == ref for ref, _, _ in one.checks)]

    def last(self, check: str) -> dict[str, int]:
        """What a check said last, in all its scopes together."""
        return dict(sum((Counter(end.outcomes) for end in self._dossier.checks[check].ends), Counter()))

    def reasons(self, check: str) -> tuple[list[tuple[str, int]], int]:
        """Why something could not be judged at last, the most frequent first; and how many further reasons there are."""
        found = self._unknown.get(check, Counter())
        return found.most_common(REASONS), max(0, len(found) - REASONS)

    def shown(self, deviations: tuple[Deviation, ...]) -> tuple[Deviation, ...]:
        """The deviations that are written out."""
        return deviations[:SHOWN]

    def bar(self, deviation: Deviation) -> tuple[int, int]:
        """Where it stands in the period, in permille."""
        return charts.bar(deviation, self._dossier)

    def folder(self, control: ControlPeriod) -> str:
        """The control's folder in the bundle."""
        return control_folder(control.control.id)

    def rest(self) -> dict[str, Any]:
        """The deviations that are not written out, each once, and which of them belong to which control or commitment."""
        of = {f"control-{one.control.id}": one.deviations[SHOWN:] for one in self._dossier.controls if one.deviations[SHOWN:]}
        held = {d.id: d for some in of.values() for d in some}
        return {"of": {name: [d.id for d in some] for name, some in of.items()}, "held": {d.id: self._row(d) for d in held.values()}}

    def _row(self, d: Deviation) -> dict[str, Any]:
        """One deviation as the script draws it: the very words of the template."""
        said = {
            "severity": d.severity,
            "name": d.name,
            "check": d.check,
            "subject": d.subject,
            "scope": d.scope,
            "reason": d.reason,
            "when": lasted(d),
        }
        told = {key: shown(value) for key, value in said.items()}
        return {**told, "open": d.ended is None, "bar": self.bar(d), "responses": [shown(responded(one)) for one in d.responses]}


def conclusions(said: Iterable[str]) -> list[tuple[str, int]]:
    """How many came to which conclusion."""
    counts = Counter(said)
    return [(one, counts[one]) for one in dict.fromkeys((*CONCLUSIONS, *counts))]
