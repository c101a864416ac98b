"""Whoever may do everything is someone who was meant to.

A grant of everything has many spellings: `*`, `*:*`, all but a short list, a list that adds up. It comes inline, attached, or through a
group; only the default version of a policy counts. All of IAM is as good as all: who has it can take the rest.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.iam import Grants, Group, Policy, Role, User
from controlmon.facts.aws.policy import Statement, grants_everything, rules_identities, statements

ADMIN = statements({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
READ = statements({"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}})
NO_GROUPS, NO_POLICIES = All[Group].of(), All[Policy].of()
KNOWN = ("AdministratorAccess", "IAMFullAccess")


@check(
    title="Full admin grants are limited to declared administrators",
    severity="critical",
    reads=[User.grants, Group.grants, Role.grants, Policy.document],
    remediation="Replace the grant by policies for the job, and keep admin behind break-glass or just-in-time access.",
    proves="Who is granted everything by identity policies. Service control policies, which may take some of it back, are not read.",
    passes=[
        (User.example(grants={"inline": READ}), NO_GROUPS, NO_POLICIES),
        Example((User.example(grants={"inline": ADMIN}), NO_GROUPS, NO_POLICIES), {"allowed_admins": ["exam*"]}),
    ],
    fails=[
        (User.example(grants={"inline": ADMIN}), NO_GROUPS, NO_POLICIES),
        (Role.example(grants={"managed": ["arn:p"]}), NO_GROUPS, All.of(Policy.example(id="arn:p", document=ADMIN))),
        (User.example(grants={"groups": ["g"]}), All.of(Group.example(id="arn:g", name="g", grants={"inline": ADMIN})), NO_POLICIES),
    ],
)
def judge(principal: User | Group | Role, groups: All[Group], policies: All[Policy], *, allowed_admins: tuple[str, ...] = ()) -> Verdict:
    grants = principal.grants
    if grants.path.startswith("/aws-service-role/"):
        return not_applicable("it is a role that an AWS service made for itself")
    if principal.name.startswith("AWSReservedSSO_"):
        return not_applicable("it is made by Identity Center, whose assignments are judged")
    through = [group.grants for group in groups if group.name in grants.groups] if grants.groups else []
    named = {arn for one in (grants, *through) for arn in one.managed} | ({grants.boundary} if grants.boundary else set())
    documents = {policy.id: policy.document for policy in policies if policy.id in named} if named else {}
    missing = sorted(named - set(documents)) + (["a group"] if len(through) < len(grants.groups) else [])
    why = _admin(grants, through, documents)
    if missing and (not why or grants.boundary in missing):
        return unknown(f"it is granted {missing[0]}, which was not in the answer")
    if not why:
        return passed("nothing grants it everything")
    if any(fnmatchcase(name, glob) for name in (principal.id, principal.name) for glob in allowed_admins):
        return passed(f"it is a declared administrator ({why})")
    boundary = documents[grants.boundary] if grants.boundary else None
    if boundary is not None and not grants_everything(boundary) and not rules_identities(boundary):
        return passed(f"{why}, but its boundary {grants.boundary} is narrower")
    return failed(f"{why}, and it is not a declared administrator")


def _admin(grants: Grants, through: list[Grants], documents: Mapping[str, tuple[Statement, ...]]) -> str:
    """Why a principal may do everything, or an empty string."""
    managed = [arn for one in (grants, *through) for arn in one.managed]
    known = [arn for arn in managed if arn.rpartition("/")[2] in KNOWN and ":aws:policy/" in arn]
    if known:
        return f"it has {known[0].rpartition('/')[2]}"
    every = [s for one in (grants, *through) for s in one.inline] + [s for arn in managed for s in documents.get(arn, ())]
    if grants_everything(every):
        return "its policies allow every action on every resource"
    return "its policies allow all of IAM" if rules_identities(every) else ""
