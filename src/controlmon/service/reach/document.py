"""The directory of registers that the configuration names."""

from collections.abc import Collection

from controlmon.collect.document.target import RegistersTarget
from controlmon.service.config import Config
from controlmon.service.records import first_of


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[RegistersTarget]:  # noqa: ARG001 - there are no regions
    """The one directory, unless only others are named."""
    company = config.settings.registers.company
    if only and company not in only:
        return []
    return [RegistersTarget(company, config.registers_directory, lambda: first_of(config.state_directory))]
