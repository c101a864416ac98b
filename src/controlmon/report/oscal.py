"""The period as OSCAL Assessment Results (NIST, version 1.2).

Each control is a finding, what each check saw last of a scope an observation, each deviation and each exception a risk.
OSCAL knows two states. `satisfied` is said only of what operated; what was not concluded or not tested is `not-satisfied` with the reason
`other`, never satisfied, and the property `conclusion` has our word for it.
"""

from collections.abc import Iterator

from controlmon.engine.dossier import ControlPeriod, Dossier
from controlmon.report import words
from controlmon.report.oscal_parts import (
    IPE,
    RECORD,
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
    origin,
    period,
    prop,
    risk,
    risk_id,
    uid,
)
from controlmon.report.places import control_folder

STATUS = {"operated": ("satisfied", "pass"), "operated with deviations": ("not-satisfied", "fail")}
"""OSCAL's state and reason for a conclusion; of all others `not-satisfied` and `other`."""


def assessment_results(dossier: Dossier) -> Object:
    """The whole period as one document, `{"assessment-results": ...}`. The same dossier gives the same document."""
    plan = uid(dossier, "plan", dossier.begin, dossier.end)
    return {
        "assessment-results": full(
            uuid=uid(dossier, "assessment-results", dossier.begin, dossier.end, dossier.root),
            metadata=metadata(dossier, "Results of controlmon"),
            import_ap={"href": f"#{plan}", "remarks": "Not an OSCAL assessment plan: the resource says what stands in its place."},
            local_definitions=full(objectives_and_methods=[_objective(one) for one in dossier.controls]),
            results=[_result(dossier)],
            back_matter={"resources": [_plan(plan)]},
        )
    }


def _plan(uuid: str) -> Object:
    return {
        "uuid": uuid,
        "title": "What was to be tested, and how often",
        "description": (
            "There is no OSCAL assessment plan. Which checks were expected to run, how often and over which targets, are entries of the "
            "log of the types schedule and change. Their content stands in the folder config of the bundle, the source of each check in "
            "the folder checks, and how each population was listed in ipe.json."
        ),
        "rlinks": [
            {"href": RECORD},
            {"href": IPE, "media-type": "application/json"},
            {"href": "../manifest.json", "media-type": "application/json"},
        ],
    }


def _objective_id(control: str) -> str:
    return f"{control}_obj"


def _objective(one: ControlPeriod) -> Object:
    part = {"id": _objective_id(one.control.id), "name": "assessment-objective", "prose": line(one.control.promise)}
    return {"control-id": one.control.id, "description": line(one.control.name), "parts": [part]}


def _result(dossier: Dossier) -> Object:
    checks = dossier.checks.values()
    scopes = [end.scope for check in checks for end in check.ends]
    named = [{"control-id": one.control.id} for one in dossier.controls]
    return full(
        uuid=uid(dossier, "result", dossier.begin, dossier.end, dossier.root),
        title=line(f"Operation of the controls, {period(dossier)}"),
        description="What the runs of the period came to, by control. Subjects are counted as each check and scope saw them last.",
        start=dossier.begin,
        end=dossier.end,
        local_definitions=full(inventory_items=inventory(dossier, scopes), assessment_assets=assets(dossier)),
        reviewed_controls={
            "description": "Every control of the catalog that this document covers; a finding says of each whether it was tested.",
            "control-selections": [{"include-controls": named} if named else {"include-all": {}}],
        },
        assessment_log=full(entries=list(_events(dossier))),
        observations=[observation(dossier, check, end) for check in checks for end in check.ends],
        risks=[
            *(risk(dossier, check, deviation) for check in checks for deviation in check.deviations),
            *(accepted(dossier, exception) for exception in dossier.exceptions),
        ],
        findings=[finding(dossier, one) for one in dossier.controls],
    )


def _events(dossier: Dossier) -> Iterator[Object]:
    """What changed in mid-period, and which runs died."""
    for change in dossier.changes:
        found = f"Findings before: {words.outcomes(change.outcomes_before)}. After: {words.outcomes(change.outcomes_after)}."
        yield {
            "uuid": uid(dossier, "change", str(change.position)),
            "title": line(f"Changed: {change.what}"),
            "description": line(found),
            "start": change.at,
            "props": [prop("log-position", change.position), prop("from", change.before or "none"), prop("to", change.after)],
        }
    for run, noticed in dossier.interrupted:
        uuid = uid(dossier, "interrupted", run)
        yield {"uuid": uuid, "title": "A run died", "description": line(f"Run {run} did not come to its end."), "start": noticed}


def finding_id(dossier: Dossier, control: str) -> str:
    """The UUID of what is said of a control in this period."""
    return uid(dossier, "finding", dossier.begin, dossier.end, control)


def finding(dossier: Dossier, one: ControlPeriod) -> Object:
    """What the period came to for one control."""
    control, coverage = one.control, one.coverage
    state, reason = STATUS.get(one.conclusion, ("not-satisfied", "other"))
    ends = [(check, end.scope) for check, _, _ in one.checks if check in dossier.checks for end in dossier.checks[check].ends]
    exceptions = [exception for exception in dossier.exceptions if exception.control == control.id]
    return full(
        uuid=finding_id(dossier, control.id),
        title=line(f"{control.name}: {one.conclusion}"),
        description=line(f"{control.promise} {one.proves}"),
        props=[
            prop("conclusion", one.conclusion),
            *(prop("check", check, **{"class": role}, remarks=line(f"Subjects that count: {glob}")) for check, role, glob in one.checks),
            *(prop("check-not-run", check) for check in one.not_run),
            *(
                prop(f"runs-{name}", getattr(coverage, name))
                for name in ("expected", "performed", "late", "missed", "interrupted", "silent")
            ),
            prop("runs-with-unknowns", coverage.unknown),
            prop("longest-gap-seconds", coverage.longest_gap),
            prop("deviations", len(one.deviations)),
        ],
        links=[
            {"href": f"../{control_folder(control.id)}{name}", "rel": "reference", "text": text}
            for name, text in (("procedure.md", "The procedure"), ("findings.csv", "Each finding"), ("deviations.csv", "Each deviation"))
        ],
        origins=[origin(dossier)],
        target=full(
            type="objective-id",
            target_id=_objective_id(control.id),
            title=line(control.name),
            props=[prop("requirement", f"{m.framework} {ref}") for m in control.frameworks for ref in m.refs],
            status={
                "state": state,
                "reason": reason,
                "remarks": line(f"{one.conclusion}: {one.why}. {words.coverage(coverage)} {words.rate(one.rate)}."),
            },
        ),
        related_observations=[{"observation-uuid": observation_id(dossier, *end)} for end in dict.fromkeys(ends)],
        related_risks=[
            *({"risk-uuid": risk_id(dossier, deviation)} for deviation in one.deviations),
            *({"risk-uuid": accepted_id(dossier, exception)} for exception in exceptions),
        ],
        remarks=line("Not proved: " + " ".join(one.does_not_prove)) if one.does_not_prove else None,
    )
