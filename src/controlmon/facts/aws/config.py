"""AWS Config: the recorders of each region, what they record, and whether they do."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
from controlmon.facts.base import Kind, View, aspect

GLOBAL = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy")
"""Types that have no region: they are recorded in one."""


class Recording(View, frozen=True):
    """What a recorder records: every type but `but`, or those in `only`; `everywhere` if that includes the types that have no region.

    `service` names the service of AWS whose own recorder it is; the customer's own has none.
    """

    service: str = ""
    only: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    everywhere: bool = False

    def records(self, kind: str) -> bool:
        """Whether it records resources of a type."""
        if self.only is not None:
            return kind in self.only
        return kind not in self.but and (self.everywhere or kind not in GLOBAL)


class RecorderStatus(View, frozen=True):
    """Whether a recorder works, and how its last delivery went: `SUCCESS`, `FAILURE`, `PENDING` ... ("" if none is told)."""

    recording: bool
    last: str = ""
    error: str = ""


class Recorder(Kind, name="aws.config.recorder"):
    """A configuration recorder."""

    @aspect()
    def settings(raw: Raw) -> Recording:
        """What it records (DescribeConfigurationRecorders)."""
        service = optional(raw, "servicePrincipal")
        group = raw.get("recordingGroup") if service else raw["recordingGroup"]
        if not group:
            return Recording(service=service, only=())
        strategy = optional(group.get("recordingStrategy") or {}, "useOnly")
        if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
            return Recording(service=service, but=tuple(group["exclusionByResourceTypes"]["resourceTypes"]), everywhere=True)
        if strategy not in ("", "ALL_SUPPORTED_RESOURCE_TYPES", "INCLUSION_BY_RESOURCE_TYPES"):
            raise ValueError(f"there is no strategy {strategy}")
        if flag(group, "allSupported"):
            return Recording(service=service, everywhere=flag(group, "includeGlobalResourceTypes"))
        return Recording(service=service, only=tuple(group["resourceTypes"]))

    @aspect(volatile=("lastStatusChangeTime", "lastStartTime"))
    def status(raw: Raw) -> RecorderStatus:
        """Whether it works (DescribeConfigurationRecorderStatus)."""
        [it] = raw["ConfigurationRecordersStatus"]
        text(it, "name")
        return RecorderStatus(recording=flag(it, "recording"), last=optional(it, "lastStatus").upper(), error=optional(it, "lastErrorCode"))
