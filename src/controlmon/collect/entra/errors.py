"""What an answer of Microsoft Graph means that only a tenant without a licence gets."""

import re

from controlmon.collect import microsoft_wire
from controlmon.collect.base import Operation
from controlmon.collect.entra.operations import UNLICENSED
from controlmon.collect.microsoft_wire import Answer
from controlmon.core.fact import Gap, GapKind

LICENCE_CODES = {"AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}
LICENCE_WORDS = re.compile(
    r"not licen[sc]ed|premium licen[sc]e|needs? (to have|an?) .*(licen[sc]e|premium)|licen[sc]e .*(required|missing)", re.IGNORECASE
)
"""How a 403 for want of a licence reads where its code is that of a missing permission (Identity Protection)."""


def code_of(answer: Answer) -> str:
    """The error's code, or `unlicensed` for those that mean that."""
    unlicensed = answer.code in LICENCE_CODES or LICENCE_WORDS.search(str((answer.error or {}).get("message", "")))
    return UNLICENSED if answer.status in (400, 403) and unlicensed else answer.code


def gap_of(answer: Answer, operation: Operation) -> Gap:
    """The gap that an answer leaves that is an error, or that cannot be read."""
    if code_of(answer) == UNLICENSED:
        # Not "denied": no permission would help, and asking for one would send people the wrong way.
        return Gap(GapKind.UNAVAILABLE, operation.id, f"the tenant is not licensed for it: {answer.said}"[:300])
    return microsoft_wire.gap_of(answer, operation)
