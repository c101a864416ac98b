"""A certificate such as a company brings along to its load balancer."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from controlmon.demo.people import now


def certificate_of(host: str, days: int) -> dict[str, bytes]:
    """A self-signed one that holds for so many days, and its key, in PEM: what `acm.import_certificate` takes."""
    key, moment = ec.generate_private_key(ec.SECP256R1()), now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), moment, moment + timedelta(days=days))
    made = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"Certificate": made.public_bytes(Encoding.PEM), "PrivateKey": private}
