"""The question, put for many people and every app: who is left out on purpose, and who by a hole."""

from collections.abc import Iterable

from msgspec.structs import replace

from controlmon.core.fact import Gap
from controlmon.facts.base import All, Unseen, View
from controlmon.facts.entra.conditional_access.apps import ANY_APP
from controlmon.facts.entra.conditional_access.grants import Want
from controlmon.facts.entra.conditional_access.policy import Crowd, Location, Strength
from controlmon.facts.entra.conditional_access.rules import Answer, Rules
from controlmon.facts.entra.conditional_access.who import Who
from controlmon.facts.entra.directory import Recorded
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.roles import Assignment, Eligibility

Named = tuple[str, Who]
"""A person, and what to call it."""


class Coverage(View, frozen=True):
    """Of how many it is demanded, who is excluded by name, group or role, and an example of a hole ("" if there is none)."""

    total: int
    excluded: tuple[str, ...] = ()
    hole: str = ""


class Judged:
    """A tenant's rules, and the same without anyone excluded."""

    def __init__(
        self,
        policies: All[Policy],
        groups: All[PolicyGroup],
        active: All[Assignment],
        eligible: All[Eligibility],
        *,
        locations: tuple[Location, ...],
        strengths: tuple[Strength, ...],
        security_defaults: bool,
    ) -> None:
        directory = Recorded(groups, active, eligible)
        found = tuple(policy.settings for policy in policies)
        self.rules = Rules(found, directory, locations=locations, strengths=strengths, security_defaults=security_defaults)
        open_to_all = tuple(replace(one, exclude=Crowd()) for one in found)
        self._without_exclusions = Rules(open_to_all, directory, locations=locations, strengths=strengths)

    def of(self, person: Who, want: Want, *, legacy: bool | None = None) -> Answer:
        """Whether it is demanded of one person in every app; if not, where not. Raises `Unseen` if what was not seen decides."""
        unseen: Unseen | None = None
        answer = Answer(demanded=True, why="")
        for app in self.rules.apps():
            try:
                answer = self.rules.demanded(person, app, want, legacy=legacy)
            except Unseen as error:
                unseen = unseen or error
                continue
            if not answer.demanded:
                where = "any app" if app == ANY_APP else f"the app {app}"
                return Answer(demanded=False, why=f"in {where}{': ' if answer.why else ''}{answer.why}")
        if unseen is not None:
            raise unseen
        return answer

    def over(self, people: Iterable[Named], want: Want, *, most: int, legacy: bool | None = None) -> Coverage:
        """Whether it is demanded of everyone, but for at most so many who are excluded.

        Raises:
            Unseen: if what was not seen decides. One hole that was seen, or one exclusion too many, is enough whatever else was not.

        """
        total, excluded = 0, list[str]()
        gap: Gap | None = None
        for name, person in people:
            total += 1
            try:
                answer = self.of(person, want, legacy=legacy)
                if answer.demanded:
                    continue
                if not self._is_excluded(person, want, legacy):
                    return Coverage(total=total, hole=f"{name} {answer.why}")
                excluded.append(name)
            except Unseen as unseen:
                gap = gap or unseen.gap
        if gap is not None and len(excluded) <= most:
            raise Unseen(gap)
        return Coverage(total=total, excluded=tuple(excluded))

    def _is_excluded(self, person: Who, want: Want, legacy: bool | None) -> bool:  # noqa: FBT001
        return all(self._without_exclusions.demanded(person, app, want, legacy=legacy).demanded for app in self.rules.apps())
