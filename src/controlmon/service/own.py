"""What the agent knows of itself, by the name under which a collector asks for it."""

import threading
from collections.abc import Mapping
from datetime import datetime

import msgspec

from controlmon.collect.controlmon.session import Answer
from controlmon.core.fact import Raw
from controlmon.service.config import Config
from controlmon.service.exceptions import load_exceptions


def answers_of(config: Config) -> Mapping[str, Answer]:
    """Each thing that it knows. The past is read once, when it is first asked for."""
    from controlmon.service import own_controls, own_evidence, own_journal, own_runs, own_targets, review_own  # noqa: PLC0415 - most runs ask for none
    from controlmon.service.own_past import Past, past_of  # noqa: PLC0415

    lock, read = threading.Lock(), dict[datetime, Past]()

    def past(now: datetime) -> Past:
        with lock:
            if now not in read:
                read[now] = past_of(config, now)
            return read[now]

    def exceptions(now: datetime) -> Raw:
        return {"exceptions": msgspec.to_builtins(load_exceptions(config, now).every)}

    return {
        "exceptions": exceptions,
        "runs": lambda now: own_runs.checks(config, past(now)),
        "schedules": lambda now: own_runs.schedules(past(now)),
        "targets": lambda now: own_targets.declared(config, past(now)),
        "calls": lambda now: own_journal.calls(config, past(now)),
        "identities": lambda now: own_journal.identities(past(now)),
        "controls": lambda now: own_controls.controls(config, past(now)),
        "reports": lambda now: own_controls.reports(config, now),
        "evidence": lambda _now: {"id": config.settings.origin},
        "verification": lambda _now: own_evidence.verification(config),
        "anchors": lambda _now: own_evidence.anchored(config),
        "reviews": lambda now: review_own.standings(config, now),
        "revocations": lambda now: review_own.revocations(config, now),
        "retention": lambda _now: own_evidence.kept(config),
    }
