"""aws.cloudfront.viewer_tls on raw answers of CloudFront."""

from typing import Any

import pytest

from controlmon.facts.aws.cloudfront import Distribution
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.cloudfront.viewer_tls"


def distribution(minimum: Any = "TLSv1.2_2021", default: str = "redirect-to-https", *others: str, **more: Any) -> dict[str, Any]:
    raw = {
        "Enabled": True,
        "ViewerCertificate": {"CloudFrontDefaultCertificate": False, "MinimumProtocolVersion": minimum},
        "DefaultCacheBehavior": {"ViewerProtocolPolicy": default},
        "CacheBehaviors": {"Quantity": 0},
    }
    if others:
        items = [{"PathPattern": f"/{n}/*", "ViewerProtocolPolicy": one} for n, one in enumerate(others)]
        raw["CacheBehaviors"] = {"Quantity": len(items), "Items": items}
    return raw | more


OWN: dict[str, Any] = {"ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1.2_2021"}}


@pytest.mark.parametrize(
    ("raw", "outcome", "because"),
    [
        pytest.param(distribution(), "pass", "TLSv1.2_2021", id="TLS 1.2"),
        pytest.param(distribution("TLSv1.3_2025", "https-only"), "pass", "TLSv1.3", id="TLS 1.3"),
        pytest.param(distribution("TLSv1.2_2018"), "pass", "TLSv1.2_2018", id="an older TLS 1.2"),
        pytest.param(distribution("TLSv1.1_2016"), "fail", "TLSv1.1_2016", id="TLS 1.1"),
        pytest.param(distribution("TLSv1"), "fail", "TLSv1 ", id="TLS 1.0"),
        pytest.param(distribution("SSLv3"), "fail", "SSLv3", id="SSL"),
        pytest.param(distribution(**OWN), "fail", "own certificate", id="CloudFront's certificate, whatever it says"),
        pytest.param(distribution(**OWN, ConnectionMode="tenant-only"), "unknown", "tenants", id="whose tenants have others"),
        pytest.param(distribution("TLSv1", ConnectionMode="tenant-only"), "fail", "TLSv1", id="but inherit its policy"),
        pytest.param(distribution(default="allow-all"), "fail", "serves * by plain HTTP", id="HTTP by default"),
        pytest.param(distribution("TLSv1.2_2021", "https-only", "https-only", "allow-all"), "fail", "/1/*", id="HTTP on one path"),
        pytest.param(distribution("TLSv1.2_2021", "https-only", "redirect-to-https"), "pass", "HTTPS", id="all paths"),
        pytest.param(distribution("TLSv2_2030"), "unknown", "TLSv2_2030", id="a policy that is new"),
        pytest.param(distribution(None), "unknown", "not told", id="none"),
        pytest.param(distribution(default="perhaps"), "unknown", "perhaps", id="a word that is new"),
        pytest.param(distribution(default="allow-all", Enabled=False), "not_applicable", "disabled", id="a disabled one"),
        pytest.param(distribution(CacheBehaviors={"Quantity": 2, "Items": []}), "unknown", "not every", id="behaviors that are missing"),
        pytest.param({}, "unknown", "ViewerCertificate", id="an empty answer"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied distribution"),
    ],
)
def test_distribution(raw: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Distribution, "arn:d", viewing=raw))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_distributions_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Distribution: DENIED}))] == ["unknown"]
