"""A permission set opens short sessions, and all of AWS only if it is meant to.

A set that says nothing of its sessions has them last an hour. A policy that it names only is kept by each account for itself and may be
different in each: what it allows cannot be seen here.
"""

from datetime import timedelta
from fnmatch import fnmatchcase

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.identitycenter import PermissionSet
from controlmon.facts.aws.policy import Statement, grants_everything, rules_identities, statements

ALL = statements({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ADMIN_POLICIES = ("AdministratorAccess", "IAMFullAccess")


def chosen(session: str = "PT1H", managed: tuple[str, ...] = (), inline: tuple[Statement, ...] = ()) -> PermissionSet:
    return PermissionSet.example(name="ps-1", session=session, managed=managed, inline=inline, customer=())


@check(
    title="Permission sets for production have bounded sessions and no unintended admin",
    severity="high",
    reads=[PermissionSet.session, PermissionSet.managed, PermissionSet.inline, PermissionSet.customer],
    remediation="Shorten the sessions, and split the set.",
    proves="How long sessions last and whether a policy allows everything. Every set counts as one for production unless production_sets "
    "says otherwise. Boundaries are not looked at.",
    passes=[
        chosen(),
        chosen("PT4H"),
        Example((chosen(managed=(ADMIN,)),), {"admin_sets": ["ps-1"]}),
    ],
    fails=[chosen("PT8H"), chosen(managed=(ADMIN,)), chosen(inline=ALL)],
)
def judge(
    chosen: PermissionSet,
    *,
    max_hours: int = 4,
    admin_sets: tuple[str, ...] = (),
    production_sets: tuple[str, ...] = ("*",),
) -> Verdict:
    if not _named(chosen, production_sets):
        return not_applicable("it is not one for production")
    hours = chosen.session / timedelta(hours=1)
    if hours > max_hours:
        return failed(f"its sessions last {hours:g} hours; {max_hours} allowed")
    said = f"its sessions last {hours:g} hours"
    if _named(chosen, admin_sets):
        return passed(f"{said}, and it is a declared admin set")
    admin = [arn for arn in chosen.managed if arn.rpartition("/")[2] in ADMIN_POLICIES]
    if admin:
        return failed(f"it has {admin[0].rpartition('/')[2]}, and is no declared admin set")
    if grants_everything(chosen.inline) or rules_identities(chosen.inline):
        return failed("its own policy allows everything, or all of IAM, and it is no declared admin set")
    if chosen.customer:
        return unknown(f"{said}, but what {', '.join(chosen.customer)} allows is each account's own")
    return passed(f"{said}, and nothing allows everything")


def _named(chosen: PermissionSet, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for name in (chosen.name, chosen.id) for glob in globs)
