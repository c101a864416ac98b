"""azure.storage.cross_env_replication and azure.compute.cross_env_snapshots on raw answers: where data was copied to, and from."""

from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.azure.compute import Disk, ImageVersion, Snapshot
from controlmon.facts.azure.storage import StorageAccount
from tests.checks.azure.company import DEV, HIDDEN, HUB, PROD, STRANGER, UNTOLD, at, estate, id_of
from tests.support import DENIED, Given, verdict

TYPE = "Microsoft.Storage/storageAccounts/{}"
SHUT = {"allowCrossTenantReplication": False, "allowedCopyScope": "AAD", "creationTime": "2026-01-05T09:30:11.1234567Z"}


def account(*others: str, number: str = PROD, name: str = "ours", answer: Any = None, **settings: Any) -> Given:
    own = id_of(number, TYPE.format(name))
    policies = [{"properties": {"policyId": "p", "sourceAccount": own, "destinationAccount": other, "rules": []}} for other in others]
    properties = {k: v for k, v in (SHUT | settings).items() if v is not ...}
    answers = {"value": policies} if answer is None else answer
    return at(number, StorageAccount, TYPE.format(name), settings={"properties": properties}, replications=answers)


OLD, NEW = "2023-12-14T23:59:59.0000000Z", "2023-12-15T00:00:00.0000000Z"


@pytest.mark.parametrize(
    ("subject", "outcome", "because"),
    [
        pytest.param(account(), "pass", "stay in the tenant", id="shut, and no policy"),
        pytest.param(account(allowedCopyScope="PrivateLink"), "pass", "stay", id="private links"),
        pytest.param(account(allowedCopyScope=None), "fail", "allowedCopyScope is not set", id="no scope"),
        pytest.param(account(allowCrossTenantReplication=True), "fail", "is true", id="across tenants"),
        pytest.param(account(allowCrossTenantReplication=..., creationTime=OLD), "fail", "is not set", id="absent means true on an old account"),
        pytest.param(account(allowCrossTenantReplication=None, creationTime=NEW), "pass", "stay", id="and false on a newer one"),
        pytest.param(account(allowCrossTenantReplication=None, creationTime=...), "unknown", "nor when", id="and neither, of no age"),
        pytest.param(account(id_of(DEV, TYPE.format("theirs"))), "fail", "(dev)", id="to dev, by id"),
        pytest.param(account("theirs"), "fail", "(dev)", id="by name"),
        pytest.param(account(number=DEV, name="x", answer={"value": [{"properties": {"sourceAccount": id_of(PROD, TYPE.format("y")), "destinationAccount": "x"}}]}),
                     "fail", "(prod)", id="as its destination"),
        pytest.param(account(id_of(PROD, TYPE.format("backup"))), "pass", "stay", id="to its own class"),
        pytest.param(account(id_of(HUB, TYPE.format("archive"))), "pass", "stay", id="to the shared archive"),
        pytest.param(account(id_of(STRANGER, TYPE.format("x"))), "unknown", "none that was listed", id="to another tenant"),
        pytest.param(account(id_of(HIDDEN, TYPE.format("x"))), "unknown", "is not read", id="to one that is not read"),
        pytest.param(account("nobody-s"), "fail", "nobody that is known", id="production to nobody's account"),
        pytest.param(account("nobody-s", number=DEV), "unknown", "none of the accounts", id="dev to nobody's"),
        pytest.param(account(id_of(PROD, TYPE.format("x")), number=UNTOLD), "unknown", "nothing says", id="of one that nothing places"),
        pytest.param(account(answer=DENIED), "unknown", "grant", id="policies that may not be seen"),
        pytest.param(account(answer=DENIED, allowedCopyScope=""), "fail", "allowedCopyScope", id="a witness is enough"),
        pytest.param(account(answer=absent("FeatureNotSupportedForAccount")), "pass", "stay", id="an account without blobs"),
    ],
)  # fmt: skip
def test_replication(subject: Given, outcome: str, because: str) -> None:
    """What an account allows, and whom its policies name."""
    found = verdict("azure.storage.cross_env_replication", subject, account(number=DEV, name="theirs"), *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_name_is_looked_up_in_all_that_was_seen() -> None:
    """If accounts of ours were not seen, nobody's account may be one of them."""
    found = verdict("azure.storage.cross_env_replication", account("theirs"), *estate(), gaps={StorageAccount: DENIED})
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)


SNAPSHOT = "Microsoft.Compute/snapshots/{}"
MARKET = "/Subscriptions/x/Providers/Microsoft.Compute/Locations/westeurope/Publishers/canonical/ArtifactTypes/VMImage/Offers/u/Skus/s/Versions/1"
VERSION = "Microsoft.Compute/galleries/g/images/i/versions/{}"


