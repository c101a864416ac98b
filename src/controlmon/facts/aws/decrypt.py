"""Who can use a KMS key to read: what its policy, its grants and the policies of identities come to together.

What cannot be decided is said, as a doubt: a denial under a condition that is not understood, a policy that was not in the answer.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from controlmon.facts.aws.iam import Grants, Role, User
from controlmon.facts.aws.policy import Statement, covers
from controlmon.facts.base import View

ACTIONS = ("kms:decrypt", "kms:reencryptfrom", "kms:creategrant", "kms:putkeypolicy")
"""What reads, and what lets its holder take the right to read."""
GRANTED = ("Decrypt", "ReEncryptFrom", "CreateGrant")
SAML = ":saml-provider/"
ARN_LIKE = ("arnlike", "arnequals", "stringlike", "stringequals")
ARN_UNLIKE = ("arnnotlike", "arnnotequals", "stringnotlike", "stringnotequals")


class Reach(View, frozen=True):
    """Whether a principal can: how (empty: it cannot), and what cannot be decided of that."""

    how: str = ""
    doubt: str = ""


def is_person(principal: User | Role, workload_roles: tuple[str, ...]) -> bool:
    """Whether people act as this principal: a user, a role of Identity Center, one that SAML or a whole account or a user may assume."""
    if isinstance(principal, User) or principal.name.startswith("AWSReservedSSO_"):
        return True
    if principal.trust.path.startswith("/aws-service-role/") or any(fnmatchcase(principal.name, glob) for glob in workload_roles):
        return False
    trusted = [(kind, name) for s in principal.trust.statements if s.allow for kind, names in s.principals.items() for name in names]
    return any(
        (kind == "Federated" and SAML in name)
        or (kind == "AWS" and (name == "*" or name.endswith(":root") or ":user/" in name or name.isdigit()))
        for kind, name in trusted
    )


def reach(principal: str, target: str, key: str, policy: tuple[Statement, ...], identity: tuple[Statement, ...]) -> Reach:
    """Whether a principal (its ARN) can read with a key of account `target`, by the key's policy or by its own where that lets it."""
    doubts: list[str] = []
    for action in ACTIONS:
        denied = [_denies(s, action, key, principal) for s in (*policy, *identity) if not s.allow]
        if True in denied:
            continue
        direct = any(s.allow and _allows(s, action, key) and _names(s, principal) for s in policy)
        delegated = any(s.allow and _allows(s, action, key) and _whole_account(s, target) for s in policy)
        own = delegated and any(s.allow and _allows(s, action, key) for s in identity)
        if direct or own:
            how = f"{action} by {'the key policy' if direct else 'its own policies'}"
            if None not in denied:
                return Reach(how=how)
            doubts.append(f"{how}, and a denial under a condition may take that away")
    return Reach(doubt=doubts[0] if doubts else "")


def _allows(statement: Statement, action: str, key: str) -> bool:
    """Whether a statement covers an action on a key, other than by way of a service, where the person's right to that is the way."""
    if any(name.lower() == "kms:viaservice" for _, name, _ in statement.conditions):
        return False
    return statement.covers(action, key)


def _names(statement: Statement, principal: str) -> bool:
    """Whether a statement of a key policy names a principal itself, or everybody and it among them."""
    names = statement.principals.get("AWS", ())
    if principal in names:
        return True
    return "*" in names and not any(_of_arn(one, principal) is False for one in statement.conditions)


def _whole_account(statement: Statement, target: str) -> bool:
    return any(name == target or name.endswith(f":iam::{target}:root") for name in statement.principals.get("AWS", ()))


def _denies(statement: Statement, action: str, key: str, principal: str) -> bool | None:
    """Whether a denial holds for a principal; None if that hangs on a condition that is not understood."""
    names = statement.principals.get("AWS")
    if not statement.covers(action, key) or (names is not None and "*" not in names and principal not in names):
        return False
    answers = [_of_arn(one, principal) for one in statement.conditions]
    return False if False in answers else None if None in answers else True


def _of_arn(condition: tuple[str, str, tuple[str, ...]], principal: str) -> bool | None:
    """Whether a condition is true of a principal; None if it speaks of something else."""
    operator, key, values = condition
    plain = operator.lower().removesuffix("ifexists")
    if key.lower() != "aws:principalarn" or plain not in ARN_LIKE + ARN_UNLIKE:
        return None
    matches = any(covers(value, principal) for value in values)
    return matches if plain in ARN_LIKE else not matches


def identity_statements(
    grants: Grants, groups: Iterable[Grants], documents: Mapping[str, tuple[Statement, ...]]
) -> tuple[tuple[Statement, ...], str]:
    """All that a principal's policies say, and the name of one that was not in the answer ("" if all were)."""
    sources = (grants, *groups)
    named = [arn for one in sources for arn in one.managed]
    missing = next((arn for arn in named if arn not in documents), "")
    every = [s for one in sources for s in one.inline] + [s for arn in named for s in documents.get(arn, ())]
    return tuple(every), missing
