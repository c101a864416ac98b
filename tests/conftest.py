"""A small AWS to run against, shared by the tests of the flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twins.aws import AwsTwin


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
