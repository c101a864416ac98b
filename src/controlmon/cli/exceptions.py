"""`controlmon exceptions`: approved departures: list them, add one, take one back."""

from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened
from controlmon.core.errors import UsageError

STYLES = {"in force": "blue", "ending": "yellow", "expired": "red", "revoked": "dim", "not yet": "dim"}


@click.group("exceptions", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List exceptions, add one, or take one back."""
    if context.invoked_subcommand is None:
        context.invoke(list_, form="table", output=None)


@command.command("list")
@listed
@click.pass_obj
def list_(config: str | None, /, form: str, output: str | None) -> None:
    """List every exception, and whether it holds."""
    from controlmon.report import rows
    from controlmon.service import flow
    from controlmon.service.exceptions import load_exceptions

    now = flow.utc_now()
    told = [_row(one, now) for one in load_exceptions(config_of(config), now).every]
    with opened(output) as out:
        rows.write(told, ("state", "id", "check", "subjects", "expires", "owner", "approver", "reason"), form, out, styles=STYLES)


@command.command("add")
@click.argument("exception_id", metavar="ID")
@click.option("--check", "check", required=True, metavar="CHECK", help="The check whose failures are accepted.")
@click.option("--subject", "subjects", required=True, multiple=True, metavar="ID|GLOB", help="Which subjects; several times for several.")
@click.option("--owner", required=True, metavar="PERSON", help="Who will mend it.")
@click.option("--approver", required=True, metavar="PERSON", help="Who accepts it until then: another person.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in a sentence.")
@click.option("--expires", required=True, metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it holds.")
@click.option("--ticket", default="", metavar="KEY", help="Where the mending is tracked.")
@click.pass_obj
def add(config: str | None, /, exception_id: str, **said: Any) -> None:  # noqa: ANN401 - click's own
    """Add an exception, approved today."""
    import msgspec

    from controlmon.facts.controlmon.exceptions import Exemption
    from controlmon.service import exceptions, flow

    settings, now = config_of(config), flow.utc_now()
    registry = flow.open_registry(settings)
    registry.get(said["check"])  # says which is nearest, if there is none
    expires = said.pop("expires").date()
    if expires < now.date():
        raise UsageError(f"--expires {expires}: that day is over: give the last day on which it is to hold")
    try:
        one = msgspec.convert(
            {**said, "id": exception_id, "approved_at": now.date(), "expires": expires, "subjects": list(said["subjects"])}, Exemption
        )
    except msgspec.ValidationError as error:
        raise UsageError(f"the exception does not fit: {error}") from error
    exceptions.add(settings.exceptions_file, one, now)
    click.echo(f"added {one.id} to {settings.exceptions_file}: until {one.expires}; the next run records it")


@command.command("revoke")
@click.argument("exception_id", metavar="ID")
@click.pass_obj
def revoke(config: str | None, /, exception_id: str) -> None:
    """Take an exception back from today on; it stays in the file, with the day."""
    from controlmon.service import exceptions, flow

    settings = config_of(config)
    exceptions.revoke(settings.exceptions_file, exception_id, flow.utc_now())
    click.echo(f"revoked {exception_id} in {settings.exceptions_file}; the next run records it")


def _row(one: Any, now: Any) -> dict[str, Any]:  # noqa: ANN401 - loaded lazily
    day = now.date()
    state = (
        "revoked"
        if one.revoked_at and one.revoked_at <= day
        else "expired"
        if one.expires < day
        else "ending"
        if one.is_ending(now)
        else "in force"
    )
    return {
        "state": state,
        "id": one.id,
        "check": one.check,
        "subjects": ", ".join(one.subjects),
        "expires": one.expires.isoformat(),
        "owner": one.owner,
        "approver": one.approver,
        "reason": one.reason,
        "ticket": one.ticket,
        "approved_at": one.approved_at.isoformat(),
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
    }
