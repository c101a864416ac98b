"""A tenant as a collector would have recorded it, and the finding of a check about it."""

from datetime import datetime
from typing import Any

from controlmon.core.fact import Gap, GapKind, Scope
from controlmon.core.finding import Finding
from controlmon.facts.base import Kind
from controlmon.facts.entra.apps import Application, DelegatedGrant, ServicePrincipal
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.reviews import Review
from controlmon.facts.entra.roles import Assignment, Eligibility
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User
from tests.support import NOW, Given, MemoryEvidence, findings
from tests.twins.entra_company import holding, member

SCOPE = Scope("entra", "tenant")
DENIED = Gap(GapKind.DENIED, "graph:GET /v1.0/x", "Authorization_RequestDenied", ("X.Read.All",))
UNLICENSED = Gap(GapKind.UNAVAILABLE, "graph:GET /v1.0/x", "the tenant is not licensed for it")
KINDS = (Policy, PolicyGroup, User, Assignment, Eligibility, ServicePrincipal, DelegatedGrant, Application, Review)


def given(kind: type[Kind], id: str, **answers: Any) -> Given:
    return Given(kind, id, scope=SCOPE, **answers)


def tenant(**answers: Any) -> Given:
    usual = {"security_defaults": {"isEnabled": False}, "strengths": {"value": []}, "locations": {"value": []}}
    return given(Tenant, "tenant", **{**usual, **answers})


def policies(*raw: dict[str, Any]) -> list[Given]:
    return [given(Policy, one["id"], settings=one) for one in raw]


def group(id: str, *members: str) -> Given:
    return given(PolicyGroup, id, members={"value": [member(one) for one in members]})


def users(*raw: dict[str, Any]) -> list[Given]:
    return [given(User, one["id"], name=one["userPrincipalName"], profile=one) for one in raw]


def active(id: str, role: str, principal: str, sort: str = "user", members: Any = None, where: str = "/") -> Given:
    return given(Assignment, id, holding=holding(id, role, principal, sort, where), members=members or {"NotAsked": "no group has it"})


def eligible(id: str, role: str, principal: str, sort: str = "user", members: Any = None) -> Given:
    return given(Eligibility, id, holding=holding(id, role, principal, sort), members=members or {"NotAsked": "no group has it"})


def about(
    check: str, subject: Given, *others: Given, gaps: dict[type[Kind], Gap] | None = None, now: datetime = NOW, **parameters: Any
) -> Finding:
    """The finding about one subject. Populations of which nobody is given are empty."""
    evidence = MemoryEvidence(subject, *others, gaps=gaps, empty=KINDS, scope=SCOPE)
    found = findings(f"entra.{check}", evidence, scope=SCOPE, now=now, **parameters)
    return next(one for one in found if one.subject == subject.subject)