def disk(option: str, number: str = DEV, name: str = "d", **created: Any) -> Given:
    return at(
        number, Disk, f"Microsoft.Compute/disks/{name}", settings={"properties": {"creationData": {"createOption": option, **created}}}
    )


def snapshot(number: str, source: str, name: str = "s") -> Given:
    created = {"createOption": "Copy", "sourceResourceId": source}
    return at(number, Snapshot, SNAPSHOT.format(name), settings={"properties": {"creationData": created}})


def version(number: str, *sources: str, answer: Any = None) -> Given:
    disks = [{"lun": n, "source": {"id": one}} for n, one in enumerate(sources[1:])]
    profile = {"source": None, "osDiskImage": {"source": {"id": sources[0]} if sources else None}, "dataDiskImages": disks or None}
    return at(number, ImageVersion, VERSION.format("1"), settings={"properties": {"storageProfile": profile}} if answer is None else answer)


PRODUCTS, OWN = id_of(PROD, SNAPSHOT.format("gone")), id_of(DEV, SNAPSHOT.format("gone"))
BETWEEN, IMAGE = id_of(HUB, SNAPSHOT.format("between")), id_of(HUB, VERSION.format("1"))


@pytest.mark.parametrize(
    ("subject", "others", "outcome", "because"),
    [
        pytest.param(disk("Copy", sourceResourceId=PRODUCTS), [], "fail", "(prod)", id="of production, though that is gone"),
        pytest.param(disk("Copy", PROD, sourceResourceId=OWN), [], "fail", "(dev)", id="of dev in production"),
        pytest.param(disk("Copy", sourceResourceId=OWN), [], "pass", "is dev", id="of its own class"),
        pytest.param(snapshot(DEV, PRODUCTS), [], "fail", "(prod)", id="a snapshot"),
        pytest.param(disk("Empty"), [], "pass", "is dev", id="an empty one"),
        pytest.param(disk("FromImage", imageReference={"id": MARKET}), [], "pass", "is dev", id="of the marketplace"),
        pytest.param(disk("FromImage", galleryImageReference={"id": IMAGE}), [version(HUB, OWN)], "pass", "is dev", id="of a gallery"),
        pytest.param(disk("FromImage", galleryImageReference={"id": IMAGE}), [version(HUB, OWN, PRODUCTS)], "fail", "(prod)", id="whose image is of production"),
        pytest.param(disk("FromImage", galleryImageReference={"id": IMAGE}), [version(HUB, answer=DENIED)], "unknown", "grant", id="whose image may not be seen"),
        pytest.param(disk("FromImage", imageReference={"sharedGalleryImageId": "/SharedGalleries/x/Images/y"}), [], "unknown", "no id", id="of a gallery of others"),
        pytest.param(disk("Copy", sourceResourceId=BETWEEN), [snapshot(HUB, PRODUCTS, "between")], "fail", "(prod)", id="a copy of a copy"),
        pytest.param(disk("Copy", sourceResourceId=BETWEEN), [snapshot(HUB, BETWEEN, "between")], "pass", "is dev", id="going round in circles"),
        pytest.param(disk("Import", sourceUri="https://a.blob.core.windows.net/x/y.vhd"), [], "unknown", "imported", id="an import hides its origin"),
        pytest.param(disk("Import", storageAccountId=id_of(DEV, "a/b/c")), [], "unknown", "imported", id="from its own class too"),
        pytest.param(disk("Import", storageAccountId=id_of(PROD, "a/b/c")), [], "fail", "(prod)", id="from an account of production"),
        pytest.param(disk("Upload"), [], "unknown", "uploaded", id="an upload"),
        pytest.param(disk("Copy"), [], "unknown", "names no source", id="a copy of nothing"),
        pytest.param(disk("Copy", sourceResourceId=id_of(STRANGER, "a/b/c")), [], "unknown", "none that was listed", id="of another tenant"),
        pytest.param(disk("Copy", UNTOLD, sourceResourceId=PRODUCTS), [], "unknown", "nothing says", id="of one that nothing places"),
        pytest.param(disk("Copy", HUB, sourceResourceId=PRODUCTS), [], "not_applicable", "shared", id="a shared one"),
        pytest.param(version(DEV, PRODUCTS), [], "fail", "(prod)", id="an image of production in a gallery of dev"),
        pytest.param(version(DEV, OWN, PRODUCTS), [], "fail", "(prod)", id="by its data disk"),
        pytest.param(version(DEV), [], "unknown", "no source", id="an image of nothing"),
        pytest.param(at(DEV, Disk, "a/b/d", settings=DENIED), [], "unknown", "grant", id="settings that may not be seen"),
    ],
)  # fmt: skip
def test_copies(subject: Given, others: list[Given], outcome: str, because: str) -> None:
    """What a disk, a snapshot or an image was made from."""
    found = verdict("azure.compute.cross_env_snapshots", subject, *others, *estate(), empty=(Disk, Snapshot, ImageVersion))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
