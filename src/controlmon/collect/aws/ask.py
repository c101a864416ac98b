"""One AWS operation, asked: pages to their end as botocore's models have them, errors told apart."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

import jmespath
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from controlmon.collect.ask import BaseAsk, Trail, plain
from controlmon.collect.aws.errors import gap_of
from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Raw, Scope, absent

if TYPE_CHECKING:
    from controlmon.collect.aws.session import AwsSession

CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, HTTPError, HTTPException, OSError)
"""What the SDK and what it rests on raise when a call fails."""


class AwsAsk(BaseAsk):
    """One operation, ready to be asked in one scope of a session."""

    def __init__(self, session: AwsSession, operation: Operation, scope: Scope, region: str, trail: Trail | None = None) -> None:
        super().__init__(session, operation, scope, trail)
        self._session, self._region = session, region
        self._endpoint = ""

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self._session.partition

    def to(self, operation: Operation) -> AwsAsk:
        """Another operation in the same scope and region."""
        return AwsAsk(self._session, operation, self.scope, self._region, self._trail)

    def at(self, region: str) -> AwsAsk:
        """The same operation in another region; an empty one means this one."""
        return AwsAsk(self._session, self.operation, self.scope, region or self._region, self._trail)

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page.

        Raises:
            Refused: if a page is missing, if the answer says that there is more but not how to get it, or if it goes round in circles.

        """
        paging = self._session.paging(self.operation)
        taken: list[str] = []
        passed: set[Hashable] = set()
        while True:
            page = self._answer({**parameters, **dict(zip(paging.inputs, taken, strict=False))})
            yield page
            taken = paging.next(page)
            if not taken:
                if paging.says_more(page):
                    raise self._cut("the answer says that there is more, but not how to get it")
                return
            self._pass(repr(taken), passed)

    def _key(self, parameters: dict[str, Any]) -> Hashable:
        return super()._key(parameters), self._region

    def _answer(self, parameters: dict[str, Any]) -> Raw:
        self._began(parameters)
        try:
            client = self._session.client(self.operation.service, self._region)
            self._endpoint = client.meta.endpoint_url
            answer = getattr(client, method_name(self.operation.name))(**parameters)
        except CALL_ERRORS as error:
            if isinstance(error, ClientError):
                code = str(error.response.get("Error", {}).get("Code", ""))
                self._told(error.response.get("ResponseMetadata", {}))
                if code in self.operation.absent:
                    return absent(code)
            raise Refused(gap_of(error, self.operation, away=self._region != self._session.region)) from error
        self._trail.pages += 1
        self._told(answer.pop("ResponseMetadata", {}))
        return plain(answer, self.operation.drops)

    def _told(self, metadata: dict[str, Any]) -> None:
        headers = metadata.get("HTTPHeaders") or {}
        request = metadata.get("RequestId") or headers.get("x-amzn-requestid") or ""
        self._remember(request, headers.get("date", ""), self._endpoint)


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
