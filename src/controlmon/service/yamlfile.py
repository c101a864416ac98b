"""YAML files that people write, from the disk. How they are read is `core.yamltext`."""

from pathlib import Path
from typing import TypeVar

from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import MAX_BYTES, Document, parse

T = TypeVar("T")


def load(path: Path, into: type[T]) -> T:
    """The file at `path` as `into`, a msgspec type. Raises `ConfigError` as `read` and `Document.convert` do."""
    return read(path).convert(into)


def read(path: Path) -> Document:
    """The file at `path`. Raises `ConfigError`: it cannot be read, or is not what `parse` takes."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}:1: cannot be read ({error.strerror}), expected a YAML file; check the path and its mode") from None
    return parse(path, raw)
