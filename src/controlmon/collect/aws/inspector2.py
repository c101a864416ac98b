"""Amazon Inspector of each region."""

from collections.abc import Iterable, Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.inspector2 import Covered, Vulnerability

inspector2 = Service("aws", "inspector2")
BY_VULNERABILITY = {"field": "VULNERABILITY_ID", "sortOrder": "ASC"}
KEPT = ("findingArn", "type", "severity", "status", "firstObservedAt", "fixAvailable", "title", "resources")


def _read(name: str) -> Operation:
    return Operation("inspector2", name, needs=(f"inspector2:{name}",))


@inspector2.answers(Region.inspector_types, _read("BatchGetAccountStatus"))
def types(ask: Ask, region: Met) -> Raw:
    """What Inspector scans in the account, in one region."""
    return ask.at(region.region)(accountIds=[ask.scope.target])


@inspector2.lists(Covered, _read("ListCoverage"), gives=[Covered.coverage])
def coverage(ask: Ask) -> Iterator[Found]:
    """Every resource of the account that Inspector knows. An administrator would also see those of its members: they are theirs."""
    ours = {"accountId": [{"comparison": "EQUALS", "value": ask.scope.target}]}
    for item in ask.items("coveredResources", filterCriteria=ours):
        name = f"{item['resourceId']}/{item['scanType']}"
        yield Found(Covered, f"{ask.scope.region}:{name}", name, answers={Covered.coverage: item})


@inspector2.lists(Vulnerability, _read("ListFindings"), gives=[Vulnerability.findings])
def vulnerabilities(ask: Ask) -> Iterator[Found]:
    """The findings by vulnerability and workload. They come in the order of vulnerabilities, so that one at a time is held in memory.

    Closed ones too: an image that replaces another begins anew, while the finding of the other is closed.
    """
    ours = {"awsAccountId": [{"comparison": "EQUALS", "value": ask.scope.target}]}
    groups: dict[str, list[Raw]] = {}
    current, done = "", set[str]()
    for item in ask.items("findings", filterCriteria=ours, sortCriteria=BY_VULNERABILITY):
        vulnerability = (item.get("packageVulnerabilityDetails") or {}).get("vulnerabilityId") or item["findingArn"]
        if vulnerability != current:
            yield from _found(ask, current, groups)
            if vulnerability in done:
                raise ValueError("the findings do not come in the order of their vulnerabilities")
            done.add(current := vulnerability)
            groups = {}
        groups.setdefault(_workload(item["resources"][0]), []).append({key: item[key] for key in KEPT if key in item})
    yield from _found(ask, current, groups)


def _found(ask: Ask, vulnerability: str, groups: dict[str, list[Raw]]) -> Iterable[Found]:
    for workload, findings in groups.items():
        name = f"{vulnerability} in {workload}"
        yield Found(Vulnerability, f"{ask.scope.region}:{name}", name, answers={Vulnerability.findings: {"Findings": findings}})


def _workload(resource: Raw) -> str:
    """What stays when a resource is replaced: the repository of an image, the function without its version, else the resource."""
    image = (resource.get("details") or {}).get("awsEcrContainerImage")
    if image:
        return f"repository {image['repositoryName']}"
    name = str(resource["id"])
    return ":".join(name.split(":")[:7]) if ":function:" in name else name
