"""The organization itself, how people sign in to it and to its children, and its audit trail."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.base import Ask, Found, Met, Place, Refused, Service
from controlmon.collect.datadog.operation import WHO, Read
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.datadog.organization import Organization, SignInSettings

organization = Service("datadog", "organization")
ORG = ("org_management",)
AUDIT = Read("v2.AuditApi", "search_audit_logs", needs=("audit_logs_read",))
KEPT = timedelta(days=450)
"""Longer than any audit trail is kept by Datadog itself."""


@organization.lists(Organization, WHO, at=Place.ACCOUNT)
def organizations(ask: Ask) -> Iterator[Found]:
    """The organization: there is one in each target, and it answered when we logged in."""
    ask()
    yield Found(Organization, ask.scope.target, ask.scope.target)


@organization.lists(SignInSettings, Read("v1.OrganizationsApi", "list_orgs", needs=ORG), at=Place.ACCOUNT, gives=[SignInSettings.saml])
def sign_in(ask: Ask) -> Iterator[Found]:
    """The organization and its children, each with its own settings. If it is the only one, it is ours, whatever id was told at login."""
    orgs = ask()["orgs"]
    for org in orgs:
        name = ask.scope.target if len(orgs) == 1 else org["public_id"]
        yield Found(SignInSettings, name, org["name"], answers={SignInSettings.saml: org})


@organization.answers(SignInSettings.other_methods, Read("v2.OrganizationsApi", "list_org_configs", needs=ORG))
def other_methods(ask: Ask, org: Met) -> Raw:
    """The settings of ours; those of a child are told only within it."""
    return ask() if org.id == ask.scope.target else not_asked("Datadog tells them only within that organization")


@organization.answers(SignInSettings.provider, Read("v2.OrganizationsApi", "list_saml_configurations", needs=ORG))
def provider(ask: Ask, org: Met) -> Raw:
    """The SAML configuration of ours; an organization has at most one."""
    return ask() if org.id == ask.scope.target else not_asked("Datadog tells it only within that organization")


@organization.answers(Organization.audit_latest, AUDIT)
def audit_latest(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001 - it is the one that was logged in to
    """One event of the last 24 hours is enough."""
    return _event(ask, timedelta(hours=24), "-timestamp")


@organization.answers(Organization.audit_earliest, AUDIT)
def audit_earliest(ask: Ask, organization: Met) -> Raw:  # noqa: ARG001
    """The oldest event shows how long they are kept, or since when there are any."""
    return _event(ask, KEPT, "timestamp")


def _event(ask: Ask, back: timedelta, sort: str) -> Raw:
    since, until = ((ask.now - back).isoformat(), ask.now.isoformat())
    body = {"filter": {"query": "*", "from": since, "to": until}, "sort": sort, "page": {"limit": 1}}
    try:
        return ask(body=body)
    except Refused as refused:
        gap = refused.gap
        if gap.kind is not GapKind.DENIED:
            raise
        told = f"{gap.detail}; Datadog says the same where the audit trail is off"
        raise Refused(Gap(gap.kind, gap.operation, told, gap.needs)) from refused
