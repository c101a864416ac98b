"""AWS Secrets Manager: secrets, as far as they are described. Their values are never asked for."""

import re
from datetime import datetime, timedelta

from controlmon.core.fact import Raw
from controlmon.facts.aws.acm import moment
from controlmon.facts.aws.ec2 import flag, optional
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect

RATE = re.compile(r"rate\((\d+) (hours?|days?)\)")
WINDOW = timedelta(days=1)
"""The longest window in which a rotation that is due may begin."""


class SecretSettings(View, frozen=True):
    """A secret: whether it rotates and how often (None: by a calendar), its dates, whose it is, and the region of its original.

    `accessed` has the precision of a day.
    """

    rotates: bool = False
    every: timedelta | None = None
    rotated: datetime | None = None
    next: datetime | None = None
    changed: datetime | None = None
    accessed: datetime | None = None
    owner: str = ""
    original: str = ""


class Secret(Kind, name="aws.secretsmanager.secret"):
    """A secret."""

    @aspect(volatile=("LastAccessedDate",))
    def settings(raw: Raw) -> SecretSettings:
        """What ListSecrets says of it. RotationEnabled is missing where rotation was never set up."""
        made = moment(raw, "CreatedDate")
        if made is None:
            raise ValueError("it has no CreatedDate")
        return SecretSettings(
            rotates="RotationEnabled" in raw and flag(raw, "RotationEnabled"),
            every=_period(raw.get("RotationRules") or {}),
            rotated=moment(raw, "LastRotatedDate"),
            next=moment(raw, "NextRotationDate"),
            changed=moment(raw, "LastChangedDate") or made,
            accessed=moment(raw, "LastAccessedDate"),
            owner=optional(raw, "OwningService"),
            original=optional(raw, "PrimaryRegion"),
        )

    @aspect()
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (GetResourcePolicy); none if the answer has none."""
        if not raw["ARN"]:
            raise ValueError("the answer is of no secret")
        return statements(raw["ResourcePolicy"]) if raw.get("ResourcePolicy") else ()


def _period(rules: Raw) -> timedelta | None:
    """How often it rotates; None for a calendar (`cron`)."""
    days = rules.get("AutomaticallyAfterDays")
    if days is not None:
        if type(days) is not int:
            raise TypeError("AutomaticallyAfterDays is not a whole number")
        return timedelta(days=days)
    found = RATE.fullmatch(optional(rules, "ScheduleExpression"))
    if found is None:
        return None
    return timedelta(hours=int(found[1])) if found[2].startswith("hour") else timedelta(days=int(found[1]))
