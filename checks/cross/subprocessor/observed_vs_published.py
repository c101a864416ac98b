"""Whoever can touch customer data is on the published list, and whoever is on the list is a vendor who can.

The list is a promise, the register a claim, and consents and trusts are what is. The three go by different names: Office 365 is Microsoft
365, and Azure DevOps is Microsoft. Who operates a model that somebody else hosts reads customers' content as well, and is a fourth party
that has to be listed.
"""

from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import Role
from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.exercises import Notice
from controlmon.facts.document.naming import ALIASES, called
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import in_force
from controlmon.facts.document.systems import Page
from controlmon.facts.document.vendors import Vendor, VendorRow, VendorTerms
from controlmon.facts.entra.apps import DelegatedGrant, ServicePrincipal
from controlmon.facts.integrations import Integration, integrations

ROW: dict[str, object] = {"id": "subs", "name": "Subprocessors", "kind": "subprocessors", "url": "https://x.io/subprocessors"}
KNOWN: dict[str, str] = {}


def case(*listed: str, company: bool = False, integration: str = "", operator: str = "", **vendor: object) -> Example:
    row = {"id": "m", "name": "Microsoft 365", "customer_data": True, "first_use": "2024-01-01"} | vendor
    seen = {"url": "https://x.io/subprocessors", "status": 200, "listed": listed}
    app = ServicePrincipal.example(id="p", name=integration, profile={"app": "a", "owner": "t", "roles": {"r": "Mail.Read"}}, given=[])
    grant = DelegatedGrant.example(delegated={"client": "p", "everybody": True, "scopes": ["Mail.Read"]})
    use = AiUseCase.example(id="u", row={"id": "u", "name": "U", "models": [{"model": "claude-4", "route": "foundry"}]})
    terms: dict[str, object] = {"id": "t", "provider": "m", "service": "Foundry", "route": "foundry", "operator": operator, "clause": "1"}
    terms |= {"retrieved_at": "2026-01-01", "sha256": "sha256:" + "0" * 64, "excludes_training": True, "retention": "0", "boundary": "EU"}
    arguments = (
        Company.example() if company else Vendor.example(id="m", row=row),
        All.of(Vendor.example(id="m", row=row)),
        All.of(Page.example(id="subs", row=ROW, fetched=seen)),
        All[Notice].of(),
        All.of(*([use] if operator else [])),
        All.of(*([VendorTerms.example(id="t", row=terms)] if operator else [])),
        Everywhere.of(*([app] if integration else [])),
        Everywhere.of(*([grant] if integration else [])),
        Everywhere[Role].of(),
        Everywhere[Account].of(),
    )
    return Example(arguments, {"clouds": ("entra",) if integration else ()})


