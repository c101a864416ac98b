"""The configuration: where it is looked for, what it may say, and what holds when it says nothing."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from controlmon.check import Check
from controlmon.core.errors import ConfigError, UsageError
from controlmon.core.yamltext import Document, nearest
from controlmon.engine.plan import Selected
from controlmon.facts.environment import Model
from controlmon.service.checks import Registry
from controlmon.service.notify_config import ChannelAt, strangers
from controlmon.service.settings import AwsAccount, Organization, Settings, Tenant
from controlmon.service.yamlfile import read

PLACES = (Path("controlmon.yaml"), Path("config/controlmon.yaml"))
AT_HAND = {
    "azure": ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT"),
    "entra": ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT"),
    "datadog": ("DD_API_KEY",),
}
"""What shows in the environment that somebody logged in to a provider."""
ALWAYS = ("aws", "controlmon")
"""What is always tried: the chain of AWS has places that nothing shows, and the agent is always there."""
CLOUDS = ("aws", "azure")


class Config(Struct, frozen=True):
    """The settings in force, the file that they came from (None if there is none), and the digest of its bytes."""

    settings: Settings
    path: Path | None
    digest: str
    document: Document | None = None

    def error(self, place: tuple[str | int, ...], message: str) -> ConfigError:
        """An error at a place of the file."""
        return self.document.error(place, message) if self.document else ConfigError(message)

    def beside(self, name: str) -> Path:
        """A path that the file names, which is relative to the file."""
        base = self.path.parent if self.path else Path()
        return (base / Path(name).expanduser()).resolve()

    @property
    def check_directories(self) -> list[Path]:
        """The directories of the company's own checks."""
        return [self.beside(name) for name in self.settings.checks.directories]

    @property
    def exceptions_file(self) -> Path:
        """Where the exceptions are."""
        return self.beside(self.settings.exceptions)

    @property
    def registers_directory(self) -> Path:
        """Where the registers are."""
        return self.beside(self.settings.registers.directory)

    @property
    def state_directory(self) -> Path:
        """Where the ledger is: CONTROLMON_STATE_DIR, else the file's `state`, else the XDG state directory."""
        if named := os.environ.get("CONTROLMON_STATE_DIR"):
            return Path(named).expanduser()
        if self.settings.state is not None:
            return self.beside(self.settings.state)
        home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        return Path(home).expanduser() / "controlmon"

    def uses(self, provider: str, environment: Mapping[str, str]) -> bool:
        """Whether the configuration speaks of a provider, or its credentials are at hand."""
        named = self.document.data if self.document and isinstance(self.document.data, dict) else {}
        if provider == "document":
            return "registers" in named or self.registers_directory.is_dir()
        return provider in named or provider in ALWAYS or any(environment.get(name) for name in AT_HAND.get(provider, ()))

    def shared_parameters(self, check: Check) -> dict[str, Any]:
        """What the company declares once for every check that has a parameter of that name.

        Its environments, the clouds that it uses, those of its systems that the check knows (`cross` only: elsewhere the word means
        another thing), and the managers who get the weekly report.
        """
        told = {**self.settings.environments.parameters(), "clouds": tuple(c for c in CLOUDS if self.uses(c, os.environ))}
        known = next((p.default for p in check.parameters if p.name == "systems"), ())
        if self.settings.systems and check.provider == "cross":
            told["systems"] = tuple(system for system in self.settings.systems if system in known)
        if self.settings.notify.weekly is not None:
            told["managers"] = self.settings.notify.weekly.managers
        return told

    def frequency_of(self, check: Check) -> str:
        """How often a check is due: the last glob of the configuration that matches it, else what its author says."""
        frequencies = [f for glob, f in self.settings.checks.frequency.items() if fnmatchcase(check.id, glob)]
        return frequencies[-1] if frequencies else check.frequency

    def is_disabled(self, check: Check) -> bool:
        """True if the configuration takes the check out of what runs by itself."""
        return any(fnmatchcase(check.id, glob) for glob in self.settings.checks.disabled)

    def selected(self, checks: list[Check], overrides: Mapping[str, Mapping[str, Any]]) -> list[Selected]:
        """Each check with its parameters: the author's defaults, the company's environments, its configuration, then `overrides` by id.

        Raises:
            ConfigError: for a parameter of the configuration that the check does not have, or of the wrong type.
            UsageError: for the same in `overrides`.

        """
        chosen = []
        for check in checks:
            configured = self.settings.checks.parameters.get(check.id, {})
            self.tuned(check, configured)
            given = dict(overrides.get(check.id, {}))
            names = {parameter.name for parameter in check.parameters}
            shared = {name: value for name, value in self.shared_parameters(check).items() if name in names}
            chosen.append(Selected(check, _tuned(check, {**shared, **configured, **given}, UsageError)))
        return chosen

    def tuned(self, check: Check, values: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a check as the configuration has them."""
        for name in values:
            if name not in {p.name for p in check.parameters}:
                known = [p.name for p in check.parameters]
                hint = nearest(name, known) or ", ".join(known) or "none"
                place = ("checks", "parameters", check.id, name)
                raise self.error(place, f"{check.id} has no parameter {name}: it has {hint}")
        try:
            return check.tuned(dict(values))
        except msgspec.ValidationError as error:
            raise self.error(("checks", "parameters", check.id), f"a parameter of {check.id} does not fit: {error}") from error

    def agree_with(self, registry: Registry) -> None:
        """Refuse parameters of checks that are not installed. Raises `ConfigError`."""
        for check_id, values in self.settings.checks.parameters.items():
            if check_id not in registry:
                near = nearest(check_id, [c.id for c in registry])
                hint = f": did you mean {near}?" if near else ""
                raise self.error(("checks", "parameters", check_id), f"there is no check {check_id}{hint}")
            self.tuned(registry.get(check_id), values)


def _tuned(check: Check, values: Mapping[str, Any], refuse: type[UsageError]) -> dict[str, Any]:
    try:
        return check.tuned(dict(values))
    except KeyError as error:
        known = ", ".join(p.name for p in check.parameters) or "none"
        raise refuse(f"{check.id} has no parameter {error.args[0]}: it has {known}") from error
    except msgspec.ValidationError as error:
        raise refuse(f"--param of {check.id} does not fit: {error}") from error


def load_config(named: Path | None = None) -> Config:
    """The configuration in force: the file named (or CONTROLMON_CONFIG), else the first of `PLACES`, else the defaults.

    Raises:
        ConfigError: naming the file, the line and the mend.

    """
    environment = os.environ.get("CONTROLMON_CONFIG")
    path = named or (Path(environment) if environment else next((p for p in PLACES if p.is_file()), None))
    if path is None:
        return Config(Settings(), None, "sha256:" + hashlib.sha256(b"").hexdigest())
    document = read(path)
    settings = document.convert(Settings)
    config = Config(settings, path, f"sha256:{document.sha256}", document)
    several: tuple[tuple[str, str, Sequence[AwsAccount | Tenant | Organization | ChannelAt]], ...] = (
        ("aws", "accounts", settings.aws.accounts),
        ("azure", "tenants", settings.azure.tenants),
        ("entra", "tenants", settings.entra.tenants),
        ("datadog", "organizations", settings.datadog.organizations),
        ("notify", "channels", settings.notify.channels),
    )
    for provider, what, named_ones in several:
        names = [one.name for one in named_ones]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise config.error((provider, what, i, "name"), f"two {what} are called {name}: each needs a name of its own")
    for place, message in strangers(settings.notify, [one.name for one in settings.datadog.organizations]):
        raise config.error(place, message)
    model = Model({}, settings.environments.words())
    for key, word in settings.environments.map.items():
        if not model.word(word):
            known = ", ".join(model.synonyms)
            raise config.error(("environments", "map", key), f"{word} is no environment: use {known}, or add it to `synonyms`")
    return config
