"""`controlmon status`: every control and commitment, derived from the last that was seen."""

from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened

STYLES = {
    "failing": "bold red",
    "unknown": "magenta",
    "stale": "yellow",
    "waiting": "cyan",
    "excepted": "blue",
    "passing": "green",
    "unmonitored": "dim",
}


@click.command("status")
@click.option("--commitments/--controls", "which", default=None, help="Only the commitments, or only the controls.")
@click.option("--framework", "framework", metavar="NAME", help="By the requirements of a framework: soc2, hipaa, fda-csa, gamp5.")
@click.option("--monitored", is_flag=True, help="Leave out what no installed check decides.")
@listed
@click.pass_obj
def command(config: str | None, /, which: bool | None, framework: str | None, monitored: bool, form: str, output: str | None) -> int:
    """Show the status of every control and commitment, by category, or by the requirements of a framework.

    Exit codes: 0 nothing is failing, unknown or stale; 1 something is failing; 3 nothing is failing, but something is unknown or stale.
    """
    from controlmon.report import rows
    from controlmon.service import flow

    settings = config_of(config)
    catalog = flow.open_catalog(settings)
    if framework is not None:
        return _by_framework(settings, catalog, framework, monitored=monitored, form=form, output=output)
    subjects: list[Any] = [*([] if which else catalog.controls), *([] if which is False else catalog.commitments)]
    told = [_row(subject, status) for subject, status in statuses(settings, catalog, subjects)]
    told = [row for row in told if not monitored or row["state"] != "unmonitored"]
    with opened(output) as out:
        if form == "table":
            rows.grouped(told, "category", ("state", "id", "tested", "last_seen", "why"), out, styles=STYLES)
            counts = {state: sum(row["state"] == state for row in told) for state in STYLES}
            out.write(", ".join(f"{n} {state}" for state, n in counts.items()) + "\n")
        else:
            rows.write(told, ("state", "id", "category", "tested", "last_seen", "why"), form, out)
    states = {row["state"] for row in told}
    return 1 if "failing" in states else 3 if states & {"unknown", "stale"} else 0


def _by_framework(settings: Any, catalog: Any, name: str, *, monitored: bool, form: str, output: str | None) -> int:  # noqa: ANN401
    """The requirements of a framework, each with the worst state of the controls that meet it."""
    from controlmon.core.errors import UsageError
    from controlmon.engine.board import framework_of, requirements
    from controlmon.report import rows

    framework = framework_of(catalog, name)
    if framework is None:
        known = ", ".join(one.id.replace("_", "-") for one in catalog.frameworks)
        raise UsageError(f"there is no framework {name}: there are {known}")
    states = {subject.id: status.state for subject, status in statuses(settings, catalog, list(catalog.controls))}
    told = [
        {
            "state": met.state.value,
            "requirement": met.id,
            "title": f"{met.title} ({met.type})" if met.type else met.title,
            "controls": ", ".join(f"{control} {state.value}" for control, state in met.controls),
        }
        for met in requirements(framework, catalog.controls, states)
        if not monitored or met.state.value != "unmonitored"
    ]
    with opened(output) as out:
        rows.write(told, ("state", "requirement", "title", "controls"), form, out, styles=STYLES)
    found = {row["state"] for row in told}
    return 1 if "failing" in found else 3 if found & {"unknown", "stale"} else 0


def statuses(settings: Any, catalog: Any, subjects: list[Any]) -> list[tuple[Any, Any]]:  # noqa: ANN401 - loaded lazily
    """Each control or commitment with its status as of now."""
    from controlmon.engine.status import status_of
    from controlmon.service import flow
    from controlmon.service.exceptions import load_exceptions
    from controlmon.service.readback import observations

    ledger, now = flow.open_ledger(settings), flow.utc_now()
    try:
        seen = observations(ledger, catalog, load_exceptions(settings, now), now)
    finally:
        ledger.close()
    installed = flow.installed(settings, flow.open_registry(settings), {one.check for one in seen})
    return [(subject, status_of(subject, seen, installed, now)) for subject in subjects if catalog]


def _row(subject: Any, status: Any) -> dict[str, Any]:  # noqa: ANN401
    why = "; ".join(status.reasons[:2]) + (f"; and {len(status.reasons) - 2} more" if len(status.reasons) > 2 else "")
    return {
        "state": status.state.value,
        "id": subject.id,
        "category": getattr(subject, "category", "commitment"),
        "tested": f"{status.tested}/{status.named}",
        "last_seen": status.last_seen,
        "why": why,
        "reasons": list(status.reasons),
        "deviations": list(status.deviations),
        "promise": subject.promise,
    }
