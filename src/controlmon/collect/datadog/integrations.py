"""The AWS accounts and Entra tenants that Datadog is integrated with."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Place, Service
from controlmon.collect.datadog.operation import Read
from controlmon.facts.datadog.integrations import AwsIntegration, AzureIntegration

integrations = Service("datadog", "integrations")
SECRETS = ("client_secret", "external_id", "secret_access_key")


@integrations.lists(
    AwsIntegration,
    Read("v2.AWSIntegrationApi", "list_aws_accounts", needs=("aws_configuration_read",), drops=SECRETS),
    at=Place.ACCOUNT,
    gives=[AwsIntegration.settings],
)
def aws_accounts(ask: Ask) -> Iterator[Found]:
    """Every AWS account."""
    for one in ask()["data"]:
        yield Found(AwsIntegration, one["id"], one["attributes"]["aws_account_id"], answers={AwsIntegration.settings: one})


@integrations.lists(
    AzureIntegration,
    Read("v1.AzureIntegrationApi", "list_azure_integration", needs=("azure_configuration_read",), drops=SECRETS),
    at=Place.ACCOUNT,
    gives=[AzureIntegration.tenant],
)
def azure_tenants(ask: Ask) -> Iterator[Found]:
    """Every app registration: there may be several in a tenant."""
    for one in ask():
        name = f"{one['tenant_name']}:{one['client_id']}"
        yield Found(AzureIntegration, name, one["tenant_name"], answers={AzureIntegration.tenant: one})
