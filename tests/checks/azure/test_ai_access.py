"""`azure.cognitive.access`, as Resource Manager tells of AI accounts."""

from typing import Any

import pytest

from tests.checks.azure.conftest import Said
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import PROD

SHUT = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}], "virtualNetworkRules": []}
WIDE = SHUT | {"ipRules": [{"value": "0.0.0.0/1"}, {"value": "128.0.0.0/1"}]}


@pytest.mark.parametrize(
    ("outcome", "properties"),
    [
        ("pass", {"disableLocalAuth": True, "publicNetworkAccess": "Disabled"}),
        ("pass", {"disableLocalAuth": True, "publicNetworkAccess": "Enabled", "networkAcls": SHUT}),
        ("fail", {"disableLocalAuth": False, "publicNetworkAccess": "Disabled"}),
        ("fail", {"publicNetworkAccess": "Disabled"}),
        ("fail", {"disableLocalAuth": True}),
        ("fail", {"disableLocalAuth": True, "networkAcls": WIDE}),
        ("unknown", {"disableLocalAuth": "yes", "publicNetworkAccess": "Disabled"}),
    ],
)
def test_keys_and_networks(twin: AzureTwin, said: Said, outcome: str, properties: dict[str, Any]) -> None:
    """Both doors are open until they are shut, and what is no answer is unknown."""
    twin.add(PROD, "Microsoft.CognitiveServices/accounts", "ai", rest={"kind": "OpenAI"}, **properties)
    assert said("azure.cognitive.access") == {"ai": outcome}
