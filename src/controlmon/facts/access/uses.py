"""Uses of break-glass wherever they were made, and the tickets that they are matched with, one with one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from controlmon.facts.aws import iam
from controlmon.facts.aws.events import HISTORY
from controlmon.facts.base import All, Kind, Unseen
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.document.breakglass import BreakGlassUseRow
from controlmon.facts.entra.users import User

K = TypeVar("K", bound=Kind)
SLACK = timedelta(minutes=5)
"""How far the clocks of people and of systems may be apart."""


class Use(Struct, frozen=True, order=True):
    """One use of a principal, and where it was told: `aws`, `entra`, or a source of logs."""

    at: datetime
    principal: str
    told: str
    what: str = ""

    @property
    def words(self) -> str:
        """The use in words."""
        return f"{self.what or 'the use'} of {self.principal.rpartition('/')[2]} at {self.at:%Y-%m-%d %H:%M} UTC"


class Uses(Struct):
    """The uses that were seen, why that may not be all, and from when on each principal's were looked for."""

    seen: list[Use]
    gaps: list[str]
    since: dict[str, datetime]


def of_aws(principals: Iterable[str], roles: All[iam.Role], users: All[iam.User], now: datetime) -> Uses:
    """The uses of roles and users (ARNs) in the event history of CloudTrail, which nobody can turn off."""
    found = Uses([], [], {})
    for name in principals:
        try:
            one = _by_id(roles, name) or _by_id(users, name)
            if one is None:
                found.gaps.append(f"{name} does not exist")
            elif (uses := one.uses) is None:
                found.gaps.append(f"the uses of {name} were not asked for: it can be used without MFA")
            else:
                found.seen += [Use(use.at, name, "aws", use.event) for use in uses.seen]
                if uses.gap:
                    found.gaps.append(f"not all uses of {name} were seen: {uses.gap}")
                else:
                    found.since[name.lower()] = now - HISTORY
        except Unseen as error:
            found.gaps.append(f"the uses of {name} were not seen: {error}")
    return found


def of_entra(accounts: Iterable[str], users: All[User], now: datetime) -> Uses:
    """The last sign-in of each account (an object id or login), which is all that Graph tells, if it is as new as the history of AWS."""
    found = Uses([], [], {})
    for name in accounts:
        try:
            user = _by_name(users, name.lower())
            if user is None:
                found.gaps.append(f"{name} does not exist")
                continue
            at = user.activity.succeeded
            if at is not None and at >= now - HISTORY:
                found.seen.append(Use(at, name, "entra", "the last sign-in"))
        except Unseen as error:
            found.gaps.append(f"the sign-ins of {name} were not seen: {error}")
    return found


def _by_id(several: All[K], id_: str) -> K | None:
    return several.first(lambda one: one.id == id_)


def _by_name(users: All[User], name: str) -> User | None:
    return users.first(lambda one: name in one.names)


def of_logs(sources: Sequence[str], organizations: All[Organization], now: datetime) -> Uses:
    """The events of some sources of logs, each of which has to have spoken on every day that was looked at."""
    found = Uses([], [], {})
    if not sources:
        return found
    try:
        told = [one.breakglass for one in organizations]
    except Unseen as error:
        return Uses([], [f"the logs were not seen: {error}"], {})
    for source in sources:
        found.seen += [Use(e.at, e.who, source, f"the event from {source}") for one in told for e in one.seen if e.source == source.lower()]
        silent = min((one.silent(source, now) for one in told), key=len, default=None)
        if silent is None:
            found.gaps.append("no Datadog organization was seen")
        elif silent:
            found.gaps.append(f"{source} did not speak on {len(silent)} days, the first {silent[0].isoformat()}")
    found.gaps += [one.cut for one in told if one.cut]
    return found


def joined(*several: Uses) -> Uses:
    """Those of several places, in the order of time."""
    since: dict[str, datetime] = {}
    for one in several:
        since |= one.since
    return Uses(sorted(use for one in several for use in one.seen), [gap for one in several for gap in one.gaps], since)


def matched(uses: Iterable[Use], rows: Iterable[BreakGlassUseRow]) -> tuple[dict[str, Use], list[Use]]:
    """Which use each ticket is for, by its id, and the uses that no ticket is left for.

    Of the tickets that a use falls into, it takes the one that ends first: that leaves the most for those that come later.
    """
    free, taken, bare = sorted(rows, key=lambda row: (row.ended, row.id)), dict[str, Use](), list[Use]()
    for use in sorted(uses):
        row = next((one for one in free if one.id not in taken and covers(one, use)), None)
        if row is None:
            bare.append(use)
        else:
            taken[row.id] = use
    return taken, bare


def covers(row: BreakGlassUseRow, use: Use) -> bool:
    """Whether a ticket is for a use: its principal, and its time."""
    return row.principal.lower() == use.principal.lower() and row.started - SLACK <= use.at <= row.ended + SLACK


def once_each(uses: Iterable[Use]) -> Iterator[Use]:
    """Uses without those of logs that another place tells too, at the same time."""
    several = sorted(uses)
    own = [use for use in several if use.told in ("aws", "entra")]
    for use in several:
        same = (one for one in own if one.principal.lower() == use.principal.lower() and abs(one.at - use.at) <= SLACK)
        if use in own or not any(same):
            yield use
