"""A small AWS to run against, shared by the tests of the flow; and how much of the fault matrix is run."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twins.aws import AwsTwin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole-matrix", action="store_true", help="Every operation under every fault, which takes an hour on two cores.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--whole-matrix` each operation is denied, and every third one is put under one more fault, which its name chooses."""
    if config.getoption("--whole-matrix"):
        return
    cells: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        if item.path.name.startswith("test_fault_matrix") and {"operation", "fault"} <= set(given) and given["fault"].name != "DENIED":
            cells.setdefault((item.path.name, given["operation"].id), []).append(item)
    left = set()
    for (_, operation), several in cells.items():
        chosen = int.from_bytes(hashlib.sha256(operation.encode()).digest()[:4], "big")
        kept = [several[chosen // 3 % len(several)]] if chosen % 3 == 0 else []
        left |= set(several) - set(kept)
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=sorted(left, key=lambda item: item.nodeid))


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsTwin]:
    """Two buckets, one encrypted with a KMS key; credentials and endpoint in the environment; a state directory of its own."""
    with AwsTwin() as twin:
        twin.reset()
        s3, key = twin.client("s3"), twin.client("kms").create_key()["KeyMetadata"]["Arn"]
        for name in ("artemis-good", "artemis-bad"):
            s3.create_bucket(Bucket=name)
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        s3.put_bucket_encryption(Bucket="artemis-good", ServerSideEncryptionConfiguration={"Rules": [rule]})
        for name, value in twin.env().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.chdir(tmp_path)
        twin.reset_journal()
        yield twin
