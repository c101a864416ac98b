"""What joins environments through the trust policies of roles."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from controlmon.facts.aws.environments import Estate
from controlmon.facts.aws.iam import Role
from controlmon.facts.aws.policy import Statement, covers
from controlmon.facts.aws.reach import Reached, keeps_out, reached
from controlmon.facts.aws.web_identity import WebTrust, web_trusts
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing
from controlmon.facts.environment import Environment


def trusted_across(statements: Iterable[Statement], target: str, estate: Estate, allowed: Iterable[str]) -> Crossing:
    """Whom of another class a trust policy lets in, shared ones too: all but those of `allowed` pairs, `who->whose` by account or class."""
    pairs = {tuple(part.strip() for part in pair.partition("->")[::2]) for pair in allowed}
    crossed: list[str] = []
    unsure = ""
    known = list(statements)
    for statement in known:
        try:
            for one in reached(statement, estate):
                if one.account == target:
                    continue
                if one.account == "*":
                    crossed.append(one.said)
                    continue
                said, sure = _against(one, target, estate, pairs)
                if said and sure:
                    crossed.append(said)
                unsure = unsure or ("" if sure else said)
        except Unseen as error:
            unsure = unsure or str(error)
    if crossed and any(keeps_out(statement) for statement in known):
        return Crossing(unsure=f"it trusts {', '.join(crossed)}, and denies in ways that are not weighed here")
    return Crossing(crossed=tuple(dict.fromkeys(crossed)), unsure=unsure)


def _against(one: Reached, target: str, estate: Estate, pairs: set[tuple[str, ...]]) -> tuple[str, bool]:
    """What is wrong with one that is let in ("" if nothing), and whether that is certain."""
    if (one.account, target) in pairs:
        return "", True
    try:
        own = estate.of(target)
        there = estate.of(one.account) if one.account else Environment(why="it tells no account")
    except Unseen as error:
        return f"whether {one.said} crosses is not known: {error}", False
    whose, who = {target, own.name, own.cls}, {one.account, there.name, there.cls}
    if any((a, b) in pairs for a in who for b in whose):
        return "", True
    if own.cls is None or there.cls is None:
        return f"whether {one.said} crosses is not known: {own.why if own.cls is None else there.why}", False
    return (f"{one.said} ({there.name})" if own.cls != there.cls else ""), True


def joined_by_subject(role: Role, roles: All[Role], estate: Estate) -> Crossing:
    """The roles of the other class that trust a subject of web identity that this one trusts."""
    mine = web_trusts(role.trust.statements)
    if not mine:
        return Crossing()
    unseen: list[Unseen] = []
    found = crossing_of(role, _sharing(role, mine, roles, unseen), estate)
    return Crossing(crossed=found.crossed, unsure=found.unsure or (str(unseen[0]) if unseen else ""))


def crossing_of(role: Role, others: Iterable[Role], estate: Estate) -> Crossing:
    """Which of some roles are of the other class."""
    named: list[tuple[str, Callable[[], Environment]]] = [(other.id, partial(estate.of, other.target)) for other in others]
    if not named:
        return Crossing()
    try:
        return crossing(estate.of(role.target), named)
    except Unseen as error:
        return Crossing(unsure=str(error))


def _sharing(role: Role, mine: list[WebTrust], roles: All[Role], unseen: list[Unseen]) -> Iterator[Role]:
    found: list[Role] = []

    def keep(other: Role) -> bool:
        if other.target != role.target and any(_overlap(a, b) for a in mine for b in web_trusts(other.trust.statements)):
            found.append(other)
        return False

    try:
        roles.some(keep)
    except Unseen as error:
        unseen.append(error)
    return iter(found)


def _overlap(one: WebTrust, other: WebTrust) -> bool:
    """Whether a token may satisfy both: the same provider, and a subject and an audience that both let through."""
    pairs = ((one.subjects, other.subjects), (one.audiences, other.audiences))
    return one.provider == other.provider and all(
        any(covers(a, b) or covers(b, a) for a in some or ("*",) for b in others or ("*",)) for some, others in pairs
    )
