"""AWS Config records in every enabled region, and its records arrive.

A recorder that exists may be stopped, may fail, or may record a handful of types. One flag does not tell what it records: all but a few
types can be complete, and all that are supported may leave out IAM, which has no region and is recorded in one of them. A recorder that a
service of AWS keeps for itself is not the customer's.
"""

from collections.abc import Iterable

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.config import GLOBAL, Recorder

REGION = Region.example(id="123456789012:eu-west-1", name="eu-west-1")
WORKS = {"recording": True, "last": "SUCCESS"}


def recorder(status: object = WORKS, **settings: object) -> All[Recorder]:
    return All.of(Recorder.example(id="default", settings={"everywhere": True} | settings, status=status))


@check(
    title="AWS Config records in every enabled Region",
    severity="medium",
    reads=[Recorder.settings, Recorder.status],
    remediation="Turn on the recorder in the region, with every type that is supported, and IAM in one region.",
    proves="That the customer's recorder works, records the required types, and delivered what it recorded last. Not who reads it.",
    passes=[(REGION, recorder()), (REGION, recorder(but=["AWS::EC2::Volume"]))],
    fails=[
        (REGION, All[Recorder].of()),
        (REGION, recorder({"recording": False, "last": "SUCCESS"})),
        (REGION, recorder({"recording": True, "last": "FAILURE"})),
        (REGION, recorder(only=["AWS::S3::Bucket"])),
        (REGION, recorder(service="securityhub.amazonaws.com")),
    ],
)
def judge(
    region: Region,
    recorders: All[Recorder],
    *,
    required_types: tuple[str, ...] = ("AWS::EC2::SecurityGroup", "AWS::S3::Bucket", "AWS::IAM::Role"),
) -> Verdict:
    own = [recorder for recorder in recorders.beside(region) if not recorder.settings.service]
    if not own:
        return failed("there is no recorder of the customer's in the region")
    it, status = own[0], own[0].status
    if not status.recording:
        return failed(f"the recorder {it.name} is stopped")
    if status.last == "FAILURE":
        return failed(f"the recorder {it.name} fails to deliver {status.error}".rstrip())
    missing = [kind for kind in required_types if kind not in GLOBAL and not it.settings.records(kind)]
    if missing:
        return failed(f"the recorder {it.name} does not record {', '.join(missing)}")
    missing = [kind for kind in required_types if kind in GLOBAL and not it.settings.records(kind)]
    if missing and (lost := list(_recorded_nowhere(missing, recorders))):
        return failed(f"no region's recorder records {', '.join(lost)}")
    if status.last != "SUCCESS":
        return unknown(f"the recorder {it.name} works, but how its last delivery went is not certain ({status.last or 'not told'})")
    return passed(f"the recorder {it.name} works and records the required types")


def _recorded_nowhere(kinds: list[str], recorders: All[Recorder]) -> Iterable[str]:
    """The types without a region that no recorder of any region records."""
    for kind in kinds:
        if not _recorded(kind, recorders):
            yield kind


def _recorded(kind: str, recorders: All[Recorder]) -> bool:
    return recorders.some(lambda one: not one.settings.service and one.settings.records(kind) and one.status.recording)
