"""The account and its regions: who answers, and where."""

from collections.abc import Iterator

from controlmon.collect.aws.operations import REGIONS, STANDING, WHO
from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.account import Account, Region

account = Service("aws", "account")


@account.lists(Account, WHO, STANDING, at=Place.ACCOUNT, gives=[Account.standing])
def accounts(ask: Ask) -> Iterator[Found]:
    """The account itself: there is one in each target, and it is known to answer, or not to."""
    identity = ask()
    yield Found(Account, ask.scope.target, ask.scope.target, answers={Account.standing: identity})


@account.lists(Region, REGIONS, at=Place.REGION)
def regions(ask: Ask) -> Iterator[Found]:
    """The region itself: it is in scope because the account has it enabled, or because the configuration names it."""
    yield Found(Region, f"{ask.scope.target}:{ask.scope.region}", ask.scope.region, ask.scope.region)


@account.answers(
    Account.s3_public_access_block,
    Operation(
        "s3control",
        "GetPublicAccessBlock",
        needs=("s3:GetAccountPublicAccessBlock",),
        absent=("NoSuchPublicAccessBlockConfiguration",),
    ),
)
def s3_public_access_block(ask: Ask, account: Found) -> Raw:
    """The account's flags: set once for the account, not for each region."""
    return ask(AccountId=account.id)
