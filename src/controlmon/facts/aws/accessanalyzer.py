"""IAM Access Analyzer: the analyzers of each region."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import text
from controlmon.facts.base import Kind, View, aspect

EXTERNAL = ("ACCOUNT", "ORGANIZATION")
"""The types that look for access from outside. Those of unused and internal access look for something else."""


class Analysis(View, frozen=True):
    """An analyzer: its type and its status."""

    type: str
    status: str


class Analyzer(Kind, name="aws.accessanalyzer.analyzer"):
    """An analyzer."""

    @aspect(volatile=("lastResourceAnalyzed", "lastResourceAnalyzedAt"))
    def settings(raw: Raw) -> Analysis:
        """What ListAnalyzers says of it."""
        return Analysis(type=text(raw, "type"), status=text(raw, "status"))
