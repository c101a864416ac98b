"""One AWS operation, asked: pages to their end, errors told apart, how it was seen remembered."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

import jmespath
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from controlmon.collect.aws.errors import gap_of
from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, absent

if TYPE_CHECKING:
    from controlmon.collect.aws.session import AwsSession

CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, HTTPError, HTTPException, OSError)
"""What the SDK and what it rests on raise when a call fails."""
PAGE_LIMIT = 100_000
"""Pages after which a listing that goes on is taken for one that never ends: 100 million items at the usual page size."""


SHAPE_ERRORS = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What Python raises when an answer does not have the shape that the API promises."""


@contextmanager
def shaped(operation: Operation) -> Iterator[None]:
    """Read an answer to `operation`, where a question asks several: what is not of its shape is that one's gap.

    Raises:
        Refused: for an answer of another shape.

    """
    try:
        yield
    except SHAPE_ERRORS as error:
        what = f"there is no {error}" if isinstance(error, KeyError) else str(error)
        raise Refused(Gap(GapKind.MALFORMED, operation.id, what, operation.needs)) from error


class Trail:
    """How the answers to one question were obtained: shared by an ask and those made from it."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.pages = seen, 0
        self.parameters: dict[str, Any] | None = None


class AwsAsk:
    """One operation, ready to be asked in one scope of a session."""

    def __init__(self, session: AwsSession, operation: Operation, scope: Scope, region: str, trail: Trail | None = None) -> None:
        self._session, self.operation, self.scope, self._region = session, operation, scope, region
        self._endpoint = ""
        self._trail = trail or Trail(Seen(operation.id, timestamp(session.clock())))

    @property
    def pages(self) -> int:
        """How many answers it has had."""
        return self._trail.pages

    @property
    def parameters(self) -> dict[str, Any]:
        """What the first question was asked with."""
        return self._trail.parameters or {}

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self._session.partition

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """How the last answer was obtained."""
        return self._trail.seen

    def to(self, operation: Operation) -> AwsAsk:
        """Another operation in the same scope and region."""
        return AwsAsk(self._session, operation, self.scope, self._region, self._trail)

    def at(self, region: str) -> AwsAsk:
        """The same operation in another region; an empty one means this one."""
        return AwsAsk(self._session, self.operation, self.scope, region or self._region, self._trail)

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if not self.operation.shared:
            return self._call(parameters)
        answer, self._trail.seen = self._session.once(self, parameters)
        if isinstance(answer, Gap):
            raise Refused(answer)
        return answer

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member` of every page."""
        for page in self.whole(**parameters):
            if not isinstance(page[member], list):
                raise TypeError(f"{member} is not a list")
            yield from page[member]

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page.

        Raises:
            Refused: if a page is missing, if the answer says that there is more but not how to get it, or if it goes round in circles.

        """
        paging = self._session.paging(self.operation)
        taken: list[str] = []
        passed: set[str] = set()
        while True:
            page = self._call({**parameters, **dict(zip(paging.inputs, taken, strict=False))})
            yield page
            taken = paging.next(page)
            if not taken:
                if paging.says_more(page):
                    raise Refused(self._cut("the answer says that there is more, but not how to get it"))
                return
            if repr(taken) in passed or len(passed) > PAGE_LIMIT:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(repr(taken))

    def _cut(self, why: str) -> Gap:
        return Gap(GapKind.TRUNCATED, self.operation.id, f"after {self.pages} pages {why}", self.operation.needs)

    def _call(self, parameters: dict[str, Any]) -> Raw:
        if self._trail.parameters is None:
            self._trail.parameters = plain(parameters)
        try:
            client = self._session.client(self.operation.service, self._region)
            self._endpoint = client.meta.endpoint_url
            answer = getattr(client, method_name(self.operation.name))(**parameters)
        except CALL_ERRORS as error:
            if isinstance(error, ClientError):
                code = str(error.response.get("Error", {}).get("Code", ""))
                self._remember(error.response.get("ResponseMetadata", {}))
                if code in self.operation.absent:
                    return absent(code)
            raise Refused(gap_of(error, self.operation, away=self._region != self._session.region)) from error
        self._trail.pages += 1
        self._remember(answer.pop("ResponseMetadata", {}))
        return plain(answer, self.operation.drops)

    def _remember(self, metadata: dict[str, Any]) -> None:
        headers = metadata.get("HTTPHeaders") or {}
        request = metadata.get("RequestId") or headers.get("x-amzn-requestid") or ""
        now = self._session.clock()
        self._trail.seen = Seen(self.operation.id, timestamp(now), request, headers.get("date", ""), self.pages, self._endpoint)


USUAL = {"input_token": "NextToken", "output_token": "NextToken"}
"""How an operation pages that botocore has no paginator for, if it does: its answer then has a NextToken."""


class Paging:
    """How one operation pages, as botocore's own paginator model says."""

    def __init__(self, model: dict[str, Any] | None) -> None:
        model = model or USUAL
        self.inputs = _several(model.get("input_token"))
        self._outputs = [jmespath.compile(token) for token in _several(model.get("output_token"))]
        self._more = jmespath.compile(model["more_results"]) if "more_results" in model else None

    def next(self, page: Raw) -> list[str]:
        """The tokens of the next page, or an empty list if there is none."""
        tokens = [output.search(page) for output in self._outputs]
        return tokens if any(tokens) else []

    def says_more(self, page: Raw) -> bool:
        """True if the page says that it is not the last."""
        return bool(self._more and self._more.search(page))


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def method_name(operation: str) -> str:
    """The name that boto3 gives an operation: `GetBucketAcl` is `get_bucket_acl`, `DescribeDBInstances` is `describe_db_instances`."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z]+)", r"\1_\2", operation)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any, drops: tuple[str, ...] = ()) -> Raw:  # noqa: ANN401 - whatever botocore made of an answer
    """An answer as JSON: times in RFC 3339, bytes in base64, and without the members named in `drops`, which says so in their place."""
    if isinstance(value, dict):
        return {k: DROPPED if k in drops else plain(v, drops) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v, drops) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)  # JSON's numbers end there (RFC 8785, section 3.2.2.3)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return value


DROPPED = "[dropped: it may hold a secret]"
