"""Directory roles. The list of directoryRoles shows only what was activated once, so the role management API is asked."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.collect.entra.operations import UNLICENSED
from controlmon.collect.entra.policies import MEMBERS
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.base import Aspect
from controlmon.facts.entra.roles import Assignment, Eligibility, Holding

roles = Service("entra", "roles")
ACTIVE = Operation("graph", "GET /v1.0/roleManagement/directory/roleAssignments", needs=("RoleManagement.Read.Directory",))
ELIGIBLE = Operation(
    "graph",
    "GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
    needs=("RoleEligibilitySchedule.Read.Directory",),
    absent=(UNLICENSED,),
)
"""Without a licence for PIM nobody can be eligible: that is an answer."""


@roles.lists(Assignment, ACTIVE, at=Place.TENANT, gives=[Assignment.holding])
def assignments(ask: Ask) -> Iterator[Found]:
    """What is active now, what was activated for an hour included."""
    for raw in ask.items("value", expand="principal"):
        yield Found(Assignment, raw["id"], answers={Assignment.holding: raw})


@roles.lists(Eligibility, ELIGIBLE, at=Place.TENANT, gives=[Eligibility.holding])
def eligibilities(ask: Ask) -> Iterator[Found]:
    """What can be activated."""
    for raw in ask.items("value", expand="principal"):
        yield Found(Eligibility, raw["id"], answers={Eligibility.holding: raw})


@roles.answers(Assignment.members, MEMBERS, after=[Assignment.holding])
def assigned_members(ask: Ask, held: Met) -> Raw:
    """The members of a group that has the role."""
    return _members(ask, held, Assignment.holding)


@roles.answers(Eligibility.members, MEMBERS, after=[Eligibility.holding])
def eligible_members(ask: Ask, held: Met) -> Raw:
    """The members of a group that may take the role."""
    return _members(ask, held, Eligibility.holding)


def _members(ask: Ask, held: Met, aspect: Aspect[Holding]) -> Raw:
    said = aspect.view(held.answer(aspect))
    if said.sort != "group":
        return not_asked("no group has it")
    return ask(id=said.principal, select="id", top=999)
