"""No control is shown to customers as passing that its checks do not show to pass.

A page that people write says what was true when they wrote it. What counts here is what each control's checks said last: one that fails,
that could not be seen, that nobody ran in time or ever, takes the tick from the page; so does one that passes only by an exception.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.controlmon.controls import Shown
from controlmon.facts.document.published import shown_statuses
from controlmon.facts.document.systems import Page

UNTOLD: dict[str, str] = {}


def case(state: str, shown: str = "passing", *reasons: str) -> Example:
    derived = {"state": state, "reasons": list(reasons) or ["12 passes in 3 checks"], "seen": True}
    return Example((Shown.example(id="encryption", derived=derived), Everywhere[Page].of()), {"shown": {"*": shown}})


@check(
    title="The status shown to customers is backed by fresh evidence",
    severity="high",
    reads=[Shown.derived, Page.row, Page.fetched],
    remediation="Correct the page, or mend what the control's checks found.",
    proves="That what the page shows of a control (a page of kind `status` in the register, or the parameter `shown`) is no better than "
    "what its checks said before this run. Not what a page shows that is in neither.",
    passes=[case("passing"), case("failing", "in progress")],
    fails=[case(state, "passing", "why") for state in ("failing", "unknown", "stale", "waiting", "unmonitored", "excepted")],
)
def judge(
    control: Shown,
    pages: Everywhere[Page],
    now: datetime,
    *,
    shown: dict[str, str] = UNTOLD,
    passing_words: tuple[str, ...] = ("passing", "implemented", "monitored", "compliant", "met", "ok"),
    may_be_excepted: bool = False,
) -> Verdict:
    derived, word, why = control.derived, _word(control.id, shown), ""
    if not word:
        told, why = shown_statuses(pages)
        word = _word(control.id, told)
    if not word:
        return unknown(f"nothing tells what the page shows of it: {why or 'the page of kind `status` does not name it'}")
    if word.lower() not in passing_words:
        return passed(f"it is shown as {word}, and is {derived.state}")
    if not derived.seen and derived.state == "waiting":
        return waiting("none of its checks has run yet", due=(now + timedelta(days=1)).date())
    backed = ("passing", "excepted") if may_be_excepted else ("passing",)
    if derived.state in backed:
        return passed(f"it is shown as {word}: {derived.reasons[0] if derived.reasons else derived.state}")
    return failed(f"it is shown as {word}, and is {derived.state}: {'; '.join(derived.reasons)}")


def _word(control: str, shown: Mapping[str, str]) -> str:
    return shown.get(control, shown.get("*", "")).strip()
