"""What tests of checks over several systems share: a judgement of members of any kind, in the populations that the check takes."""

from datetime import datetime
from functools import cache
from typing import Any

from controlmon.check import Check, Everywhere
from controlmon.core.fact import Gap
from controlmon.facts.base import Kind, Unseen
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.service.checks import check_files, load_check, packaged_checks
from tests.support import NOW


@cache
def loaded(check_id: str) -> Check:
    return load_check(check_files(packaged_checks())[check_id], check_id)


def judged(
    check_id: str, subject: Kind, *members: Kind, gaps: dict[type[Kind], Gap] | None = None, now: datetime = NOW, **parameters: Any
) -> tuple[str, str]:
    """Outcome and reason. A kind of which there is no member was seen and is empty, unless `gaps` names it."""
    check = loaded(check_id)
    arguments: list[Any] = [
        Everywhere.of(*(one for one in members if type(one) is argument.kind), gap=(gaps or {}).get(argument.kind))
        for argument in check.arguments
    ]
    if check.takes_now:
        arguments.insert(check.now_at, now)
    try:
        verdict = check.judge(subject, *arguments, **check.tuned(parameters))
    except Unseen as unseen:
        return "unknown", str(unseen)
    return verdict.outcome.value, verdict.reason


def worker(who: str = "ada", **values: Any) -> Person:
    row = {"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"}
    return Person.example(id=who, row=row | values)


def engagement(who: str = "acme-1", **values: Any) -> Engagement:
    row = {"id": who, "customer": "acme", "accounts": ["123456789012"], "people": ["ada"], "start": "2026-01-01", "end": "2027-06-30"}
    return Engagement.example(id=who, row=row | values)
