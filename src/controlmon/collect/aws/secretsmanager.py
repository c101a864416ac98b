"""AWS Secrets Manager: the secrets of each region, described. No operation is declared that gives a value."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.secretsmanager import Secret

secretsmanager = Service("aws", "secretsmanager")


@secretsmanager.lists(Secret, Operation("secretsmanager", "ListSecrets", needs=("secretsmanager:ListSecrets",)), gives=[Secret.settings])
def secrets(ask: Ask) -> Iterator[Found]:
    """Every secret that is not about to be deleted."""
    for item in ask.items("SecretList", IncludePlannedDeletion=False):
        yield Found(Secret, item["ARN"], item["Name"], answers={Secret.settings: item})


@secretsmanager.answers(Secret.policy, Operation("secretsmanager", "GetResourcePolicy", needs=("secretsmanager:GetResourcePolicy",)))
def policy(ask: Ask, secret: Met) -> Raw:
    """Who may read it."""
    return ask(SecretId=secret.id)
