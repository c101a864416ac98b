"""AWS policy documents, read as what they allow: whom, to do what, and limited by which conditions.

Where a document cannot be decided, it is said (`ValueError` ends a judgement as unknown): nothing is taken for harmless because it was not
understood.
"""

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from urllib.parse import unquote

from msgspec import Struct

from controlmon.core.fact import Raw

ACCOUNT = re.compile(r"^(?:arn:aws[a-z-]*:(?:iam|sts)::)?(\d{12})(?::.*)?$")
DELETED = re.compile(r"^A(?:IDA|ROA|GPA)[A-Z0-9]{10,}$")
EXACT = {"stringequals", "stringequalsignorecase", "arnequals", "arnlike", "stringlike", "bool", "ipaddress"}
"""Condition operators that limit to values. IfExists lets through what lacks the key; a negated operator lets in all but a few."""


class Statement(Struct, frozen=True):
    """One statement. `principals` maps `AWS`, `Service`, `Federated` to names; `*` alone is `{"AWS": ("*",)}`. Actions in lower case."""

    allow: bool
    principals: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def limited_by(self, *keys: str) -> tuple[str, ...]:
        """The values that conditions limit one of these keys to; empty if none does. A value that matches everything limits nothing."""
        wanted = {key.lower() for key in keys}
        for operator, key, values in self.conditions:
            plain = operator.lower().removeprefix("foranyvalue:").removeprefix("forallvalues:")
            if key.lower() in wanted and plain in EXACT and values and not any(set(value) <= set("*?") for value in values):
                if operator.lower().startswith("forallvalues:"):
                    continue  # true of a request that has no such key at all
                return values
        return ()

    def covers(self, action: str, resource: str) -> bool:
        """Whether it speaks of an action (in lower case) on a resource, whatever its conditions."""
        named = any(covers(one, action) for one in self.actions) or (
            bool(self.not_actions) and not any(covers(one, action) for one in self.not_actions)
        )
        return named and (
            any(covers(one, resource) for one in self.resources)
            or (bool(self.not_resources) and not any(covers(one, resource) for one in self.not_resources))
        )


def statements(document: Raw) -> tuple[Statement, ...]:
    """The statements of a document given as JSON, as text, or as text that is URL-encoded.

    Raises:
        ValueError: if it is no policy document.

    """
    if isinstance(document, str):
        document = json.loads(document if document.lstrip().startswith("{") else unquote(document))
    found = document["Statement"]
    return tuple(_statement(one) for one in (found if isinstance(found, list) else [found]))


def _statement(raw: Raw) -> Statement:
    effect = raw["Effect"]
    if effect not in ("Allow", "Deny"):
        raise ValueError(f"there is no effect {effect}")
    principals = raw.get("Principal")
    if "NotPrincipal" in raw:
        principals = "*" if effect == "Allow" else {}  # to allow all but some is to allow everybody; to deny all but some is not counted on
    return Statement(
        allow=effect == "Allow",
        principals={"AWS": ("*",)} if principals == "*" else {kind: _several(names) for kind, names in (principals or {}).items()},
        actions=tuple(a.lower() for a in _several(raw.get("Action"))),
        not_actions=tuple(a.lower() for a in _several(raw.get("NotAction"))),
        resources=_several(raw.get("Resource")),
        not_resources=_several(raw.get("NotResource")),
        conditions=tuple(
            (operator, key, _several(values)) for operator, keys in (raw.get("Condition") or {}).items() for key, values in keys.items()
        ),
    )


def _several(value: Raw) -> tuple[str, ...]:
    if value is None:
        return ()
    many = value if isinstance(value, list) else [value]
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in many)


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern with `*` and `?` matches a name. `[` is no pattern to AWS."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), name, re.DOTALL) is not None


def account_of(principal: str) -> str | None:
    """The account of an AWS principal, an account id or an ARN; None for `*` and for what a deleted principal leaves."""
    found = ACCOUNT.match(principal)
    return found.group(1) if found else None


def is_deleted(principal: str) -> bool:
    """True for the unique id that stands where a principal was deleted."""
    return DELETED.match(principal) is not None


SERVICES = ("s3", "ec2", "iam", "kms", "sts", "rds", "lambda", "organizations", "secretsmanager", "cloudtrail", "dynamodb", "logs")
"""Services whose every action a grant must reach to count as all of AWS."""


def grants_everything(statements: Iterable[Statement]) -> bool:
    """Whether statements together allow every action on every resource: `*`, `*:*`, all but a short list, or lists that add up to it.

    Conditions are not taken to narrow a grant to harmlessness: a grant of everything under a condition is still one of everything.
    """
    allowed: set[str] = set()
    denied = False
    for statement in statements:
        everywhere = "*" in statement.resources or bool(statement.not_resources)
        if not statement.allow:
            if everywhere and not statement.conditions and any(set(a) <= set("*:") for a in statement.actions):
                denied = True
            continue
        if not everywhere:
            continue
        if statement.not_actions:
            allowed |= {s for s in SERVICES if not any(fnmatchcase(f"{s}:anything", pattern) for pattern in statement.not_actions)}
            if len(allowed) >= len(SERVICES) // 2:
                return not denied
        if any(set(action) <= set("*:") for action in statement.actions):
            allowed |= set(SERVICES)
        allowed |= {action.partition(":")[0] for action in statement.actions if action.endswith(":*")}
    return not denied and set(SERVICES) <= allowed


def rules_identities(statements: Iterable[Statement]) -> bool:
    """Whether statements allow all of IAM on everything: who may do that can make themselves an administrator."""
    return any(s.allow and "*" in s.resources and any(fnmatchcase("iam:anything", a) for a in s.actions) for s in statements)
