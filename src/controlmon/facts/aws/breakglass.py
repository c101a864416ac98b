"""Break-glass: whom a principal lets in, whether each use has a ticket, and whether it can silence the trail that records it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from controlmon.facts.aws.cloudtrail import Trail
from controlmon.facts.aws.events import Use, Uses, demands_mfa
from controlmon.facts.aws.iam import Role, User
from controlmon.facts.aws.policy import Statement, covers
from controlmon.facts.aws.s3 import first_said
from controlmon.facts.base import All, View

SSO = ":role/aws-reserved/sso.amazonaws.com/"
SILENCING = ("cloudtrail:stoplogging", "cloudtrail:deletetrail", "cloudtrail:updatetrail", "cloudtrail:puteventselectors")


class Word(View, frozen=True):
    """What is wrong for certain, and what cannot be told; both empty if all is well."""

    wrong: str = ""
    doubt: str = ""


QUESTIONS = range(4)
Ask = Callable[[str, int], Word]
"""The answer to one of several questions about a principal."""


def first_wrong(principals: Iterable[str], ask: Ask) -> str:
    """What the first answer says that is wrong; "" if none is. Raises `Unseen` if none is, and something was not seen."""
    return first_said(*(partial(_told_of, "wrong", ask, one, n) for one in principals for n in QUESTIONS))


def first_doubt(principals: Iterable[str], ask: Ask) -> str:
    """What the first answer cannot tell; "" if all can. Raises `Unseen` if all that were seen can, and something was not seen."""
    return first_said(*(partial(_told_of, "doubt", ask, one, n) for one in principals for n in QUESTIONS))


def _told_of(member: Literal["wrong", "doubt"], ask: Ask, principal: str, question: int) -> str:
    word = ask(principal, question)
    told = word.wrong if member == "wrong" else word.doubt
    return f"{principal.rpartition('/')[2]}: {told}" if told else ""


def let_in(role: Role, custodians: Sequence[str]) -> Word:
    """Whom its trust lets in: only custodians (ARNs, with `*`), with MFA, and not by the identity provider alone."""
    allowed = [statement for statement in role.trust.statements if statement.allow]
    named = [(kind, name, statement) for statement in allowed for kind, names in statement.principals.items() for name in names]
    if not named:
        return Word(wrong="its trust lets in nobody")
    for kind, name, statement in named:
        if kind == "AWS" and not demands_mfa(statement):
            return Word(wrong=f"its trust lets in {name} without MFA")
    if all(kind == "Federated" or SSO in name for kind, name, _ in named):
        return Word(wrong="its trust lets in nobody when the identity provider is down")
    stranger = next((name for _, name, _ in named if not any(covers(one, name) for one in custodians)), "")
    if not custodians:
        return Word(doubt="no custodians are declared (`custodians`: ARNs)")
    return Word(wrong=f"its trust lets in {stranger}, which is no declared custodian" if stranger else "")


def guarded(user: User) -> Word:
    """Whether a user needs MFA to log in."""
    return Word(wrong="" if user.credentials.mfa or user.mfa_devices else "it is a user without MFA")


def alerted(principal: str, alerts: Mapping[str, str] | None) -> Word:
    """Whether an alert rule names it."""
    if alerts is None:
        return Word(doubt="no register of alert rules is given (`alerts`: principal to the rule that names it)")
    return Word(wrong="" if alerts.get(principal) else "no alert rule names it")


def ticketed(principal: str, uses: Uses | None, tickets: Sequence[Mapping[str, str]] | None, grace: timedelta, now: datetime) -> Word:
    """Whether each use is covered by a ticket that was approved before it, or within `grace` after it."""
    mine = [ticket for ticket in tickets or () if ticket["principal"] == principal]
    open_ones = [use for use in (uses.seen if uses else ()) if not any(_matches(ticket, use, grace) for ticket in mine)]
    late = [use for use in open_ones if now - use.at > grace]
    if open_ones and tickets is None:
        return Word(doubt=f"{_used(open_ones[0])}, and no register of tickets is given (`tickets`: principal, start, end, approved)")
    if late:
        return Word(wrong=f"{_used(late[0])} without a ticket" + (f", and {len(late) - 1} times more" if len(late) > 1 else ""))
    if open_ones:
        return Word(doubt=f"{_used(open_ones[0])}; a ticket may be filed until {(open_ones[0].at + grace).isoformat()}")
    return Word(doubt=str(uses.gap) if uses and uses.gap else "")


def _used(use: Use) -> str:
    return f"{use.event} at {use.at.isoformat()} by {use.who or 'nobody that is told'}"


def _matches(ticket: Mapping[str, str], use: Use, grace: timedelta) -> bool:
    """Whether a ticket is for a use: its time, its approval, and its person if it names one."""
    if ticket.get("person", use.who).lower() != use.who.lower():
        return False
    return moment(ticket["start"]) <= use.at <= moment(ticket["end"]) and moment(ticket["approved"]) <= use.at + grace


def moment(text: str) -> datetime:
    """A time; UTC if it has no zone. Raises `ValueError` if it is none."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def silenced(account: str, trails: All[Trail], allowed: Iterable[Statement], missing: str, boundary: str | None) -> Word:
    """Whether it could stop every trail that records it. One of another account is out of its reach."""
    recording = [trail for trail in trails if trail.settings.multi_region]
    if not recording:
        return Word(wrong="no trail of every region records it")
    if any(trail.id.split(":")[4] != account for trail in recording):
        return Word()
    known, doubt = list(allowed), ""
    for trail in recording:
        able = {action: _may(known, action, trail.id) for action in SILENCING}
        sure = next((action for action, can in able.items() if can), "")
        if not sure and None not in able.values() and not missing:
            return Word()
        doubt = doubt or ("" if sure and not boundary else f"whether it can stop {trail.name} is not known")
    return Word(doubt=doubt) if doubt else Word(wrong=f"it can stop every trail that records it: {', '.join(t.name for t in recording)}")


def _may(statements: Iterable[Statement], action: str, resource: str) -> bool | None:
    """Whether statements allow an action; None if that hangs on the condition of a denial."""
    speaking = [statement for statement in statements if statement.covers(action, resource)]
    denials = [statement for statement in speaking if not statement.allow]
    if any(not statement.conditions for statement in denials) or not any(statement.allow for statement in speaking):
        return False
    return None if denials else True
