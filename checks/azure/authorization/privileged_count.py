"""Few people can give themselves everything in a subscription.

Roles are told by what they allow, not by their names: whoever may write role assignments is an owner in all but name, by a custom role too.
What is inherited from management groups and the root counts, and each person in a group counts.
"""

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.azure.authorization import PRIVILEGED, RoleAssignment
from controlmon.facts.azure.subscription import Subscription

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
SUBSCRIPTION = Subscription.example()
HERE = f"/subscriptions/{SUBSCRIPTION.target}"


def person(name: str) -> dict[str, str]:
    return {"id": name, "kind": "user", "name": name}


def assigned(*people: str, actions: str = "", scope: str = HERE) -> RoleAssignment:
    group = len(people) > 1
    settings = {"role": "custom" if actions else OWNER, "principal": people[0], "type": "Group" if group else "User", "scope": scope}
    role = {"name": "R", "permissions": [{"actions": [actions or "*"]}]}
    members = [person(one) for one in people] if group else []
    return RoleAssignment.example(id=people[0], settings=settings, role=role, members=members, principal=person(people[0]))


@check(
    title="Owner and User Access Administrator are limited and justified",
    severity="high",
    reads=[RoleAssignment.settings, RoleAssignment.role, RoleAssignment.principal, RoleAssignment.members],
    remediation="Replace the assignments by narrower roles, and make those that remain eligible through PIM instead of active.",
    proves="How many people can assign roles in the whole subscription now, directly or by group. Not who is eligible to (PIM hides "
    "eligible members of groups too), nor applications, which are no people.",
    passes=[
        (SUBSCRIPTION, All.of(assigned("ann"), assigned("bob"))),
        (SUBSCRIPTION, All.of(assigned("ann", "bob", "cy"), assigned("ann"))),
        (SUBSCRIPTION, All.of(*(assigned(p, actions="*/read") for p in "abcde"))),
        (SUBSCRIPTION, All.of(*(assigned(p, scope=f"{HERE}/resourcegroups/g") for p in "abcde"))),
        Example((SUBSCRIPTION, All.of(assigned("ann"))), {"allowed": ["ann"]}),
    ],
    fails=[
        (SUBSCRIPTION, All.of(*(assigned(p) for p in "abcd"))),
        (SUBSCRIPTION, All.of(assigned("a", "b", "c", "d", scope="/"))),
        (SUBSCRIPTION, All.of(*(assigned(p, actions="Microsoft.Authorization/*") for p in "abcd"))),
        Example((SUBSCRIPTION, All.of(assigned("bob"))), {"allowed": ["ann"]}),
    ],
)
def judge(
    subscription: Subscription,
    assignments: All[RoleAssignment],
    *,
    max: int = 3,  # noqa: A002 - the word that companies tune
    allowed: tuple[str, ...] = (),
) -> Verdict:
    people: dict[str, str] = {}
    constrained = 0
    for one in assignments.beside(subscription):
        settings = one.settings
        if settings.type not in ("User", "Group") or not settings.of_whole(subscription.target):
            continue
        if settings.role not in PRIVILEGED and not one.role.grants:
            continue
        constrained += settings.condition
        if settings.type == "Group":
            people |= {member.id: member.name for member in one.members if member.kind == "user"}
        else:
            people[settings.principal] = one.principal.name if one.principal else settings.principal
    names = sorted(people.values())
    strange = [name for id_, name in people.items() if allowed and not {id_.lower(), name.lower()} & {a.lower() for a in allowed}]
    limits = f"; {constrained} of the assignments are limited by a condition" if constrained else ""
    said = f"{len(names)} people can assign roles in it: {', '.join(names)}{limits}" if names else "nobody can assign roles in it"
    if len(names) > max:
        return failed(f"{said}; at most {max} may")
    if strange:
        return failed(f"{said}; not on the list: {', '.join(sorted(strange))}")
    return passed(said)
