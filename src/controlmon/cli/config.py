"""`controlmon config`: is it right, and what may it say."""

import json

import click

from controlmon.cli.common import config_of


@click.group("config")
def command() -> None:
    """Check a configuration, or print its schema."""


@command.command("check")
@click.pass_obj
def check(config: str | None, /) -> None:
    """Read the configuration, the checks and the catalog, and say what is wrong, if anything."""
    from controlmon.service import flow

    settings = config_of(config)
    registry, catalog = flow.open_registry(settings), flow.open_catalog(settings)
    settings.selected(list(registry), {})
    click.echo(f"{settings.path or 'no configuration file: the defaults hold'}")
    click.echo(f"{len(registry)} checks, {len(catalog.controls)} controls, {len(catalog.commitments)} commitments")
    aws = settings.settings.aws
    named = [account.name for account in aws.accounts] + (["those of the organization"] if aws.organization else [])
    click.echo(f"accounts: {', '.join(named) or 'ambient'}; state in {settings.state_directory}")


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of the configuration."""
    import msgspec

    from controlmon.service.settings import Settings

    click.echo(json.dumps(msgspec.json.schema(Settings), indent=1))
