"""A distribution serves its viewers by HTTPS and TLS 1.2 or newer only.

CloudFront's own certificate allows TLS 1.0 whatever else is set beside it. And each cache behavior has a policy of its own: one path that
allows HTTP is open, however the others are.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.cloudfront import Distribution

GOOD = {"enabled": True, "minimum": "TLSv1.2_2021", "own": True, "behaviors": {"*": "redirect-to-https"}}


@check(
    title="Distributions demand HTTPS and TLS 1.2 from viewers",
    severity="high",
    reads=[Distribution.viewing],
    remediation="Give the distribution a certificate of your own with TLSv1.2_2021 or newer, and redirect every behavior to HTTPS.",
    proves="What CloudFront agrees to with viewers. Not what it speaks to its origins.",
    passes=[
        Distribution.example(viewing=GOOD),
        Distribution.example(viewing=GOOD | {"minimum": "TLSv1.3_2025", "behaviors": {"*": "https-only", "/api/*": "https-only"}}),
    ],
    fails=[
        Distribution.example(viewing=GOOD | {"minimum": "TLSv1.1_2016"}),
        Distribution.example(viewing=GOOD | {"own": False}),
        Distribution.example(viewing=GOOD | {"behaviors": {"*": "https-only", "/old/*": "allow-all"}}),
    ],
)
def judge(distribution: Distribution) -> Verdict:
    it = distribution.viewing
    if not it.enabled:
        return not_applicable("it is disabled")
    if plain := [path for path, policy in it.behaviors.items() if policy == "allow-all"]:
        return failed(f"it serves {', '.join(plain)} by plain HTTP")
    if new := [policy for policy in it.behaviors.values() if policy not in ("https-only", "redirect-to-https")]:
        return unknown(f"what the viewer protocol policy {new[0]} allows is not known")
    if not it.own and it.tenants:
        return unknown("its tenants may bring certificates of their own, which are not looked at")
    if it.version is None:
        return unknown(f"what the security policy {it.minimum or 'that is not told'} allows is not known")
    least = it.minimum if it.own else "TLSv1 (CloudFront's own certificate allows it always)"
    if it.version < (1, 2):
        return failed(f"it accepts {least} from viewers; TLSv1.2 required")
    return passed(f"it demands HTTPS of viewers, and {it.minimum}")
