"""AWS Config: the recorders of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.config import Recorder

config = Service("aws", "config")


def _read(name: str) -> Operation:
    return Operation("config", name, needs=(f"config:{name}",))


@config.lists(Recorder, _read("DescribeConfigurationRecorders"), gives=[Recorder.settings])
def recorders(ask: Ask) -> Iterator[Found]:
    """The recorders of the region: the customer's own, and those of services."""
    for item in ask()["ConfigurationRecorders"]:
        name = item["name"]
        arn = item.get("arn") or f"arn:{ask.partition}:config:{ask.scope.region}:{ask.scope.target}:configuration-recorder/{name}"
        yield Found(Recorder, arn, name, answers={Recorder.settings: item})


@config.answers(Recorder.status, _read("DescribeConfigurationRecorderStatus"), after=[Recorder.settings])
def status(ask: Ask, recorder: Met) -> Raw:
    """Whether one recorder works. That of a service is asked for by its service."""
    service = recorder.answer(Recorder.settings).get("servicePrincipal")
    return ask(ServicePrincipal=service) if service else ask(ConfigurationRecorderNames=[recorder.name])
