"""What a collector declares: which operation lists a kind, which answers an aspect, and the permissions that each needs.

All else is derived from these declarations: what is called, the permissions to grant, the fault matrix of the tests.

    s3 = Service("aws", "s3")

    @s3.lists(Bucket, Operation("s3", "ListBuckets", needs=("s3:ListAllMyBuckets",)), at=Place.ACCOUNT)
    def buckets(ask: Ask) -> Iterator[Found]:
        for bucket in ask.items("Buckets"):
            yield Found(Bucket, f"arn:aws:s3:::{bucket['Name']}", bucket["Name"])

    @s3.answers(Bucket.versioning, Operation("s3", "GetBucketVersioning", needs=("s3:GetBucketVersioning",)))
    def versioning(ask: Ask, bucket: Found) -> Raw:
        return ask(Bucket=bucket.name)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from msgspec import Struct, field

from controlmon.core.fact import Gap, Raw, Scope
from controlmon.facts.base import Aspect, Kind


class Place(Enum):
    """Where an operation has to be asked: once for a tenant, once for each account or subscription of it, or in each region.

    Where there is no tenant above the account (AWS), the account answers for it.
    """

    TENANT = "tenant"
    ACCOUNT = "account"
    REGION = "region"


class Operation(Struct, frozen=True):
    """One read operation of a provider's API.

    Attributes:
        service: the provider's service, as its SDK calls it.
        name: the operation, as the provider's reference calls it.
        needs: the permissions that it takes.
        absent: error codes that mean "not configured". They are answers; every other error is a gap.
        shared: True if the same question may come from several subjects: it is then asked once per scope and run.
        drops: members that may hold a secret; they are dropped before anything is recorded.

    """

    service: str
    name: str
    needs: tuple[str, ...]
    absent: tuple[str, ...] = ()
    shared: bool = False
    drops: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Service and operation, such as `s3:GetBucketEncryption`."""
        return f"{self.service}:{self.name}"


class Refused(Exception):
    """An operation that gave no answer. Raised by `Ask`, caught where subjects and aspects are gathered."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap))
        self.gap = gap


class Ask(Protocol):
    """One operation, ready to be asked in one scope."""

    @property
    def scope(self) -> Scope:
        """Where it is asked."""

    @property
    def partition(self) -> str:
        """The provider's partition or cloud, as its names spell it."""

    @property
    def now(self) -> datetime:
        """The clock of the run (UTC)."""

    @property
    def pages(self) -> int:
        """How many answers it has had so far."""

    def __call__(self, **parameters: object) -> Raw:
        """Ask once. Raises `Refused` if there is no answer."""

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """Ask page by page, and give the items of `member`. Raises `Refused` if any page is missing or cut short."""

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Ask page by page, and give the pages."""

    def to(self, operation: Operation) -> "Ask":
        """Another operation in the same scope: one that the declaration names too."""

    def at(self, region: str) -> "Ask":
        """The same operation in another region of the same target."""


class Found(Struct, frozen=True):
    """A subject that a listing named, with the aspects that the listing itself answers."""

    kind: type[Kind]
    id: str
    name: str = ""
    region: str = ""
    answers: Mapping[Aspect[Any], Raw] = {}


class Met(Struct, frozen=True):
    """A subject as an `answers` function sees it: who it is, and what has been answered about it so far."""

    id: str
    name: str
    region: str
    answers: Mapping[str, Raw | Gap]

    def answer(self, aspect: Aspect[Any]) -> Raw:
        """The raw answer to another aspect, which the declaration names in `after`. Raises `Refused` if that is a gap."""
        answer = self.answers[aspect.name]
        if isinstance(answer, Gap):
            raise Refused(answer)
        return answer


class Source(Struct, frozen=True):
    """A listing: the kinds that it yields and the aspects that it answers on the way."""

    kinds: tuple[type[Kind], ...]
    operations: tuple[Operation, ...]
    at: Place
    gives: tuple[Aspect[Any], ...]
    function: Callable[..., Iterator[Found]]
    parent: type[Kind] | None = None

    def aspects_of(self, kind: type[Kind] | str) -> tuple[str, ...]:
        """The names of the aspects of one kind that this listing answers."""
        name = kind if isinstance(kind, str) else kind.kind
        return tuple(a.name for a in self.gives if a.owner.kind == name)


class Answerer(Struct, frozen=True):
    """A question about one subject: the kind and name of the aspect that it answers, and the aspects that come before it."""

    kind: str
    name: str
    operations: tuple[Operation, ...]
    after: tuple[Aspect[Any], ...]
    function: Callable[..., Raw]

    @property
    def id(self) -> str:
        """The id of the aspect that it answers."""
        return f"{self.kind}.{self.name}"


class Service(Struct):
    """The declarations of one service of a provider: a file in its provider's folder."""

    provider: str
    name: str
    sources: list[Source] = field(default_factory=list)
    answerers: list[Answerer] = field(default_factory=list)

    def lists(
        self,
        kinds: type[Kind] | tuple[type[Kind], ...],
        *operations: Operation,
        at: Place = Place.REGION,
        gives: Iterable[Aspect[Any]] = (),
        under: type[Kind] | None = None,
    ) -> Callable[[Callable[..., Iterator[Found]]], Callable[..., Iterator[Found]]]:
        """Declare a listing of `kinds`.

        Args:
            kinds: what it yields.
            operations: what it may ask; the first is what its `ask` argument asks.
            at: where it is asked.
            gives: the aspects that it answers for each subject.
            under: the kind whose every subject it is asked for (it then takes that subject too).

        """

        def declare(function: Callable[..., Iterator[Found]]) -> Callable[..., Iterator[Found]]:
            yielded = kinds if isinstance(kinds, tuple) else (kinds,)
            self.sources.append(Source(yielded, operations, at, tuple(gives), function, under))
            return function

        return declare

    def answers(
        self, aspect: Aspect[Any], *operations: Operation, after: Iterable[Aspect[Any]] = ()
    ) -> Callable[[Callable[..., Raw]], Callable[..., Raw]]:
        """Declare how one aspect of one subject is answered; `after` names the aspects that it looks at first."""

        def declare(function: Callable[..., Raw]) -> Callable[..., Raw]:
            self.answerers.append(Answerer(aspect.owner.kind, aspect.name, operations, tuple(after), function))
            return function

        return declare

    def operations(self) -> list[Operation]:
        """Every operation that the service may ask."""
        listed = [o for source in self.sources for o in source.operations]
        return listed + [o for answerer in self.answerers for o in answerer.operations]
