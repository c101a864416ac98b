"""The collector of Organizations over HTTP. moto attaches no resource control policies: they are laid over it."""

from typing import Any

from controlmon.collect.aws.account import account
from controlmon.collect.aws.organizations import organizations
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.account import Account
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin

OURS = "123456789012"
ELSEWHERE = {"Organization": {"Id": "o-1", "MasterAccountId": "999999999999"}}
CONTENT = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}'
ABOVE = {OURS: "ou-1", "ou-1": "r-1"}


def policies(asked: Any) -> dict[str, Any]:
    return {"Policies": [{"Id": f"p-{asked['TargetId']}"}, {"Id": "p-everywhere"}]}


def gathered(collect: Collect) -> Any:
    [answer] = collect(organizations, Account.resource_controls, also=(account,)).of(Account.resource_controls).values()
    return answer


def test_policies_of_the_account_its_units_and_the_root_are_read_once_each(twin: AwsTwin, collect: Collect) -> None:
    with (
        twin.answer("organizations", "DescribeOrganization", ELSEWHERE),
        twin.answer("organizations", "ListPoliciesForTarget", policies),
        twin.answer("organizations", "ListParents", lambda asked: {"Parents": [{"Id": ABOVE[asked["ChildId"]], "Type": "ROOT"}]}),
        twin.answer("organizations", "DescribePolicy", {"Policy": {"Content": CONTENT}}),
    ):
        answer = gathered(collect)
    assert [one["Id"] for one in answer["Policies"]] == [f"p-{OURS}", "p-everywhere", "p-ou-1", "p-r-1"]
    assert len(Account.resource_controls.view(answer)) == 4
    assert len(twin.calls("organizations", "DescribePolicy")) == 4


def test_an_account_without_an_organization_has_none(twin: AwsTwin, collect: Collect) -> None:
    assert is_absent(gathered(collect))
    assert [call.operation for call in twin.calls("organizations")] == ["DescribeOrganization"]


def test_nor_has_a_management_account(twin: AwsTwin, collect: Collect) -> None:
    twin.client("organizations").create_organization(FeatureSet="ALL")
    assert "spare the management account" in gathered(collect)["NotAsked"]


def test_a_member_that_may_not_ask_does_not_know(twin: AwsTwin, collect: Collect) -> None:
    for operation in ("DescribeOrganization", "ListPoliciesForTarget"):
        with (
            twin.answer("organizations", "DescribeOrganization", ELSEWHERE),
            twin.answer("organizations", operation, AwsError("AccessDeniedException", 400)),
        ):
            answer = gathered(collect)
        assert isinstance(answer, Gap)
        assert (answer.kind, answer.operation) == (GapKind.DENIED, f"organizations:{operation}")
