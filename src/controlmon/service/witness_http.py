"""A witness over HTTP: one POST to ask it, one GET to see whether it is there. Starlette answers, uvicorn serves."""

import asyncio
import logging
import signal
import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from controlmon.core.cosign import MAX_REQUEST
from controlmon.core.errors import LedgerError, UsageError
from controlmon.service.witness import Witness

log = logging.getLogger(__name__)

BODY_SECONDS = 30
"""How long a client may take to send a request."""
MAX_CONNECTIONS = 200
"""Connections at a time; further ones are answered 503."""


def application(witness: Witness) -> Starlette:
    """The two routes: `POST /add-checkpoint`, and `GET /` that tells name and public key."""

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.stream():
                    body += part
                    if len(body) > MAX_REQUEST:
                        return PlainTextResponse(f"at most {MAX_REQUEST} bytes are read\n", 413, {"connection": "close"})
        except TimeoutError:
            return PlainTextResponse(f"the request did not come within {BODY_SECONDS} s\n", 408, {"connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        try:
            answer = await run_in_threadpool(witness.add_checkpoint, body)
        except LedgerError:
            log.exception("nothing was cosigned")
            return PlainTextResponse("the witness cannot remember: nothing was cosigned\n", 503)
        # The header as it is: given a media type, Starlette would add a charset to text/x.tlog.size.
        return Response(answer.body, answer.status, {"content-type": answer.kind})

    async def about(_request: Request) -> Response:
        return PlainTextResponse(f"witness {witness.key.name}\n{witness.key}\n")

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"]), Route("/", about, methods=["GET"])])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises `UsageError` if it cannot."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"--listen {host}:{port}: {reason}: give an address of this host and a free port") from error


def prepare(witness: Witness) -> uvicorn.Server:
    """The server, to be `run` on a socket of `listen`. From now on SIGTERM and SIGINT end it: what is under way is finished first."""
    settings = uvicorn.Config(
        application(witness), log_config=None, access_log=False, lifespan="off", server_header=False, limit_concurrency=MAX_CONNECTIONS
    )
    server = uvicorn.Server(settings)

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # While it runs, uvicorn has these signals to itself. Then it raises them again, for handlers that must not end the process otherwise.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return server
