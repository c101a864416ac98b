"""Controls into the Datadog organization of the configuration: metrics and service checks at each look, events of what changed."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import structs
from msgspec.json import decode

from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ConfigError
from controlmon.core.outcome import Severity
from controlmon.core.times import stamp
from controlmon.engine.catalog import Catalog
from controlmon.engine.news import Change, Snapshot
from controlmon.engine.status import Status
from controlmon.ledger.ledger import Ledger
from controlmon.service.config import Config
from controlmon.service.reach.datadog import targets

if TYPE_CHECKING:
    from controlmon.notify.datadog import Intake

PATIENCE = 10.0
"""Seconds that one call may wait at the most: the next run does not wait for Datadog, and what failed is tried again later."""

STREAM = "notices"
KNOWN = "told datadog:"
"""Under this the ledger knows which states Datadog was told last. No channel can be called so."""


def intake_of(config: Config) -> "Intake":
    """The intake, on the collector's terms: site, endpoint, proxy and certificates. Raises `ConfigError` if there is no API key."""
    from controlmon.collect.datadog.client import build_client  # noqa: PLC0415 - only who writes to Datadog needs it
    from controlmon.notify.datadog import Intake  # noqa: PLC0415

    at = config.settings.notify.datadog
    if at is None:
        raise ConfigError("notify: there is no `datadog`: name the organization that controls are written to")
    (target,) = targets(config, [at.organization], ())
    key = os.environ.get(target.api_key, "")
    if not key:
        raise ConfigError(f"notify: there is no API key of {at.organization} in the environment: set {target.api_key}")
    terms = structs.replace(
        target.terms, attempts=1, connect=min(target.terms.connect, PATIENCE), read=min(target.terms.read, PATIENCE), connections=1
    )
    try:
        client = build_client(target.site, key, "", terms)
    except OSError as error:
        raise ConfigError(f"notify: Datadog: the certificates that the environment names cannot be read: {error}") from error
    return Intake(client, key, (f"company:{config.settings.registers.company}", *at.tags))


def write(intake: "Intake", ledger: Ledger, catalog: Catalog, statuses: dict[str, Status], now_is: Snapshot, now: datetime) -> int:
    """Write what is. Gives how many events were written: of each state that is another than Datadog was told last.

    Raises:
        Undelivered: Datadog did not take all of it. What it did take is not written again.

    """
    from controlmon.notify.datadog import Standing  # noqa: PLC0415

    here = [(one, statuses[one.id]) for one in catalog.controls]
    standings = [Standing(one.id, one.category, status.state, status.reasons[0] if status.reasons else "") for one, status in here]
    failing = {severity.value: 0 for severity in Severity}
    for noted in now_is.findings.values():
        failing[noted.severity] += 1
    intake.metrics(standings, failing, now)
    intake.service_checks(standings, now)
    last = ledger.known(KNOWN)
    before: dict[str, str] = decode(ledger.blob(last)) if last else {}
    told, events = dict(before), 0
    try:
        for name, state in now_is.controls.items():
            if (was := before.get(name)) is not None and was != state:
                intake.event(Change(name, was, state), now)
                events += 1
            told[name] = state
    finally:
        if told != before:
            content = canonical(told)
            said = {"type": "notice" if events else "notice.quiet", "channel": "datadog", "at": stamp(now), "changes": events}
            ledger.append("notify", stamp(now), [(STREAM, {**said, "content": digest(content)})], [content])
            ledger.learn({KNOWN: digest(content)})
    return events
