"""A day's log, and a verifier to ask."""

import json
from pathlib import Path
from typing import Any

import pytest

from controlmon.ledger.offline import verify
from tests.bundles import Bundle, Key, Log, company, zipped
from tests.ledger.offline.forged import Told, Verify


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verifies a log, a bundle, members or a file, with the key of the log unless another is given."""

    def ask(what: Any, *arguments: str, key: Key | None = None) -> Told:
        path = tmp_path / "bundle.zip"
        if isinstance(what, Log):
            key, what = key or what.key, what.bundle()
        if isinstance(what, Bundle):
            key, what = key or what.key, what.members()
        path = what if isinstance(what, Path) else zipped(path, what)
        given = ["--key", key.text] if key else []
        capsys.readouterr()
        code = verify.main([str(path), *given, *arguments, "--json"])
        text = capsys.readouterr().out
        answer = json.loads(text)
        assert answer["exit"] == code
        return Told(code, {one["step"] for one in answer["problems"]}, text, " / ".join(answer["told"]))

    return ask


@pytest.fixture(scope="module")
def day() -> Log:
    """A day that nobody changes."""
    return company(6)


@pytest.fixture
def bundle(day: Log) -> Bundle:
    return day.bundle()
