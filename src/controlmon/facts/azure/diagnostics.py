"""Diagnostic settings (Microsoft.Insights): which logs are sent where."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import View


class Setting(View, frozen=True):
    """One setting: the categories and the groups of categories of logs that are on in it, and where it sends them.

    `destinations` are the ids of an event hub's rule, a storage account and a partner's resource; a Log Analytics workspace stands apart.
    """

    name: str
    categories: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    workspace: str = ""

    def feeds(self, platform: Iterable[str]) -> bool:
        """Whether it sends to any destination that matches one of some globs (in any case)."""
        return any(fnmatchcase(one.lower(), glob.lower()) for one in self.destinations for glob in platform)


def settings(raw: Raw) -> tuple[Setting, ...]:
    """The settings of a resource or a subscription. A log with enabled false is as good as absent."""
    return tuple(_setting(one) for one in read.listed(raw, "value"))


def _setting(raw: Raw) -> Setting:
    set_ = read.inside(raw)
    on = [one for one in read.many(set_, "logs") if read.flag(one, "enabled") is True]
    where = ("eventHubAuthorizationRuleId", "storageAccountId", "marketplacePartnerId")
    return Setting(
        name=read.text(raw, "name"),
        categories=tuple(category for one in on if (category := read.text(one, "category"))),
        groups=tuple(group for one in on if (group := read.text(one, "categoryGroup"))),
        destinations=tuple(place for name in where if (place := read.text(set_, name))),
        workspace=read.text(set_, "workspaceId"),
    )


def sent(several: Iterable[Setting], platform: Iterable[str], groups: dict[str, tuple[str, ...]]) -> set[str]:
    """The categories that reach the platform, all settings taken together.

    Args:
        several: the settings.
        platform: globs of the ids of destinations that feed it.
        groups: the categories of each group, as the resource's own list of categories tells them.

    """
    wanted = tuple(platform)
    feeding = [one for one in several if one.feeds(wanted)]
    named = {category for one in feeding for category in one.categories}
    return named | {category for one in feeding for group in one.groups for category in groups.get(group, ())}
