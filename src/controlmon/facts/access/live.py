"""The grants of every system as a run saw them: one door for reviews, leavers and whatever else asks who can do what.

A check that needs them takes the populations as arguments, declares `GRANTS` in its `reads`, and asks `Live` for the systems of its choice:
what was not seen of the others does not matter to it.
"""

from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access import aws, datadog, microsoft
from controlmon.facts.access.grant import Grant, Roster, resolved
from controlmon.facts.access.uploads import grants_of_uploads
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure import authorization as azure
from controlmon.facts.base import All, Aspect, Everywhere, Kind, Unseen
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser

CONNECTED = (aws.IAM, aws.CENTER, microsoft.AZURE, microsoft.ENTRA, datadog.DATADOG)
"""The systems whose access is asked of them; that of any other comes as a list (the register `access_lists`)."""
PROVIDERS = {aws.IAM: "aws", aws.CENTER: "aws", microsoft.AZURE: "azure", microsoft.ENTRA: "entra", datadog.DATADOG: "datadog"}
GRANTS: tuple[Aspect[Any], ...] = (
    *(iam.User.credentials, iam.User.grants, iam.Group.grants, iam.Role.grants, iam.Role.trust, iam.Policy.document),
    *(center.Assignment.settings, center.Assignment.people),
    *(center.PermissionSet.label, center.PermissionSet.managed, center.PermissionSet.inline),
    *(azure.RoleAssignment.settings, azure.RoleAssignment.role, azure.RoleAssignment.principal, azure.RoleAssignment.members),
    *(azure.EligibleAssignment.settings, azure.EligibleAssignment.role),
    *(azure.EligibleAssignment.principal, azure.EligibleAssignment.members),
    *(entra.Assignment.holding, entra.Assignment.members, entra.Eligibility.holding, entra.Eligibility.members),
    *(EntraUser.profile, EntraUser.activity, dd.User.profile, dd.Role.permissions, dd.Role.holders),
    *(Person.row, Access.row, AccessRequest.row),
)  # fmt: skip
"""What is read of them all."""
KINDS: tuple[type[Kind], ...] = (
    *(iam.User, iam.Group, iam.Role, iam.Policy, center.Assignment, center.PermissionSet),
    *(azure.RoleAssignment, azure.EligibleAssignment, entra.Assignment, entra.Eligibility, EntraUser),
    *(dd.User, dd.Role, Access, AccessRequest, Person),
)
"""The populations that it is read from, in the order in which checks take them."""
NOBODY: tuple[All[Any], ...] = tuple(Everywhere[Any].of() for _ in KINDS)
"""Populations without anybody, for the examples of checks."""
_FIRST: dict[str, type[Kind]] = {
    aws.IAM: iam.User, aws.CENTER: center.Assignment, microsoft.AZURE: azure.RoleAssignment, microsoft.ENTRA: entra.Assignment,
    datadog.DATADOG: dd.User,
}  # fmt: skip
_KNOWN: WeakKeyDictionary[All[Any], WeakKeyDictionary[All[Any], dict[tuple[str, datetime], list[Grant]]]] = WeakKeyDictionary()


class Live:
    """The grants of each system. `populations` are those of `KINDS`, in any order and as far as they are there."""

    def __init__(self, now: datetime, populations: dict[type[Kind], All[Any]]) -> None:
        self._now, self._of = now, populations

    @classmethod
    def of(cls, now: datetime, *populations: All[Any]) -> "Live":
        """The populations as a check takes them: those of `KINDS`, in that order."""
        return cls(now, dict(zip(KINDS, populations, strict=True)))

    def grants(self, system: str) -> list[Grant]:
        """Those of one system, with persons, owners and flags, in order. Raises `Unseen` if any of it was not seen."""
        people = self._population(Person)
        # Populations are judged against many subjects: who has what in them is found once.
        known = _KNOWN.setdefault(people, WeakKeyDictionary()).setdefault(self._population(_FIRST.get(system, Access)), {})
        if (system, self._now) not in known:
            known[system, self._now] = resolved(self._raw(system), Roster(people), self._now, self._requests())
        return known[system, self._now]

    def _raw(self, system: str) -> list[Grant]:
        of, now = self._population, self._now
        if system == aws.IAM:
            return aws.grants_of_iam(of(iam.User), of(iam.Group), of(iam.Role), of(iam.Policy), now)
        if system == aws.CENTER:
            return aws.grants_of_identity_center(of(center.Assignment), of(center.PermissionSet))
        if system == microsoft.AZURE:
            return microsoft.grants_of_azure(of(azure.RoleAssignment), of(azure.EligibleAssignment))
        if system == microsoft.ENTRA:
            return microsoft.grants_of_entra(of(entra.Assignment), of(entra.Eligibility), of(EntraUser), now)
        if system == datadog.DATADOG:
            return datadog.grants_of_datadog(of(dd.User), of(dd.Role), now)
        return grants_of_uploads(of(Access), system)

    def _requests(self) -> All[AccessRequest] | None:
        """Approved requests; None where the company keeps no register of them."""
        try:
            several = self._population(AccessRequest)
            list(several)
        except Unseen:
            return None
        return several

    def _population(self, kind: type[Kind]) -> All[Any]:
        if kind not in self._of:
            raise Unseen(Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was asked for"))
        return self._of[kind]
