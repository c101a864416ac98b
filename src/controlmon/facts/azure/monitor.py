"""Azure Monitor: the resources whose logs matter, and where those go."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.diagnostics import Setting, settings
from controlmon.facts.base import Kind, View, aspect


class Category(View, frozen=True):
    """A category of logs that a resource has, and the groups that it is in."""

    name: str
    groups: tuple[str, ...] = ()


class Type(View, frozen=True):
    """What a resource is: its type in lower case, and its kind."""

    type: str
    kind: str = ""


class LoggedResource(Kind, name="azure.monitor.resource"):
    """A resource whose logs matter: a vault, a database, a storage account, a gateway or an AI account."""

    @aspect()
    def type(raw: Raw) -> Type:
        """What it is (Resource Graph)."""
        return Type(type=read.named(raw, "type").lower(), kind=read.text(raw, "kind").lower())

    @aspect()
    def diagnostics(raw: Raw) -> tuple[Setting, ...]:
        """Where its logs are sent (DiagnosticSettings_List); those of a storage account's blobs."""
        return settings(raw)

    @aspect(absent=())
    def categories(raw: Raw) -> tuple[Category, ...]:
        """The categories of logs that it has (DiagnosticSettingsCategory_List). Not asked if no setting speaks of groups."""
        listed = [one for one in read.listed(raw, "value") if read.named(read.inside(one), "categoryType") == "Logs"]
        return tuple(
            Category(name=read.named(one, "name"), groups=tuple(map(str, read.many(read.inside(one), "categoryGroups")))) for one in listed
        )
