"""What tests of registers share: two people who were trained, and what a run says of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run import output

TRAINING = "attestation.training.completion"
PEOPLE = "id,name,email,role,manager,head,start\nada,Ada,ada@x.io,CEO,,true,2020-01-01\nbob,Bob,bob@x.io,engineer,ada,,2020-01-01\n"
TODAY = datetime.now(UTC).date()
LATELY = TODAY - timedelta(days=30)
TRAINED = f"id,person,course,completed_at\nt-1,ada,security,{LATELY}\nt-2,bob,security,{LATELY}\n"

Write = Callable[[dict[str, str | bytes | None]], Path]
"""Puts files into the directory of registers, or takes them away (None), and tells where it is."""


def outcomes(capsys: pytest.CaptureFixture[str], check: str = TRAINING, *more: str) -> dict[str, tuple[str, str]]:
    """The outcome and reason for each subject of a check, as `run` prints it."""
    code, out, err = output(capsys, "run", check, "--format", "json", *more)
    assert (code in (0, 1, 3), err) == (True, ""), (code, err)
    found: list[dict[str, Any]] = json.loads(out)["findings"]
    return {f["subject"]["id"]: (f["outcome"], f["reason"]) for f in found}
