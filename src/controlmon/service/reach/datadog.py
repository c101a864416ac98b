"""The Datadog organizations that the configuration names."""

import os
from collections.abc import Collection

from controlmon.collect.datadog.client import Terms
from controlmon.collect.datadog.target import DatadogTarget
from controlmon.service.config import Config

SITE = "datadoghq.com"


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[DatadogTarget]:  # noqa: ARG001 - there are no regions
    """Each organization, or only those named. Its site is its own, else DD_SITE, else datadoghq.com."""
    datadog = config.settings.datadog
    terms = Terms(
        attempts=datadog.attempts,
        connect=datadog.connect_timeout,
        read=datadog.read_timeout,
        connections=config.settings.budget.workers,
        endpoint=datadog.endpoint,
    )
    return [
        DatadogTarget(one.name, one.site or os.environ.get("DD_SITE") or SITE, one.api_key, one.app_key, terms)
        for one in datadog.organizations
        if not only or one.name in only
    ]
