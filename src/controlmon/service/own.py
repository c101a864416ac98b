"""What the agent knows of itself, by the name under which a collector asks for it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from controlmon.collect.controlmon.session import Answer
from controlmon.core.fact import Raw
from controlmon.service.config import Config
from controlmon.service.exceptions import load_exceptions


def answers_of(config: Config) -> Mapping[str, Answer]:
    """Each thing that it knows."""

    def exceptions(now: datetime) -> Raw:
        return {"exceptions": msgspec.to_builtins(load_exceptions(config, now).every)}

    return {"exceptions": exceptions}
