"""When a role or a user was used, as CloudTrail's event history tells."""

from datetime import datetime, timedelta

from controlmon.core.fact import Gap, GapKind, Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.aws.policy import Statement
from controlmon.facts.base import View

HISTORY = timedelta(days=90)
"""How far back the event history goes."""
MFA, MFA_AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"


class Use(View, frozen=True):
    """One use: when, by which event, in which region, and by whom, as far as that can be told."""

    at: datetime
    event: str
    who: str = ""
    region: str = ""


class Uses(View, frozen=True):
    """The uses of the last 90 days that were seen, and why not all were, if so."""

    seen: tuple[Use, ...] = ()
    gap: Gap | None = None


def uses(raw: Raw) -> Uses:
    """The answer that `collect.aws.events` puts together. What was refused, or failed, was no use."""
    refused = raw.get("Refused")
    gap = Gap(GapKind(refused["kind"]), refused["operation"], refused["detail"], tuple(refused["needs"])) if refused else None
    return Uses(seen=tuple(_use(one) for one in raw["Events"] if not one["Failed"]), gap=gap)


def _use(raw: Raw) -> Use:
    at = datetime.fromisoformat(text(raw, "EventTime"))
    if at.tzinfo is None:
        raise ValueError(f"{raw['EventTime']} has no time zone")
    return Use(at=at, event=text(raw, "EventName"), who=_who(raw), region=text(raw, "Region"))


def _who(raw: Raw) -> str:
    """Who it was: the source identity, which survives from role to role; else the name of the session before, or of the user."""
    identity = raw["Identity"]
    session = optional(identity, "principalId").partition(":")[2]
    return optional(raw, "SourceIdentity") or session or optional(identity, "userName") or optional(identity, "arn")


def demands_mfa(statement: Statement) -> bool:
    """Whether a statement lets in nobody without MFA: `IfExists` would let in who has long-term keys, of whom the key is not told."""
    if statement.limited_by(MFA) == ("true",):
        return True
    return any(operator.lower().startswith("numericlessthan") and "ifexists" not in operator.lower() and key.lower() == MFA_AGE
               for operator, key, _ in statement.conditions)  # fmt: skip
