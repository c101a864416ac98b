"""The agent only reads, and may do no more than it says that it needs.

What it called is one half: every operation is one that a collector declares, and reads by the provider's own naming. What it could have
called is the other: the rights that it was granted are held against the permissions that are published for the enabled checks. A grant of
`s3:Get*`, SecurityAudit or ReadOnlyAccess is more than that, and reads what customers keep.
"""

from collections.abc import Mapping

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.iam import Group, Policy, Role, User
from controlmon.facts.aws.policy import statements
from controlmon.facts.azure.authorization import RoleAssignment
from controlmon.facts.controlmon.calls import Call, Identity, Who, reads_only
from controlmon.facts.datadog.keys import AppKey
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.entra.apps import ServicePrincipal
from controlmon.facts.rights import granted_in_aws, granted_in_azure, granted_in_datadog, granted_in_entra, may_write, more_than

NONE = tuple(Everywhere[kind].of() for kind in (Role, User, Group, Policy, RoleAssignment, ServicePrincipal, AppKey, DatadogUser))  # type: ignore[valid-type]

NO_MORE: dict[str, tuple[str, ...]] = {}
UNJUSTIFIED: dict[str, str] = {}


def called(operation: str, *, declared: bool = True, provider: str = "aws") -> tuple[object, ...]:
    return Call.example(called={"provider": provider, "operation": operation, "declared": declared, "count": 3, "run": "r1"}), *NONE


def may(*actions: str) -> tuple[object, ...]:
    identity = "arn:aws:sts::123456789012:assumed-role/controlmon/x"
    who = {"provider": "aws", "target": "123456789012", "identity": identity, "published": ["s3:ListAllMyBuckets"]}
    document = {"Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    role = Role.example(id="arn:aws:iam::123456789012:role/controlmon", name="controlmon", grants={"inline": statements(document)})
    return Identity.example(who=who), Everywhere.of(role), *NONE[1:]


@check(
    title="The agent's own rights are read-only and minimal",
    severity="critical",
    reads=[
        Call.called, Identity.who, Role.grants, User.grants, Group.grants, Policy.document, RoleAssignment.settings, RoleAssignment.role,
        RoleAssignment.members, ServicePrincipal.given, ServicePrincipal.profile, AppKey.settings, DatadogUser.profile,
    ],
    remediation="Take away what is not published (`controlmon permissions PROVIDER` generates what is); justify what a vendor only grants "
    "together with writing.",
    proves="That each answer of the last runs came from a declared reading operation, and what the agent's role, user, application or key "
    "was granted by identity policies, role assignments, application permissions and scopes. Not what resource policies grant, nor what "
    "boundaries take back.",
    passes=[called("s3:ListBuckets"), may("s3:ListAllMyBuckets"), Example(may("kms:Sign"), {"also": {"aws": ["kms:Sign"]}})],
    fails=[called("s3:PutObject"), called("s3:ListBuckets", declared=False), may("s3:ListAllMyBuckets", "s3:GetObject"), may("s3:*")],
)  # fmt: skip
def judge(
    one: Call | Identity,
    roles: Everywhere[Role],
    users: Everywhere[User],
    groups: Everywhere[Group],
    policies: Everywhere[Policy],
    assignments: Everywhere[RoleAssignment],
    apps: Everywhere[ServicePrincipal],
    keys: Everywhere[AppKey],
    people: Everywhere[DatadogUser],
    *,
    also: dict[str, tuple[str, ...]] = NO_MORE,
    justified: dict[str, str] = UNJUSTIFIED,
) -> Verdict:
    if isinstance(one, Call):
        return _call(one, justified)
    who = one.who
    if who.provider == "aws":
        granted = granted_in_aws(who, roles, users, groups, policies)
    elif who.provider == "azure":
        granted = granted_in_azure(who, assignments)
    elif who.provider == "entra":
        granted = granted_in_entra(who, apps)
    elif who.provider == "datadog":
        granted = granted_in_datadog(who, keys, people)
    else:
        return unknown(f"nothing here reads what {who.identity} is allowed at {who.provider}")
    return _rights(who, granted, also.get(who.provider, ()), justified)


def _call(one: Call, justified: Mapping[str, str]) -> Verdict:
    called = one.called
    if not called.declared:
        return failed(f"no collector declares it, and it was called {called.count} times, last by the run {called.run}")
    if reads_only(called.provider, called.operation):
        return passed(f"a collector declares it, it only reads, and it was called {called.count} times")
    if why := justified.get(called.operation, "").strip():
        return passed(f"it does more than read, which is justified: {why}")
    return failed(f"it does more than read by its name, and was called {called.count} times, last by the run {called.run}")


def _rights(who: Who, granted: list[str], also: tuple[str, ...], justified: Mapping[str, str]) -> Verdict:
    extra = more_than((*who.published, *also), granted)
    if extra:
        worst = sorted(extra, key=lambda right: (not may_write(who.provider, right), right))
        more = f" and {len(worst) - 1} more" if len(worst) > 1 else ""
        return failed(f"{who.identity} is also allowed {worst[0]}{more}, which no enabled check needs")
    named = {right.lower() for right in justified} | {right.lower() for right in also}
    writing = sorted({right for right in granted if may_write(who.provider, right) and right.lower() not in named})
    if writing:
        return failed(f"{writing[0]} is published, and allows more than to read: justify it, or go without the checks that need it")
    return passed(f"{who.identity} is allowed {len(set(granted))} actions, all of them published")
