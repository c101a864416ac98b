"""The command `controlmon`: its commands by name, each loaded only when it is called, and the one place that turns errors into words."""

import importlib
import logging
import os
import sys
from typing import Any, NoReturn

import click

from controlmon import __version__
from controlmon.core.errors import ControlmonError

COMMANDS = {
    "run": ("run", "Run checks, record what they see, and print what they find."),
    "checks": ("checks", "List and show checks, or begin a new one."),
    "controls": ("controls", "List and show the controls of the catalog."),
    "status": ("status", "Show the status of every control and commitment."),
    "exceptions": ("exceptions", "List approved departures, add one, or take one back."),
    "registers": ("registers", "Begin and check the registers that people keep."),
    "report": ("report", "Write every control as it stands, as a page."),
    "review": ("review", "Run access reviews: open, export, import, sign, status."),
    "permissions": ("permissions", "Print the permissions that checks need."),
    "doctor": ("doctor", "Say what can be reached, and what could not be seen."),
    "daemon": ("daemon", "Run what is due, on schedule, until stopped."),
    "ledger": ("ledger", "Verify the record; anchor it, change its key, drop what is past retention."),
    "bundle": ("bundle", "Hand out a period of the record; verify, judge again or sample what was handed out."),
    "period": ("period", "Say how each control operated over a period."),
    "deviation": ("deviation", "List deviations, and record what was done about one."),
    "notify": ("notify", "Tell people what changed, or try a channel."),
    "witness": ("witness", "Cosign the checkpoints of logs."),
    "config": ("config", "Check a configuration, or print its schema."),
    "demo": ("demo", "Run everything against a make-believe company on this machine."),
}


class LazyGroup(click.Group):
    """A group that knows the names and one-line helps of its commands, and imports none before it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"controlmon.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which is nearest."""
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f": did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="controlmon")
@click.option("--config", "config", type=click.Path(dir_okay=False), metavar="FILE", help="The configuration file (CONTROLMON_CONFIG).")
@click.option("-v", "--verbose", is_flag=True, help="Log what is asked, on standard error.")
@click.pass_context
def cli(ctx: click.Context, config: str | None, verbose: bool) -> None:
    """Run the controls of a trust center as checks, and keep evidence of them."""
    ctx.obj = config
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line, and exit: 0, or what the command means by another code; 2 for what a person has to mend."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code. Errors are said in one line on standard error, without a traceback."""
    try:
        result: Any = cli.main(args=arguments, prog_name="controlmon", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _say("interrupted: what was recorded is safe, and the next run tells of this one", 130)
    except click.ClickException as error:
        error.show()
        return 2
    except ControlmonError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted: what was recorded is safe, and the next run tells of this one", 130)
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return result if isinstance(result, int) else 0


def _say(message: str, code: int) -> int:
    click.echo(f"controlmon: {message}", err=True)
    return code
