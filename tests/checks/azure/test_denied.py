"""What may not be seen is unknown, check by check and permission by permission."""

import pytest

from controlmon.service.checks import check_files, load_check, packaged_checks
from controlmon.service.permissions import operations_of
from controlmon.service.providers import services
from tests.checks.azure.conftest import Judged
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import PROD, TEST, fill

CHECKS = sorted(name for name in check_files(packaged_checks()) if name.startswith("azure."))


@pytest.mark.parametrize("check_id", CHECKS)
def test_without_any_role_nothing_is_said(check_id: str, twin: AzureTwin, judged: Judged) -> None:
    """Subscriptions that are listed, and show nothing else: no pass, no fail but of the subscription itself, and what to grant."""
    fill(twin)
    twin.permissions, twin.tenant_actions, twin.granted = {PROD: [], TEST: []}, [], set()
    found = judged(check_id)
    said = {f.outcome.value for f in found.values()}
    assert said == ({"fail", "unknown"} if check_id == "azure.subscription.inventory" else {"unknown"})
    assert any("grant Microsoft." in f.reason for f in found.values()), [f.reason for f in found.values()]


@pytest.mark.parametrize("check_id", CHECKS)
def test_without_the_first_permission_it_needs(check_id: str, twin: AzureTwin, judged: Judged) -> None:
    """A Reader less one action: something is unknown, and nothing that was so becomes otherwise."""
    fill(twin)
    check = load_check(check_files(packaged_checks())[check_id], check_id)
    general = ("Microsoft.Authorization/permissions/read", "Microsoft.Resources/subscriptions/read")
    needs = sorted({n for o in operations_of([check], services("azure")) for n in o.needs if "/" in n and n not in general})
    before = judged(check_id)
    for number in (PROD, TEST):
        twin.deny(number, needs[0])  # at the root too: what is denied there is denied everywhere
    twin.tenant_actions = [{**twin.tenant_actions[0], "notActions": [needs[0]]}]
    after = judged(check_id)
    assert any(f.outcome.value == "unknown" and needs[0] in f.reason for f in after.values())
    changed = {name for name in after if name in before and after[name].outcome not in (before[name].outcome, "unknown")}
    assert not changed
