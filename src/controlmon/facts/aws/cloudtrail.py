"""AWS CloudTrail: trails, what they log, and whether they deliver it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from controlmon.core.fact import Raw
from controlmon.facts.aws.s3 import flag, said
from controlmon.facts.base import Kind, View, aspect

LATEST = (
    "LatestDeliveryTime",
    "LatestNotificationTime",
    "LatestCloudWatchLogsDeliveryTime",
    "LatestDigestDeliveryTime",
    "LatestDeliveryAttemptTime",
    "LatestNotificationAttemptTime",
    "LatestNotificationAttemptSucceeded",
    "LatestDeliveryAttemptSucceeded",
)


class TrailSettings(View, frozen=True):
    """What a trail is. `custom` says whether it has event selectors of its own."""

    multi_region: bool
    validated: bool
    custom: bool = True


class TrailStatus(View, frozen=True):
    """Whether a trail logs and delivers. `error` stays filled after a recovery, and no member that is still in use tells when it happened.

    `attempted` and `succeeded` (the last attempt, and the last that succeeded) are members that the API calls "no longer in use".
    """

    logging: bool
    delivered: datetime | None = None
    started: datetime | None = None
    error: str = ""
    attempted: datetime | None = None
    succeeded: datetime | None = None

    def lack(self, now: datetime, longest: timedelta) -> str:
        """What is certainly wrong with its delivery; "" if nothing is."""
        if not self.logging:
            return "is stopped"
        if self._began(now, longest):
            return ""
        if self.delivered is None:
            return "has never delivered"
        if now - self.delivered > longest:
            after = f" ({self.error})" if self.error else ""
            return f"delivered last {_minutes(now - self.delivered)} minutes ago; {_minutes(longest)} allowed{after}"
        return f"fails to deliver ({self.error})" if self.error and self._failing(self.delivered) else ""

    def doubt(self, now: datetime, longest: timedelta) -> str:
        """What cannot be told of its delivery, if nothing is certainly wrong with it; "" if all can."""
        return "has only just begun to log, and has not delivered since" if self._began(now, longest) else ""

    def _began(self, now: datetime, longest: timedelta) -> bool:
        """Whether it began, or began again, too short a time ago to have delivered."""
        if self.started is None or now - self.started > longest:
            return False
        return self.delivered is None or self.delivered < self.started

    def _failing(self, delivered: datetime) -> bool:
        """Whether an attempt is known to have failed after the last delivery.

        Without an attempt that is told, or with one from before the delivery, there is none: that the delivery is recent enough decides.
        """
        if self.attempted is None or self.attempted <= delivered:
            return False
        # An empty time of the last success tells nothing beside a delivery, but that the member is not kept.
        return self.succeeded is not None and self.succeeded < self.attempted


class ManagementEvents(View, frozen=True):
    """What a trail leaves out: "reads", or "writes of kms.amazonaws.com". `given` is False if it shows no selectors."""

    left_out: tuple[str, ...] = ()
    given: bool = True


class Trail(Kind, name="aws.cloudtrail.trail"):
    """A trail: of every region, of an organization, or of one region."""

    @aspect()
    def settings(raw: Raw) -> TrailSettings:
        """What DescribeTrails says of it."""
        return TrailSettings(
            multi_region=flag(raw, "IsMultiRegionTrail"),
            validated=flag(raw, "LogFileValidationEnabled"),
            custom=raw.get("HasCustomEventSelectors") is not False,
        )

    @aspect(absent=TrailStatus(logging=False), volatile=LATEST)
    def status(raw: Raw) -> TrailStatus:
        """What GetTrailStatus says of it, in its home region. Not asked of a trail of one region."""
        error = raw.get("LatestDeliveryError") or ""
        return TrailStatus(
            logging=flag(raw, "IsLogging"),
            delivered=_moment(raw.get("LatestDeliveryTime")),
            started=_moment(raw.get("StartLoggingTime")),
            error=error,
            attempted=_moment(raw.get("LatestDeliveryAttemptTime")) if error else None,
            succeeded=_moment(raw.get("LatestDeliveryAttemptSucceeded")) if error else None,
        )

    @aspect(absent=ManagementEvents(left_out=("reads", "writes")))
    def management_events(raw: Raw) -> ManagementEvents:
        """Which management events it leaves out (GetEventSelectors). Not asked of a trail of one region."""
        advanced = raw.get("AdvancedEventSelectors") or []
        basic = (raw.get("EventSelectors") if advanced else raw["EventSelectors"]) or []  # one of the two is always there
        chosen = [_basic(s) for s in basic] + [_advanced(s["FieldSelectors"]) for s in advanced]
        return ManagementEvents(left_out=_left_out([s for s in chosen if s is not None]), given=bool(chosen))

    def lack(self, now: datetime, longest: timedelta) -> str:
        """What it certainly lacks to be the record of all that is done in every region; "" if nothing."""
        if not self.settings.multi_region:
            return "is a trail of one region"
        return " and ".join(said(lambda: self.status.lack(now, longest), self._events_lack))

    def doubt(self, now: datetime, longest: timedelta) -> str:
        """What cannot be told of a trail that lacks nothing for certain; "" if all can."""
        if not self.management_events.given and self.settings.custom:
            return "has event selectors of its own, and shows none"
        return self.status.doubt(now, longest)

    def _events_lack(self) -> str:
        events = self.management_events
        # Without selectors of its own a trail logs all management events, and no others: CloudTrail's documented default.
        return f"does not log all {' and '.join(events.left_out)}" if events.given and events.left_out else ""


class _Selector(View, frozen=True):
    """The management events of one selector: reads, writes or both; of all sources but some, or of some only."""

    reads: bool
    writes: bool
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()


def _basic(selector: Raw) -> _Selector | None:
    defaults = {"IncludeManagementEvents": True, "ReadWriteType": "All"}
    if not flag(defaults | selector, "IncludeManagementEvents"):
        return None
    reads, writes = {"All": (True, True), "ReadOnly": (True, False), "WriteOnly": (False, True)}[(defaults | selector)["ReadWriteType"]]
    return _Selector(reads=reads, writes=writes, but=frozenset(selector.get("ExcludeManagementEventSources") or []))


def _advanced(fields: Raw) -> _Selector | None:
    """None for other categories, and for a selector that filters by more than readOnly and eventSource: it lets through a part."""
    reads = writes = True
    only, but, management = None, frozenset[str](), False
    for field in fields:
        name, equals, differs = field["Field"], field.get("Equals"), field.get("NotEquals")
        operators = {operator for operator, values in field.items() if values} - {"Field"}
        if name == "eventCategory" and operators == {"Equals"}:
            management = equals == ["Management"]
        elif name == "readOnly" and operators == {"Equals"}:
            reads, writes = reads and "true" in equals, writes and "false" in equals
        elif name == "eventSource" and operators == {"Equals"}:
            only = frozenset(equals) if only is None else only & frozenset(equals)
        elif name == "eventSource" and operators == {"NotEquals"}:
            but |= frozenset(differs)
        else:
            return None
    return _Selector(reads=reads, writes=writes, only=only, but=but) if management else None


def _left_out(selectors: Iterable[_Selector]) -> tuple[str, ...]:
    """What none of several selectors lets through: they add up."""
    chosen = list(selectors)
    left = {"reads": _sources([s for s in chosen if s.reads]), "writes": _sources([s for s in chosen if s.writes])}
    return tuple(
        what + (f" of {', '.join(sorted(sources))}" if sources else "") for what, sources in left.items() if sources != frozenset()
    )


def _sources(selectors: Iterable[_Selector]) -> frozenset[str] | None:
    """The sources that none of several selectors lets through; None for all but a few."""
    left: frozenset[str] | None = None
    some: frozenset[str] = frozenset()
    for selector in selectors:
        if selector.only is None:
            left = selector.but if left is None else left & selector.but
        else:
            some |= selector.only - selector.but
    return None if left is None else left - some


def _moment(value: Raw) -> datetime | None:
    """A time; some members are texts that may be empty."""
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return moment


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() // 60)
