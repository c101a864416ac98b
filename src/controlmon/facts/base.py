"""Kinds of subjects and their aspects: how raw JSON becomes something that a check can read, and how a gap stays a gap.

    class Bucket(Kind, name="aws.s3.bucket"):
        @aspect()
        def versioning(raw: Raw) -> bool:
            return raw.get("Status") == "Enabled"

`Bucket.versioning` names the aspect; `bucket.versioning` reads it, or ends the judgement if it could not be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast, get_type_hints, overload

import msgspec

from controlmon.core.fact import Gap, GapKind, Raw, Scope, Subject, is_absent

V = TypeVar("V")
K = TypeVar("K", bound="Kind")


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A typed, immutable reading of one answer."""


class Unseen(BaseException):
    """Something that a judgement needs was not seen. The engine turns it into `unknown`.

    It is no `Exception`, so that no check that catches too much can make a pass of it.
    """

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap))
        self.gap = gap


class Undeclared(Exception):
    """A check read an aspect that it does not declare: a mistake of its author."""


class Answers(Protocol):
    """What is known about one subject."""

    def answer(self, aspect: str) -> Raw | Gap:
        """The raw answer for `aspect`, or the gap where there is none."""


class Aspect(Generic[V]):
    """One answer about a subject, from one API operation: its name, its parser, and what "not configured" means for it.

    Attributes:
        volatile: top-level members that change without anything having changed (last-seen times); the ledger keeps them apart.
        condition: the parameter that must be true for a check to need this aspect, or None if it always does.
    """

    def __init__(self, parse: Callable[[Raw], V], absent: V | None, volatile: tuple[str, ...]) -> None:
        self.parse = parse
        self.absent = absent
        self.volatile = volatile
        self.condition: str | None = None
        self.name = parse.__name__
        self.__doc__ = parse.__doc__
        self.owner: type[Kind]

    def __set_name__(self, owner: type[Kind], name: str) -> None:
        self.owner, self.name = owner, name

    @property
    def id(self) -> str:
        """The kind's name and the aspect's, such as `aws.s3.bucket.versioning`."""
        return f"{self.owner.kind}.{self.name}"

    def __repr__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"

    def when(self, parameter: str) -> Aspect[V]:
        """The same aspect, needed only if the check's `parameter` is true: otherwise it is not asked for."""
        other: Aspect[V] = Aspect(self.parse, self.absent, self.volatile)
        other.owner, other.name, other.condition = self.owner, self.name, parameter
        return other

    @overload
    def __get__(self, subject: None, owner: type[Kind]) -> Aspect[V]: ...
    @overload
    def __get__(self, subject: Kind, owner: type[Kind]) -> V: ...
    def __get__(self, subject: Kind | None, owner: type[Kind]) -> Aspect[V] | V:
        return self if subject is None else subject.read(self)

    def view(self, raw: Raw) -> V:
        """The typed view of one raw answer.

        Raises:
            Unseen: if the answer does not have the shape that the provider's API promises.
        """
        if is_absent(raw):
            return cast("V", self.absent)
        try:
            return self.parse(raw)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            detail = f"{type(error).__name__} at {error}" if isinstance(error, KeyError) else str(error)
            raise Unseen(Gap(GapKind.MALFORMED, self.id, f"not the shape that was expected: {detail}")) from error

    def from_example(self, value: object) -> V:
        """A view made from plain values, for the examples in check files. Raises `msgspec.ValidationError` if they do not fit."""
        wanted = get_type_hints(self.parse).get("return", Any)
        return cast("V", msgspec.convert(value, wanted, from_attributes=True))


def aspect(*, absent: Any = None, volatile: tuple[str, ...] = ()) -> Callable[[Callable[[Raw], V]], Aspect[V]]:  # noqa: ANN401
    """Make an aspect of a function from the raw answer to a typed view.

    Args:
        absent: the view that stands for "not configured", when the provider says so with an error code or when asking was needless.
        volatile: see `Aspect`.
    """
    return lambda parse: Aspect(parse, absent, volatile)


