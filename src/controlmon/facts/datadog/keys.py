"""API keys, application keys and personal access tokens of a Datadog organization."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.parts import moment, words


class Credential(View, frozen=True):
    """A key. `used` is None if it never was, as far as Datadog says; `scopes` is None if it carries all permissions of its owner."""

    created: datetime
    used: datetime | None = None
    owner: str = ""
    scopes: tuple[str, ...] | None = ()
    expires: datetime | None = None


def _owner(raw: Raw) -> str:
    return str(raw["relationships"]["owned_by"]["data"]["id"])


def _when(said: Raw, name: str) -> datetime | None:
    return moment(said[name]) if said[name] is not None else None


class ApiKey(Kind, name="datadog.api_key"):
    """A Datadog API key."""

    @aspect()
    def settings(raw: Raw) -> Credential:
        """Its age and last use (v2.KeyManagementApi:list_api_keys)."""
        said = raw["attributes"]
        return Credential(created=moment(said["created_at"]), used=_when(said, "date_last_used"))


class AppKey(Kind, name="datadog.application_key"):
    """A Datadog application key."""

    @aspect()
    def settings(raw: Raw) -> Credential:
        """Its age, last use, owner and scopes (v2.KeyManagementApi:list_application_keys)."""
        said = raw["attributes"]
        scopes = words(said, "scopes") if said["scopes"] is not None else None
        return Credential(created=moment(said["created_at"]), used=_when(said, "last_used_at"), owner=_owner(raw), scopes=scopes)


class Token(Kind, name="datadog.personal_access_token"):
    """A personal access token of Datadog."""

    @aspect()
    def settings(raw: Raw) -> Credential:
        """Its age, last use, owner, scopes and end (v2.KeyManagementApi:list_personal_access_tokens)."""
        said = raw["attributes"]
        return Credential(
            created=moment(said["created_at"]),
            used=_when(said, "last_used_at"),
            owner=_owner(raw),
            scopes=words(said, "scopes"),
            expires=_when(said, "expires_at"),
        )
