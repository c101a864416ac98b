"""What tests of checks share: subjects made of raw answers, and judging through the real engine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from controlmon.core.canonical import canonical, digest
from controlmon.core.fact import Gap, GapKind, Population, Scope, Subject
from controlmon.core.finding import Finding
from controlmon.engine.evaluate import evaluate
from controlmon.facts.base import Kind
from controlmon.service.checks import check_files, load_check, packaged_checks

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
DENIED = Gap(GapKind.DENIED, "svc:Operation", "AccessDenied", ("svc:Permission",))


class Given:
    """A subject as a collector would have recorded it: raw answers by aspect name, or gaps."""

    def __init__(
        self, kind: type[Kind], id: str = "one", *, name: str = "", region: str = "", scope: Scope | None = None, **answers: Any
    ) -> None:
        unknown = set(answers) - set(kind.aspects)
        assert not unknown, f"{kind.__name__} has no aspect {unknown}"
        self.kind, self.answers = kind, answers
        self.subject = Subject(kind.kind, id, name or id, scope or Scope("aws", ACCOUNT), region)

    def answer(self, aspect: str) -> Any:
        return self.answers.get(aspect, Gap(GapKind.UNAVAILABLE, "test", f"the test gives no {aspect}"))

    def seen(self, aspect: str) -> tuple[str, str]:
        raw = self.answers.get(aspect)
        return ("", "") if raw is None or isinstance(raw, Gap) else (digest(canonical(raw)), NOW.isoformat())


class MemoryEvidence:
    """The engine's evidence, in memory. `gaps` makes populations incomplete; `empty` names kinds that were listed and are not there."""

    def __init__(
        self, *given: Given, gaps: dict[type[Kind], Gap] | None = None, empty: tuple[type[Kind], ...] = (), scope: Scope | None = None
    ) -> None:
        self.given, self.gaps = given, {kind.kind: gap for kind, gap in (gaps or {}).items()}
        scope = scope or Scope("aws", ACCOUNT)
        self.places = {(g.subject.kind, g.subject.scope) for g in given} | {(k.kind, scope) for k in empty}
        self.places |= {(kind, scope) for kind in self.gaps if not any(k == kind for k, _ in self.places)}

    def population(self, kind: str, scope: Scope) -> Population | None:
        if (kind, scope) not in self.places:
            return None
        gap = self.gaps.get(kind)
        return Population(kind, scope, len(list(self.subjects(kind, scope))), gap is None, gap)

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        here = [(k, s) for k, s in sorted(self.places) if k == kind and (target is None or s.target == target.target)]
        return [p for k, s in here if (p := self.population(k, s))]

    def subjects(self, kind: str, scope: Scope) -> Iterator[Given]:
        return iter(sorted((g for g in self.given if (g.subject.kind, g.subject.scope) == (kind, scope)), key=lambda g: g.subject.id))


def findings(
    check_id: str, evidence: MemoryEvidence, *, scope: Scope | None = None, now: datetime = NOW, **parameters: Any
) -> list[Finding]:
    """Every finding of a check over some evidence, through the engine."""
    check = load_check(check_files(packaged_checks())[check_id], check_id)
    return list(evaluate(check, check.tuned(parameters), scope or Scope("aws", ACCOUNT), evidence, now))


def verdict(
    check_id: str, subject: Given, *others: Given, gaps: Any = None, empty: Any = (), now: datetime = NOW, **parameters: Any
) -> Finding:
    """The finding about one subject. Others are the rest of the evidence; `empty` and `gaps` as in MemoryEvidence."""
    evidence = MemoryEvidence(subject, *others, gaps=gaps, empty=empty)
    found = findings(check_id, evidence, scope=subject.subject.scope, now=now, **parameters)
    return next(f for f in found if f.subject == subject.subject)
