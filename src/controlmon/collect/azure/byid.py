"""Resources by their ids, and what hangs from them: azure-mgmt-resource forms the question, our own pipeline asks it.

The client's own pipeline is not used: on a 409 it registers resource providers, which is a write, and it follows redirects. Nor are its
models: they drop members that they do not know, and what is recorded is what came.
"""

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from azure.core.exceptions import HttpResponseError

from controlmon.collect.microsoft import CALL_ERRORS
from controlmon.collect.microsoft_wire import Answer, Wire, failed, read
from controlmon.core.fact import Raw

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.mgmt.resource.resources import ResourceManagementClient


class ById:
    """The way to single resources. Thread-safe; it raises nothing for what fails."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self.endpoint, self.owns = wire, wire.endpoint, wire.owns
        self._lock = threading.Lock()
        self._made: ResourceManagementClient | None = None

    def send(self, url: str, body: Raw = None) -> Answer:
        """Ask (`Resources_GetById`); a further page, whose address is the answer's own, goes the plain way."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        if body is not None or set(query) != {"api-version"}:
            return self._wire.send(url, body)
        try:
            path, version = parts.path.lstrip("/"), query["api-version"][0]
            answer: Any = self._client().resources.get_by_id(path, api_version=version, stream=True, cls=_as_it_came)
            return read(answer)
        except HttpResponseError as error:
            # The login fails with such an error too: its answer is not the resource's.
            refusal: Any = error.response
            return read(refusal) if refusal is not None and self.owns(refusal.request.url) else failed(error)
        except CALL_ERRORS as error:
            return failed(error)

    def _client(self) -> "ResourceManagementClient":
        from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - it is heavy

        with self._lock:
            if self._made is None:
                # An id names its own subscription: the client's is not looked at.
                self._made = ResourceManagementClient(
                    self._wire.credential, "any", self.endpoint, credential_scopes=[self._wire.audience], pipeline=self._wire.pipeline
                )
            return self._made


def _as_it_came(response: "PipelineResponse[HttpRequest, HttpResponse]", *_: Any) -> "HttpResponse":  # noqa: ANN401 - the model, and headers
    return response.http_response
