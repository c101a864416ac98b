"""A review that Entra conducts comes to its end, is decided by people, and what they took away is gone.

Set up is not done; completed is not applied. Who was not looked at keeps the access by default; a recommendation that nobody read decides
like a person; and whoever reviews themselves finds nothing.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.reviews import Decision, Review, last_ended

BY_ITSELF = "AAD Access Reviews"
DONE = ("AppliedSuccessfully", "AppliedSuccessfullyButObjectNotFound")
GOOD = {"principal": "ada", "name": "ada", "decision": "Approve", "reviewer": "bob", "reviewer_name": "Bob"}


def review(*decisions: object, end: str = "2026-11-01T00:00:00+00:00", status: str = "Applied") -> Review:
    return Review.example(definition={}, instances=[{"id": "i", "status": status, "end": end}], decisions=decisions)


@check(
    title="Access reviews of Entra finish, and their decisions are applied",
    severity="high",
    reads=[Review.definition, Review.instances, Review.decisions],
    remediation="Have people decide before the end, turn on that decisions are applied, and look after those that failed.",
    proves="That the last round was decided by people other than those reviewed, and applied. Not that they looked closely.",
    passes=[review(GOOD), review({**GOOD, "decision": "Deny", "result": "AppliedSuccessfully"})],
    fails=[
        review(GOOD, end="2026-01-01T00:00:00+00:00"),
        review({**GOOD, "decision": "NotReviewed"}),
        review({**GOOD, "decision": "Deny", "result": "New"}, status="Completed"),
        review({**GOOD, "reviewer": "ada"}),
        review({**GOOD, "reviewer": "", "reviewer_name": BY_ITSELF}),
    ],
)
def judge(review: Review, now: datetime, *, days: int = 90) -> Verdict:
    rounds = review.instances
    last = last_ended(rounds)
    if last is None or last.end is None:
        begun = [one.start for one in rounds if one.start is not None]
        if begun and now - min(begun) > timedelta(days=days):
            return failed(f"no round has ended since it began on {min(begun):%Y-%m-%d}")
        return not_applicable("its first round has not ended yet")
    if now - last.end > timedelta(days=days):
        return failed(f"the last round ended on {last.end:%Y-%m-%d}, more than {days} days ago")
    wrong = [why for one in review.decisions if (why := _wrong(one))]
    if wrong:
        return failed(f"{wrong[0]}" + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""))
    return passed(f"the round that ended on {last.end:%Y-%m-%d} has {len(review.decisions)} decisions, made by people and applied")


def _wrong(one: Decision) -> str:
    if one.decision in ("NotReviewed", "DontKnow"):
        return f"nobody decided about {one.name}"
    if one.reviewer_name == BY_ITSELF:
        return f"a recommendation decided about {one.name}, and no person"
    if one.reviewer and one.reviewer == one.principal:
        return f"{one.name} reviewed themselves"
    if one.decision == "Deny" and one.result not in DONE:
        return f"{one.name} was denied, which is not applied ({one.result or 'no result'})"
    return ""
