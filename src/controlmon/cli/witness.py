"""`controlmon witness`: cosign the checkpoints of logs, for another account, another company, or the auditor's own machine."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import click

from controlmon.core.errors import UsageError

STATE = click.option(
    "--state", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR", help="Its key and its memory."
)
NAME = click.option("--name", required=True, metavar="NAME", help="The name of the witness, such as witness.example/w1.")


@click.group("witness")
def command() -> None:
    """Be a witness: see that logs only grow, and cosign what they show."""


@command.command("key")
@STATE
@NAME
def key(state: Path, name: str) -> None:
    """Print the public key of the witness; it is made on first use."""
    from controlmon.service.witness import open_witness

    click.echo(open_witness(state, name, (), _now).key)


@command.command("serve")
@STATE
@NAME
@click.option("--log", "logs", multiple=True, required=True, metavar="KEY", help="The public key of a log to follow; any number.")
@click.option("--listen", "address", default="127.0.0.1:7380", show_default=True, metavar="HOST:PORT", help="Where to answer.")
def serve(state: Path, name: str, logs: tuple[str, ...], address: str) -> int:
    """Answer until SIGTERM or SIGINT. It speaks plain HTTP: put what ends TLS before it."""
    from controlmon.core.note import parse_verifier_key
    from controlmon.service.witness import open_witness

    try:
        from controlmon.service import witness_http
    except ModuleNotFoundError as error:
        raise UsageError(f"A witness needs {error.name}: install controlmon[web].") from error
    logging.getLogger("controlmon").setLevel(logging.INFO)
    host, port = _address(address)
    witness = open_witness(state, name, [parse_verifier_key(text) for text in logs], _now)
    server = witness_http.prepare(witness)
    with witness_http.listen(host, port) as bound:
        for origin in witness.logs:
            click.echo(f"follows {origin}")
        click.echo(f"key {witness.key}")
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"listens on http://{shown}:{bound.getsockname()[1]}")
        server.run(sockets=[bound])
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not host:
        raise UsageError(f"--listen {text}: give HOST:PORT, such as 127.0.0.1:7380 or [::1]:7380")
    return host.removeprefix("[").removesuffix("]"), int(port)
