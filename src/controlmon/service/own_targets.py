"""The targets that are declared, and what each enabled check saw of them."""

from typing import Any

from controlmon.check import Check
from controlmon.core.fact import Login, Raw
from controlmon.facts.controlmon.runs import WINDOWS
from controlmon.service import flow, providers
from controlmon.service.config import Config
from controlmon.service.own_past import Judged, Past, is_hole


def declared(config: Config, past: Past) -> Raw:
    """Each target of the configuration. Raises `ControlmonError` if a target cannot be what it says."""
    checks = [*past.expected.values()]
    last = {(login.provider, login.name): login for run in past.runs for login in run.logins}
    told = []
    for target in providers.targets(config, flow.asked(config, checks)):
        login = last.get((target.provider, target.name))
        told.append({"id": f"{target.provider}:{target.name}", "reached": _reached(past, target.provider, login)})
    return {"targets": told}


def _reached(past: Past, provider: str, login: Login | None) -> dict[str, Any]:
    if login is None:
        return {"asked": False}
    said: dict[str, Any] = {
        "asked": True,
        "refused": str(login.gap or ""),
        "seen": 0,
        "empty": 0,
        "disabled": 0,
        "holes": [],
        "pending": [],
    }
    if login.gap is not None:
        return said
    for check in past.expected.values():
        if provider in providers.collected_by(check):
            _look(past, check, login, said)
    return said


def _look(past: Past, check: Check, login: Login, said: dict[str, Any]) -> None:
    """What one check saw of a target."""
    here = [one for one in past.of(check.id) if _belongs(one, login)]
    window = WINDOWS[past.frequencies[check.id]]
    holes = [gap for one in here for gap in one.holes if is_hole(gap)]
    last = max((one.finished for one in here), default=None)
    if last is None:
        # A target that was added is new to a check that ran elsewhere: that is told as a hole, for nothing else tells of it.
        new = not past.of(check.id) and past.now - past.since[check.id] <= window
        if new:
            said["pending"].append(check.id)
        else:
            said["holes"].append({"check": check.id, "why": "it was not judged there"})
    elif past.now - last > window:
        said["holes"].append({"check": check.id, "why": f"it has not been judged there for longer than {window}"})
    elif holes:
        said["holes"].append({"check": check.id, "why": str(holes[0])})
    elif any(one.count for one in here):
        said["seen"] += 1
    elif any(one.holes for one in here):
        said["disabled"] += 1
    else:
        said["empty"] += 1


def _belongs(one: Judged, login: Login) -> bool:
    """Whether a judgement is of a target. A subscription is a scope of its own, and is logged in to with its tenant."""
    return one.scope.provider == login.provider and (one.scope.target == login.target or one.scope.target in login.regions)
