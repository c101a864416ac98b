"""When everything else fails there are two accounts that let us in, and they are of no use to anybody else.

They live in the cloud, on the domain that Microsoft gave, so that neither our directory nor our own domain can shut them out; a key guards
them, since a password alone does not open Microsoft's portals any more; a policy spares them; and somebody has tried them lately.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.entra.policies import Policy, PolicyGroup
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User

KEYS = ("fido2", "passKeyDeviceBound", "passKeyDeviceBoundAuthenticator", "passKeyDeviceBoundWindowsHello", "fido2SecurityKey")
TENANT = Tenant.example()
POLICY = {"name": "MFA", "state": "enabled", "include": {"users": ["All"]}, "apps": {"include": ["All"]}, "grant": {"controls": ["mfa"]}}
SPARED = All.of(Policy.example(settings={**POLICY, "exclude": {"users": ["one", "two"]}}))
BOTH = {"accounts": ["one", "two"]}


def account(name: str, *methods: str, login: str = "bg@artemis.onmicrosoft.com", tried: str = "2026-11-01T00:00:00+00:00") -> User:
    return User.example(
        id=name,
        name=name,
        profile={"enabled": True, "login": login},
        registration={"capable": True, "methods": methods or ("passKeyDeviceBound",)},
        activity={"succeeded": tried},
    )


GOOD = (TENANT, All.of(account("one"), account("two")), SPARED, All[PolicyGroup].of())


@check(
    title="Two break-glass accounts exist, cloud-only, with a key, spared by a policy and tested",
    severity="critical",
    reads=[User.profile, User.registration, User.activity, Policy.settings, PolicyGroup.members],
    remediation="Keep two cloud-only accounts on the onmicrosoft.com domain, each with a FIDO2 key in a safe, and try them twice a year.",
    proves="That the declared accounts are ready for use. Not that each sign-in has a ticket and raised an alert: Graph shows neither.",
    passes=Example(GOOD, BOTH),
    fails=[
        GOOD,
        Example(GOOD, {"accounts": ["one"]}),
        Example((TENANT, All.of(account("one"), account("two", "mobilePhone")), SPARED, All[PolicyGroup].of()), BOTH),
        Example((TENANT, All.of(account("one"), account("two", login="bg@artemis.example")), SPARED, All[PolicyGroup].of()), BOTH),
        Example((TENANT, All.of(account("one"), account("two", tried="2025-01-01T00:00:00+00:00")), SPARED, All[PolicyGroup].of()), BOTH),
        Example((TENANT, All.of(account("one"), account("two")), All.of(Policy.example(settings=POLICY)), All[PolicyGroup].of()), BOTH),
    ],
)
def judge(
    tenant: Tenant,  # noqa: ARG001 - it is the tenant that is judged
    users: All[User],
    policies: All[Policy],
    groups: All[PolicyGroup],
    now: datetime,
    *,
    accounts: tuple[str, ...] = (),
    by_certificate: tuple[str, ...] = (),
    test_days: int = 180,
) -> Verdict:
    if len(set(accounts)) < 2:
        return failed(f"{len(set(accounts)) or 'no'} account is declared; two are needed")
    found = {user.id: user for user in users if user.id in accounts}
    missing = sorted(set(accounts) - set(found))
    if missing:
        return failed(f"the declared account {missing[0]} does not exist")
    for user in found.values():
        why = _shape(user) or _unspared(user, policies, groups) or _untried(user, now, test_days)
        if why:
            return failed(f"{user.name} {why}")
    for user in found.values():
        if not set(user.registration.methods) & {*KEYS} and not {user.id, user.name} & {*by_certificate}:
            if set(user.registration.methods) - {"password"}:
                return failed(f"{user.name} has no FIDO2 key: {', '.join(user.registration.methods)}")
            return unknown(f"{user.name} has no FIDO2 key, and Graph shows no certificates: declare it in by_certificate if it has one")
    return passed(f"{len(found)} accounts are ready: {', '.join(sorted(user.name for user in found.values()))}")


def _shape(user: User) -> str:
    profile = user.profile
    if not profile.enabled:
        return "is disabled"
    if profile.synced:
        return "comes from a directory on our premises"
    return (
        ""
        if profile.login.lower().endswith((".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"))
        else "is not on the onmicrosoft.com domain"
    )


def _unspared(user: User, policies: All[Policy], groups: All[PolicyGroup]) -> str:
    """Why it would be shut out with everyone else: no enabled policy for all users excludes it."""
    mine = {policy.id for policy in policies if user.id in policy.settings.exclude.users and policy.settings.enabled}
    if mine:
        return ""
    through = {group.id for group in groups if user.id in group.members}
    spared = any(policy.settings.enabled and through & {*policy.settings.exclude.groups} for policy in policies)
    return "" if spared else "is excluded from no policy"


def _untried(user: User, now: datetime, days: int) -> str:
    tried = user.activity.succeeded
    if tried is not None and now - tried <= timedelta(days=days):
        return ""
    return f"was last tried on {tried:%Y-%m-%d}" if tried else "was never tried"
