"""cross.isolation.* and cross.disposal.*: what clouds hold of a tenant, held against the model and against its end."""

from typing import Any

import pytest

from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.resource import Resource
from controlmon.facts.document.customers import ByocDeployment, Customer, RetentionException
from controlmon.facts.document.isolation import Store
from tests.checks.cross.clouds import CLOUDS, arn, aws, azure, key
from tests.checks.document.rows import SHA, row, said
from tests.support import DENIED, Given

ACME = {"id": "acme", "name": "Acme", "start": "2024-01-01"}
RECORDS = row(Store, id="db", name="Records", type="rds:cluster", isolation="tenant")
KEY = row(Store, id="key", name="Key", what="key", type="kms:key", isolation="tenant")
FILES = row(Store, id="files", name="Files", type="Microsoft.Storage/storageAccounts", isolation="tenant")
AUDIT: dict[str, Any] = {"id": "audit", "name": "Audit", "type": "dynamodb:table", "isolation": "row"}
TESTED = {"tested_at": "2026-11-01", "test_passed": True, "test_sha256": SHA}
DB, K, ACCOUNT = (
    aws("rds:cluster:acme", tenant="acme"),
    aws("kms:key/1", Tenant="acme"),
    azure("Microsoft.Storage/storageAccounts", "acme", tenant="acme"),
)
HELD = (DB, K, ACCOUNT)


@pytest.mark.parametrize(
    ("given", "outcome", "why"),
    [
        (HELD, "pass", "1 kms:key, 1 microsoft.storage/storageaccounts, 1 rds:cluster"),
        ((*HELD, aws("rds:cluster:globex", tenant="globex")), "pass", ""),
        ((*HELD, aws("ec2:subnet/s", tenant="acme")), "pass", ""),
        ((DB, K), "fail", "0 microsoft.storage/storageaccounts of 1"),
        ((*HELD, aws("rds:cluster:acme2", tenant="acme")), "fail", "2 rds:cluster of 1"),
        ((aws("rds:cluster:both", tenant="acme+globex"), K, ACCOUNT), "fail", "with acme+globex"),
        ((*HELD, aws("s3:::acme", tenant="acme")), "fail", "arn:aws:s3:::acme, which the model"),
        ((*HELD, row(Store, AUDIT, TESTED)), "pass", ""),
        ((*HELD, row(Store, AUDIT)), "unknown", "no test within 92 days shows that Audit"),
        ((*HELD, row(Store, AUDIT, TESTED, tested_at="2026-08-01")), "unknown", "Audit"),
        ((*HELD, row(Store, AUDIT, TESTED, test_sha256=None)), "unknown", "Audit"),
        ((*HELD, row(Store, AUDIT, TESTED, test_passed=False)), "fail", "Audit"),
        ((*HELD, row(Store, AUDIT, isolation="shared")), "pass", ""),
        ((*HELD, row(Store, AUDIT, isolation="tenant", type="")), "unknown", "Audit"),
    ],
)  # fmt: skip
def test_isolation(given: tuple[Given, ...], outcome: str, why: str) -> None:
    """A tenant has what the model gives it. Rows of a shared table are not seen from a cloud: their tests have to be filed."""
    found = said("cross.isolation.tenant_model", row(Customer, ACME), RECORDS, KEY, FILES, *given, seen=CLOUDS)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_isolation_of_whom_and_by_what() -> None:
    """Not of those who left or have a cloud of their own; a cloud that was not seen leaves it open, unless what was seen decides."""
    check_id, customer = "cross.isolation.tenant_model", row(Customer, ACME)
    assert said(check_id, row(Customer, ACME, end="2026-01-01"), RECORDS)[0] == "not_applicable"
    assert said(check_id, row(Customer, ACME, hosting="byoc"), RECORDS)[0] == "not_applicable"
    assert said(check_id, customer)[0] == "fail"
    assert said(check_id, customer, RECORDS, DB)[0] == "unknown"  # Azure is declared, and was not asked
    assert said(check_id, customer, RECORDS, DB, clouds=("aws",))[0] == "pass"
    assert said(check_id, customer, RECORDS, DB, gaps={TaggedResource: DENIED}, seen=CLOUDS)[0] == "unknown"
    assert said(check_id, customer, RECORDS, gaps={Resource: DENIED}, seen=CLOUDS)[0] == "unknown"
    assert said(check_id, customer, RECORDS, DB, aws("s3:::acme", tenant="acme"), gaps={Resource: DENIED})[0] == "fail"
    assert said(check_id, customer, DB, gaps={Store: DENIED}, seen=CLOUDS)[0] == "unknown"
    assert said(check_id, customer, RECORDS, aws("rds:cluster:x", client="acme"), clouds=("aws",), tenant_tag="Client")[0] == "pass"


LEFT = ACME | {"end": "2026-07-31"}
PROOF = {"at": "2026-08-01", "left": 0, "sha256": SHA}
GONE = LEFT | {"disposed": {"audit": PROOF}}
KEPT: dict[str, Any] = {
    "id": "x",
    "customer": "acme",
    "item": "logs",
    "basis": "law",
    "until": "2030-01-01",
    "resources": [arn("s3:::acme-*")],
}


