"""The AWS accounts that the configuration names."""

from collections.abc import Collection

from controlmon.collect.aws.discovery import Organization, Undiscovered, accounts_of
from controlmon.collect.aws.session import Terms
from controlmon.collect.aws.target import AwsTarget
from controlmon.service.config import Config
from controlmon.service.settings import AwsAccount


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[AwsTarget | Undiscovered]:
    """Each account that is named, then those of the organization that are not.

    `only` are names or account ids (empty for all), `regions` take the place of those of the configuration.
    """
    aws = config.settings.aws
    terms = Terms(
        attempts=aws.attempts,
        connect=aws.connect_timeout,
        read=aws.read_timeout,
        connections=config.settings.budget.workers,
        endpoints=aws.endpoints,
    )
    chosen: list[AwsTarget | Undiscovered] = []
    named = aws.accounts or (() if aws.organization else (AwsAccount("ambient"),))
    for account in named:
        number = account.role.split(":")[4] if account.role else None
        if not only or account.name in only or number in only:
            where = tuple(regions) or account.regions or aws.regions
            chosen.append(AwsTarget(account.name, account.profile, account.role, account.external_id, where, terms))
    if aws.organization is not None:
        said, known = aws.organization, {account.role.split(":")[4] for account in named if account.role}
        where = tuple(regions) or said.regions or aws.regions
        every = Organization(said.role, said.external_id, said.profile, (*said.exclude, *sorted(known)), where, terms)
        chosen += accounts_of(every, only)
    return chosen
