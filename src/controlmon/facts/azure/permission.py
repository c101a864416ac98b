"""Permissions of Azure: actions with wildcards, and what a role takes back."""

import re
from functools import cache

from controlmon.core.fact import Raw
from controlmon.facts.base import View


class Permission(View, frozen=True):
    """What one role allows: `actions` less `not_actions`, and the same for data (Microsoft.Authorization permissions)."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether it allows an action of the control plane. What another role takes back is not taken back here."""
        return _any(self.actions, action) and not _any(self.not_actions, action)

    def allows_data(self, action: str) -> bool:
        """Whether it allows an action on data."""
        return _any(self.data_actions, action) and not _any(self.not_data_actions, action)


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)


def permission(raw: Raw) -> Permission:
    """One member of `permissions`, of a role definition or of what we may do."""
    return Permission(
        actions=_words(raw, "actions"),
        not_actions=_words(raw, "notActions"),
        data_actions=_words(raw, "dataActions"),
        not_data_actions=_words(raw, "notDataActions"),
    )


def permissions(raw: Raw) -> tuple[Permission, ...]:
    """The roles of a `value` list."""
    return tuple(permission(one) for one in raw["value"])


def _words(raw: Raw, name: str) -> tuple[str, ...]:
    words = raw.get(name) or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{name} is not a list of actions")
    return tuple(words)
