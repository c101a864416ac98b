"""What a configuration may say under `notify`: who is told, in which tools, and how often management is."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from controlmon.core.outcome import Severity
from controlmon.engine.news import Interest

Variable = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""The name of an environment variable: what it holds may be secret."""
Tag = Annotated[str, Meta(pattern=r"^[a-z][a-zA-Z0-9_./-]*(:[^\s,]+)?$", max_length=200)]
"""A tag as Datadog has them: it begins with a letter, and has at most 200 characters."""


class ChannelAt(Struct, frozen=True, forbid_unknown_fields=True):
    """A channel to people. `url` names the environment variable that holds its Apprise URL; the rest is what it wants to hear of."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    url: Variable
    controls: tuple[str, ...] = ("*",)
    checks: tuple[str, ...] = ("*",)
    severity: Severity = Severity.LOW

    def interest(self) -> Interest:
        """What it wants to hear of."""
        return Interest(self.controls, self.checks, self.severity)


class DatadogAt(Struct, frozen=True, forbid_unknown_fields=True):
    """The organization of `datadog.organizations` that controls are written to, with the API key that it names, and tags for all of it."""

    organization: str
    tags: tuple[Tag, ...] = ()


class Weekly(Struct, frozen=True, forbid_unknown_fields=True):
    """The weekly report to management: the channels of `notify.channels` that take it, and the people whom these reach."""

    channels: Annotated[tuple[str, ...], Meta(min_length=1)]
    managers: Annotated[tuple[str, ...], Meta(min_length=1)]


class Notify(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told when something changes. `heartbeat` names the environment variable of a URL that is fetched after each run."""

    channels: tuple[ChannelAt, ...] = ()
    datadog: DatadogAt | None = None
    weekly: Weekly | None = None
    heartbeat: Variable | None = None


def strangers(notify: Notify, organizations: Sequence[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Names that nothing has: where each stands, and what there is."""
    if notify.datadog and notify.datadog.organization not in organizations:
        yield ("notify", "datadog", "organization"), _no("organization", notify.datadog.organization, organizations)
    channels = [one.name for one in notify.channels]
    for i, name in enumerate(notify.weekly.channels if notify.weekly else ()):
        if name not in channels:
            yield ("notify", "weekly", "channels", i), _no("channel", name, channels)


def _no(what: str, name: str, there: Sequence[str]) -> str:
    return f"there is no {what} {name}: there are {', '.join(there) or 'none'}"
