"""The collector of ACM over HTTP."""

import botocore.session

from controlmon.collect.aws.acm import EVERY_KEY, acm
from controlmon.facts.aws.acm import Certificate, ServerCertificate
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def test_certificates_of_every_key_are_listed_and_asked(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("acm")
    arns = {client.request_certificate(DomainName=f"{n}.example.com")["CertificateArn"] for n in range(2)}
    with twin.page_size(1):
        found = collect(acm, Certificate.settings)
    assert found.ids(Certificate) == arns
    assert {view.type for view in found.views(Certificate.settings).values()} == {"AMAZON_ISSUED"}
    assert twin.calls("acm", "ListCertificates")[0].params["Includes"]["keyTypes"] == list(EVERY_KEY)


def test_no_kind_of_key_is_left_out() -> None:
    """The list is the SDK's own: a kind that is added there has to be added here."""
    model = botocore.session.get_session().get_service_model("acm")
    assert set(model.shape_for("KeyAlgorithm").enum) == set(EVERY_KEY)


def test_certificates_of_iam(twin: AwsTwin, collect: Collect) -> None:
    told = {"Arn": "arn:aws:iam::1:server-certificate/x", "ServerCertificateName": "x", "Expiration": "2027-01-01T00:00:00Z"}
    told |= {"Path": "/", "ServerCertificateId": "ASCAX"}
    with twin.answer("iam", "ListServerCertificates", {"ServerCertificateMetadataList": [told], "IsTruncated": False}):
        found = collect(acm, ServerCertificate.until)
    assert str(found.views(ServerCertificate.until)["x"]) == "2027-01-01 00:00:00+00:00"
