"""Transit gateways of Amazon EC2, found by what is attached to them: the account that owns one tells its route tables too."""

from collections.abc import Iterator

from controlmon.collect.ask import shaped
from controlmon.collect.base import Ask, Found, Met, Operation, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.aws.transit import TransitGateway

transit = Service("aws", "transit")


def _ec2(name: str) -> Operation:
    return Operation("ec2", name, needs=(f"ec2:{name}",))


TABLES = _ec2("DescribeTransitGatewayRouteTables")
ASSOCIATIONS, ROUTES = _ec2("GetTransitGatewayRouteTableAssociations"), _ec2("SearchTransitGatewayRoutes")


@transit.lists(TransitGateway, _ec2("DescribeTransitGatewayAttachments"), gives=[TransitGateway.settings])
def gateways(ask: Ask) -> Iterator[Found]:
    """Every gateway that something is attached to: of one that is shared with the account, only the account's own attachments."""
    found: dict[str, list[Raw]] = {}
    for one in ask.items("TransitGatewayAttachments", MaxResults=1000):
        found.setdefault(one["TransitGatewayId"], []).append(one)
    for name, attached in sorted(found.items()):
        arn = f"arn:{ask.partition}:ec2:{ask.scope.region}:{attached[0]['TransitGatewayOwnerId']}:transit-gateway/{name}"
        yield Found(TransitGateway, arn, name, answers={TransitGateway.settings: {"Attachments": attached}})


@transit.answers(TransitGateway.tables, TABLES, ASSOCIATIONS, ROUTES, after=[TransitGateway.settings])
def tables(ask: Ask, gateway: Met) -> Raw:
    """Its route tables, what is associated with each, and all routes of each."""
    owner = TransitGateway.settings.view(gateway.answer(TransitGateway.settings)).owner
    if owner != ask.scope.target:
        return not_asked(f"its route tables are those of account {owner}")
    found: list[Raw] = []
    for table in ask.items(
        "TransitGatewayRouteTables", Filters=[{"Name": "transit-gateway-id", "Values": [gateway.name]}], MaxResults=1000
    ):
        name = table["TransitGatewayRouteTableId"]
        with shaped(ASSOCIATIONS):
            associated = list(ask.to(ASSOCIATIONS).items("Associations", TransitGatewayRouteTableId=name, MaxResults=1000))
        with shaped(ROUTES):
            found.append({"Id": name, "Associations": associated, "Routes": _routes(ask.to(ROUTES), name)})
    return {"Tables": found}


def _routes(ask: Ask, table: str) -> list[Raw]:
    """The routes that lead somewhere, or into nothing: at most 1000 in one answer, and not every partition pages yet."""
    wanted = [{"Name": "state", "Values": ["active", "blackhole"]}]
    pages = list(ask.whole(TransitGatewayRouteTableId=table, Filters=wanted, MaxResults=1000))
    if pages[-1].get("AdditionalRoutesAvailable"):
        raise Refused(Gap(GapKind.TRUNCATED, ROUTES.id, f"{table} has more routes than AWS tells in one answer", ROUTES.needs))
    return [route for page in pages for route in page["Routes"]]
