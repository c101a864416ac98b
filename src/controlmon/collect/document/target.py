"""A directory of registers to collect from."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from controlmon.collect.document.session import Registers
from controlmon.collect.document.shelf import First, Shelf


class RegistersTarget(Struct, frozen=True):
    """The registers of a company. `first` tells how each record was when it was first recorded."""

    name: str
    directory: Path
    first: Callable[[], First]

    @property
    def provider(self) -> str:
        """Always `document`."""
        return "document"

    def open(self, now: datetime, *, regional: bool) -> Registers:  # noqa: ARG002 - there are no regions
        """Nothing to log in to: what cannot be read says so when it is asked."""
        return Registers(self.name, Shelf(self.directory, now, self.first()), now)
