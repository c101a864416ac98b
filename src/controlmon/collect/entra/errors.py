"""What an answer of Microsoft Graph or Azure Resource Manager that is none means: which gap it leaves."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from controlmon.collect.base import Operation
from controlmon.collect.entra.operations import UNLICENSED
from controlmon.core.fact import Gap, GapKind, Raw

LICENCE_CODES = {"AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}
LICENCE_WORDS = re.compile(
    r"not licen[sc]ed|premium licen[sc]e|needs? (to have|an?) .*(licen[sc]e|premium)|licen[sc]e .*(required|missing)", re.IGNORECASE
)
"""How a 403 for want of a licence reads where its code is that of a missing permission (Identity Protection)."""


class Answer(Struct, frozen=True):
    """One answer: its status, its headers (names in lower case), and its body as JSON.

    `why` says why the body could not be read, if so; `failure` is set, and the status 0, if nothing was answered at all.
    """

    status: int
    headers: Mapping[str, str]
    body: Raw = None
    why: str = ""
    failure: GapKind | None = None

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The error that it holds; None if it is an answer."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        if isinstance(error, dict):
            return error
        return None if 200 <= self.status < 300 else {}

    @property
    def code(self) -> str:
        """The error's code, or `unlicensed` for those that mean that."""
        error = self.error or {}
        code, message = str(error.get("code", "")), str(error.get("message", ""))
        refused = self.status in (400, 403)
        return UNLICENSED if refused and (code in LICENCE_CODES or LICENCE_WORDS.search(message)) else code

    @property
    def said(self) -> str:
        """The error in one line."""
        error = self.error or {}
        words = " ".join(str(error.get("message", "")).split())
        return f"{error.get('code', '')}: {words}".strip(": ")[:300] or f"status {self.status}"


def gap_of(answer: Answer, operation: Operation) -> Gap:
    """The gap that an answer leaves that is an error, or that cannot be read."""
    if answer.failure is not None:
        return Gap(answer.failure, operation.id, answer.why, operation.needs)
    if answer.code == UNLICENSED:
        # Not "denied": no permission would help, and asking for one would send people the wrong way.
        return Gap(GapKind.UNAVAILABLE, operation.id, f"the tenant is not licensed for it: {answer.said}"[:300])
    kind, detail = _kind(answer.status), answer.said
    if 200 <= answer.status < 300 and not answer.error:
        kind, detail = GapKind.MALFORMED, answer.why or "the answer is no JSON object"
    elif answer.status == 401:
        detail = f"the token is not, or no longer, accepted: {detail}"[:300]
    return Gap(kind, operation.id, detail, operation.needs)


def _kind(status: int) -> GapKind:
    if status in (401, 403):
        return GapKind.DENIED
    if status == 429:
        return GapKind.THROTTLED
    return GapKind.TIMEOUT if status in (408, 504) else GapKind.UNAVAILABLE
