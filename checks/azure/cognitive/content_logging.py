"""Prompts are not kept for abuse monitoring where it was promised that nobody keeps them.

The capability ContentLogging appears only when logging is off, with the word "false": its absence is the bad case, the opposite of what one
expects. Microsoft approves it for each subscription, and a new one starts with logging on.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.cognitive import AiAccount


def account(kind: str = "OpenAI", **capabilities: str) -> AiAccount:
    return AiAccount.example(settings={"kind": kind, "capabilities": capabilities})


@check(
    title="Prompt retention for abuse monitoring is off where no retention is promised",
    severity="critical",
    reads=[AiAccount.settings],
    remediation="Apply to Microsoft for modified abuse monitoring for the subscription, or narrow the promise.",
    proves="That Microsoft keeps no prompts of this account for abuse monitoring. Not what preview features and stored data keep.",
    passes=[account(ContentLogging="false"), Example((account("AIServices", ContentLogging="False"),))],
    fails=[account(), account(ContentLogging="true"), account("AIServices", MaxFineTuneCount="100")],
)
def judge(
    account: AiAccount, *, promises_no_retention: bool = True, generative_kinds: tuple[str, ...] = ("OpenAI", "AIServices")
) -> Verdict:
    settings = account.settings
    if settings.kind.lower() not in {kind.lower() for kind in generative_kinds}:
        return not_applicable(f"its kind is {settings.kind}, which has no generative models")
    if not promises_no_retention:
        return not_applicable("the promise is declared to be about training, not about retention")
    said = settings.capabilities.get("ContentLogging")
    if said is not None and said.lower() == "false":
        return passed("the capability ContentLogging is false")
    return failed(f"the capability ContentLogging is {said or 'absent, which means that logging is on'}")
