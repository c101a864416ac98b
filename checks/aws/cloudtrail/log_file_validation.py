"""The trail of record signs digests of its log files, so that a changed or removed one can be found out.

The trails of record are those of every region; a trail of one region is something else, and is not judged.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.cloudtrail import Trail


@check(
    title="Trails of every region have log file validation on",
    severity="medium",
    reads=[Trail.settings],
    remediation="Turn on log file validation of the trail.",
    proves="That digests are written. Not that anybody has checked them: `aws cloudtrail validate-logs` does that.",
    passes=Trail.example(settings={"multi_region": True, "validated": True}),
    fails=Trail.example(settings={"multi_region": True, "validated": False}),
)
def judge(trail: Trail) -> Verdict:
    settings = trail.settings
    if not settings.multi_region:
        return not_applicable("it is a trail of one region, and not a trail of record")
    return passed("its log files are validated") if settings.validated else failed("its log files are not validated")
