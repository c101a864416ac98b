"""Resources as the graph lists them: what most services of Azure begin with."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.base import Ask, Found
from controlmon.facts.base import Aspect, Kind


def found(ask: Ask, kind: type[Kind], settings: Aspect[Any]) -> Iterator[Found]:
    """Every row of the scope's subscription. Ids are one in any case, and the graph gives them in more than one: ours are in lower case."""
    for row in ask.items("data"):
        yield Found(kind, row["id"].lower(), row["name"], row.get("location") or "", answers={settings: row})
