"""Amazon ECR: the private repositories of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.ecr import Repository

ecr = Service("aws", "ecr")


@ecr.lists(Repository, Operation("ecr", "DescribeRepositories", needs=("ecr:DescribeRepositories",)))
def repositories(ask: Ask) -> Iterator[Found]:
    """Every repository."""
    for item in ask.items("repositories"):
        yield Found(Repository, item["repositoryArn"], item["repositoryName"])


@ecr.answers(
    Repository.policy,
    Operation("ecr", "GetRepositoryPolicy", needs=("ecr:GetRepositoryPolicy",), absent=("RepositoryPolicyNotFoundException",)),
)
def policy(ask: Ask, repository: Met) -> Raw:
    """Who may use it."""
    return ask(repositoryName=repository.name)
