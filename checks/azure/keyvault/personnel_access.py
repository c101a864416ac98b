"""No person can take what production's vaults hold, but by breaking the glass.

Where roles decide, a role is told by the actions on data that it allows, not by its name, and inherited ones count. Where access policies
decide, they name people and groups of people, and whoever may write the vault can write himself a policy: an Owner is as good as named.
Who may activate such a role tomorrow has access today.
"""

from collections.abc import Iterator

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.authorization import EligibleAssignment, Principal, RoleAssignment
from controlmon.facts.azure.keyvault import Vault, may_take
from controlmon.facts.azure.subscription import Subscription

PROD = Subscription.example(listed={"state": "Enabled", "tags": {"environment": "production"}})
ANN = {"id": "ann", "kind": "user", "name": "ann@artemis.example"}
SECRETS_USER = [{"data_actions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]}]
NOBODY = (All[RoleAssignment].of(), All[EligibleAssignment].of(), PROD)


def vault(*holders: dict[str, object], roles: bool = False) -> Vault:
    return Vault.example(id="/subscriptions/s/v", settings={"roles": roles}, holders=holders)


def assigned(permissions: object, scope: str = "/", type_: str = "User") -> All[RoleAssignment]:
    settings = {"role": "r", "principal": "ann", "type": type_, "scope": scope}
    role = {"name": "R", "permissions": permissions}
    return All.of(RoleAssignment.example(settings=settings, role=role, principal=ANN, members=[ANN]))


@check(
    title="No person holds vault data rights outside break-glass",
    severity="critical",
    reads=[
        Vault.settings,
        Vault.holders,
        RoleAssignment.settings,
        RoleAssignment.role,
        RoleAssignment.principal,
        RoleAssignment.members,
        EligibleAssignment.settings,
        EligibleAssignment.role,
        EligibleAssignment.principal,
        EligibleAssignment.members,
        Subscription.listed,
    ],
    remediation="Remove the person's role or access policy, and give the rights to the application's identity.",
    proves="That no person has, or may activate, a right to keys and secrets in the vault. Not what applications hand out, nor who is "
    "eligible to join a group. A vault whose environment is not known is held to what production is held to.",
    passes=[
        (vault(roles=True), *NOBODY),
        (vault(roles=True), assigned([{"actions": ["*"]}]), All[EligibleAssignment].of(), PROD),
        (vault(roles=True), assigned(SECRETS_USER, "/subscriptions/s/other"), All[EligibleAssignment].of(), PROD),
        (vault({"object": "app", "principal": {"id": "app", "kind": "servicePrincipal", "name": "app"}}), *NOBODY),
        Example((vault(roles=True), assigned(SECRETS_USER), All[EligibleAssignment].of(), PROD), {"break_glass": ["ann"]}),
    ],
    fails=[
        (vault(roles=True), assigned(SECRETS_USER), All[EligibleAssignment].of(), PROD),
        (vault(roles=True), assigned(SECRETS_USER, type_="Group"), All[EligibleAssignment].of(), PROD),
        (vault(), assigned([{"actions": ["*"]}]), All[EligibleAssignment].of(), PROD),
        (vault({"object": "ann", "principal": ANN}), *NOBODY),
    ],
)
def judge(
    vault: Vault,
    active: All[RoleAssignment],
    eligible: All[EligibleAssignment],
    subscription: Subscription,
    *,
    break_glass: tuple[str, ...] = (),
    environment_tags: tuple[str, ...] = ("environment", "env"),
    production: tuple[str, ...] = ("production", "prod", "prd"),
) -> Verdict:
    environment = subscription.listed.tag(environment_tags)
    if environment and environment.lower() not in production:
        return not_applicable(f"its environment is {environment}")
    by_roles = vault.settings.roles
    declared = {one.lower() for one in break_glass}
    able: dict[str, str] = {}

    def note(people: Iterator[Principal], how: str) -> None:
        for one in people:
            if one.kind == "user" and not {one.id, one.name.lower()} & declared:
                able.setdefault(one.name or one.id, how)

    for several in (active.beside(vault), eligible.beside(vault)):
        for one in several:
            if (
                one.settings.type in ("User", "Group")
                and one.settings.reaches(vault.id)
                and may_take(one.role.permissions, by_roles=by_roles)
            ):
                people = one.members if one.settings.type == "Group" else (one.principal,)
                can = "has" if isinstance(one, RoleAssignment) else "may activate"
                note((person for person in people if person is not None), f"{can} {one.role.name}")
    for holder in vault.holders:
        note(iter(holder.members), "is in a group that an access policy names")
        note(iter([holder.principal] if holder.principal else []), "is named by an access policy")
    if able:
        return failed("; ".join(f"{who} {how}" for who, how in sorted(able.items())))
    return passed("no person has or may activate a right to what it holds, save the declared")
