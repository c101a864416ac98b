"""Whom a role trusts by web identity: the provider, and what conditions limit the claims `sub` and `aud` to."""

from collections.abc import Iterable

from controlmon.facts.aws.policy import Statement, covers
from controlmon.facts.base import View

ACTION = "sts:assumerolewithwebidentity"
COGNITO, GITHUB, EKS = "cognito-identity.amazonaws.com", "token.actions.githubusercontent.com", "oidc.eks."
EXACTLY = ("stringequals", "stringequalsignorecase")


class WebTrust(View, frozen=True):
    """One statement's trust in one provider.

    `subjects` and `audiences` are what the claims are limited to, as patterns with `*` and `?`; empty if they are not limited at all.
    """

    provider: str
    subjects: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


def web_trusts(statements: Iterable[Statement]) -> list[WebTrust]:
    """Every trust by web identity; that of SAML is something else."""
    return [
        WebTrust(provider=name, subjects=_limit(statement, f"{name}:sub"), audiences=_limit(statement, f"{name}:aud"))
        for statement in statements
        if statement.allow and any(covers(action, ACTION) for action in statement.actions)
        for principal in statement.principals.get("Federated", ())
        if ":saml-provider/" not in principal
        for name in (principal.partition(":oidc-provider/")[2] or principal,)
    ]


def _limit(statement: Statement, key: str) -> tuple[str, ...]:
    """What conditions limit a claim to. ForAllValues is true of a token without the claim, and IfExists lets it through: neither limits."""
    narrowest: tuple[str, ...] = ()
    for operator, name, values in statement.conditions:
        plain = operator.lower().removeprefix("foranyvalue:")
        if name.lower() != key.lower() or plain not in (*EXACTLY, "stringlike"):
            continue
        # A sign that an exact operator takes as it is matches nothing that a provider would issue, so it is no wildcard.
        exact = tuple(v.replace("*", "~").replace("?", "~") for v in values) if plain in EXACTLY else values
        if any(set(value) <= set("*?") for value in exact):
            continue
        if not narrowest or _wild(exact) < _wild(narrowest):
            narrowest = exact
    return narrowest


def _wild(values: tuple[str, ...]) -> int:
    return sum(value.count("*") + value.count("?") for value in values)


def wild(value: str) -> bool:
    """Whether a pattern matches more than one name."""
    return "*" in value or "?" in value
