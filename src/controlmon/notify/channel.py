"""A channel to people, through Apprise: Slack, Teams, e-mail, webhooks, PagerDuty and what else it knows."""

import io
import logging
import os
import re
from contextlib import redirect_stderr
from urllib.parse import unquote

from msgspec import Struct

from controlmon.core.errors import ConfigError


class Channel(Struct, frozen=True):
    """Where to: a name, and the environment variable that holds its Apprise URL, which may hold a secret and is never shown."""

    name: str
    variable: str

    def send(self, title: str, body: str, *, bad: bool) -> str:
        """Deliver a message. Gives why it could not be delivered, without secrets; empty if it was.

        Raises:
            ConfigError: there is no URL in the environment, or Apprise does not know what it says.

        """
        url = os.environ.get(self.variable, "")
        if not url:
            raise ConfigError(f"notify: the channel {self.name} has no URL in the environment: set {self.variable} to an Apprise URL")
        try:
            import apprise  # noqa: PLC0415 - only who tells needs it
        except ImportError:
            raise ConfigError("notify: Apprise is not installed: install controlmon[notify]") from None
        asset = apprise.AppriseAsset(app_id="controlmon", app_desc="controlmon", app_url="", image_url_mask="", image_url_logo="")
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        if service is None:
            raise ConfigError(
                f"notify: the channel {self.name}: Apprise does not understand the URL in {self.variable}: see its wiki of URLs"
            )
        if "overflow=" not in url:  # left alone, a service cuts or refuses what is too long for it
            service.overflow_mode = apprise.OverflowMode.SPLIT
        kind = apprise.NotifyType.WARNING if bad else apprise.NotifyType.INFO
        with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said, redirect_stderr(io.StringIO()):  # type: ignore[no-untyped-call]
            delivered = bool(service.notify(body=body, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT))
            reason = " ".join(said.getvalue().split())
        return "" if delivered else without(url, reason) or "it was not delivered, and Apprise does not say why"


def without(url: str, text: str) -> str:
    """A text in which no part of a URL stands that may be a secret."""
    parts = {unquote(part) for part in re.split(r"[/?&=:@#]+", url) if len(part) > 3} | {
        part for part in re.split(r"[/?&=:@#]+", url) if len(part) > 3
    }
    for part in sorted(parts, key=len, reverse=True):
        if part not in ("127.0.0.1", "localhost"):
            text = text.replace(part, "[...]")
    return text.replace(url, "[...]")[:300]
