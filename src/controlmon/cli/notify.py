"""`controlmon notify`: tell people what changed since they were told last, try a channel, or say that the weekly report was read."""

import click

from controlmon.cli.common import config_of
from controlmon.core.errors import UsageError


@click.group("notify")
def command() -> None:
    """Tell people what changed, try a channel, or acknowledge the weekly report."""


@command.command("test")
@click.argument("names", nargs=-1, metavar="[CHANNEL ...]")
@click.pass_obj
def test(config: str | None, /, names: tuple[str, ...]) -> int:
    """Send a message that says it is a test to each channel, or to those named.

    Exit codes: 0 all were delivered; 1 one was not.
    """
    from controlmon.notify.channel import Channel

    channels = {one.name: one for one in config_of(config).settings.notify.channels}
    if strange := [name for name in names if name not in channels]:
        raise UsageError(f"there is no channel {strange[0]}: there are {', '.join(channels) or 'none: name one under `notify`'}")
    if not channels:
        raise UsageError("there are no channels: name one under `notify` in the configuration")
    worst = 0
    for name in names or channels:
        reason = Channel(name, channels[name].url).send("controlmon: a test", "This channel works.", bad=False)
        click.echo(f"{name}: {f'not delivered: {reason}' if reason else 'delivered'}")
        worst = max(worst, int(bool(reason)))
    return worst


@command.command("send")
@click.pass_obj
def send(config: str | None, /) -> int:
    """Tell every channel what changed since it was told last: what the daemon does after each run.

    Exit codes: 0 whatever there was to tell was delivered; 1 something was not.
    """
    from controlmon.service import flow
    from controlmon.service.notify import Teller

    settings = config_of(config)
    ledger = flow.open_ledger(settings)
    try:
        seen = {entry["check"]["id"] for entry in ledger.latest("check:")}
        teller = Teller(settings, flow.open_catalog(settings), flow.installed(settings, flow.open_registry(settings), seen))
        told = teller.tell(ledger, flow.utc_now())
    finally:
        ledger.close()
    for entry in told:
        name = f"the weekly report ({entry['channel']})" if entry["type"] == "report.failed" else entry.get("channel", "the weekly report")
        click.echo(f"{name}: {'not delivered: ' + entry['reason'] if 'reason' in entry else 'told'}")
    if not told:
        click.echo("there is nothing to tell")
    return int(any("reason" in entry for entry in told))


@command.command("acknowledge")
@click.option("--by", required=True, metavar="PERSON", help="Who read it: one of `notify.weekly.managers`.")
@click.option("--report", default="", metavar="DIGEST", help="The report, as its last line names it; without, the last one.")
@click.pass_obj
def acknowledge(config: str | None, /, by: str, report: str) -> int:
    """Record that a manager read a weekly report. Whoever may write to the record may say so of anybody: the entry tells what was said.

    Exit codes: 0 it is recorded; 2 there is no such report, it was not for this person, or they acknowledged it before.
    """
    from controlmon.service import flow
    from controlmon.service.notify_weekly import acknowledge as record

    settings = config_of(config)
    ledger = flow.open_ledger(settings)
    try:
        said = record(settings, ledger, by, report.removeprefix("sha256:"), flow.utc_now())
    finally:
        ledger.close()
    click.echo(f"{said['by']} acknowledged the report {said['digest'].removeprefix('sha256:')[:12]}")
    return 0
