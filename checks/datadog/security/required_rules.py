"""Each class of event that matters has a detection rule at work, whose signals reach somebody.

Datadog's own rules come and go, so a class is known by what a rule looks for and not by its id. A rule without notifications of its own is
heard only if a notification rule takes its signals, and a suppression can silence it altogether.
"""

from datetime import datetime

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.datadog.query import Takes
from controlmon.facts.datadog.security import CLASSES, NotificationRule, Rule, Suppression

ORG = Organization.example(name="Artemis")
ROOT = {"root login": "@userIdentity.type:Root"}
ONE = {"required": ["root login"], "classes": ROOT}
LOOKS = {"queries": ["source:cloudtrail @userIdentity.type:Root"], "severities": ["high"]}
HEARD = Rule.example(id="r", settings={**LOOKS, "targets": ["@slack-security"]})
MUTE = Rule.example(id="r", settings=LOOKS)
TELLS = NotificationRule.example(settings={"severities": ["high"], "targets": ["@slack-security"]})
NONE, SILENT = All[NotificationRule].of(), All[Suppression].of()


@check(
    title="Detection rules for the required event classes are enabled",
    severity="high",
    reads=[Rule.settings, NotificationRule.settings, Suppression.settings],
    remediation="Enable or write a rule for the class, notify somebody in its cases or by a notification rule, and lift what silences it.",
    proves="That an enabled rule looks for what stands for each class, tells somebody, and is not silenced. Not that the rule would "
    "fire, nor that its logs arrive.",
    passes=[
        Example((ORG, All.of(HEARD), NONE, SILENT), ONE),
        Example((ORG, All.of(MUTE), All.of(TELLS), SILENT), ONE),
    ],
    fails=[
        Example((ORG, All[Rule].of(), NONE, SILENT), ONE),
        Example((ORG, All.of(Rule.example(settings={**LOOKS, "enabled": False, "targets": ["@a"]})), NONE, SILENT), ONE),
        Example((ORG, All.of(MUTE), NONE, SILENT), ONE),
        Example((ORG, All.of(HEARD), NONE, All.of(Suppression.example(settings={"rules": "ruleId:r", "whole": True}))), ONE),
    ],
)
def judge(
    organization: Organization,  # noqa: ARG001 - who is judged
    rules: All[Rule],
    routes: All[NotificationRule],
    suppressions: All[Suppression],
    now: datetime,
    *,
    classes: dict[str, str] | None = None,
    required: tuple[str, ...] = CLASSES,
) -> Verdict:
    def state(rule: Rule) -> str:
        """What keeps a rule from being heard: "" for nothing, "?" before what cannot be told."""
        silenced = {one.silences(rule, now) for one in suppressions}
        reached = {Takes.ALL} if rule.settings.targets else {one.reaches(rule) for one in routes}
        if Takes.ALL in silenced:
            return "it is suppressed"
        if Takes.ALL not in reached:
            return "?whether a notification rule takes it cannot be told" if Takes.SOME in reached else "nobody is told of its signals"
        return "?whether a suppression silences it cannot be told" if Takes.SOME in silenced else ""

    def of_class(name: str) -> tuple[bool, str]:
        """What is wrong with the rules for a class ("" for nothing), and whether that is certain."""
        found = {r.name: state(r) for r in rules if r.settings.at_work and r.settings.looks_for(patterns[name])}
        if "" in found.values():
            return True, ""
        told = "; ".join(f"{rule}: {why.lstrip('?')}" for rule, why in found.items())
        return not any(why.startswith("?") for why in found.values()), f"{name} ({told})" if found else f"no enabled rule looks for {name}"

    patterns = classes or {}
    wanted = list(dict.fromkeys((*required, *patterns)))
    judged = [of_class(name) for name in wanted if name in patterns]
    bad = [wrong for certain, wrong in judged if wrong and certain]
    doubtful = [wrong for certain, wrong in judged if wrong and not certain]
    doubtful += [f"no rule query is given for {name}" for name in wanted if name not in patterns]
    if bad:
        return failed("; ".join(bad))
    if doubtful or not wanted:
        return unknown("; ".join(doubtful) or "no class is required")
    return passed(f"each of {len(wanted)} classes has a rule at work that tells somebody")
