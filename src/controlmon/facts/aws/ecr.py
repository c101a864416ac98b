"""Amazon ECR: repositories of images, and who may use them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, aspect


class Repository(Kind, name="aws.ecr.repository"):
    """A private repository."""

    @aspect(absent=())
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (GetRepositoryPolicy); none if it has none."""
        return statements(raw["policyText"])
