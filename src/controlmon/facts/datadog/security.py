"""Cloud SIEM of Datadog: detection rules, what silences them, whom their signals reach, and what became of the signals."""

from datetime import datetime
from fnmatch import fnmatchcase

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.parts import flag, moment, text, words
from controlmon.facts.datadog.query import Takes, takes

CLASSES = (
    "root login",
    "console without MFA",
    "IAM change",
    "trail stopped",
    "security group opened",
    "key disabled",
    "impossible travel",
    "consent grant",
    "break-glass use",
    "GitHub admin change",
    "Auth0 brute force",
)
"""The classes of events that have to be detected."""


class Detection(View, frozen=True):
    """A detection rule. `severities` are those of its cases; `targets` whom the cases themselves notify."""

    enabled: bool = True
    deleted: bool = False
    type: str = "log_detection"
    queries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def at_work(self) -> bool:
        """True if it is enabled and not deleted."""
        return self.enabled and not self.deleted

    def looks_for(self, pattern: str) -> bool:
        """Whether one of its queries is like a pattern (a glob; without one, what the query contains)."""
        wanted = pattern.lower() if any(c in pattern for c in "*?[") else f"*{pattern.lower()}*"
        return any(fnmatchcase(query.lower(), wanted) for query in self.queries)


class Rule(Kind, name="datadog.detection_rule"):
    """A detection rule of Datadog."""

    @aspect()
    def settings(raw: Raw) -> Detection:
        """What it looks for, and whether it is at work (v2.SecurityMonitoringApi:list_security_monitoring_rules)."""
        cases = raw.get("cases") or []
        return Detection(
            enabled=flag(raw, "isEnabled"),
            deleted=flag(raw, "isDeleted") if "isDeleted" in raw else False,
            type=str(raw.get("type") or ""),
            queries=tuple(str(one["query"]) for one in raw.get("queries") or [] if "query" in one),
            tags=tuple(raw.get("tags") or ()),
            severities=tuple(str(case["status"]) for case in cases),
            targets=tuple(str(target) for case in cases for target in case.get("notifications") or ()),
        )

    def takes_part(self, query: str) -> Takes:
        """Whether a query about rules and signals takes those of this rule: all, none, or it cannot be told."""
        settings = self.settings

        def term(key: str, value: str) -> Takes:
            if (key, value) == ("", "*"):
                return Takes.ALL
            if key.lower() in ("ruleid", "rule_id", "@workflow.rule.id"):
                return Takes.ALL if value == self.id else Takes.NONE
            if key.lower() in ("type", "@workflow.rule.type"):
                return Takes.ALL if fnmatchcase(settings.type, value.lower().replace(" ", "_")) else Takes.NONE
            return Takes.ALL if f"{key}:{value}".lower() in {tag.lower() for tag in settings.tags} else Takes.SOME

        return takes(query, term)


class Routing(View, frozen=True):
    """A notification rule: which signals it takes, and whom it tells."""

    enabled: bool = True
    trigger: str = "security_signals"
    severities: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    query: str = ""
    targets: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """True if no query narrows it, and it takes the signals of detection rules on logs."""
        return self.query.strip() in ("", "*") and (not self.types or "log_detection" in self.types)


class NotificationRule(Kind, name="datadog.notification_rule"):
    """A rule of Datadog for whom signals are told to."""

    @aspect()
    def settings(raw: Raw) -> Routing:
        """What it takes and whom it tells (v2.SecurityMonitoringApi:get_signal_notification_rules)."""
        said = raw["attributes"]
        chosen = said["selectors"]
        return Routing(
            enabled=flag(said, "enabled"),
            trigger=text(chosen, "trigger_source"),
            severities=tuple(str(one) for one in chosen.get("severities") or ()),
            types=tuple(str(one) for one in chosen.get("rule_types") or ()),
            query=str(chosen.get("query") or ""),
            targets=words(said, "targets"),
        )

    def reaches(self, rule: Rule) -> Takes:
        """Whether the signals of a detection rule are told to anybody by this one."""
        mine, its = self.settings, rule.settings
        if not mine.enabled or not mine.targets or mine.trigger != "security_signals":
            return Takes.NONE
        if mine.types and its.type not in mine.types:
            return Takes.NONE
        if mine.severities and not set(mine.severities) & set(its.severities):
            return Takes.NONE
        return Takes.ALL if mine.query.strip() in ("", "*") else rule.takes_part(mine.query)


class Silence(View, frozen=True):
    """A suppression. `whole` is True if it drops every signal of the rules that it is about."""

    enabled: bool = True
    rules: str = ""
    whole: bool = False
    starts: datetime | None = None
    ends: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.enabled and (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)


class Suppression(Kind, name="datadog.suppression"):
    """A suppression of Datadog: what silences rules."""

    @aspect()
    def settings(raw: Raw) -> Silence:
        """What it silences, and until when (v2.SecurityMonitoringApi:list_security_monitoring_suppressions)."""
        said = raw["attributes"]
        dropped = {str(said.get(name) or "").strip() for name in ("suppression_query", "data_exclusion_query")}
        return Silence(
            enabled=flag(said, "enabled"),
            rules=text(said, "rule_query"),
            whole="*" in dropped,
            starts=moment(said["start_date"]) if said.get("start_date") else None,
            ends=moment(said["expiration_date"]) if said.get("expiration_date") else None,
        )

    def silences(self, rule: Rule, now: datetime) -> Takes:
        """What it takes away of a rule's signals."""
        mine = self.settings
        if not mine.holds(now):
            return Takes.NONE
        about = rule.takes_part(mine.rules)
        return about if mine.whole or about is Takes.NONE else Takes.NONE


class Triage(View, frozen=True):
    """What became of a signal. `reason` and `person` are empty if nobody gave one."""

    severity: str
    at: datetime
    state: str
    reason: str = ""
    person: str = ""


class Signal(Kind, name="datadog.signal"):
    """A security signal of Datadog, of severity high or critical."""

    @aspect()
    def triage(raw: Raw) -> Triage:
        """How it was triaged (v2.SecurityMonitoringApi:search_security_monitoring_signals)."""
        said = raw["attributes"]
        inner = said.get("custom") or said.get("attributes")
        triage = inner["workflow"]["triage"]
        reason = triage.get("archiveReason") or triage.get("archive_reason") or ""
        people = (
            "archiveCommentUser", "archive_comment_user", "stateUpdateUser", "state_update_user", "assignee",
        )  # fmt: skip
        return Triage(
            severity=str(inner.get("status") or said.get("status") or inner["workflow"].get("severity") or ""),
            at=moment(said["timestamp"]),
            state=text(triage, "state"),
            reason="" if reason == "none" else str(reason),
            person=next((name for key in people if (name := _named(triage.get(key)))), ""),
        )


def _named(user: Raw) -> str:
    return str(user.get("handle") or user.get("name") or user.get("uuid") or "") if isinstance(user, dict) else ""


class Team(Kind, name="datadog.team"):
    """A team of Datadog."""

    @aspect(absent=0)
    def on_call(raw: Raw) -> int:
        """How many are on call now (v2.OnCallApi:get_team_on_call_users); a team that is not in On-Call has nobody."""
        return len(raw["data"]["relationships"]["responders"]["data"])
