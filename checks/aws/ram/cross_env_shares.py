"""No share of Resource Access Manager joins environments or leaves the organization.

A share with a unit is with whatever accounts the unit has when the check runs, and with those that come. A shared account may share with
one class or the other: a subnet or a database cluster that it shares with both joins them.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.ram import ResourceShare, shared_across
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared", "444444444444": "prod"}}
HARMLESS = (
    *("ec2:PrefixList", "ec2:TransitGateway", "ec2:IpamPool", "ec2:IpamResourceDiscovery", "networkmanager:CoreNetwork"),
    *("route53resolver:ResolverRule", "route53resolver:ResolverQueryLogConfig", "license-manager:LicenseConfiguration"),
)
"""Types that hold no data and give no way in by themselves; what is routed through them is judged elsewhere."""


def case(*principals: str, external: bool = False, type: str = "rds:Cluster") -> Example:  # noqa: A002 - as RAM calls it
    share = ResourceShare.example(
        settings={"status": "ACTIVE", "external": external},
        principals=[{"id": one, "external": external} for one in principals],
        resources=[{"arn": "arn:x", "type": type}],
    )
    return Example((share, Everywhere.of(Account.example(id="123456789012"))), MAP)


@check(
    title="Resource shares do not cross environments or leave the organization",
    severity="high",
    reads=[*WHERE, ResourceShare.settings, ResourceShare.principals, ResourceShare.resources],
    remediation="Share with accounts or units of the same class only, and let the share allow no external principals.",
    proves="With which accounts data-bearing resources are shared by RAM now. Not what those accounts do with them.",
    passes=[case(), case("444444444444"), case("333333333333"), case("222222222222", type="ec2:PrefixList")],
    fails=[case("222222222222"), case("arn:aws:iam::222222222222:role/x"), case("999999999999", external=True)],
)
def judge(
    share: ResourceShare,
    accounts: Everywhere[Account],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    harmless_types: tuple[str, ...] = HARMLESS,
) -> Verdict:
    if share.settings.status in ("DELETED", "DELETING", "FAILED"):
        return not_applicable(f"it is {share.settings.status}")
    outside = [one.id for one in share.principals if one.external]
    if outside:
        return failed(f"it is with {', '.join(outside)}, outside of the organization")
    if not share.principals:
        return passed("it is with nobody")
    types = sorted({one.type for one in share.resources if one.type not in harmless_types})
    if not types:
        return passed("it shares nothing that holds data")
    estate = Estate(accounts, environment_map, synonyms)
    own = estate.of(share.target)
    found = shared_across(own, share.target, share.principals, estate)
    if found.crossed:
        return failed(f"its account is {own.name or 'not known'}, and it shares {', '.join(types)} with {', '.join(found.crossed)}")
    return unknown(found.unsure) if found.unsure else passed(f"it shares {', '.join(types)} within {own.name}, or with shared accounts")
