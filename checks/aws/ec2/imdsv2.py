"""An instance hands out its credentials only to who asks with a token.

Without, one request that a server was tricked into making is enough to take the role of the machine. The account's default and a launch
template decide how an instance begins; what the instance itself says is what holds, and neither changes one that exists.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.instances import Instance


@check(
    title="Instances require IMDSv2",
    severity="medium",
    reads=[Instance.settings],
    remediation="Set HttpTokens to required by ModifyInstanceMetadataOptions, in the launch template, and as the account's default.",
    proves="That the metadata of the instance takes a token, or is off. Not what the next instance will be like, nor how far a token goes.",
    passes=[
        Instance.example(settings={"state": "running", "endpoint": "enabled", "tokens": "required"}),
        Instance.example(settings={"state": "stopped", "endpoint": "disabled", "tokens": "optional"}),
    ],
    fails=Instance.example(settings={"state": "running", "endpoint": "enabled", "tokens": "optional"}),
)
def judge(instance: Instance) -> Verdict:
    it = instance.settings
    if it.gone:
        return not_applicable(f"it is {it.state}")
    if it.endpoint == "disabled":
        return passed("its metadata cannot be asked for at all")
    match it.tokens:
        case "required":
            return passed("its metadata takes a token (IMDSv2)")
        case "optional":
            return failed("its metadata is given without a token (IMDSv1)")
        case _:
            return unknown(f"whether its metadata takes a token is not told ({it.tokens or 'nothing is said'})")
