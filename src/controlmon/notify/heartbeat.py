"""A sign of life to somebody outside, who raises the alarm when it stops: a daemon that died cannot tell of it itself."""

import os
import ssl
from collections.abc import Callable

from controlmon.notify.channel import without

SECONDS = 10.0


def beat(variable: str, trusted: Callable[[], ssl.SSLContext | bool]) -> str:
    """Fetch the URL that an environment variable holds. Gives why that failed, without secrets; empty if it did not.

    Args:
        variable: the name of the environment variable.
        trusted: tells whose certificates are trusted.

    """
    import httpx  # noqa: PLC0415 - only who has a heartbeat needs it

    url = os.environ.get(variable, "")
    if not url:
        return f"there is no URL in the environment: set {variable}"
    try:
        answer = httpx.get(url, timeout=SECONDS, verify=trusted(), headers={"user-agent": "controlmon"})
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return without(url, f"{type(error).__name__}: {error}")
    return "" if answer.is_success else f"it answered {answer.status_code}"
