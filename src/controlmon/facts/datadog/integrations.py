"""The clouds that a Datadog organization is integrated with."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.parts import text


class AwsLink(View, frozen=True):
    """An integrated AWS account, and the log sources that its Lambda forwarder sends."""

    account: str
    sources: tuple[str, ...] = ()


class AwsIntegration(Kind, name="datadog.aws_integration"):
    """An AWS account that Datadog is integrated with."""

    @aspect()
    def settings(raw: Raw) -> AwsLink:
        """The account (v2.AWSIntegrationApi:list_aws_accounts)."""
        said = raw["attributes"]
        forwarder = (said.get("logs_config") or {}).get("lambda_forwarder") or {}
        sources = tuple(str(one) for one in forwarder.get("sources") or ()) if forwarder.get("lambdas") else ()
        return AwsLink(account=text(said, "aws_account_id"), sources=sources)


class AzureIntegration(Kind, name="datadog.azure_integration"):
    """An app registration of an Entra tenant that Datadog is integrated with."""

    @aspect()
    def tenant(raw: Raw) -> str:
        """The tenant's id (v1.AzureIntegrationApi:list_azure_integration)."""
        return text(raw, "tenant_name")
