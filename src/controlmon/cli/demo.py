"""`controlmon demo`: the whole flow against a make-believe company on this machine. AWS is simulated by moto, and said to be."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click


@click.command("demo")
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Keep the record there, instead of dropping it at the end.")
def command(keep: str | None) -> int:
    """Fill a simulated AWS with a small company, run every check, show the status of its controls, hand out evidence and verify that."""
    from controlmon.demo.company import fill
    from controlmon.demo.server import MotoServer

    with tempfile.TemporaryDirectory(prefix="controlmon-demo-") as scratch, MotoServer() as server:
        state = Path(keep or scratch)
        click.echo(f"A simulated AWS (moto) listens on {server.url}; a small company is moving in ...")
        fill(server.url)
        config = Path(scratch) / "controlmon.yaml"
        config.write_text(CONFIG.format(state=state), "utf-8")
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=server.url)
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
CONFIG = """\
state: {state}
checks:
  parameters:
    aws.iam.role_external_trust: {{own_accounts: ["123456789012"]}}
aws:
  regions: [us-east-1, eu-west-1]
  accounts:
    - {{name: security}}
    - {{name: production, role: "arn:aws:iam::111111111111:role/controlmon-read"}}
    - {{name: staging, role: "arn:aws:iam::222222222222:role/controlmon-read"}}
"""
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIADEMO000000000000",
    "AWS_SECRET_ACCESS_KEY": "demo",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
NEXT = """
That was a make-believe company. For your own account, with the credentials that your shell already has:

  controlmon run 'aws.s3.*'            every check of one service
  controlmon permissions aws           the policy that this needs, and no more
  controlmon doctor                    what could not be seen, and what to grant
  controlmon daemon                    the same on schedule, with evidence kept
"""
