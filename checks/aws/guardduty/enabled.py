"""GuardDuty watches every enabled region.

A suspended detector exists and does nothing, so that there is one is not enough. A region that nobody uses counts as much as any: that is
where an intruder works undisturbed.
"""

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.guardduty import MINUTES, Detector, Frequency

REGION = Region.example(id="123456789012:eu-west-1", name="eu-west-1")


def detector(frequency: str = "SIX_HOURS", *, on: bool = True) -> All[Detector]:
    return All.of(Detector.example(id="d-1", settings={"on": on, "frequency": frequency}))


@check(
    title="GuardDuty is enabled in every enabled region",
    severity="critical",
    reads=[Detector.settings],
    remediation="Enable GuardDuty by the organization's delegated administrator, with auto-enable for all members and in every region.",
    proves="That a detector of the account is at work in the region. Not which protection plans it has, nor who reads its findings.",
    passes=[(REGION, detector()), Example((REGION, detector(frequency="ONE_HOUR")), {"max_publishing_frequency": "ONE_HOUR"})],
    fails=[
        (REGION, All[Detector].of()),
        (REGION, detector(on=False)),
        Example((REGION, detector()), {"max_publishing_frequency": "ONE_HOUR"}),
    ],
)
def judge(region: Region, detectors: All[Detector], *, max_publishing_frequency: Frequency = "SIX_HOURS") -> Verdict:
    here = detectors.beside(region)
    working = here.first(lambda detector: detector.settings.on)
    if working is None:
        suspended = [detector.name for detector in here]
        return failed(f"the detector {', '.join(suspended)} is suspended" if suspended else "there is no detector in the region")
    settings = working.settings
    if settings.minutes is None:
        return unknown(f"the detector {working.name} is enabled, but how often it publishes findings is not known")
    if settings.minutes > MINUTES[max_publishing_frequency]:
        return failed(f"the detector {working.name} publishes findings every {settings.frequency}; {max_publishing_frequency} required")
    return passed(f"the detector {working.name} is enabled and publishes findings every {settings.frequency}")
