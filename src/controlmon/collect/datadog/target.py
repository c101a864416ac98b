"""A Datadog organization to collect from: the one that its keys belong to."""

import os
from datetime import datetime

from msgspec import Struct

from controlmon.collect.base import Refused
from controlmon.collect.datadog.client import Terms, build_client
from controlmon.collect.datadog.operation import WHO
from controlmon.collect.datadog.session import DatadogSession, Identity
from controlmon.collect.locked import Locked
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen


class DatadogTarget(Struct, frozen=True):
    """An organization, as the configuration names it.

    Attributes:
        name: what to call it until it has told its id.
        site: the Datadog site, such as `datadoghq.eu`.
        api_key: the environment variable that holds the API key.
        app_key: the environment variable that holds the application key.

    """

    name: str = "ambient"
    site: str = "datadoghq.com"
    api_key: str = "DD_API_KEY"
    app_key: str = "DD_APP_KEY"
    terms: Terms = Terms()

    @property
    def provider(self) -> str:
        """Always `datadog`."""
        return "datadog"

    def open(self, now: datetime, *, regional: bool) -> DatadogSession | Locked:  # noqa: ARG002 - there are no regions
        """Log in and say who we are. What Datadog refuses makes a session that refuses."""
        missing = [name for name in (self.api_key, self.app_key) if not os.environ.get(name)]
        if missing:
            gap = Gap(GapKind.DENIED, WHO.id, f"there is no {' and no '.join(missing)} in the environment: set it")
            return Locked(Scope("datadog", self.name), gap, now, self.terms.clock)
        keys = (os.environ[self.api_key], os.environ[self.app_key])
        session = DatadogSession(build_client(self.site, *keys, self.terms), self.site, keys, self.terms, now)
        ask = session.ask(WHO, Scope("datadog", self.name))
        try:
            answer = ask()
            session.identity = identity_of(answer, ask.seen())
        except Refused as refused:
            return Locked(Scope("datadog", self.name), _told(refused.gap, self.site), now, self.terms.clock)
        except (KeyError, TypeError, AttributeError) as error:
            gap = Gap(GapKind.MALFORMED, WHO.id, f"there is no {error}" if isinstance(error, KeyError) else str(error))
            return Locked(Scope("datadog", self.name), gap, now, self.terms.clock)
        return session


def _told(gap: Gap, site: str) -> Gap:
    """Datadog answers 403 to keys that it does not know: no permission helps."""
    if gap.kind is not GapKind.DENIED:
        return gap
    return Gap(gap.kind, gap.operation, f"{gap.detail}; are these keys of an organization on {site}, and not revoked?", gap.needs)


def identity_of(answer: Raw, seen: Seen) -> Identity:
    """Who get_current_user says that we are."""
    user = answer["data"]
    uuid = str(user["relationships"]["org"]["data"]["id"])
    included = answer.get("included") or []
    org = next((one.get("attributes") or {} for one in included if one.get("type") == "orgs" and one.get("id") == uuid), {})
    attributes = user["attributes"]
    who = str(attributes.get("handle") or attributes.get("email") or user["id"])
    return Identity(str(org.get("public_id") or uuid), str(org.get("name") or ""), who, answer, seen)
