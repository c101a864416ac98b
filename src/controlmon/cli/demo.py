"""`controlmon demo`: the whole flow against a make-believe company on this machine. Its clouds are simulated, and said to be."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click


@click.command("demo")
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Keep the record there, instead of dropping it at the end.")
def command(keep: str | None) -> int:
    """Fill simulated clouds with a small company, run every check, show the status of its controls, hand out evidence and verify that."""
    click.echo("A small company is moving in ...")
    from controlmon.demo.clouds import running

    with tempfile.TemporaryDirectory(prefix="controlmon-demo-") as scratch, running(Path(scratch)) as clouds:
        state = Path(keep or Path(scratch) / "state").resolve()
        click.echo(clouds.told())
        config = clouds.configure(Path(scratch), state)
        for step in (["run"], ["status", "--monitored"], *_evidence(state, config)):
            click.echo(f"\n$ controlmon {' '.join(step)}")
            code = _run(["--config", str(config), *step])
            if code == 2:
                return code
        click.echo(NEXT + (f"\nThe evidence is in {state / BUNDLE}: open its index.html.\n" if keep else ""))
        return 0 if code == 0 else code


def _evidence(state: Path, config: Path) -> Iterator[list[str]]:
    """What an operator does for an auditor, and what the auditor does; the key comes from the ledger once there is one."""
    from controlmon.cli.common import config_of
    from controlmon.service import flow

    today, bundle = f"{flow.utc_now():%Y-%m-%d}", str(state / BUNDLE)
    yield ["ledger", "verify"]
    yield ["bundle", "export", "--from", today, "--to", today, "--force", "-o", bundle]
    ledger = flow.open_ledger(config_of(str(config)))
    key = ledger.verifier_key
    ledger.close()
    yield ["bundle", "verify", bundle, "--key", key]
    yield ["bundle", "replay", bundle]


def _run(arguments: list[str]) -> int:
    from controlmon.cli.main import run

    return run(arguments)


BUNDLE = "evidence.zip"
NEXT = """
That was a make-believe company. For your own accounts, with the credentials that your shell already has:

  controlmon run 'aws.s3.*'            every check of one service; 'azure.*', 'entra.*', 'datadog.*' for the others
  controlmon permissions azure         the role that this needs, and no more
  controlmon doctor                    what could not be seen, and what to grant
  controlmon daemon                    the same on schedule, with evidence kept
"""
