"""Finding and loading check files: digest the bytes, then execute those bytes. The path is the id."""

import hashlib
import importlib.util
import os
import re
import stat
import types
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import msgspec

from controlmon.check import Check
from controlmon.core.errors import ConfigError, UsageError

RETIRED = "retired.txt"
ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2,}")


class Registry:
    """The checks that are installed, by id."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks = {check.id: check for check in sorted(checks, key=lambda c: c.id)}

    def __iter__(self) -> Iterator[Check]:
        return iter(self._checks.values())

    def __len__(self) -> int:
        return len(self._checks)

    def __contains__(self, check_id: str) -> bool:
        return check_id in self._checks

    def get(self, check_id: str) -> Check:
        """The check of that id. Raises `UsageError` with the nearest id if there is none."""
        if check_id not in self._checks:
            raise UsageError(f"there is no check {check_id}{self._nearest(check_id)}")
        return self._checks[check_id]

    def select(self, patterns: Iterable[str]) -> list[Check]:
        """The checks that ids or globs name, in the order of their ids; all of them if there is no pattern.

        Raises:
            UsageError: for a pattern that matches nothing.

        """
        wanted = list(patterns)
        chosen: set[str] = set()
        for pattern in wanted:
            matched = {check_id for check_id in self._checks if fnmatchcase(check_id, pattern)}
            if not matched:
                raise UsageError(f"there is no check {pattern}{self._nearest(pattern)}")
            chosen |= matched
        return [check for check_id, check in self._checks.items() if check_id in chosen or not wanted]

    def _nearest(self, check_id: str) -> str:
        near = get_close_matches(check_id, self._checks, n=1, cutoff=0.5)
        return f": did you mean {near[0]}?" if near else ": `controlmon checks list` shows those there are"


def packaged_checks() -> Path:
    """The directory of the checks that come with controlmon."""
    spec = importlib.util.find_spec("controlmon_checks")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the package controlmon_checks is not installed: reinstall controlmon")
    return Path(next(iter(spec.submodule_search_locations)))


def check_directories(extra: Iterable[Path] = ()) -> list[Path]:
    """Where checks are read from: ours, those of installed packages (entry points `controlmon.checks`), then the configured ones."""
    installed = []
    for point in entry_points(group="controlmon.checks"):
        spec = importlib.util.find_spec(point.value)
        installed += [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    return [packaged_checks(), *installed, *extra]


def load_checks(directories: Iterable[Path], only: Iterable[str] = ()) -> Registry:
    """Load the checks of several directories.

    Args:
        directories: where to look.
        only: ids; if given, no other file is executed. An id that is not found is left to the caller to report.

    Raises:
        ConfigError: for a directory that others can write, a file that does not import or holds no check, an id that is taken or retired.

    """
    wanted = set(only)
    loaded: dict[str, Check] = {}
    retired: dict[str, Path] = {}
    for directory in directories:
        _refuse_if_others_can_write(directory)
        retired |= dict.fromkeys(_retired(directory), directory / RETIRED)
        for check_id, path in check_files(directory).items():
            if check_id in loaded:
                raise ConfigError(f"{path}: the id {check_id} is taken by {loaded[check_id].path}: rename this file")
            if check_id in retired:
                raise ConfigError(f"{path}: the id {check_id} is retired ({retired[check_id]}), and stays taken: rename this file")
            if not wanted or check_id in wanted:
                loaded[check_id] = load_check(path, check_id)
    return Registry(loaded.values())


def check_files(directory: Path) -> Mapping[str, Path]:
    """The check files under a directory, by id: every `.py` file whose name does not begin with an underscore."""
    found: dict[str, Path] = {}
    for path in sorted(directory.rglob("*.py")):
        relative = path.relative_to(directory)
        if any(part.startswith(("_", ".")) for part in relative.parts):
            continue
        check_id = ".".join(relative.with_suffix("").parts)
        if not ID.fullmatch(check_id):
            raise ConfigError(f"{path}: {check_id} is no check id: use PROVIDER/SERVICE/NAME.py, in lower case")
        found[check_id] = path
    return found


def load_check(path: Path, check_id: str) -> Check:
    """Execute one check file, and give its check with its id and the digest of the very bytes that were executed."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    module = types.ModuleType(f"controlmon_checks.{check_id}")
    module.__file__ = str(path)
    try:
        exec(_compiled(source, str(path)), module.__dict__)  # noqa: S102 - a check file is code, read from a place that only its owner writes
    except SyntaxError as error:
        raise ConfigError(f"{path}:{error.lineno}: {error.msg}") from error
    except (ImportError, NameError, AttributeError, TypeError, ValueError, KeyError, IndexError, ArithmeticError, OSError) as error:
        raise ConfigError(f"{path}:{_line(error, path)}: {type(error).__name__}: {error}") from error
    found = module.__dict__.get("judge")
    if not isinstance(found, Check):
        raise ConfigError(f"{path}: it has no check: decorate a function named judge with @check(...)")
    digest = "sha256:" + hashlib.sha256(source).hexdigest()
    return msgspec.structs.replace(found, id=check_id, digest=digest, path=str(path), source=source)


@cache
def _compiled(source: bytes, path: str) -> types.CodeType:
    """The code of these very bytes, compiled once a process: a daemon and a replay load the same file again and again."""
    return compile(source, path, "exec", dont_inherit=True)


def _line(error: Exception, path: Path) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _retired(directory: Path) -> set[str]:
    listed = directory / RETIRED
    if not listed.is_file():
        return set()
    lines = listed.read_text("utf-8").splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def _refuse_if_others_can_write(directory: Path) -> None:
    """A check is code that runs with the collector's credentials: whoever can write it has them."""
    try:
        roots = [directory, *(Path(place) / name for place, names, _ in os.walk(directory) for name in names)]
        for place in roots:
            if place.stat().st_mode & stat.S_IWOTH:
                raise ConfigError(f"{place}: everybody can write there: chmod o-w {place}")
            if not os.access(place, os.R_OK | os.X_OK):
                raise ConfigError(f"{place}: cannot be read: give this user read and execute permission")
    except FileNotFoundError as error:
        raise ConfigError(f"{directory}: there is no such directory: correct `checks.directories` in the configuration") from error
