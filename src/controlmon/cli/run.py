"""`controlmon run`: select checks, run the flow once, print what it found, and answer with an exit code."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from controlmon.cli.common import config_of, output
from controlmon.core.errors import UsageError
from controlmon.core.outcome import Severity

if TYPE_CHECKING:
    from controlmon.check import Check
    from controlmon.service.config import Config
    from controlmon.service.cycle import Done, Progress

FORMATS = ("table", "json", "csv", "junit", "ocsf", "asff")
SEVERITIES = tuple(s.value for s in Severity)


@click.command("run")
@click.argument("checks", nargs=-1, metavar="[CHECK ...]")
@click.option("--control", "controls", multiple=True, metavar="ID", help="The checks of a control or commitment.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="The checks of a provider.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(SEVERITIES), help="The checks of a severity.")
@click.option("--target", "targets", multiple=True, metavar="NAME", help="Only this account, by name or id.")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Look at this region only; what is account-wide is seen anyway.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there instead of standard output.")
@click.option("--no-record", is_flag=True, help="Leave no trace in the ledger.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), default="low", show_default=True, help="Exit 1 only for failures this severe.")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter, as YAML; CHECK:NAME=VALUE if several run.")
@click.pass_obj
def command(config: str | None, /, **options: Any) -> int:  # noqa: ANN401 - click's own
    """Run checks, by id or glob; all of them if none is named.

    Exit codes: 0 nothing failed and everything was seen; 1 something failed; 3 nothing failed, but something is unknown; 2 wrong usage
    or configuration.
    """
    return _run(config_of(config), **options)


def _run(config: "Config", **options: Any) -> int:  # noqa: ANN401
    from msgspec.structs import replace

    from controlmon.ledger.ledger import Ledger
    from controlmon.service import flow, providers
    from controlmon.service.cycle import Request, cycle, recover
    from controlmon.service.exceptions import load_exceptions

    checks = options["checks"]
    plain = checks and not (options["controls"] or any(c in name for name in checks for c in "*?["))
    registry = flow.open_registry(config, only=checks if plain else ())
    if plain and any(name not in registry for name in checks):
        registry = flow.open_registry(config)  # all of them, to say which id is nearest
    catalog = flow.open_catalog(config)
    chosen = _chosen(registry.select(checks), catalog, options)
    if not (checks or options["providers"]):
        by_itself = {check.id for check in flow.scheduled_checks(config, registry)}
        chosen = [check for check in chosen if check.id in by_itself]
        if not chosen:
            raise UsageError("every check that is selected is disabled, or of a provider out of reach: name it, or give --provider")
    selected = config.selected(chosen, _overrides(chosen, options["parameters"]))
    wanted = flow.asked(config, chosen)
    targets = providers.targets(config, wanted, only=options["targets"], regions=options["regions"])
    if not targets:
        raise UsageError(f"no target is called {', '.join(options['targets'])}: see the configuration's accounts")
    services = [service for provider in wanted for service in providers.services(provider)]
    known = flow.known(config, catalog, wanted)
    exceptions = load_exceptions(config, flow.utc_now())
    request = Request(selected, targets, adhoc=bool(options["parameters"]), known=known)
    with output(options["output"]) as out, contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory())) if options["no_record"] else None
        ledger = Ledger.open(scratch) if scratch else flow.open_ledger(config)
        stack.callback(ledger.close)
        recover(ledger, flow.utc_now)
        with _progress(len(selected)) as progress:
            done = cycle(ledger, request, services, config.settings.budget, flow.utc_now, progress)
        report = flow.report_of(ledger, done, selected, catalog.controls_of, None if scratch else ledger.directory, exceptions)
        code = exit_code(done, Severity(options["fail_on"]), _excepted(report) if exceptions.every else {})
        _write(options["form"], replace(report, exit_code=code), out)
    return code


def _excepted(report: Any) -> dict[str, int]:  # noqa: ANN401 - loaded lazily
    """How many failures an exception covers, by severity."""
    counts: dict[str, int] = {}
    for finding in report.findings():
        if report.excused(finding) is not None:
            counts[finding.severity.value] = counts.get(finding.severity.value, 0) + 1
    return counts


def exit_code(done: "Done", fail_on: Severity, excepted: "Mapping[str, int]") -> int:
    """1 if anything failed that is at least as severe as `fail_on` and that no exception covers, else 3 if anything is unknown, else 0."""
    if any(count - excepted.get(severity, 0) for severity, count in done.failing.items() if Severity(severity).rank >= fail_on.rank):
        return 1
    return 3 if done.outcomes["unknown"] else 0


def _chosen(checks: "Sequence[Check]", catalog: Any, options: dict[str, Any]) -> "list[Check]":  # noqa: ANN401
    """The checks that every selector agrees on."""
    from controlmon.service import flow

    chosen = list(checks)
    if options["controls"]:
        refs = [ref for name in options["controls"] for ref in flow.find(catalog, name).checks]
        named = {ref.check for ref in refs}
        chosen = [check for check in chosen if check.id in named]
    if options["providers"]:
        chosen = [check for check in chosen if check.provider in options["providers"]]
    if options["severities"]:
        chosen = [check for check in chosen if check.severity.value in options["severities"]]
    if not chosen:
        raise UsageError("no installed check is selected: `controlmon checks list` shows those there are")
    return chosen


def _overrides(checks: "Sequence[Check]", given: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`--param` by check id."""
    import yaml

    overrides: dict[str, dict[str, Any]] = {}
    ids = [check.id for check in checks]
    for text in given:
        name, equals, value = text.partition("=")
        check_id, colon, parameter = name.rpartition(":")
        if not equals:
            raise UsageError(f"--param {text}: write NAME=VALUE, or CHECK:NAME=VALUE")
        if not colon and len(ids) > 1:
            raise UsageError(f"--param {text}: {len(ids)} checks are selected: write CHECK:{text}")
        if colon and check_id not in ids:
            raise UsageError(f"--param {text}: {check_id} is not selected")
        try:
            overrides.setdefault(check_id or ids[0], {})[parameter] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"--param {text}: the value is not YAML: {' '.join(str(error).split())}") from error
    return overrides


@contextlib.contextmanager
def _progress(checks: int) -> "Iterator[Progress]":
    """A progress bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _what, _n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        facts = bar.add_task("collecting facts", total=None)
        judged = bar.add_task("judging", total=checks)
        yield lambda what, n: bar.advance(facts if what == "collect" else judged, n)


def _write(form: str, report: Any, out: TextIO) -> None:  # noqa: ANN401
    import importlib

    module = {"json": "json_", "csv": "csv_"}.get(form, form)
    importlib.import_module(f"controlmon.report.{module}").write(report, out)
