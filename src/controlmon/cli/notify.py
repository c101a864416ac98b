"""`controlmon notify`: tell people what changed since they were told last, or try a channel. The daemon does the first by itself."""

import click

from controlmon.cli.common import config_of
from controlmon.core.errors import UsageError


@click.group("notify")
def command() -> None:
    """Tell people what changed, or try a channel."""


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
        click.echo(f"{entry['channel']}: {'told' if entry['type'] == 'notice' else 'not delivered: ' + entry['reason']}")
    if not told:
        click.echo("there is nothing to tell")
    return int(any(entry["type"] == "notice.failed" for entry in told))
