"""The templates of registers that come with controlmon, one file each."""

import importlib.util
from pathlib import Path

from controlmon.core.errors import ConfigError


def templates() -> dict[str, Path]:
    """The template of each register, by its name."""
    spec = importlib.util.find_spec("controlmon_config")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the package controlmon_config is not installed: reinstall controlmon")
    found = (Path(next(iter(spec.submodule_search_locations))) / "registers").iterdir()
    return {path.stem: path for path in sorted(found) if path.suffix in (".yaml", ".csv")}
