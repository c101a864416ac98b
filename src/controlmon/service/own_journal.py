"""What the last runs called, and who the agent was when it called."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from controlmon.check import Check
from controlmon.core.fact import Raw
from controlmon.core.times import moment
from controlmon.service import providers
from controlmon.service.config import Config
from controlmon.service.own_past import Past, reading
from controlmon.service.permissions import operations_of

LOOKED = timedelta(hours=48)
"""How much longer than since somebody last looked: calls are seen twice rather than never, whatever the clocks say."""
JUDGE = "check:controlmon.self.read_only@"


def calls(config: Config, past: Past) -> Raw:
    """Each operation that was called since somebody last looked. Raises `LedgerError` if the record cannot be read."""
    found: dict[tuple[str, str], list[Any]] = {}
    with reading(config) as reader:
        if reader is None:
            return {"calls": []}
        looked = [moment(entry["clock"]) for entry in reader.latest(JUDGE) if not entry["stream"].endswith("~adhoc")]
        begin = max(looked) - LOOKED if looked else None
        for run in past.runs:
            if begin is None or run.at >= begin:
                for _, scope, _, operation, *_ in reader.rows(run.calls):
                    one = found.setdefault((scope.partition("|")[0], operation), [0, ""])
                    one[0], one[1] = one[0] + 1, run.run
    declared: dict[str, frozenset[str]] = {}
    told = []
    for (provider, operation), (count, run_id) in sorted(found.items()):
        if provider not in declared:
            declared[provider] = _declared(provider)
        called = {"provider": provider, "operation": operation, "declared": operation in declared[provider], "count": count, "run": run_id}
        told.append({"id": f"{provider}:{operation}", "called": called})
    return {"calls": told}


def _declared(provider: str) -> frozenset[str]:
    """The operations that the collectors of a provider declare; none for one that has no collectors."""
    if provider not in providers.COLLECTED:
        return frozenset()
    services = providers.services(provider)
    logging_in = operations_of((), services)  # what is asked whatever is collected
    return frozenset(operation.id for operation in (*logging_in, *(o for service in services for o in service.operations())))


def identities(past: Past) -> Raw:
    """Who the agent was at each target that it logged in to with credentials, and what the enabled checks need there."""
    last = {(login.provider, login.target): login for run in past.runs for login in run.logins if login.gap is None}
    needed: dict[str, list[str]] = {}
    told = []
    for (provider, target), login in sorted(last.items()):
        if provider in ("controlmon", "document") or provider not in providers.COLLECTED:
            continue
        if provider not in needed:
            needed[provider] = _needed(provider, past.expected)
        who = {"provider": provider, "target": target, "identity": login.identity, "published": needed[provider]}
        told.append({"id": f"{provider}:{target}", "who": who})
    return {"identities": told}


def _needed(provider: str, expected: Mapping[str, Check]) -> list[str]:
    """The permissions that `controlmon permissions` publishes for the enabled checks."""
    asked = operations_of(expected.values(), providers.services(provider))
    return sorted({permission for operation in asked for permission in operation.needs})
