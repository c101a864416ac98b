"""Core networks of AWS Cloud WAN: Network Manager is one service for all regions."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.cloud_wan import CoreNetwork

cloud_wan = Service("aws", "cloud_wan")


def _manager(name: str) -> Operation:
    return Operation("networkmanager", name, needs=(f"networkmanager:{name}",))


@cloud_wan.lists(CoreNetwork, _manager("ListCoreNetworks"), at=Place.ACCOUNT, gives=[CoreNetwork.owner])
def core_networks(ask: Ask) -> Iterator[Found]:
    """Every core network of the account, and those that are shared with it."""
    for item in ask.items("CoreNetworks"):
        yield Found(CoreNetwork, item["CoreNetworkArn"], item["CoreNetworkId"], answers={CoreNetwork.owner: item})


@cloud_wan.answers(CoreNetwork.attachments, _manager("ListAttachments"), after=[CoreNetwork.owner])
def attachments(ask: Ask, core: Met) -> Raw:
    """What is attached to it, by every account: its own account is told all."""
    if foreign := _foreign(ask, core):
        return foreign
    return {"Attachments": list(ask.items("Attachments", CoreNetworkId=core.name))}


@cloud_wan.answers(CoreNetwork.policy, _manager("GetCoreNetworkPolicy"), after=[CoreNetwork.owner])
def policy(ask: Ask, core: Met) -> Raw:
    """The policy that is live."""
    return _foreign(ask, core) or ask(CoreNetworkId=core.name, Alias="LIVE")


def _foreign(ask: Ask, core: Met) -> Raw:
    owner = CoreNetwork.owner.view(core.answer(CoreNetwork.owner))
    return not_asked(f"it is of account {owner}") if owner != ask.scope.target else None
