"""What is left to do, as an OSCAL Plan of Action and Milestones (NIST, version 1.2).

An item for each deviation of the period, ended ones too (their risk is `closed`), for each exception, and for each control about which
nothing could be concluded. Risks and findings have the UUIDs that they have in the assessment results.
"""

from collections.abc import Iterator

from controlmon.engine.dossier import ControlPeriod, Dossier
from controlmon.report.oscal import finding, finding_id
from controlmon.report.oscal_parts import (
    Object,
    accepted,
    accepted_id,
    assets,
    full,
    inventory,
    line,
    metadata,
    observation,
    observation_id,
    prop,
    risk,
    risk_id,
    uid,
)

_CONCLUDED = ("operated", "operated with deviations")


def poam(dossier: Dossier) -> Object | None:
    """The plan, `{"plan-of-action-and-milestones": ...}`; None if there is nothing to plan, for OSCAL allows no plan without items."""
    deviating = [(check, deviation) for check in dossier.checks.values() for deviation in check.deviations]
    open_controls = [one for one in dossier.controls if one.conclusion not in _CONCLUDED]
    items = [*_deviations(dossier), *_exceptions(dossier), *(_gap(dossier, one) for one in open_controls)]
    if not items:
        return None
    findings = _findings(dossier)
    named = {check for one in findings for check, _, _ in one.checks}
    named |= {check.id for check, _ in deviating}
    kept = [(check, end) for check in dossier.checks.values() if check.id in named for end in check.ends]
    return {
        "plan-of-action-and-milestones": full(
            uuid=uid(dossier, "poam", dossier.begin, dossier.end, dossier.root),
            metadata=metadata(dossier, "Plan of action of controlmon"),
            system_id={"identifier-type": "https://ietf.org/rfc/rfc4122", "id": uid(dossier, "system")},
            local_definitions=full(inventory_items=inventory(dossier, (end.scope for _, end in kept)), assessment_assets=assets(dossier)),
            observations=[observation(dossier, check, end) for check, end in kept],
            risks=[
                *(risk(dossier, check, deviation) for check, deviation in deviating),
                *(accepted(dossier, exception) for exception in dossier.exceptions),
            ],
            findings=[finding(dossier, one) for one in findings],
            poam_items=items,
        )
    }


def _findings(dossier: Dossier) -> list[ControlPeriod]:
    """The controls that an item speaks of."""
    excepted = {exception.control for exception in dossier.exceptions}
    return [one for one in dossier.controls if one.conclusion not in _CONCLUDED or one.deviations or one.control.id in excepted]


def _deviations(dossier: Dossier) -> Iterator[Object]:
    controls: dict[str, list[str]] = {}
    for one in dossier.controls:
        for deviation in one.deviations:
            controls.setdefault(deviation.id, []).append(one.control.id)
    for check in dossier.checks.values():
        for deviation in check.deviations:
            until = f"ended {deviation.ended}" if deviation.ended else "open"
            seen = any(end.scope == deviation.scope for end in check.ends)
            yield full(
                uuid=uid(dossier, "item", "deviation", deviation.id),
                title=line(f"{deviation.name}: {check.title}"),
                description=line(f"{deviation.reason}. Since {deviation.first_seen}, {until}. {check.remediation}"),
                props=[prop("deviation", deviation.id), prop("severity", deviation.severity)],
                related_findings=[{"finding-uuid": finding_id(dossier, control)} for control in controls.get(deviation.id, ())],
                related_observations=[{"observation-uuid": observation_id(dossier, check.id, deviation.scope)}] if seen else [],
                related_risks=[{"risk-uuid": risk_id(dossier, deviation)}],
            )


def _exceptions(dossier: Dossier) -> Iterator[Object]:
    known = {one.control.id for one in dossier.controls}
    for exception in dossier.exceptions:
        yield full(
            uuid=uid(dossier, "item", "exception", exception.id, exception.control),
            title=line(f"Exception {exception.id}, until {exception.until}"),
            description=line(f"{exception.why} Accepted by {exception.by} for {exception.subjects:,} subjects of {exception.control}."),
            props=[prop("exception", exception.id)],
            related_findings=[{"finding-uuid": finding_id(dossier, exception.control)}] if exception.control in known else [],
            related_risks=[{"risk-uuid": accepted_id(dossier, exception)}],
        )


def _gap(dossier: Dossier, one: ControlPeriod) -> Object:
    return full(
        uuid=uid(dossier, "item", "control", one.control.id),
        title=line(f"{one.control.name}: {one.conclusion}"),
        description=line(f"{one.why}. Nothing can be said of this control until that is mended."),
        props=[prop("conclusion", one.conclusion), *(prop("check-not-run", check) for check in one.not_run)],
        related_findings=[{"finding-uuid": finding_id(dossier, one.control.id)}],
    )
