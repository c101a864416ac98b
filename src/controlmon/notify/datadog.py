"""Controls into Datadog: as metrics, as service checks, and each change of a state as an event. This writes, and needs an API key alone.

Sources: Datadog API reference, v2 MetricsApi.submit_metrics, v1 ServiceChecksApi.submit_service_check, v1 EventsApi.create_event.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from controlmon.engine.news import Change
from controlmon.engine.status import State

if TYPE_CHECKING:
    from datadog_api_client import ApiClient

STATE, FINDINGS, HEARTBEAT = "controlmon.control.state", "controlmon.findings.failing", "controlmon.heartbeat"
CHECK = "controlmon.control"
HOST = "controlmon"
"""The host that service checks name: they must name one, and a control has none."""
OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATUS = {
    State.PASSING: OK,
    State.EXCEPTED: WARNING,
    State.WAITING: WARNING,
    State.STALE: WARNING,
    State.FAILING: CRITICAL,
    State.UNKNOWN: UNKNOWN,
    State.UNMONITORED: UNKNOWN,
}
"""The status of the service check of a control, by its state."""
ALERT = {OK: "success", WARNING: "warning", CRITICAL: "error", UNKNOWN: "warning"}
"""The kind of alert that an event is, by the status of the state that it tells of."""
LONGEST = 500
"""Characters of a message of a service check (Datadog's limit)."""


class Undelivered(Exception):
    """Datadog did not take something; the words say why, without a key."""


class Standing(Struct, frozen=True):
    """A control: its id, category and state, and why."""

    control: str
    category: str
    state: State
    why: str = ""

    def tags(self, common: Iterable[str]) -> list[str]:
        """What its metrics are told apart by."""
        return [*common, f"control:{self.control}", f"category:{self.category}"]


class Intake:
    """The intake of one organization, by a client with its API key: the `secret` that no message shows. `tags` go with all of it."""

    def __init__(self, client: "ApiClient", secret: str, tags: tuple[str, ...]) -> None:
        self._client, self._secret, self._tags = client, secret, tags

    def metrics(self, standings: Iterable[Standing], failing: Mapping[str, int], now: datetime) -> None:
        """A gauge of 1 for each control, tagged with its state, and the failing findings by severity. Raises `Undelivered`."""
        gauges = [(STATE, 1, [*one.tags(self._tags), f"state:{one.state.value}"]) for one in standings]
        self._gauges([*gauges, *((FINDINGS, n, [*self._tags, f"severity:{severity}"]) for severity, n in failing.items())], now)

    def heartbeat(self, now: datetime) -> None:
        """A gauge of 1: a run was completed. A monitor of its absence is the dead-man's switch. Raises `Undelivered`."""
        self._gauges([(HEARTBEAT, 1, list(self._tags))], now)

    def service_checks(self, standings: Iterable[Standing], now: datetime) -> None:
        """The status of each control. Raises `Undelivered`."""
        from datadog_api_client.v1.api.service_checks_api import ServiceChecksApi  # noqa: PLC0415
        from datadog_api_client.v1.model.service_check import ServiceCheck  # noqa: PLC0415
        from datadog_api_client.v1.model.service_check_status import ServiceCheckStatus  # noqa: PLC0415
        from datadog_api_client.v1.model.service_checks import ServiceChecks  # noqa: PLC0415

        checks = [
            ServiceCheck(
                check=CHECK,
                host_name=HOST,
                status=ServiceCheckStatus(STATUS[one.state]),  # type: ignore[no-untyped-call]
                tags=one.tags(self._tags),
                message=(f"{one.state.value}: {one.why}" if one.why else one.state.value)[:LONGEST],
                timestamp=int(now.timestamp()),
            )
            for one in standings
        ]
        self._send(lambda: ServiceChecksApi(self._client).submit_service_check(body=ServiceChecks(checks)))  # type: ignore[no-untyped-call]

    def event(self, change: Change, now: datetime) -> None:
        """A state that changed. Events of one control have one aggregation key. Raises `Undelivered`."""
        from datadog_api_client.v1.api.events_api import EventsApi  # noqa: PLC0415
        from datadog_api_client.v1.model.event_alert_type import EventAlertType  # noqa: PLC0415
        from datadog_api_client.v1.model.event_create_request import EventCreateRequest  # noqa: PLC0415

        status = STATUS[State(change.after)]
        event = EventCreateRequest(
            title=f"{change.id} is {change.after}",
            text=f"It was {change.before}. `controlmon controls show {change.id}` tells why.",
            aggregation_key=f"controlmon:{change.id}"[:100],
            alert_type=EventAlertType(ALERT[status]),  # type: ignore[no-untyped-call]
            date_happened=int(now.timestamp()),
            source_type_name="controlmon",
            tags=[*self._tags, f"control:{change.id}", f"state:{change.after}"],
        )
        self._send(lambda: EventsApi(self._client).create_event(body=event))  # type: ignore[no-untyped-call]

    def _gauges(self, gauges: Iterable[tuple[str, float, list[str]]], now: datetime) -> None:
        from datadog_api_client.v2.api.metrics_api import MetricsApi  # noqa: PLC0415
        from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType  # noqa: PLC0415
        from datadog_api_client.v2.model.metric_payload import MetricPayload  # noqa: PLC0415
        from datadog_api_client.v2.model.metric_point import MetricPoint  # noqa: PLC0415
        from datadog_api_client.v2.model.metric_series import MetricSeries  # noqa: PLC0415

        at = int(now.timestamp())
        series = [
            MetricSeries(metric=name, type=MetricIntakeType.GAUGE, points=[MetricPoint(timestamp=at, value=float(value))], tags=tags)
            for name, value, tags in gauges
        ]
        self._send(lambda: MetricsApi(self._client).submit_metrics(body=MetricPayload(series=series)))  # type: ignore[no-untyped-call]

    def _send(self, call: Callable[[], Any]) -> None:
        from http.client import HTTPException  # noqa: PLC0415

        from datadog_api_client.exceptions import ApiException, OpenApiException  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            call().data  # noqa: B018 - read to its end: the connection is used again
        except ApiException as error:
            raise Undelivered(self._plain(f"{error.status}: {_words(error.body)}")) from error
        except (OpenApiException, HTTPError, HTTPException, OSError) as error:
            raise Undelivered(self._plain(f"{type(error).__name__}: {error}")) from error

    def _plain(self, text: str) -> str:
        return " ".join(text.replace(self._secret, "[key]").split())[:300]


def _words(body: Any) -> str:  # noqa: ANN401 - what the client made of the answer
    """Datadog's own words: `{"errors": ["Forbidden"]}`."""
    if isinstance(body, bytes | str):
        try:
            body = json.loads(body)
        except ValueError:
            return ""
    errors = body.get("errors") if isinstance(body, dict) else None
    return "; ".join(str(one) for one in errors) if isinstance(errors, list) else ""
