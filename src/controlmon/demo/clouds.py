"""The clouds of the demo, all of them on this machine: what simulates each, the configuration that leads there, and the environment.

Whatever the shell says of real clouds, proxies and certificates is put aside for as long as they run: nothing of the demo may leave.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml
from controlmon_twins.azure import TENANT
from controlmon_twins.datadog import DatadogTwin
from controlmon_twins.microsoft import MicrosoftTwin

from controlmon.demo import azure, company, datadog, declared, entra, registers
from controlmon.demo.inventory import DATADOG, PRODUCTION, READER, SECURITY, STAGING, STRANGER
from controlmon.demo.server import AwsServer
from controlmon.demo.site import Site

ASIDE = ("AWS_", "AZURE_", "CONTROLMON_", "CURL_CA_", "DD_", "IDENTITY_", "MSI_", "REQUESTS_CA_", "SSL_CERT_")
ACCOUNTS = {"security": SECURITY, "production": PRODUCTION, "staging": STAGING}
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
    """Where AWS, Datadog, Azure and Entra, and the company's own pages answer: URLs on loopback. `tenant` is the directory's id."""

    aws: str
    microsoft: str
    datadog: str
    tenant: str
    site: Site

    def told(self) -> str:
        """What is simulated, and by what."""
        return (
            "Everything here is simulated, on this machine:\n"
            f"  AWS              by moto, at {self.aws}\n"
            f"  Azure and Entra  by controlmon's own doubles, behind the proxy {self.microsoft} with a throw-away authority\n"
            f"  Datadog          by controlmon's own double, at {self.datadog}\n"
            f"  The company      its pages and endpoints, at {self.site.url}, and its registers, as people would keep them"
        )

    def configure(self, directory: Path, state: Path) -> Path:
        """Write the registers, the exceptions and a configuration into `directory`, which is made, and give the path of the last."""
        directory.mkdir(parents=True, exist_ok=True)
        registers.write(directory / "registers", self.site)
        config = directory / "controlmon.yaml"
        config.write_text(self.configuration(state), "utf-8")
        return config

    def configuration(self, state: Path) -> str:
        """A configuration file with all four, and the company's declarations; the record is to be in `state`."""
        tenant = {"name": "artemis", "tenant": self.tenant, "credential": "environment"}
        roles = {name: f"arn:aws:iam::{number}:role/{READER}" for name, number in ACCOUNTS.items()}
        settings = {
            "state": str(state),
            "environments": {"map": {SECURITY: "shared", PRODUCTION: "prod", STAGING: "staging", DATADOG: "shared", STRANGER: "shared"}},
            "checks": {"parameters": declared.parameters()},
            "registers": {"company": "artemis"},
            "aws": {
                "regions": ["us-east-1", "eu-west-1"],
                "accounts": [{"name": name, "role": role} for name, role in roles.items()],
            },
            "azure": {"tenants": [tenant]},
            "entra": {"tenants": [tenant]},
            "datadog": {"organizations": [{"name": "artemis"}], "endpoint": self.datadog},
        }
        return yaml.safe_dump(settings, sort_keys=False)


@contextmanager
def running(directory: Path) -> Iterator[Clouds]:
    """The four clouds, with the company in them, and an environment that leads to them alone. `directory` is for their certificates.

    Raises:
        UsageError: if what simulates them is not installed.

    """
    with only(ENVIRONMENT), AwsServer() as amazon, MicrosoftTwin(directory) as microsoft, DatadogTwin() as dog, Site(directory) as site:
        os.environ.update({**dog.env(), **microsoft.environment, "AWS_ENDPOINT_URL": amazon.url})
        with Path(os.environ["REQUESTS_CA_BUNDLE"]).open("ab") as believed:  # both authorities are made for this
            believed.write(site.authority.read_bytes())
        company.fill(amazon.url)
        azure.fill(microsoft)
        entra.fill(microsoft.entra)
        datadog.fill(dog)
        yield Clouds(amazon.url, microsoft.environment["HTTPS_PROXY"], dog.url, TENANT, site)


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
