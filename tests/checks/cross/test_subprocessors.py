"""cross.subprocessor.observed_vs_published: the page, the register and what the clouds let in, as each might be found."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import Role
from controlmon.facts.base import Kind
from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.exercises import Notice
from controlmon.facts.document.systems import Page
from controlmon.facts.document.vendors import Vendor, VendorTerms
from controlmon.facts.entra.apps import DelegatedGrant, ServicePrincipal
from tests.checks.document.rows import COMPANY, SHA, company, row, said
from tests.support import DENIED, Given

CHECK = "cross.subprocessor.observed_vs_published"
OWN, THEIRS = "111111111111", "464622532012"
ENTRA, AWS = Scope("entra", "our-tenant"), Scope("aws", OWN)
CLOUDS: tuple[type[Kind], ...] = (ServicePrincipal, DelegatedGrant, Role, Account)


def page(*listed: str, status: int = 200) -> Given:
    about = {"id": "subs", "name": "Subprocessors", "kind": "subprocessors", "url": "https://x.io/s"}
    fetched = {"url": "https://x.io/s", "status": status, "listed": list(listed)}
    return Given(Page, "subs", scope=COMPANY, row={"row": about, "file": "f", "line": 1}, fetched=fetched)


def vendor(name: str, **more: Any) -> Given:
    return row(Vendor, {"id": name.lower().replace(" ", "-"), "name": name, "customer_data": True, "first_use": "2024-01-01"} | more)


def notice(sent: str) -> Given:
    about = {"id": "n", "event": "c", "type": "subprocessor_change", "known_at": "2026-01-01", "due_at": "2026-12-01", "audience": "all"}
    return row(Notice, about, sent_at=sent)


@pytest.mark.parametrize(
    ("subject", "listed", "others", "outcome", "why"),
    [
        (vendor("AWS"), ["Amazon Web Services"], [], "pass", "published as Amazon Web Services"),
        (vendor("AWS"), ["Amazon Web Services, Inc."], [], "pass", "Inc."),
        (vendor("Microsoft 365"), ["Office 365"], [], "pass", ""),
        (vendor("Microsoft"), ["Azure DevOps"], [], "pass", ""),
        (vendor("Office 365"), ["Azure DevOps"], [], "fail", "not on the published list"),
        (vendor("Initech", aliases=["TPS Cloud"]), ["tps cloud"], [], "pass", ""),
        (vendor("Initech", customer_data=False), ["AWS"], [], "pass", "none"),
        (vendor("Initech", customer_data=False), ["Initech"], [], "fail", "sees no customer data"),
        (vendor("Initech", customer_data=None), ["Initech"], [], "unknown", "does not say"),
        (vendor("Initech", ended="2026-01-01"), ["AWS"], [], "not_applicable", "not in use"),
        (vendor("AWS", first_use="2026-10-01"), ["AWS"], [], "fail", "no notice"),
        (vendor("AWS", first_use="2026-10-01"), ["AWS"], [notice("2026-10-02")], "fail", "no notice"),
        (vendor("AWS", first_use="2026-10-01"), ["AWS"], [notice("2026-09-01")], "pass", "notice was given"),
        (vendor("AWS", first_use="soon"), ["AWS"], [], "unknown", "first_use"),
    ],
)
def test_a_vendor(subject: Given, listed: list[str], others: list[Given], outcome: str, why: str) -> None:
    """Whoever sees customer data is listed under one of its names, nobody else is, and a new one was announced."""
    found = said(CHECK, subject, page(*listed), *others)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_without_a_list_nothing_is_known() -> None:
    """A page that is gone, walled or empty shows no list; a register without it fails."""
    for one in (page("AWS", status=403), page("AWS", status=404), page()):
        assert said(CHECK, vendor("AWS"), one)[0] == "unknown"
    assert said(CHECK, vendor("AWS"))[0] == "fail"
    assert said(CHECK, vendor("AWS"), gaps={Page: DENIED})[0] == "unknown"


def app(name: str, owner: str = "their-tenant", **more: Any) -> Given:
    profile = {"appId": f"app-{name}", "appOwnerOrganizationId": owner, "servicePrincipalType": "Application", "appRoles": [],
               "passwordCredentials": [], "appRoleAssignmentRequired": False} | more  # fmt: skip
    return Given(ServicePrincipal, name, scope=ENTRA, profile=profile, given={"NotAsked": "none matters"})


def graph(holder: str, permission: str) -> Given:
    offers = [{"id": "r", "value": permission, "allowedMemberTypes": ["Application"]}]
    profile = {"appId": "graph", "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "appRoles": offers,
               "servicePrincipalType": "Application", "passwordCredentials": [], "appRoleAssignmentRequired": False}  # fmt: skip
    held = {"value": [{"principalId": holder, "appRoleId": "r", "principalType": "ServicePrincipal"}]}
    return Given(ServicePrincipal, "graph", scope=ENTRA, profile=profile, given=held)


def consent(client: str, scopes: str) -> Given:
    return Given(DelegatedGrant, "g", scope=ENTRA, delegated={"clientId": client, "consentType": "Principal", "scope": scopes})


def role(*principals: str) -> Given:
    document = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}]}
    return Given(Role, "arn:role", name="their-role", scope=AWS, trust={"Path": "/", "AssumeRolePolicyDocument": document})


ACCOUNT = Given(
    Account, OWN, scope=AWS, standing={"Account": OWN}, organization={"Error": {"Code": "AWSOrganizationsNotInUseException"}},
    organization_tree={"Error": {"Code": "AWSOrganizationsNotInUseException"}},
)  # fmt: skip
MODEL = {"models": [{"model": "anthropic.claude-4", "route": "bedrock"}]}
TERMS = {"id": "t", "provider": "aws", "service": "B", "route": "bedrock", "models": ["anthropic.*"], "operator": "AWS", "clause": "1",
         "retrieved_at": "2026-01-01", "sha256": SHA, "excludes_training": True, "retention": "0", "boundary": "EU"}  # fmt: skip
USE = row(AiUseCase, {"id": "u", "name": "U"} | MODEL)


@pytest.mark.parametrize(
    ("others", "outcome", "why"),
    [
        ([], "pass", "0 integrations"),
        ([app("Notetaker")], "pass", "0 integrations"),
        ([app("Notetaker"), consent("Notetaker", "openid User.Read")], "pass", "0 integrations"),
        ([app("Notetaker"), consent("Notetaker", "openid Mail.Read")], "fail", "Notetaker of tenant their-tenant (Mail.Read)"),
        ([app("Notetaker"), graph("Notetaker", "Sites.ReadWrite.All")], "fail", "(Sites.ReadWrite.All)"),
        ([app("Notetaker"), graph("Notetaker", "Files.Read.All")], "fail", "(Files.Read.All)"),
        ([app("AWS"), consent("AWS", "Mail.Read")], "pass", "1 integrations"),
        ([app("Broken", appRoles=5), app("Notetaker"), consent("Notetaker", "Mail.Read")], "fail", "(Mail.Read)"),
        ([app("Broken", appRoles=5)], "unknown", "cannot be read"),
        ([app("Notetaker", "our-tenant"), consent("Notetaker", "Mail.Read")], "pass", "0 integrations"),
        ([app("Notetaker", accountEnabled=False), consent("Notetaker", "Mail.Read")], "pass", "0 integrations"),
        ([role(f"arn:aws:iam::{OWN}:root")], "pass", "0 integrations"),
        ([role(f"arn:aws:iam::{THEIRS}:root", "AROAEXAMPLEEXAMPLE")], "fail", f"account {THEIRS}, which the role their-role"),
        ([USE, row(VendorTerms, TERMS)], "pass", ""),
        ([USE, row(VendorTerms, TERMS, operator="Anthropic")], "fail", "Anthropic operates anthropic.claude-4 (bedrock)"),
        ([USE], "unknown", "no terms tell who operates"),
        ([vendor("Initech", customer_data=True)], "pass", ""),
    ],
)
def test_what_is_let_in(others: list[Given], outcome: str, why: str) -> None:
    """Each app of others with data, each account that a role trusts and each operator of a model in use is a vendor, by any of its names."""
    there = [one for one in others if one.kind is not Account]
    found = said(CHECK, company(), vendor("AWS"), page("AWS"), ACCOUNT, *there, seen=CLOUDS)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_what_a_company_tells_of_itself() -> None:
    """An account or tenant may be named as a vendor's or as our own; a cloud that is not used is not asked for; one that is has to be seen."""
    trusting, reading = role(f"arn:aws:iam::{THEIRS}:root"), [app("Notetaker"), consent("Notetaker", "Mail.Read")]
    common = [company(), vendor("AWS"), page("AWS"), ACCOUNT]

    def outcome(*given: Given, gaps: Any = None, **parameters: Any) -> str:
        return said(CHECK, *common, *given, gaps=gaps, seen=CLOUDS, **parameters)[0]

    assert outcome(trusting, known={THEIRS: "aws"}) == "pass"
    assert outcome(trusting, own=(THEIRS,)) == "pass"
    assert outcome(trusting, vendor("Datadog", aliases=[THEIRS])) == "pass"
    assert outcome(trusting, vendor("Datadog", aliases=[THEIRS], ended="2026-01-01")) == "fail"
    assert outcome(trusting, clouds=("entra",)) == "pass"
    assert outcome(*reading, clouds=("aws",)) == "pass"
    assert outcome(*reading, known={"their-tenant": "aws"}) == "pass"
    assert outcome(gaps={Role: DENIED}) == "unknown"
    assert outcome(gaps={ServicePrincipal: DENIED}) == "unknown"
    assert outcome(*reading, gaps={Role: DENIED}) == "fail"  # what was seen is enough
    assert said(CHECK, company(), vendor("AWS"), page("AWS"))[0] == "unknown"  # no cloud was asked at all
    assert said(CHECK, company(), vendor("AWS"), page("AWS"), clouds=())[0] == "pass"
    assert said(CHECK, company(), vendor("AWS"), page("AWS", "Slack"), clouds=()) == (
        "fail", "the page lists Slack, and no vendor in use goes by that name",
    )  # fmt: skip
