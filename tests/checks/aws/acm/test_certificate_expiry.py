"""aws.acm.certificate_expiry on raw answers of ACM and IAM. The clock stands at 2026-11-23."""

from typing import Any

import pytest

from controlmon.facts.aws.acm import Certificate, ServerCertificate
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.acm.certificate_expiry"
FAR, NEAR, PAST = "2027-11-23T00:00:00Z", "2026-12-03T12:00:00Z", "2026-11-01T00:00:00Z"


def certificate(until: Any = FAR, renewal: str | None = None, type: str = "AMAZON_ISSUED", used: int = 1, **more: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {"Type": type, "Status": "ISSUED", "InUseBy": ["arn:lb"] * used, "NotAfter": until}
    raw |= {"RenewalEligibility": "INELIGIBLE" if type == "IMPORTED" else "ELIGIBLE"} | more
    return {"Certificate": raw | ({"RenewalSummary": {"RenewalStatus": renewal}} if renewal else {})}


@pytest.mark.parametrize(
    ("answer", "parameters", "outcome", "because"),
    [
        pytest.param(certificate(), {}, "pass", "364 days", id="a year left"),
        pytest.param(certificate(NEAR), {}, "fail", "10 days, until 2026-12-03; 30 required", id="ten days left"),
        pytest.param(certificate(NEAR), {"min_days": 9}, "pass", "10 days", id="which may be enough"),
        pytest.param(certificate(NEAR, "SUCCESS"), {}, "pass", "SUCCESS", id="a renewal that succeeded"),
        pytest.param(certificate(PAST, "SUCCESS"), {}, "fail", "expired on 2026-11-01", id="not in time"),
        pytest.param(certificate(FAR, "FAILED"), {}, "fail", "FAILED", id="one that failed"),
        pytest.param(certificate(FAR, "PENDING_VALIDATION"), {}, "fail", "PENDING_VALIDATION", id="one that waits for somebody"),
        pytest.param(certificate(NEAR, "PENDING_AUTO_RENEWAL"), {}, "fail", "PENDING_AUTO", id="one that is late"),
        pytest.param(certificate(FAR, "PENDING_AUTO_RENEWAL"), {}, "pass", "PENDING_AUTO", id="one that has time"),
        pytest.param(certificate(NEAR, type="IMPORTED"), {}, "fail", "imported", id="an imported one never renews"),
        pytest.param(certificate(FAR, type="IMPORTED"), {}, "pass", "364", id="and holds as long as it does"),
        pytest.param(certificate(NEAR, "SUCCESS", RenewalEligibility="INELIGIBLE"), {}, "fail", "10 days", id="not eligible any more"),
        pytest.param(certificate(PAST, used=0), {}, "not_applicable", "nothing uses it", id="nobody uses it"),
        pytest.param(certificate(FAR, Status="REVOKED"), {}, "fail", "REVOKED", id="revoked"),
        pytest.param(certificate(None), {}, "unknown", "does not say", id="no date"),
        pytest.param(certificate("2027-11-23T00:00:00"), {}, "unknown", "time zone", id="no time zone"),
        pytest.param({}, {}, "unknown", "Certificate", id="an empty answer"),
        pytest.param({"Certificate": {"Type": "IMPORTED", "Status": "ISSUED"}}, {}, "unknown", "InUseBy", id="no word of its use"),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied certificate"),
    ],
)
def test_certificate(answer: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Certificate, "arn:c", settings=answer), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        pytest.param({"Expiration": FAR}, "pass", "2027-11-23", id="time left"),
        pytest.param({"Expiration": NEAR}, "unknown", "IAM does not say whether", id="nobody knows whether it is used"),
        pytest.param({}, "unknown", "until when", id="no date"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied one"),
    ],
)
def test_server_certificate(answer: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(ServerCertificate, "arn:s", until=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("kind", [Certificate, ServerCertificate])
def test_certificates_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]
