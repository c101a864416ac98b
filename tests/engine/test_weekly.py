"""The weekly report: what is not well, and who mends it by when, as far as that is known."""

from datetime import date, timedelta
from typing import Any

import pytest

from controlmon.engine.catalog import CheckRef, Control, Kind, Method, Role
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Noted
from controlmon.engine.status import State, Status
from controlmon.engine.weekly import Weekly, weekly
from controlmon.facts.controlmon.exceptions import Exemption
from controlmon.facts.document.risks import RiskRow
from controlmon.notify.weekly import body, title
from tests.support import NOW

CHECK = "aws.s3.bucket_encryption"
RISK = {"id": "R-1", "title": "Buckets", "about": ("encryption",), "owner": "ada", "due": NOW.date() + timedelta(days=3)}
SAID = {"check": CHECK, "scope": "aws:1", "subject": "b", "by": "bob", "at": "2026-01-02T00:00:00Z", "response": "rotate", "ticket": "T-1"}
EXEMPTION = Exemption(
    id="E-1", check=CHECK, subjects=("*",), owner="eve", approver="ada", reason="until it is moved", approved_at=date(2020, 1, 1),
    expires=NOW.date() + timedelta(days=1),
)  # fmt: skip


def report(state: State, risks: tuple[RiskRow, ...] = (), exceptions: tuple[Exemption, ...] = (), said: tuple[Any, ...] = ()) -> Weekly:
    checks = (CheckRef(CHECK, Role.PRIMARY),)
    control = Control("encryption", "Encryption", "data", "It is.", Kind.ACTIVITY, Method.AUTOMATED, "daily", timedelta(1), (), (), checks)
    status = Status("encryption", state, ("first why", "second why"), (), 1, 1, "")
    findings = [Noted(CHECK, "aws:1", "B", "high", ("encryption",), "aws.s3.bucket", "b")]
    return weekly(NOW, [control], {"encryption": status}, findings, risks, Exceptions(exceptions), said, NOW)


@pytest.mark.parametrize(
    ("given", "owned"),
    [
        pytest.param({}, [], id="nobody"),
        pytest.param({"risks": (RiskRow(**RISK),)}, [f"ada, by {RISK['due']} (risk R-1)"], id="a risk"),
        pytest.param({"risks": (RiskRow(**{**RISK, "status": "closed"}),)}, [], id="a closed risk"),
        pytest.param({"risks": (RiskRow(**{**RISK, "about": ("other",)}),)}, [], id="a risk about something else"),
        pytest.param(
            {"risks": (RiskRow(**{**RISK, "owner": None, "due": None}),)}, ["nobody, by no day (risk R-1)"], id="a risk of nobody"
        ),
        pytest.param(
            {"risks": (RiskRow(**{**RISK, "due": date(2020, 1, 1)}),)},
            ["ada, by 2020-01-01, which is over (risk R-1)"],
            id="a day that is over",
        ),
        pytest.param({"exceptions": (EXEMPTION,)}, [f"eve, by {EXEMPTION.expires} (exception E-1, of ada)"], id="an exception"),
        pytest.param({"said": (SAID,)}, ["bob said on 2026-01-02: rotate (T-1)"], id="a response"),
        pytest.param({"said": (SAID, {**SAID, "response": "rotated"})}, ["bob said on 2026-01-02: rotated (T-1)"], id="the last response"),
        pytest.param({"said": ({**SAID, "subject": "c"},)}, [], id="a response about another subject"),
    ],
)
def test_who_mends_it_by_when(given: dict[str, Any], owned: list[str]) -> None:
    """From the register of risks, the exceptions and what was said of deviations; if of nobody, the message says so."""
    told = report(State.FAILING, **given)
    assert [*told.controls[0].owned] == owned
    text = body(told, "0123456789ab")
    assert ("nobody is known to mend it" in text) is (not owned)
    assert all(line in text for line in owned)
    assert text.endswith("controlmon notify acknowledge --by PERSON --report 0123456789ab\n")


@pytest.mark.parametrize(("state", "shown"), [(s, s.value in ("failing", "unknown", "stale", "excepted")) for s in State])
def test_what_is_well_is_counted(state: State, shown: bool) -> None:
    """Only controls that are not well are named; every one is counted."""
    told = report(state)
    assert ([one.control for one in told.controls] == ["encryption"]) is shown
    assert {name for name, count in told.counts.items() if count} == {state.value}
    assert title(told, "artemis").endswith(f"1 {state.value}" if shown else "all is well")
    assert f"Of 1 controls: 1 {state.value}." in body(told, "x")
