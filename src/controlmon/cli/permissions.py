"""`controlmon permissions`: what to grant, no more than the checks need."""

import click

from controlmon.cli.common import config_of, output
from controlmon.core.errors import UsageError


@click.command("permissions")
@click.argument("provider")
@click.argument("checks", nargs=-1, metavar="[CHECK ...]")
@click.option("--format", "form", type=click.Choice(("json", "terraform", "azure-role")), default="json", show_default=True)
@click.option("-o", "--output", "path", type=click.Path(dir_okay=False), metavar="FILE", help="Write there.")
@click.pass_obj
def command(config: str | None, /, provider: str, checks: tuple[str, ...], form: str, path: str | None) -> None:
    """Print the permissions that checks need of a provider: of all its checks, or of those named."""
    from controlmon.service import flow, permissions, providers

    if provider not in providers.COLLECTED:
        raise UsageError(f"there is no collector for {provider}: there is one for {', '.join(providers.COLLECTED)}")
    if provider not in permissions.FORMS:
        raise UsageError(f"{provider} takes no permission of a provider: its files have to be readable")
    if form not in permissions.FORMS[provider]:
        raise UsageError(f"the permissions of {provider} cannot be written as {form}: use {' or '.join(permissions.FORMS[provider])}")
    settings = config_of(config)
    every = flow.open_registry(settings).select(checks)
    chosen = [check for check in every if provider in providers.asked_by([check], [provider])]
    operations = permissions.operations_of(chosen, providers.services(provider))
    if provider == "aws" and settings.settings.aws.organization is not None:
        from controlmon.collect.aws.operations import ACCOUNTS

        operations.append(ACCOUNTS)
    actions = permissions.aws_actions(operations)
    with output(path) as out:
        out.write(permissions.FORMS[provider][form](actions))
