"""The clouds of the demo, all of them on this machine: what simulates each, the configuration that leads there, and the environment.

Whatever the shell says of real clouds, proxies and certificates is put aside for as long as they run: nothing of the demo may leave.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import yaml
from controlmon_twins.azure import TENANT
from controlmon_twins.datadog import DatadogTwin
from controlmon_twins.microsoft import MicrosoftTwin

from controlmon.demo import azure, company, datadog, entra
from controlmon.demo.inventory import DATADOG, PRODUCTION, READER, SECURITY, STAGING
from controlmon.demo.people import ACTIVE, JANE, LENA, RAVI, TOM, now
from controlmon.demo.server import AwsServer

ASIDE = ("AWS_", "AZURE_", "CONTROLMON_", "CURL_CA_", "DD_", "IDENTITY_", "MSI_", "REQUESTS_CA_", "SSL_CERT_")
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIADEMO000000000000",
    "AWS_SECRET_ACCESS_KEY": "demo",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}


class Clouds(NamedTuple):
    """Where AWS, Datadog, and Azure and Entra answer: URLs on loopback. `tenant` is the directory's id."""

    aws: str
    microsoft: str
    datadog: str
    tenant: str

    def told(self) -> str:
        """What is simulated, and by what."""
        return (
            "Everything here is simulated, on this machine:\n"
            f"  AWS              by moto, at {self.aws}\n"
            f"  Azure and Entra  by controlmon's own doubles, behind the proxy {self.microsoft} with a throw-away authority\n"
            f"  Datadog          by controlmon's own double, at {self.datadog}"
        )

    def configuration(self, state: Path) -> str:
        """A configuration file with all four, and the company's declarations; the record is to be in `state`."""
        tenant = {"name": "artemis", "tenant": self.tenant, "credential": "environment"}
        roles = {name: f"arn:aws:iam::{number}:role/{READER}" for name, number in (("production", PRODUCTION), ("staging", STAGING))}
        settings = {
            "state": str(state),
            "environments": {"map": {SECURITY: "shared", PRODUCTION: "prod", STAGING: "staging", DATADOG: "shared"}},
            "checks": {"parameters": _declared()},
            "aws": {
                "regions": ["us-east-1", "eu-west-1"],
                "accounts": [{"name": "security"}, *({"name": name, "role": role} for name, role in roles.items())],
            },
            "azure": {"tenants": [tenant]},
            "entra": {"tenants": [tenant]},
            "datadog": {"organizations": [{"name": "artemis"}], "endpoint": self.datadog},
        }
        return yaml.safe_dump(settings, sort_keys=False)


def _declared() -> dict[str, dict[str, object]]:
    """The parameters of checks, from the company's register and inventory."""
    roster = dict.fromkeys((person.email for person in ACTIVE), "") | {LENA.email: f"{now() - timedelta(days=21):%Y-%m-%d}"}
    owners = {
        number: {"owner": owner.email, "data-classification": data}
        for number, owner, data in ((SECURITY, JANE, "internal"), (PRODUCTION, RAVI, "customer"), (STAGING, TOM, "test"))
    }
    mistral = {"format": "Mistral AI", "operator": "Microsoft", "terms": "Product Terms", "hosting": "Azure", "subprocessor": True}
    return {
        "aws.iam.breakglass_monitored": {"principals": [f"arn:aws:iam::{SECURITY}:role/break-glass"], "custodians": [JANE.aws]},
        "aws.iam.role_external_trust": {"own_accounts": [SECURITY]},
        "aws.organizations.account_inventory": {"registered": list(owners), "account_map": owners},
        "azure.authorization.prod_named_people": {"roster": roster},
        "azure.cognitive.third_party_models": {"approved": [mistral]},
        **entra.parameters(),
        **datadog.parameters(),
    }


@contextmanager
def running(directory: Path) -> Iterator[Clouds]:
    """The four clouds, with the company in them, and an environment that leads to them alone. `directory` is for their certificates.

    Raises:
        UsageError: if what simulates them is not installed.

    """
    with only(ENVIRONMENT), AwsServer() as amazon, MicrosoftTwin(directory) as microsoft, DatadogTwin() as dog:
        os.environ.update({**dog.env(), **microsoft.environment, "AWS_ENDPOINT_URL": amazon.url})
        company.fill(amazon.url)
        azure.fill(microsoft)
        entra.fill(microsoft.entra)
        datadog.fill(dog)
        yield Clouds(amazon.url, microsoft.environment["HTTPS_PROXY"], dog.url, TENANT)


@contextmanager
def only(environment: Mapping[str, str]) -> Iterator[None]:
    """The environment without a word about clouds, proxies and certificates but these; as it was afterwards."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(ASIDE) or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
