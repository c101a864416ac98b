"""azure.storage.* against the twin: each account by its raw settings, and what was to be said of it."""

from typing import Any

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import AzureTwin, Reply
from tests.twins.azure_company import PROD, container

TYPE = "Microsoft.Storage/storageAccounts"


def accounts(twin: AzureTwin, **cases: dict[str, Any]) -> None:
    for name, properties in cases.items():
        twin.add(PROD, TYPE, name, **properties)


def test_secure_transfer(twin: AzureTwin, said: Said) -> None:
    """On passes, off fails; NFS 3.0 cannot have it and is judged by its network; what Azure does not tell is unknown."""
    accounts(
        twin,
        on={"supportsHttpsTrafficOnly": True},
        off={"supportsHttpsTrafficOnly": False},
        untold={"supportsHttpsTrafficOnly": None},
        nfs_private={"supportsHttpsTrafficOnly": False, "isNfsV3Enabled": True, "publicNetworkAccess": "Disabled"},
        nfs_open={"supportsHttpsTrafficOnly": False, "isNfsV3Enabled": True, "networkAcls": {"defaultAction": "Allow"}},
        broken={"supportsHttpsTrafficOnly": "true"},
    )
    assert said("azure.storage.secure_transfer") == {
        "on": "pass", "off": "fail", "untold": "unknown", "nfs_private": "pass", "nfs_open": "fail", "broken": "unknown",
    }  # fmt: skip


def test_min_tls(twin: AzureTwin, said: Said) -> None:
    """By rank and not by name; null is no version, unless a company says otherwise."""
    versions = {"v0": "TLS1_0", "v1": "TLS1_1", "v2": "TLS1_2", "v3": "TLS1_3", "null": None, "odd": "SSL3"}
    accounts(twin, **{name: {"minimumTlsVersion": version} for name, version in versions.items()})
    expected = {"v0": "fail", "v1": "fail", "v2": "pass", "v3": "pass", "null": "fail", "odd": "unknown"}
    assert said("azure.storage.min_tls") == expected
    assert said("azure.storage.min_tls", absent_is_fail=False) == expected | {"null": "pass"}


def test_public_blob(twin: AzureTwin, judged: Judged) -> None:
    """The flag decides; where it is on or was never set, the containers do. $web is told. An account without blobs has no containers."""
    accounts(
        twin,
        off={"allowBlobPublicAccess": False},
        on_private={"allowBlobPublicAccess": True},
        unset_public={},
        on_public={"allowBlobPublicAccess": True},
        files_only={},
    )
    base = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/{TYPE}"
    rest = "blobServices/default/containers"
    twin.page = 1
    twin.answer(f"{base}/on_private/{rest}", [container("a"), container("$web")])
    twin.answer(f"{base}/unset_public/{rest}", [container("a"), container("b", "Blob")])
    twin.answer(f"{base}/on_public/{rest}", [container("a", "Container")])
    message = {"error": {"code": "FeatureNotSupportedForAccount", "message": "Blob is not supported for the account."}}
    with twin.fault("Microsoft.Storage:BlobContainers_List", Reply(409, message), where=lambda call: "files_only" in call.path):
        found = judged("azure.storage.public_blob")
    assert {name: f.outcome.value for name, f in found.items()} == {
        "off": "pass", "on_private": "pass", "unset_public": "fail", "on_public": "fail", "files_only": "pass",
    }  # fmt: skip
    assert "$web" in found["on_private"].reason
    assert "b (Blob)" in found["unset_public"].reason
    assert not [call for call in twin.calls("Microsoft.Storage:BlobContainers_List") if "/off/" in call.path]


def test_network_deny(twin: AzureTwin, judged: Judged) -> None:
    """Null is open; a denial with rules that add up to the internet is open too; who may pass is told."""
    deny = {"defaultAction": "Deny", "bypass": "AzureServices"}
    halves = [{"value": "0.0.0.0/1", "action": "Allow"}, {"value": "128.0.0.0/1", "action": "Allow"}]
    accounts(
        twin,
        unset={},
        allow={"networkAcls": {"defaultAction": "Allow"}},
        deny={"publicNetworkAccess": "Enabled", "networkAcls": {**deny, "ipRules": [{"value": "203.0.113.7", "action": "Allow"}]}},
        halves={"networkAcls": {**deny, "ipRules": halves}},
        disabled={"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}},
        perimeter={"publicNetworkAccess": "SecuredByPerimeter"},
        resources={"networkAcls": {**deny, "resourceAccessRules": [{"tenantId": "t", "resourceId": "/subscriptions/x"}]}},
        six={"networkAcls": {**deny, "ipv6Rules": [{"value": "::/0", "action": "Allow"}]}},
    )
    found = judged("azure.storage.network_deny")
    assert {name: f.outcome.value for name, f in found.items()} == {
        "unset": "fail", "allow": "fail", "deny": "pass", "halves": "fail", "disabled": "pass", "perimeter": "pass", "resources": "pass",
        "six": "fail",
    }  # fmt: skip
    assert "1 resources may pass" in found["resources"].reason
