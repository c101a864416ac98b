"""Which accounts a policy lets in, by its principals and the conditions that limit them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from controlmon.facts.aws.environments import Estate
from controlmon.facts.aws.policy import Statement, account_of, is_deleted
from controlmon.facts.base import Unseen, View
from controlmon.facts.crossing import Crossing, crossing
from controlmon.facts.environment import Environment

ACCOUNTS = ("aws:PrincipalAccount", "kms:CallerAccount", "aws:SourceAccount", "aws:SourceOwner", "s3:DataAccessPointAccount")
ARNS = ("aws:PrincipalArn", "aws:SourceArn", "s3:DataAccessPointArn")
NETWORKS = ("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn", "aws:SourceIp", "aws:VpcSourceIp", "aws:PrincipalIsAWSService")
ORGANIZATIONS, PATHS = ("aws:PrincipalOrgID", "aws:SourceOrgID"), ("aws:PrincipalOrgPaths", "aws:SourceOrgPaths")
PRINCIPALS = {key.lower() for key in (*ACCOUNTS, *ARNS, *ORGANIZATIONS, *PATHS)}
LEFT_OVER = re.compile(r"^arn:aws[a-z-]*:(?:iam|sts)::cloudfront:")


class Reached(View, frozen=True):
    """One that is let in: an account, or `*` for everybody, or nobody's that is known (empty), and what says so."""

    account: str
    said: str


def reached(statement: Statement, estate: Estate) -> Iterator[Reached]:
    """Whom one statement lets in. A service counts for the accounts that it may come for; a deleted principal lets in nobody. Canonical
    users are S3's, and not told.

    Raises:
        Unseen: if it depends on an organization that was not seen.
    """
    if not statement.allow:
        return
    limits = list(_limits(statement, estate))
    for principal in statement.principals.get("AWS", ()):
        if is_deleted(principal):
            continue
        account = account_of(principal)
        if principal == "*" or (account is None and "*" in principal):
            yield from _everybody(statement, limits)
        elif account is None:
            yield Reached(account="", said=f"{'an origin access identity' if LEFT_OVER.match(principal) else 'the principal'} {principal}")
        elif all(_may(account, some) for some, _ in limits):
            yield Reached(account=account, said=principal)
    if statement.principals.get("Service"):
        for some, why in limits:
            yield from (Reached(account=account, said=f"{account} (through a service, {why})") for account in some)


def _everybody(statement: Statement, limits: Sequence[tuple[Sequence[str], str]]) -> Iterator[Reached]:
    if not limits:
        network = next((key for key in NETWORKS if statement.limited_by(key)), "")
        yield Reached(account="", said=f"whoever comes by {network}") if network else Reached(account="*", said="everybody")
        return
    (first, why), *others = limits
    for account in first:
        if all(_may(account, some) for some, _ in others):
            yield Reached(account=account, said=f"{account} (by {why})")


def _limits(statement: Statement, estate: Estate) -> Iterator[tuple[Sequence[str], str]]:
    """The accounts that each condition limits to. A value that stands for accounts of any number limits nothing that can be told."""
    for key in (*ACCOUNTS, *ARNS):
        values = statement.limited_by(key)
        accounts = [value if key in ACCOUNTS else [*value.split(":", 5), *[""] * 6][4] for value in values]
        if accounts and all(re.fullmatch(r"\d{12}", account) for account in accounts):
            yield accounts, key
    for key in ORGANIZATIONS:
        if values := statement.limited_by(key):
            yield [account for one in values for account in estate.within(organization=one) or [_somebody(one)]], key
    for key in PATHS:
        if values := statement.limited_by(key):
            yield [account for one in values for account in estate.within(path=one) or _nobody(one, estate)], key


def _somebody(organization: str) -> str:
    return f"of the organization {organization}"


def _nobody(path: str, estate: Estate) -> list[str]:
    """What stands for the accounts under a path where there are none: nobody if the organization is ours, else some that are not known."""
    organization = path.partition("/")[0]
    return [] if organization in estate.trees() else [_somebody(organization)]


def _may(account: str, some: Sequence[str]) -> bool:
    """Whether an account may be among some, of whom not all may be known."""
    return account in some or any(not other.isdigit() for other in some)


def crossed_by(statements: Iterable[Statement], own: Environment, target: str, estate: Estate) -> Crossing:
    """Whom of another class a policy lets in: nobody of its own account counts.

    What lets in everybody crosses. What a denial may keep out again is not told.
    """
    known, others = list(statements), list[Reached]()
    unsure = ""
    for statement in known:
        try:
            others += reached(statement, estate)
        except Unseen as error:
            unsure = unsure or str(error)
    others = [one for one in others if one.account != target]
    public = [one.said for one in others if one.account == "*"]
    found = crossing(own, ((one.said, partial(_where, one, estate)) for one in others if one.account != "*"))
    crossed = (*public, *found.crossed)
    if crossed and any(keeps_out(statement) for statement in known):
        return Crossing(unsure=f"it lets in {', '.join(crossed)}, and denies in ways that are not weighed here")
    return Crossing(crossed=crossed, unsure=found.unsure or unsure)


def _where(one: Reached, estate: Estate) -> Environment:
    return estate.of(one.account) if one.account else Environment(why="it tells no account")


def keeps_out(statement: Statement) -> bool:
    """Whether a denial speaks of who comes."""
    if statement.allow:
        return False
    named = [p for kind in statement.principals.values() for p in kind if p != "*"]
    return bool(named) or any(key.lower() in PRINCIPALS for _, key, _ in statement.conditions)
