"""Azure AI: Cognitive Services and Foundry accounts, and the models that are deployed in them."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.network import Firewall, firewall
from controlmon.facts.base import Kind, View, aspect


class AccountSettings(View, frozen=True):
    """An AI account: its kind (`OpenAI`, `AIServices`, `SpeechServices` ...), and what it can do, by name, as words.

    `keys` is whether it takes its own keys beside identities of Entra: it does unless it says otherwise. `firewall` is whom it lets in.
    """

    kind: str
    keys: bool = True
    firewall: Firewall = Firewall()
    capabilities: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


class Model(View, frozen=True):
    """The model of a deployment: who made it (`format`, and `publisher` where told), its name and version."""

    format: str
    name: str
    version: str = ""
    publisher: str = ""


class AiAccount(Kind, name="azure.cognitive.account"):
    """An AI account."""

    @aspect()
    def settings(raw: Raw) -> AccountSettings:
        """What it is and can do (Accounts_List). A capability that it does not have is not named."""
        properties = read.inside(raw)
        listed = read.many(properties, "capabilities")
        return AccountSettings(
            kind=read.named(raw, "kind"),
            keys=not read.flag(properties, "disableLocalAuth"),
            firewall=firewall(properties),
            capabilities={read.named(one, "name"): read.text(one, "value") for one in listed},
        )


class Deployment(Kind, name="azure.cognitive.deployment"):
    """A model that is deployed in an AI account."""

    @aspect()
    def model(raw: Raw) -> Model:
        """Which model it is (Deployments_List)."""
        model = read.inside(raw)["model"]
        return Model(
            format=read.named(model, "format"),
            name=read.named(model, "name"),
            version=read.text(model, "version"),
            publisher=read.text(model, "publisher"),
        )
