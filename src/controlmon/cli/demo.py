"""`controlmon demo`: the whole flow against a make-believe company on this machine. Its clouds are simulated, and said to be."""

import shlex
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

BUNDLE, REPORT, TABLE, COMPANY = "evidence.zip", "report.html", "findings.txt", "company"
HEAD, TAIL = 24, 3
"""How many lines of a long table are shown, at its beginning and its end."""


@click.command("demo")
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Keep the record there, instead of dropping it at the end.")
def command(keep: str | None) -> int:
    """Fill simulated clouds and registers with a small company, run every check, review its access, show the status of its controls, hand
    out evidence and verify that.
    """
    click.echo("A small company is moving in ...")
    from controlmon.demo.clouds import running

    with tempfile.TemporaryDirectory(prefix="controlmon-demo-") as scratch, running(Path(scratch)) as clouds:
        state = Path(keep or Path(scratch) / "state").resolve()
        click.echo(clouds.told())
        config = clouds.configure((state if keep else Path(scratch)) / COMPANY, state)
        code = 0
        middle = (["run", *AFTER], ["status"], ["exceptions", "list"])
        for step in chain((["run"],), _reviewed(Path(scratch)), middle, _evidence(state, config)):
            click.echo(f"\n$ controlmon {shlex.join(step)}")
            table = (Path(scratch) if step[1:] else state) / TABLE
            code = _clipped(config, step, table) if step[0] == "run" else _run(config, step)
            if code == 2:
                return code
        click.echo(NEXT + (KEPT.format(state=state) if keep else ""))
        return 0 if code == 0 else code


AFTER = ("cross.access_review.*", "controlmon.self.*")
"""The checks to which a signed review makes a difference, and those of the record itself."""


def _reviewed(scratch: Path) -> Iterator[list[str]]:
    """An access review from the frozen population to the signatures; the reviewers decide as their sheets suggest."""
    from controlmon.demo.reviewer import decide

    yield ["review", "open"]
    yield ["review", "export", "-d", str(scratch)]
    for sheet in sorted(scratch.glob("*.csv")):
        click.echo(f"\n({sheet.name} is filled in, as it suggests)")
        yield ["review", "import", str(decide(sheet))]
        yield ["review", "sign", "--by", sheet.stem.rpartition("-")[2]]


def _evidence(state: Path, config: Path) -> Iterator[list[str]]:
    """What an operator does for an auditor, and what the auditor does; the key comes from the ledger once there is one."""
    from controlmon.cli.common import config_of
    from controlmon.service import flow

    today, bundle = f"{flow.utc_now():%Y-%m-%d}", str(state / BUNDLE)
    yield ["report", "html", "-o", str(state / REPORT)]
    yield ["ledger", "verify"]
    yield ["bundle", "export", "--from", today, "--to", today, "--force", "-o", bundle]
    ledger = flow.open_ledger(config_of(str(config)))
    key = ledger.verifier_key
    ledger.close()
    yield ["bundle", "verify", bundle, "--key", key]
    yield ["bundle", "replay", bundle]


def _run(config: Path, step: list[str]) -> int:
    from controlmon.cli.main import run

    return run(["--config", str(config), *step])


def _clipped(config: Path, step: list[str], table: Path) -> int:
    """The first lines of a long table, and its last: the worst, and how many there are. The whole of it goes to `table`."""
    table.parent.mkdir(parents=True, exist_ok=True)
    code = _run(config, [*step, "-o", str(table)])
    lines = [line.rstrip() for line in table.read_text("utf-8").splitlines()] if table.exists() else []
    left = len(lines) - HEAD - TAIL
    click.echo("\n".join(lines if left < 2 else [*lines[:HEAD], f"... {left} more lines: what else fails, and what to do", *lines[-TAIL:]]))
    return code


NEXT = """
That was a make-believe company. For your own accounts, with the credentials that your shell already has:

  controlmon run 'aws.s3.*'            every check of one service; 'azure.*', 'entra.*', 'datadog.*' for the others
  controlmon permissions azure         the role that this needs, and no more
  controlmon registers init            what no API tells: people, policies, vendors, customers
  controlmon doctor                    what could not be seen, and what to grant
  controlmon daemon                    the same on schedule, with evidence kept
"""
KEPT = f"""
The evidence is in {{state}}/{BUNDLE}: open its index.html. Beside it are the report for management ({REPORT}), all findings of the
first run ({TABLE}), and the company's registers. The record can be asked on:

  controlmon --config {{state}}/{COMPANY}/controlmon.yaml status
"""