@check(
    title="The published subprocessor list equals the vendors that can touch customer data",
    severity="high",
    reads=[
        *(Vendor.row, Page.row, Page.fetched, Notice.row, AiUseCase.row, VendorTerms.row),
        *(ServicePrincipal.profile, ServicePrincipal.given, DelegatedGrant.delegated),
        *(Role.trust, Account.standing, Account.organization, Account.organization_tree),
    ],
    remediation="Update the page and give notice, register the vendor or its other name (`aliases`), or take its access away.",
    proves="That list and register agree, and that each app of another tenant with access to data, each account that a role trusts and "
    "each operator of a model belongs to a registered vendor; an app is taken for whom it says it is. What is integrated elsewhere is not "
    "seen, nor who comes where everybody is trusted.",
    passes=[
        case("Office 365"),
        case("AWS", customer_data=False),
        case("Office 365", company=True, integration="Microsoft 365"),
        case("Office 365", company=True, operator="Microsoft 365"),
    ],
    fails=[
        case("AWS"),
        case("Office 365", customer_data=False),
        case("Office 365", first_use="2026-10-01"),
        case("Office 365", "Slack", company=True),
        case("Office 365", company=True, integration="Notetaker"),
        case("Office 365", company=True, operator="Anthropic"),
    ],
)
def judge(
    subject: Vendor | Company,
    vendors: All[Vendor],
    pages: All[Page],
    notices: All[Notice],
    cases: All[AiUseCase],
    terms: All[VendorTerms],
    principals: Everywhere[ServicePrincipal],
    grants: Everywhere[DelegatedGrant],
    roles: Everywhere[Role],
    accounts: Everywhere[Account],
    now: datetime,
    *,
    clouds: tuple[str, ...] = ("aws", "entra"),
    aliases: dict[str, tuple[str, ...]] = ALIASES,
    known: dict[str, str] = KNOWN,
    own: tuple[str, ...] = (),
    notice_days: int = 365,
    notices_since: date | None = None,
) -> Verdict:
    page = pages.first(lambda one: one.row.kind == "subprocessors")
    if page is None:
        return failed("the register has no page of subprocessors")
    listed = page.fetched.listed
    if page.fetched.dead() or not listed:
        return unknown(f"no list was read on {page.row.url}: {page.fetched.dead() or 'it shows none'}")
    if isinstance(subject, Vendor):
        return _vendor(subject.row, listed, notices, aliases, now, notice_days, notices_since)
    used = [one.row for one in vendors if one.row.is_used(now)]
    if strange := [name for name in listed if not any(called(row, name, aliases) for row in used)]:
        return failed(f"the page lists {', '.join(strange)}, and no vendor in use goes by that name")
    wrong, unsure = _operators(cases, terms, listed, aliases)
    if wrong:
        return failed(wrong)
    seen, gap = integrations(clouds, principals, grants, roles, accounts, own)
    if unmapped := [one.said for one in seen if not any(_belongs(one, row, known, aliases) for row in used)]:
        return failed(f"no vendor in use goes by the name of {'; '.join(unmapped)}")
    if gap or unsure:
        return unknown(f"not every integration was seen: {gap}" if gap else unsure)
    return passed(f"{len(listed)} published names are vendors in use, and so is whoever is behind {len(seen)} integrations")


def _vendor(
    row: VendorRow,
    listed: tuple[str, ...],
    notices: All[Notice],
    aliases: dict[str, tuple[str, ...]],
    now: datetime,
    notice_days: int,
    since: date | None,
) -> Verdict:
    if not row.is_used(now):
        return not_applicable("it is not in use")
    if row.customer_data is None:
        return unknown("the register does not say whether it sees customer data")
    name = next((one for one in listed if called(row, one, aliases)), "")
    if not row.customer_data:
        return failed(f"it is published as {name}, and the register says that it sees no customer data") if name else passed("it sees none")
    if not name:
        return failed("it sees customer data, and is not on the published list")
    begun = row.first_use
    if begun is None or (now.date() - begun).days > notice_days or (since is not None and begun < since):
        return passed(f"it is published as {name}")
    early = begun - timedelta(days=notice_days)
    sent = [one.row.sent_at for one in in_force(notices) if one.row.type == "subprocessor_change" and one.row.sent_at]
    if not any(early <= day <= begun for day in sent):
        return failed(f"it is published as {name} and was first used on {begun}, and no notice of a change was sent before that")
    return passed(f"it is published as {name}, and notice was given before its first use on {begun}")


def _operators(
    cases: All[AiUseCase], terms: All[VendorTerms], listed: tuple[str, ...], aliases: dict[str, tuple[str, ...]]
) -> tuple[str, str]:
    """What is wrong with those who operate models in use, and what is not known of them."""
    used = sorted({(one.model, one.route) for case_ in cases if case_.row.status == "live" for one in case_.row.models})
    rows = [one.row for one in in_force(terms)] if used else []
    unsure = ""
    for model, route in used:
        operators = {row.operator for row in rows if row.route == route and any(fnmatchcase(model, one) for one in row.models)}
        if strange := sorted(one for one in operators if not _named(one, listed, aliases)):
            return f"{', '.join(strange)} operates {model} ({route}) and is not on the published list", ""
        unsure = unsure or ("" if operators else f"no terms tell who operates {model} ({route})")
    return "", unsure


def _named(operator: str, listed: tuple[str, ...], aliases: dict[str, tuple[str, ...]]) -> bool:
    return any(called(VendorRow(id=operator, name=operator), name, aliases) for name in listed)


def _belongs(one: Integration, row: VendorRow, known: dict[str, str], aliases: dict[str, tuple[str, ...]]) -> bool:
    """Whether somebody who was let in is a vendor: by its name, or as the parameter `known` tells it by app, tenant or account."""
    return any(known.get(name) == row.id or called(row, name, aliases) for name in one.names)
