"""What was asked, where, and what came back: facts, and the gaps where there should have been one."""

from enum import StrEnum
from typing import Any, Self

from msgspec import Struct

Raw = Any
"""JSON as a provider answered it: dicts, lists, strings, numbers, booleans and None."""

ACCOUNT_WIDE = ""
"""The region of a scope that has none: a global service, or a whole account."""


class Scope(Struct, frozen=True, order=True):
    """Where facts of one collection come from. `region` is empty for a global service."""

    provider: str
    target: str
    region: str = ACCOUNT_WIDE

    def __str__(self) -> str:
        return ":".join(part for part in (self.provider, self.target, self.region) if part)

    def wide(self) -> "Scope":
        """The same target without a region: where its account-wide facts live."""
        return Scope(self.provider, self.target)


class Subject(Struct, frozen=True, order=True):
    """One thing that is judged. `id` is the provider's own unique name for it (an ARN where there is one)."""

    kind: str
    id: str
    name: str
    scope: Scope
    region: str = ACCOUNT_WIDE


class GapKind(StrEnum):
    """Why an aspect has no answer."""

    DENIED = "denied"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    REGION_DISABLED = "region-disabled"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"


class Gap(Struct, frozen=True, omit_defaults=True):
    """An aspect without an answer: which operation was asked, what went wrong, and the permissions that it needs."""

    kind: GapKind
    operation: str
    detail: str = ""
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"{self.operation} {_SAID[self.kind]}"
        if self.detail:
            said += f" ({self.detail})"
        if self.kind is GapKind.DENIED and self.needs:
            said += f": grant {', '.join(self.needs)}"
        return said


_SAID = {
    GapKind.DENIED: "was denied",
    GapKind.THROTTLED: "was throttled to the end",
    GapKind.TIMEOUT: "did not answer in time",
    GapKind.UNAVAILABLE: "was unavailable",
    GapKind.REGION_DISABLED: "was refused because the region is disabled",
    GapKind.TRUNCATED: "was cut short",
    GapKind.MALFORMED: "answered something that cannot be read",
}


class Seen(Struct, frozen=True, omit_defaults=True):
    """How one answer was obtained.

    `operation` is `service:Operation`, `date` the provider's own `Date` header (RFC 9110 section 6.6.1), `at` our clock (UTC, RFC 3339).
    """

    operation: str
    at: str
    request_id: str = ""
    date: str = ""
    page: int = 0
    endpoint: str = ""


class Fact(Struct, frozen=True):
    """One aspect of one subject as it was answered. `answer` is a `Gap` if there was no answer."""

    subject: Subject
    aspect: str
    answer: Raw | Gap
    seen: Seen


class Login(Struct, frozen=True, omit_defaults=True):
    """A target that was logged in to, or not: who we were to it, which regions it has, and how far its clock was from ours (seconds)."""

    provider: str
    target: str
    name: str
    identity: str = ""
    regions: dict[str, str] = {}
    skew: int = 0
    gap: Gap | None = None


class Listing(Struct, frozen=True):
    """The end of one listing: how many subjects of `kind` it found in `scope`, and whether it came to its end.

    `aspects` are the aspects that this listing answers for each subject that it names, `parameters` what it was asked with, `seen` how
    its last page was obtained.
    `gap` says why it is not complete; the listing of the lowest `order` defines the population, others add to it.
    """

    kind: str
    scope: Scope
    operation: str
    count: int
    pages: int
    aspects: tuple[str, ...] = ()
    gap: Gap | None = None
    order: int = 0
    parameters: dict[str, Any] = {}
    seen: Seen | None = None

    @property
    def complete(self) -> bool:
        """True if the listing came to its end."""
        return self.gap is None


def absent(code: str, message: str = "") -> Raw:
    """The provider's own word that a thing is not configured, kept as the raw answer.

    Args:
        code: the error code, such as `NoSuchBucketPolicy`.
        message: the provider's text, if any.
    """
    return {"Error": {"Code": code, "Message": message} if message else {"Code": code}}


def not_asked(why: str) -> Raw:
    """An answer that another answer made needless; `why` finishes the sentence "not asked because ..."."""
    return {"NotAsked": why}


def is_absent(raw: Raw) -> bool:
    """True for what `absent` and `not_asked` make."""
    return isinstance(raw, dict) and len(raw) == 1 and ("Error" in raw or "NotAsked" in raw)


class Population(Struct, frozen=True, omit_defaults=True):
    """The subjects of one kind in one scope; `complete` only if listing finished."""

    kind: str
    scope: Scope
    count: int
    complete: bool
    gap: Gap | None = None

    @classmethod
    def of(cls, listing: Listing, count: int) -> Self:
        """The population that `listing` defines, with `count` distinct subjects."""
        return cls(listing.kind, listing.scope, count, listing.complete, listing.gap)
