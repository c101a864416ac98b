"""AWS Certificate Manager of each region, and the certificates of IAM."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.acm import Certificate, ServerCertificate

acm = Service("aws", "acm")
EVERY_KEY = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
"""The algorithms that ACM knows. Of itself it lists certificates of the first two only."""


@acm.lists(Certificate, Operation("acm", "ListCertificates", needs=("acm:ListCertificates",)))
def certificates(ask: Ask) -> Iterator[Found]:
    """Every certificate, of whatever key."""
    for item in ask.items("CertificateSummaryList", Includes={"keyTypes": list(EVERY_KEY)}):
        yield Found(Certificate, item["CertificateArn"], item.get("DomainName", ""))


@acm.answers(Certificate.settings, Operation("acm", "DescribeCertificate", needs=("acm:DescribeCertificate",)))
def settings(ask: Ask, certificate: Met) -> Raw:
    """Its dates and its renewal, which the list does not tell."""
    return ask(CertificateArn=certificate.id)


@acm.lists(
    ServerCertificate,
    Operation("iam", "ListServerCertificates", needs=("iam:ListServerCertificates",)),
    at=Place.ACCOUNT,
    gives=[ServerCertificate.until],
)
def server_certificates(ask: Ask) -> Iterator[Found]:
    """Every certificate that was uploaded to IAM."""
    for item in ask.items("ServerCertificateMetadataList"):
        yield Found(ServerCertificate, item["Arn"], item["ServerCertificateName"], answers={ServerCertificate.until: item})
