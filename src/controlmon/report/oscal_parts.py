"""What the OSCAL documents share: identifiers, texts, observations and risks (NIST OSCAL 1.2, assessment layer).

Links are relative to the folder `oscal/` of the bundle, and name only members that docs/evidence.md promises.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from controlmon.engine.dossier import CheckPeriod, Deviation, Dossier, ExceptionSeen, ScopeEnd
from controlmon.report import words

OSCAL_VERSION = "1.2.1"
"""What the documents are written for. Their structure is that of 1.1 too, but compliance-trestle 5 refuses to read that number."""
NS = "urn:controlmon:oscal"
"""The namespace of our properties: their names mean what docs/evidence.md says."""
RECORD, IPE = "../log/entries.bin.xz", "../ipe.json"

_UUIDS = uuid5(NAMESPACE_URL, NS)
_MARKUP = re.compile(r"[\\`*\[\]<>&~^{}\"]|(?<!\w)_|_(?!\w)")

Object = dict[str, Any]


def uid(dossier: Dossier, *parts: str) -> str:
    """A UUID, version 5, of something that this log speaks of: the same whoever makes the document, and whenever."""
    return str(uuid5(_UUIDS, json.dumps((dossier.origin, *parts))))


def line(text: str) -> str:
    """Text as one line of OSCAL's Markdown that shows as it is: names of resources are chosen by whoever made them."""
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    return _MARKUP.sub(r"\\\g<0>", " ".join(shown.split())) or "-"


def value(text: str) -> str:
    """Text as the value of a property, exactly: as a JSON string, in quotes, where OSCAL's `string` does not allow what is in it."""
    return text if text.isprintable() and text and text == text.strip() else json.dumps(text)


def prop(name: str, text: object, **more: str) -> Object:
    """A property in our namespace."""
    return {"name": name, "ns": NS, "value": value(str(text)), **more}


def counted(prefix: str, counts: Iterable[tuple[str, int]]) -> list[Object]:
    """A property for each count, zero included."""
    return [prop(f"{prefix}-{name.replace('_', '-')}", count) for name, count in counts]


def full(**members: Any) -> Object:  # noqa: ANN401 - JSON
    """An object of the members that hold something, for OSCAL allows no empty lists; `related_risks` stands for `related-risks`."""
    return {name.replace("_", "-"): of for name, of in members.items() if of not in (None, [], {})}


def at(text: str) -> str:
    """A moment as OSCAL wants it; a day begins at midnight (UTC)."""
    return f"{text}T00:00:00Z" if len(text) == len("2026-01-31") else text


def period(dossier: Dossier) -> str:
    """The period, for a title."""
    return f"{words.when(dossier.begin)} to {words.when(dossier.end)} UTC"


def metadata(dossier: Dossier, title: str) -> Object:
    """Title, time and version of a document; the version is the size of the log, so that it grows."""
    return full(
        title=line(f"{title}: {period(dossier)}"),
        last_modified=dossier.made_at,
        version=str(dossier.size),
        oscal_version=OSCAL_VERSION,
        props=[
            prop("log-origin", dossier.origin),
            prop("log-key", dossier.key),
            prop("log-size", dossier.size),
            prop("log-root", dossier.root),
            prop("entries-after-last-anchor", dossier.unanchored),
        ],
        remarks=line("A view of the record that lies beside it; what counts is the record. " + " ".join(dossier.limits)),
    )


def assets(dossier: Dossier) -> Object:
    """The tool that assessed, and where it ran."""
    tool = {
        "uuid": uid(dossier, "tool"),
        "type": "software",
        "title": "controlmon",
        "description": "Runs the controls as checks, and records what it saw before it judges.",
        "status": {"state": "operational"},
    }
    platform = {
        "uuid": uid(dossier, "platform"),
        "title": line(f"The agent that writes the log {dossier.origin}"),
        "uses-components": [{"component-uuid": uid(dossier, "tool")}],
    }
    return {"components": [tool], "assessment-platforms": [platform]}


def inventory(dossier: Dossier, scopes: Iterable[str]) -> list[Object]:
    """Each scope as one item: who was asked, not each resource that was found there."""
    return [
        full(
            uuid=uid(dossier, "scope", scope),
            description=line(f"Scope {scope}: a provider, a target that is logged in to, and a region where there is one."),
            props=[
                prop("scope", scope),
                *(_population(p.kind, p.end_count, complete=p.complete) for p in dossier.populations if p.scope == scope),
            ],
        )
        for scope in dict.fromkeys(scopes)
    ]


def _population(kind: str, count: int, *, complete: bool) -> Object:
    return prop(
        "population", count, **{"class": kind}, remarks=f"{'Complete' if complete else 'Not complete'}: subjects of this kind at the end."
    )


def origin(dossier: Dossier) -> Object:
    """Who says so: the tool."""
    return {"actors": [{"type": "tool", "actor-uuid": uid(dossier, "tool")}]}


def observation_id(dossier: Dossier, check: str, scope: str) -> str:
    """The UUID of what a check saw last of a scope in the period."""
    return uid(dossier, "observation", dossier.begin, dossier.end, check, scope)


