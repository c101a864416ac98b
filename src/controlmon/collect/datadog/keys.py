"""API keys, application keys and personal access tokens: what they are like, and never what they are."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Place, Service
from controlmon.collect.datadog.operation import Paging, Read
from controlmon.facts.base import Aspect
from controlmon.facts.datadog.keys import ApiKey, AppKey, Credential, Token

keys = Service("datadog", "keys")
API_KEYS = Read("v2.KeyManagementApi", "list_api_keys", needs=("api_keys_read",), paging=Paging.NUMBER, drops=("key",))
APP_KEYS = Read("v2.KeyManagementApi", "list_application_keys", needs=("org_app_keys_read",), paging=Paging.NUMBER, drops=("key",))
TOKENS = Read(
    "v2.KeyManagementApi",
    "list_personal_access_tokens",
    needs=("org_app_keys_read",),
    absent=("404",),
    paging=Paging.NUMBER,
    drops=("key", "token"),
)
"""Absent where personal access tokens are not offered."""


@keys.lists(ApiKey, API_KEYS, at=Place.ACCOUNT, gives=[ApiKey.settings])
def api_keys(ask: Ask) -> Iterator[Found]:
    """Every API key of the organization. Older organizations show the keys themselves: they are dropped here."""
    return _each(ask, ApiKey.settings)


@keys.lists(AppKey, APP_KEYS, at=Place.ACCOUNT, gives=[AppKey.settings])
def app_keys(ask: Ask) -> Iterator[Found]:
    """Every application key, of people and of service accounts."""
    return _each(ask, AppKey.settings)


@keys.lists(Token, TOKENS, at=Place.ACCOUNT, gives=[Token.settings])
def tokens(ask: Ask) -> Iterator[Found]:
    """Every personal access token."""
    return _each(ask, Token.settings)


def _each(ask: Ask, settings: Aspect[Credential]) -> Iterator[Found]:
    for key in ask.items("data"):
        yield Found(settings.owner, key["id"], key["attributes"].get("name") or key["id"], answers={settings: key})
