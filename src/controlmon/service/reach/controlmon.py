"""The agent itself: what it knows is read from its own record and settings when a run asks."""

import platform
from collections.abc import Collection, Mapping

from controlmon.collect.controlmon.session import Answer, SelfTarget
from controlmon.service.config import Config
from controlmon.service.own import answers_of


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[SelfTarget]:  # noqa: ARG001 - there are no regions
    """The agent on this host, unless only others are named."""
    name = platform.node() or "localhost"

    def answers() -> Mapping[str, Answer]:
        return answers_of(config)

    return [] if only and name not in only else [SelfTarget(name, answers)]
