"""`controlmon doctor`: can each target be reached, and what would be unknown for want of which permission."""

from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened

ENVIRONMENTS = ("aws.organizations.environment_model", "aws.ec2.vpc_environment_label", "azure.managementgroups.environment_model")
"""The checks that say where things belong; what they say is shown, whatever comes of it."""
STYLES = {"ok": "green", "unclassified": "yellow", "denied": "red", "unseen": "magenta", "late": "red", "advice": "yellow"}


@click.command("doctor")
@click.argument("checks", nargs=-1, metavar="[CHECK ...]")
@listed
@click.pass_obj
def command(config: str | None, /, checks: tuple[str, ...], form: str, output: str | None) -> int:
    """Log in everywhere, ask what the checks ask, record nothing, and say what could not be seen and what to grant.

    Exit codes: 0 everything could be seen; 3 something would be unknown.
    """
    from controlmon.collect.gather import gather
    from controlmon.collect.plan import itinerary
    from controlmon.engine.plan import needs
    from controlmon.report import rows
    from controlmon.service import flow, providers
    from controlmon.service.gathered import Gathered

    settings = config_of(config)
    registry = flow.open_registry(settings)
    chosen = registry.select(checks) if checks else flow.scheduled_checks(settings, registry)
    wanted = flow.asked(settings, chosen)
    services = [service for provider in wanted for service in providers.services(provider)]
    selected = settings.selected(chosen, {})
    labelled = [one for one in selected if one.check.id in ENVIRONMENTS]
    needed = needs(selected)
    targets = providers.targets(settings, wanted)
    ways = [(target, itinerary(needed, [s for s in services if s.provider == target.provider])) for target in targets]
    notes, now = _Notes(selected), flow.utc_now()
    kept = Gathered({name for one in labelled for name in needs([one]).kinds})
    for seen in gather(ways, settings.settings.budget, now):
        notes.take(seen)
        kept.take(seen)
    told = notes.rows() + _environments(labelled, kept, now) + _anchors(settings)
    with opened(output) as out:
        rows.write(told, ("what", "target", "state", "said", "would_be_unknown"), form, out, styles=STYLES)
    return 0 if all(row["state"] in ("ok", "advice", "unclassified") for row in told) else 3


def _environments(labelled: Any, kept: Any, now: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - loaded lazily
    """Which environment each account, subscription and network belongs to, and why: as the checks of that say."""
    from controlmon.engine.evaluate import evaluate

    told = []
    for one in labelled:
        for scope in kept.scopes({kind.kind for kind in one.check.kinds}):
            for found in evaluate(one.check, one.parameters, scope, kept, now):
                if found.subject.kind != "scope" and found.outcome.value != "not_applicable":
                    state = "ok" if found.outcome.value == "pass" else "unclassified"
                    what = f"environment of {found.subject.name}"
                    told.append({"what": what, "target": str(scope), "state": state, "said": found.reason, "would_be_unknown": []})
    return told


def _anchors(settings: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - loaded lazily
    """How far behind the anchors of the ledger are, if there is a ledger, and what was last heard of each."""
    from controlmon.service import anchors, flow

    if not (settings.state_directory / "ledger.db").is_file():
        return []
    ledger = flow.open_ledger(settings)
    try:
        behind, last = anchors.lag(ledger), {(e["kind"], e["place"]): e for e in ledger.stream(anchors.STREAM)}
        late = anchors.is_late(behind, settings.settings.anchors.every, flow.utc_now())
    finally:
        ledger.close()
    advice = "" if last else " Name at least one under `anchors` in the configuration."
    state = "late" if late and last else "advice" if late or not last else "ok"
    rows = [{"what": "anchors", "target": settings.settings.origin, "state": state, "said": f"{behind}{advice}", "would_be_unknown": []}]
    for (kind, place), entry in sorted(last.items()):
        if entry["type"] == "anchor.failed":
            rows.append({"what": kind, "target": place, "state": "late", "said": entry["reason"], "would_be_unknown": []})
    return rows


class _Notes:
    """What a tour of all targets came to: one row a login, and one for each thing that could not be seen."""

    def __init__(self, selected: Any) -> None:  # noqa: ANN401 - loaded lazily
        self._readers: dict[str, list[str]] = {}
        for one in selected:
            kinds = {kind.kind for kind in one.check.kinds} | {a.kind.kind for a in one.check.arguments}
            for name in one.check.read_ids(dict(one.parameters)) | kinds:
                self._readers.setdefault(name, []).append(one.check.id)
        self._logins: list[dict[str, Any]] = []
        self._gaps: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, seen: Any) -> None:  # noqa: ANN401
        """Note a login, a fact or the end of a listing."""
        from controlmon.core.fact import Fact, Gap, Login

        if isinstance(seen, Login):
            said = str(seen.gap) if seen.gap else f"as {seen.identity}"
            if abs(seen.skew) > 60:
                said += f"; the clocks are {abs(seen.skew)} s apart: set this host's"
            state = "unseen" if seen.gap else "ok"
            self._logins.append(
                {"what": f"log in to {seen.name}", "target": seen.target, "state": state, "said": said, "would_be_unknown": []}
            )
        elif isinstance(seen, Fact):
            if isinstance(seen.answer, Gap):
                self._gap(seen.answer, seen.subject.scope, f"{seen.subject.kind}.{seen.aspect}")
        elif seen.gap is not None:
            self._gap(seen.gap, seen.scope, seen.kind, *(f"{seen.kind}.{aspect}" for aspect in seen.aspects))

    def _gap(self, gap: Any, scope: Any, *names: str) -> None:  # noqa: ANN401
        key = (gap.operation, scope.target)
        row = self._gaps.setdefault(key, {"what": gap.operation, "target": scope.target, "state": "unseen", "said": str(gap)})
        row["state"] = gap.kind.value
        row.setdefault("would_be_unknown", set()).update(check for name in names for check in self._readers.get(name, []))

    def rows(self) -> list[dict[str, Any]]:
        """Logins first, then what could not be seen."""
        gaps = [{**row, "would_be_unknown": sorted(row["would_be_unknown"])} for _, row in sorted(self._gaps.items())]
        return self._logins + gaps
