"""IAM Access Analyzer: the analyzers of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Service
from controlmon.facts.aws.accessanalyzer import Analyzer

accessanalyzer = Service("aws", "accessanalyzer")


@accessanalyzer.lists(
    Analyzer, Operation("accessanalyzer", "ListAnalyzers", needs=("access-analyzer:ListAnalyzers",)), gives=[Analyzer.settings]
)
def analyzers(ask: Ask) -> Iterator[Found]:
    """Every analyzer of the account, of whatever type. One of the organization is listed in the account that administers it."""
    for item in ask.items("analyzers"):
        yield Found(Analyzer, item["arn"], item["name"], answers={Analyzer.settings: item})
