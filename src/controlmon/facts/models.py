"""The models of AI that clouds show in use, and how the register of use cases and our own pages name them."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TypedDict

from msgspec import Struct

from controlmon.facts.azure.cognitive import Model
from controlmon.facts.document.ai import AiUseCaseRow

GEOGRAPHY = re.compile(r"^(us-gov|us|eu|apac|jp|au|ca|sa|me|global)\.")
"""What the id of an inference profile begins with, before the id of its model."""
BEDROCK, AZURE_OPENAI, FOUNDRY_CLAUDE, FOUNDRY = "bedrock", "azure-openai", "foundry-claude", "foundry"
_ROUTES = {"openai": AZURE_OPENAI, "microsoft": AZURE_OPENAI, "anthropic": FOUNDRY_CLAUDE}


class Published(TypedDict):
    """A family of models as we publish it: patterns of ids, the route to it, and who operates it there."""

    family: str
    models: tuple[str, ...]
    route: str
    operator: str


_OPEN = ("meta.*", "mistral.*", "deepseek.*", "qwen.*", "openai.gpt-oss-*", "google.gemma-*")
FAMILIES: tuple[Published, ...] = (
    {"family": "Claude", "models": ("anthropic.claude-*",), "route": BEDROCK, "operator": "AWS"},
    {"family": "open models", "models": _OPEN, "route": BEDROCK, "operator": "AWS"},
    {"family": "GPT", "models": ("gpt-*", "text-embedding-*"), "route": AZURE_OPENAI, "operator": "Microsoft"},
    {"family": "Claude", "models": ("claude-*",), "route": FOUNDRY_CLAUDE, "operator": "Anthropic"},
)
"""What the trust center publishes, in patterns."""


class InUse(Struct, frozen=True):
    """A model in use: every way to write its id, in lower case, the first of them as the cloud does, and the route to it."""

    names: tuple[str, ...]
    route: str

    @property
    def words(self) -> str:
        """The model in words."""
        return f"{self.names[0]} by {self.route}"

    def is_like(self, patterns: Iterable[str]) -> bool:
        """Whether an id, or a pattern with `*`, names it."""
        return any(fnmatchcase(name, pattern.lower()) for name in self.names for pattern in patterns)

    def is_of(self, row: AiUseCaseRow) -> bool:
        """Whether a use case names it, on this route."""
        return any(one.route == self.route and self.is_like((one.model,)) for one in row.models)


def of_bedrock(model: str) -> InUse:
    """A model by the id that was invoked: that of a model, of an inference profile, or the ARN of either."""
    said = model.lower()
    short = said.rpartition("/")[2]
    return InUse(tuple(dict.fromkeys((said, short, GEOGRAPHY.sub("", short)))), BEDROCK)


def of_azure(model: Model) -> InUse:
    """A model that is deployed in Azure, with or without its version."""
    name = model.name.lower()
    versions = (f"{name}-{model.version.lower()}", f"{name}:{model.version.lower()}") if model.version else ()
    return InUse((name, *versions), _ROUTES.get(model.format.lower(), FOUNDRY))


def published(model: InUse, families: Iterable[Published]) -> Published | None:
    """The family that our pages name a model by; None if they do not."""
    return next((one for one in families if one["route"] == model.route and model.is_like(one["models"])), None)
