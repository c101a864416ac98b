"""The question, put to all policies at once."""

from collections.abc import Iterable, Mapping

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.base import Unseen, View
from controlmon.facts.entra.conditional_access import apps, who
from controlmon.facts.entra.conditional_access.circumstances import LEGACY, MODERN, Box, World, left_open
from controlmon.facts.entra.conditional_access.grants import Strengths, Want, demands
from controlmon.facts.entra.conditional_access.policy import Location, Settings, Strength
from controlmon.facts.entra.conditional_access.who import Directory, Who


class Answer(View, frozen=True):
    """Whether it is demanded, and why: by which policies, or in which circumstances it is not ("" for: in none)."""

    demanded: bool
    why: str


class Rules:
    """What a tenant demands of those who sign in.

    Args:
        policies: all of them; only those that are enabled count.
        locations: the named locations.
        strengths: the authentication strengths, for policies that do not show their combinations.
        security_defaults: whether Microsoft's own baseline is on. It demands MFA and refuses legacy clients; no strength.
        directory: who is in which group, and has which role.

    """

    def __init__(
        self,
        policies: Iterable[Settings],
        directory: Directory,
        *,
        locations: Iterable[Location] = (),
        strengths: Iterable[Strength] = (),
        security_defaults: bool = False,
    ) -> None:
        self.policies = tuple(policies)
        self._enabled = tuple(policy for policy in self.policies if policy.enabled)
        self._strengths: Strengths = {one.id: one for one in strengths}
        self._directory, self._defaults = directory, security_defaults
        self._world = World(self._enabled, locations)
        self._apps = apps.named(self._enabled)
        self._last: tuple[Who | None, tuple[bool | Gap, ...]] = (None, ())
        self._answers: dict[tuple[object, ...], Answer | Gap] = {}

    def apps(self) -> list[str]:
        """What "all apps" comes down to."""
        return self._apps

    def demanded(self, person: Who, app: str, want: Want, *, legacy: bool | None = None) -> Answer:
        """Whether a user is made to present what is wanted, in an app, whatever the circumstances.

        Args:
            person: who signs in.
            app: the app's id, a suite, or `ANY_APP`.
            want: what is asked for. To be refused access is as good as any.
            legacy: True to ask of legacy clients only, False of modern ones only.

        Raises:
            Unseen: if what was not seen could change the answer.

        """
        if self._defaults and want is not Want.RESISTANT and not (want is Want.BLOCK and legacy is not True):
            return Answer(demanded=True, why="security defaults are on")
        # Users to whom the same policies apply get the same answer: there are few such sets, and many users.
        key = (self._about(person), person.per_user, app, want, legacy)
        if key not in self._answers:
            self._answers[key] = self._judged(person, app, want, self._whole(legacy))
        answer = self._answers[key]
        if isinstance(answer, Gap):
            raise Unseen(answer)
        return answer

    def _judged(self, person: Who, app: str, want: Want, whole: Box) -> Answer | Gap:
        sure, perhaps, gap = self._that_apply(person, app, want)
        cuts = self._per_user(person, want)
        open_box = self._open(whole, sure, cuts)
        if open_box is None:
            return Answer(demanded=True, why=", ".join(sorted(policy.name for policy in sure)) or "per-user MFA")
        if gap is not None and self._open(whole, sure + perhaps, cuts) is None:
            return gap
        return Answer(demanded=False, why=self._world.describe(open_box))

    def _that_apply(self, person: Who, app: str, want: Want) -> tuple[list[Settings], list[Settings], Gap | None]:
        """The policies that demand it of this user in this app, those that may, and why that is not known."""
        sure: list[Settings] = []
        perhaps: list[Settings] = []
        gap: Gap | None = None
        for policy, about in zip(self._enabled, self._about(person), strict=True):
            told = self._concerns(policy, about, app, want)
            if told is True:
                sure.append(policy)
            elif isinstance(told, Gap):
                perhaps.append(policy)
                gap = gap or told
        return sure, perhaps, gap

    def _concerns(self, policy: Settings, about: bool | Gap, app: str, want: Want) -> bool | Gap:  # noqa: FBT001 - as `who.about` has it
        """Whether one policy demands it in an app of one whom it is about, in the circumstances that it is about."""
        told = (self.demands(policy, want), apps.about(policy, app), about)
        if any(one is False for one in told):
            return False
        unread = Gap(GapKind.UNAVAILABLE, f"the policy {policy.name}", f"its condition {', '.join(policy.unread)} is not understood")
        return next((one for one in (*told, unread if policy.unread else True) if isinstance(one, Gap)), True)

    def _about(self, person: Who) -> tuple[bool | Gap, ...]:
        """Which policies are about a user, which does not depend on the app: remembered while the same user is asked about."""
        if self._last[0] != person:
            self._last = (person, tuple(who.about(policy, person, self._directory) for policy in self._enabled))
        return self._last[1]

    def demands(self, policy: Settings, want: Want) -> bool | Gap:
        """Whether a policy demands it of those whom it is about."""
        try:
            return demands(policy.grant, want, self._strengths)
        except KeyError as error:
            return Gap(GapKind.UNAVAILABLE, f"the policy {policy.name}", f"its authentication strength {error} was not listed")

    def _whole(self, legacy: bool | None) -> Mapping[str, frozenset[str]]:  # noqa: FBT001 - as `demanded` has it
        clients = self._world.whole["client"] if legacy is None else LEGACY if legacy else MODERN
        return {**self._world.whole, "client": clients}

    def _open(self, whole: Box, policies: list[Settings], cuts: list[Box]) -> Box | None:
        return left_open(whole, [*(self._world.box(policy) for policy in policies), *cuts])

    def _per_user(self, person: Who, want: Want) -> list[Box]:
        """What per-user MFA covers: `enforced` everything (legacy clients need an app password), `enabled` modern clients only."""
        if want not in (Want.MFA, Want.MFA_OR_DEVICE) or person.per_user not in ("enabled", "enforced"):
            return []
        whole = self._world.whole
        return [whole if person.per_user == "enforced" else {**whole, "client": MODERN}]