@pytest.mark.parametrize(
    ("customer", "given", "outcome", "why"),
    [
        (GONE, (), "pass", "nothing is left"),
        (GONE, (aws("rds:cluster:x", tenant="globex"),), "pass", ""),
        (GONE, (DB,), "fail", "cluster:acme"),
        (GONE, (ACCOUNT,), "fail", "storageaccounts/acme"),
        (GONE, (aws("rds:cluster:x", tenant="globex acme"),), "fail", ""),
        (GONE, (K, key("1", "Enabled")), "fail", "the key"),
        (GONE, (K,), "fail", "the key"),
        (GONE, (K, key("1", "PendingDeletion")), "pass", ""),
        (GONE, (K, key("2", "PendingDeletion"), key("1", "Disabled")), "fail", "the key"),
        (GONE, (aws("rds:cluster-snapshot:s", tenant="acme", Expires="2026-11-28"),), "pass", ""),
        (GONE, (aws("rds:cluster-snapshot:s", tenant="acme", Expires="2026-11-29"),), "fail", "cluster-snapshot"),
        (GONE, (aws("rds:cluster-snapshot:s", tenant="acme", Expires="2026-11-22"),), "fail", "cluster-snapshot"),
        (GONE, (aws("rds:cluster-snapshot:s", tenant="acme", Expires="soon"),), "fail", "cluster-snapshot"),
        (GONE, (aws("rds:cluster:x", tenant="acme", Expires="2026-11-28"),), "fail", "cluster:x"),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT)), "pass", "1 exceptions stand"),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT, until="2026-11-22")), "fail", ""),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT, basis=None)), "fail", ""),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT, until="2026-11-23")), "pass", ""),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT, deleted_at="2026-11-01")), "fail", ""),
        (GONE, (aws("rds:snapshot:s", tenant="acme", Expires="2026-11-23"),), "pass", ""),
        (GONE, (aws("s3:::acme-log", tenant="acme"), row(RetentionException, KEPT, customer="globex")), "fail", ""),
        (LEFT, (), "unknown", "what is left in Audit"),
        (LEFT | {"disposed": {"audit": PROOF | {"left": 3}}}, (), "fail", "3 in Audit"),
        (LEFT | {"disposed": {"audit": PROOF | {"at": "2026-07-30"}}}, (), "unknown", "Audit"),
        (ACME, (DB,), "not_applicable", ""),
        (ACME | {"end": "2026-10-24"}, (DB,), "not_applicable", "by 2026-11-23"),
        (GONE | {"end": "2026-10-23"}, (DB,), "fail", ""),
        (ACME | {"disposal_requested": "2026-10-01"}, (DB,), "fail", "2026-10-01"),
        (LEFT | {"hosting": "byoc"}, (), "unknown", "no deployment"),
    ],
)
def test_disposal(customer: dict[str, Any], given: tuple[Given, ...], outcome: str, why: str) -> None:
    """After the window nothing with its tag is left but what goes by itself or was kept on purpose, and every hidden store was counted."""
    found = said("cross.disposal.tenant_resources_gone", row(Customer, customer), RECORDS, row(Store, AUDIT), *given, seen=CLOUDS)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_disposal_in_the_clouds_of_customers() -> None:
    """There it is our access that has to be gone, by the same day."""
    check_id, customer = "cross.disposal.tenant_resources_gone", row(Customer, LEFT, hosting="byoc")
    deployed = {"id": "d", "customer": "acme", "cloud": "aws", "access_revoked_at": "2026-08-30"}
    assert said(check_id, customer, row(ByocDeployment, deployed), seen=CLOUDS)[0] == "pass"
    assert said(check_id, customer, row(ByocDeployment, deployed, access_revoked_at="2026-08-31"), seen=CLOUDS)[0] == "fail"
    assert said(check_id, customer, row(ByocDeployment, deployed, access_revoked_at=None), seen=CLOUDS)[0] == "fail"


@pytest.mark.parametrize("kind", [TaggedResource, Resource, Store, RetentionException, ByocDeployment, Key])
def test_what_was_not_seen_may_be_left(kind: type[Any]) -> None:
    """Any gap in what is needed leaves it open; a remainder that was seen decides whatever else was not."""
    check_id, byoc = "cross.disposal.tenant_resources_gone", {"hosting": "byoc"} if kind is ByocDeployment else {}
    given = [one for one in (RECORDS, row(Store, AUDIT)) if kind is not Store]
    customer = row(Customer, GONE, byoc)
    tagged = [K] if kind is Key else []
    assert said(check_id, customer, *given, *tagged, gaps={kind: DENIED}, seen=CLOUDS)[0] == "unknown"
    if kind is not RetentionException:
        assert said(check_id, customer, *given, DB, gaps={kind: DENIED}, seen=CLOUDS)[0] == "fail"