class Kind:
    """A kind of subject. Subclass it with a `name`, and give it aspects."""

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    aspects: ClassVar[Mapping[str, Aspect[Any]]] = {}
    singleton: ClassVar[bool] = False
    """True if a scope has exactly one of it (an account, a region)."""

    def __init_subclass__(cls, *, name: str, singleton: bool = False) -> None:
        cls.kind, cls.singleton = name, singleton
        cls.title = (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")
        cls.aspects = {key: value for key, value in vars(cls).items() if isinstance(value, Aspect)}

    def __init__(self, subject: Subject, answers: Answers, declared: frozenset[str] | None = None) -> None:
        self.subject = subject
        self._answers = answers
        self._declared = declared
        self._views: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The provider's unique name for the subject."""
        return self.subject.id

    @property
    def name(self) -> str:
        """The short name that people use."""
        return self.subject.name

    @property
    def scope(self) -> Scope:
        """Where the subject was found."""
        return self.subject.scope

    @property
    def target(self) -> str:
        """The account, subscription, tenant or organization that it belongs to."""
        return self.subject.scope.target

    @property
    def region(self) -> str:
        """The region that the subject lives in, or an empty string."""
        return self.subject.region or self.subject.scope.region

    def read(self, wanted: Aspect[V]) -> V:
        """The view of one aspect.

        Raises:
            Unseen: if the aspect is a gap, or its answer has an unexpected shape.
            Undeclared: if the check does not declare that it reads this aspect.
        """
        if self._declared is not None and wanted.id not in self._declared:
            raise Undeclared(f"{wanted!r} is read but not declared in `reads`")
        if wanted.name not in self._views:
            answer = self._answers.answer(wanted.name)
            if isinstance(answer, Gap):
                raise Unseen(answer)
            self._views[wanted.name] = wanted.view(answer)
        return cast("V", self._views[wanted.name])

    @classmethod
    def example(cls, *, id: str = "example", name: str = "", region: str = "eu-west-1", **aspects: object) -> Self:  # noqa: A002
        """A subject made of plain values, for the examples in check files. A `Gap` as a value stands for one.

        Raises:
            TypeError: if `aspects` names one that the kind does not have.
        """
        unknown = sorted(set(aspects) - set(cls.aspects))
        if unknown:
            raise TypeError(f"{cls.__name__} has no aspect {unknown[0]!r}: it has {', '.join(sorted(cls.aspects))}")
        scope = Scope(cls.kind.partition(".")[0], "123456789012")
        gaps = {key: value for key, value in aspects.items() if isinstance(value, Gap)}
        made = cls(Subject(cls.kind, id, name or id, scope, region), _Given(gaps))
        made._views.update({key: cls.aspects[key].from_example(value) for key, value in aspects.items() if key not in gaps})
        return made


class _Given:
    """The answers of an example: what it was not given was not seen."""

    def __init__(self, gaps: Mapping[str, Gap]) -> None:
        self._gaps = gaps

    def answer(self, aspect: str) -> Raw | Gap:
        return self._gaps.get(aspect, Gap(GapKind.UNAVAILABLE, "example", f"the example gives no {aspect}"))


class All(Generic[K]):
    """A whole population. To go through it is to need all of it: an incomplete one ends the judgement.

    Where one good member is enough, `some` decides as soon as it has seen that one, and only otherwise needs the rest.
    """

    def __init__(self, members: Callable[[], Iterator[K]], gap: Gap | None = None, beside: Callable[[Scope], All[K]] | None = None) -> None:
        self._members = members
        self._gap = gap
        self._beside = beside

    @classmethod
    def of(cls, *members: K, gap: Gap | None = None) -> All[K]:
        """A population of just these, for examples and tests; `gap` makes it incomplete."""
        return cls(lambda: iter(members), gap, lambda scope: cls.of(*(m for m in members if m.scope == scope), gap=gap))

    @property
    def complete(self) -> bool:
        """True if listing finished."""
        return self._gap is None

    def __iter__(self) -> Iterator[K]:
        if self._gap is not None:
            raise Unseen(self._gap)
        return self._members()

    def __bool__(self) -> bool:
        """Whether there is any member: seeing one is enough, and only an empty population that was seen whole has none."""
        return self.some(lambda _member: True)

    def beside(self, other: Kind) -> All[K]:
        """The members in the same scope as `other`: of the same region, for a regional kind."""
        return self if self._beside is None else self._beside(other.scope)

    def some(self, wanted: Callable[[K], bool]) -> bool:
        """Whether any member is as `wanted`.

        True as soon as one is, whatever could not be seen of the others; False only if all were seen and none is.

        Raises:
            Unseen: if none is, and something was not seen.
        """
        unseen: Unseen | None = None
        for member in self._members():
            try:
                if wanted(member):
                    return True
            except Unseen as error:
                unseen = unseen or error
        if self._gap is not None:
            raise Unseen(self._gap)
        if unseen is not None:
            raise unseen
        return False

    def first(self, wanted: Callable[[K], bool]) -> K | None:
        """The first member that is as `wanted`, with the same care as `some`."""
        found: list[K] = []

        def keep(member: K) -> bool:
            if wanted(member):
                found.append(member)
                return True
            return False

        return found[0] if self.some(keep) else None


class Everywhere(All[K]):
    """A whole population of every target of the run, whatever the account, subscription or provider: what segregation is judged by."""
