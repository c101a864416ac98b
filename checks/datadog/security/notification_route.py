"""Signals that matter are told to somebody who is there.

A rule can be enabled and tell a channel that was removed or a person who left: a target that looks fine proves little by itself.
"""

from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.datadog.security import NotificationRule, Team
from controlmon.facts.datadog.users import User

ORG = Organization.example(name="Artemis")
ANN = User.example(id="1", profile={"email": "ann@example.com", "handle": "ann@example.com"})
GONE = User.example(id="2", profile={"email": "gone@example.com", "handle": "gone@example.com", "disabled": True})
THERE, NOBODY = Team.example(name="security", on_call=1), Team.example(name="security", on_call=0)


def route(*targets: str, **settings: object) -> All[NotificationRule]:
    return All.of(NotificationRule.example(settings={"severities": ["critical", "high"], "targets": targets, **settings}))


@check(
    title="Signals and monitors notify a staffed channel",
    severity="high",
    reads=[NotificationRule.settings, Team.on_call, User.profile],
    remediation="Enable a notification rule for high and critical signals, give it targets that exist, and fill the on-call rotation.",
    proves="That an enabled rule tells of high and critical signals, to others than disabled users, and that somebody is on call. "
    "Not that a Slack channel or a mailbox still exists: name those that do in `staffed`.",
    passes=[
        (ORG, route("@slack-security"), All.of(THERE), All.of(ANN)),
        Example((ORG, route("@slack-security"), All.of(THERE), All.of(ANN)), {"staffed": ["@slack-sec*"]}),
    ],
    fails=[
        (ORG, route(), All.of(THERE), All.of(ANN)),
        (ORG, route("@slack-security", enabled=False), All.of(THERE), All.of(ANN)),
        (ORG, route("@slack-security", severities=["critical"]), All.of(THERE), All.of(ANN)),
        (ORG, route("@slack-security"), All.of(NOBODY), All.of(ANN)),
        (ORG, route("@gone@example.com"), All.of(THERE), All.of(ANN, GONE)),
        Example((ORG, route("@slack-old"), All.of(THERE), All.of(ANN)), {"staffed": ["@slack-security"]}),
    ],
)
def judge(
    organization: Organization,  # noqa: ARG001 - who is judged
    routes: All[NotificationRule],
    teams: All[Team],
    users: All[User],
    *,
    staffed: tuple[str, ...] = (),
    on_call_teams: tuple[str, ...] = (),
) -> Verdict:
    def dead(target: str) -> bool:
        name = target.lstrip("@").lower()
        if staffed and not any(fnmatchcase(target.lstrip("@"), pattern.lstrip("@")) for pattern in staffed):
            return True
        return "@" in name and users.some(lambda u: name in (u.profile.handle.lower(), u.profile.email.lower()) and u.profile.disabled)

    def tells(one: NotificationRule, severity: str) -> bool:
        rule = one.settings
        if not rule.enabled or rule.trigger != "security_signals" or (rule.severities and severity not in rule.severities):
            return False
        return any(not dead(target) for target in rule.targets)

    def route(severity: str) -> NotificationRule | None:
        """A rule that tells of all signals of Cloud SIEM of a severity, else one that tells of some."""
        whole = routes.first(lambda one: one.settings.everything and tells(one, severity))
        return whole or routes.first(lambda one: tells(one, severity))

    found = {severity: route(severity) for severity in ("critical", "high")}
    if silent := [severity for severity, one in found.items() if one is None]:
        return failed(f"no enabled rule tells of {' or '.join(silent)} signals to a target that is not dead")
    if not teams.some(lambda team: (not on_call_teams or team.name in on_call_teams) and team.on_call > 0):
        return failed("nobody is on call now")
    if narrow := [f"{one.name} tells of {severity} signals" for severity, one in found.items() if one and not one.settings.everything]:
        return unknown(f"{'; '.join(narrow)}, but not of all: whether that is enough cannot be told")
    return passed("high and critical signals are told of, and somebody is on call")