def observation(dossier: Dossier, check: CheckPeriod, end: ScopeEnd) -> Object:
    """What a check saw last of a scope: subjects by outcome, and the log entry that says so."""
    evidence = [
        {
            "href": RECORD,
            "description": line(f"Entry {end.position} of the log, with the list of all findings, passes included: {end.findings}"),
            "props": [prop("log-position", end.position), prop("findings-root", end.findings)],
        },
        *(
            {"href": f"../checks/{check.id}/{digest.removeprefix('sha256:')}.py", "description": "The source of the check as it judged."}
            for digest in check.digests
        ),
        {"href": IPE, "description": "How each population was listed, by whom, and whether the listing came to its end."},
    ]
    return full(
        uuid=observation_id(dossier, check.id, end.scope),
        title=line(check.title),
        description=line(f"{words.outcomes(end.outcomes)} in {end.scope}. {check.proves}"),
        props=[
            prop("check", check.id),
            prop("run", end.run),
            *counted("subjects", end.outcomes.items()),
            *counted("failing", end.failing.items()),
            prop("performances", check.performances),
        ],
        methods=["TEST"],
        types=["control-objective"],
        origins=[origin(dossier)],
        subjects=[{"subject-uuid": uid(dossier, "scope", end.scope), "type": "inventory-item"}],
        relevant_evidence=evidence,
        collected=end.at,
    )


def risk_id(dossier: Dossier, deviation: Deviation) -> str:
    """The UUID of a deviation, in whichever document and period it stands."""
    return uid(dossier, "deviation", deviation.id)


def risk(dossier: Dossier, check: CheckPeriod, deviation: Deviation) -> Object:
    """A deviation: what, how severe, since when, what people said of it, and how it ended."""
    how = {"passed": "It passed again.", "gone": "The subject is no longer there.", "not_applicable": "The check no longer applies to it."}
    lasted = f"{words.duration(deviation.duration)}, seen by {deviation.seen:,} runs"
    details = {
        "deviation": deviation.id,
        "check": deviation.check,
        "scope": deviation.scope,
        "subject": deviation.subject,
        "kind": deviation.kind,
        "log-position": deviation.position,
        "last-seen": deviation.last_seen,
        "seconds": deviation.duration,
    }
    seen = any(end.scope == deviation.scope for end in check.ends)
    return full(
        uuid=risk_id(dossier, deviation),
        title=line(f"{deviation.name}: {check.title}"),
        description=line(
            f"{deviation.subject} did not pass {deviation.check} in {deviation.scope}, for {lasted}."
            + (" It was there when the period began to be observed: it may be older." if deviation.before else "")
        ),
        statement=line(deviation.reason),
        props=[prop(name, of) for name, of in details.items()],
        status="closed" if deviation.ended else "open",
        origins=[origin(dossier)],
        characterizations=[{"origin": origin(dossier), "facets": [{"name": "severity", "system": NS, "value": deviation.severity}]}],
        remediations=_remediations(dossier, check, deviation),
        risk_log={
            "entries": [
                _logged(dossier, deviation, "first seen", deviation.first_seen, "First seen", status_change="open"),
                *(
                    _logged(
                        dossier,
                        deviation,
                        f"response {n}",
                        said.at,
                        f"Root cause: {said.root_cause}. Response: {said.response}",
                        props=[prop("by", said.by), *([prop("ticket", said.ticket)] if said.ticket else [])],
                    )
                    for n, said in enumerate(deviation.responses)
                ),
                *(
                    [
                        _logged(
                            dossier,
                            deviation,
                            "ended",
                            deviation.ended,
                            how.get(deviation.how_ended, "It ended."),
                            status_change="closed",
                            props=[] if deviation.retest is None else [prop("log-position", deviation.retest)],
                        )
                    ]
                    if deviation.ended
                    else []
                ),
            ]
        },
        related_observations=[{"observation-uuid": observation_id(dossier, check.id, deviation.scope)}] if seen else [],
    )


def _remediations(dossier: Dossier, check: CheckPeriod, deviation: Deviation) -> list[Object]:
    if not check.remediation:
        return []
    what = {"uuid": uid(dossier, "remediation", deviation.id), "lifecycle": "recommendation"}
    return [{**what, "title": "What the check recommends", "description": line(check.remediation)}]


def _logged(dossier: Dossier, deviation: Deviation, what: str, start: str, text: str, **more: Any) -> Object:  # noqa: ANN401
    return full(uuid=uid(dossier, "deviation", deviation.id, what), description=line(text), start=at(start), **more)


def accepted_id(dossier: Dossier, exception: ExceptionSeen) -> str:
    """The UUID of an exception."""
    return uid(dossier, "exception", exception.id, exception.control)


def accepted(dossier: Dossier, exception: ExceptionSeen) -> Object:
    """An exception as a risk that somebody accepted, until a day."""
    what = f"Exception {exception.id}: {exception.subjects:,} subjects of {exception.control}, {exception.days:,} days in the period"
    return full(
        uuid=accepted_id(dossier, exception),
        title=line(f"Exception {exception.id}"),
        description=line(f"{what}; accepted by {exception.by}."),
        statement=line(exception.why),
        props=[
            prop("exception", exception.id),
            prop("control", exception.control),
            prop("by", exception.by),
            prop("subjects", exception.subjects),
            prop("days", exception.days),
        ],
        status="deviation-approved",
        deadline=at(exception.until),
    )
