"""The providers: their collectors, found by folder, and the targets that the configuration names."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

from controlmon.check import Check
from controlmon.collect.base import Service
from controlmon.collect.gather import Target
from controlmon.service.config import Config

COLLECTED = ("aws", "azure", "controlmon", "datadog", "document", "entra")
"""The providers that have collectors, and a file in `reach`."""


def services(provider: str) -> list[Service]:
    """Every service of a provider: each file of its folder that declares one."""
    package = importlib.import_module(f"controlmon.collect.{provider}")
    found: list[Service] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        names = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        found += [value for value in names.values() if isinstance(value, Service) and value.name == module.name]
    return found


def in_reach(config: Config, environment: Mapping[str, str]) -> list[str]:
    """The providers that the configuration speaks of, or whose credentials are at hand: those that run when nothing is named."""
    return [provider for provider in COLLECTED if config.uses(provider, environment)]


def collected_by(check: Check) -> frozenset[str]:
    """The providers that yield what a check judges. One of several systems belongs to no one of them."""
    return frozenset(kind.kind.partition(".")[0] for kind in check.kinds)


def asked_by(checks: Iterable[Check], reachable: Iterable[str]) -> list[str]:
    """The providers to ask for some checks: those of their subjects, and, of what else they read, those that are in reach."""
    several = [*checks]
    subjects = {provider for check in several for provider in collected_by(check)}
    others = {argument.kind.kind.partition(".")[0] for check in several for argument in check.arguments}
    return sorted((subjects | (others & set(reachable))) & set(COLLECTED))


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
