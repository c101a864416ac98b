"""New EBS volumes are encrypted, whoever makes them and however.

The switch belongs to one region of one account: a look at one region says nothing of the others. Which key it uses decides nothing here: a
volume's own key is judged where the volume is, by aws.ebs.volume_encryption.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.aws.account import Region


@check(
    title="EBS encryption by default is on in every enabled region",
    severity="medium",
    reads=[Region.ebs_encryption],
    remediation="Turn on EBS encryption by default in this region of the account.",
    proves="That volumes made from now on are encrypted. Not that those made before are.",
    passes=Region.example(ebs_encryption=True),
    fails=Region.example(ebs_encryption=False),
)
def judge(region: Region) -> Verdict:
    if region.ebs_encryption:
        return passed("new volumes are encrypted by default")
    return failed("new volumes are encrypted only if whoever makes them asks for it")
