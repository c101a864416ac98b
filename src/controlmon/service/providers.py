"""The providers: their collectors, found by folder, and the targets that the configuration names."""

import importlib
import pkgutil
from collections.abc import Iterable

from controlmon.collect.base import Service
from controlmon.collect.gather import Target
from controlmon.service.config import Config

COLLECTED = ("aws",)
"""The providers that have collectors, and a file in `reach`."""


def services(provider: str) -> list[Service]:
    """Every service of a provider: each file of its folder that declares one."""
    package = importlib.import_module(f"controlmon.collect.{provider}")
    found: list[Service] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        names = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        found += [value for value in names.values() if isinstance(value, Service) and value.name == module.name]
    return found


def targets(config: Config, providers: Iterable[str], *, only: Iterable[str] = (), regions: Iterable[str] = ()) -> list[Target]:
    """The targets of some providers.

    Args:
        config: names them; without one it is what the ambient credentials open.
        providers: whose targets.
        only: names or account ids; empty for all.
        regions: the regions to look at, instead of those of the configuration.

    """
    found: list[Target] = []
    for provider in COLLECTED:
        if provider in providers:
            reach = importlib.import_module(f"controlmon.service.reach.{provider}")  # its SDK is loaded when it is needed
            found += reach.targets(config, frozenset(only), tuple(regions))
    return found
