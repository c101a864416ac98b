"""Whom a resource policy lets in: everybody, a service on anybody's behalf, or only those that it names."""

import re
from collections.abc import Iterable

from controlmon.facts.aws.policy import EXACT, Statement
from controlmon.facts.base import View

LIMITS = (
    *("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourceowner"),
    *("aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip", "aws:userid"),
)
"""Condition keys that say who may come, or from where."""
SOURCES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalorgid")
"""Those that say on whose behalf a service comes."""
NEGATED = ("stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress")


class Opening(View, frozen=True):
    """What a policy opens. `doubt` is True if the policy also denies in ways that are not weighed here.

    Attributes:
        public: the actions that everybody is allowed.
        services: the services that may come on anybody's behalf (the confused deputy).

    """

    public: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    doubt: bool = False


def opening(statements: Iterable[Statement]) -> Opening:
    """What the statements of a resource policy open together."""
    known = list(statements)
    denies = [s for s in known if not s.allow]
    if any(_shuts(s) for s in denies):
        return Opening()
    public: list[str] = []
    services: list[str] = []
    for statement in known:
        if not statement.allow:
            continue
        if "*" in (*statement.principals.get("AWS", ()), *statement.principals.get("Federated", ())) and not _limited(statement, LIMITS):
            public += statement.actions or ("all but a few actions",)
        if not _limited(statement, SOURCES):
            services += statement.principals.get("Service", ())
    return Opening(public=tuple(dict.fromkeys(public)), services=tuple(dict.fromkeys(services)), doubt=bool(denies))


def _limited(statement: Statement, keys: tuple[str, ...]) -> bool:
    """Whether a condition limits who, to values that are somebody's."""
    for operator, key, values in statement.conditions:
        plain = operator.lower().removeprefix("foranyvalue:")
        if key.lower() in keys and plain in EXACT and values and all(_somebody(key.lower(), value) for value in values):
            return True
    return False


def _somebody(key: str, value: str) -> bool:
    """Whether a value names somebody: an ARN of any account does not, nor does an address of the whole internet."""
    if key == "aws:sourceip":
        return not value.endswith("/0")
    if value.startswith("arn:"):
        *_, account, resource = [*value.split(":", 5), "", "", "", "", ""][:6]
        return re.fullmatch(r"\d{12}", account) is not None or (not account and not resource.startswith(("*", "?")))
    return not value.startswith(("*", "?"))


def _shuts(statement: Statement) -> bool:
    """Whether a denial keeps out all but those that its one condition names, whatever they want."""
    if "*" not in statement.principals.get("AWS", ()) or not any(action.endswith("*") for action in statement.actions):
        return False
    if any(action != "*" and not action.endswith(":*") for action in statement.actions) or len(statement.conditions) != 1:
        return False
    operator, key, values = statement.conditions[0]
    return operator.lower().removesuffix("ifexists") in NEGATED and key.lower() in LIMITS and all(_somebody(key.lower(), v) for v in values)
