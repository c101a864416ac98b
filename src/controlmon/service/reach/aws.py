"""The AWS accounts that the configuration names."""

from collections.abc import Collection

from controlmon.collect.aws.session import Terms
from controlmon.collect.aws.target import AwsTarget
from controlmon.service.config import Config


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[AwsTarget]:
    """Each account. `only` are names or account ids (empty for all), `regions` take the place of those of the configuration."""
    aws = config.settings.aws
    terms = Terms(
        attempts=aws.attempts,
        connect=aws.connect_timeout,
        read=aws.read_timeout,
        connections=config.settings.budget.workers,
        endpoints=aws.endpoints,
    )
    chosen = []
    for account in aws.accounts:
        number = account.role.split(":")[4] if account.role else None
        if not only or account.name in only or number in only:
            where = tuple(regions) or account.regions or aws.regions
            chosen.append(AwsTarget(account.name, account.profile, account.role, account.external_id, where, terms))
    return chosen
