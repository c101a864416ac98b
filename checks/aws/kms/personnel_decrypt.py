"""No person can read with a key for customers' data, but by break-glass.

A key policy that names the whole account leaves it to the policies of identities: both sides decide. Who may change the key policy can
take the right, and counts. A right that holds only by way of a service (kms:ViaService) is a right to what the service keeps, and is
judged there.
"""

from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.decrypt import GRANTED, Reach, identity_statements, is_person, reach
from controlmon.facts.aws.iam import Grants, Group, Policy, Role, User
from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.policy import Statement, statements

ROOT = "arn:aws:iam::123456789012:root"
ARN = "arn:aws:kms:eu-west-1:123456789012:key/1"
READ = statements({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}})
NO_GROUPS, NO_POLICIES, NO_ROLES = All[Group].of(), All[Policy].of(), All[Role].of()


def key(principal: str = ROOT, tag: str = "customer") -> Key:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
    return Key.example(id=ARN, tags={"data-class": tag}, policy=statements({"Statement": statement}), grants=[])


def user(inline: tuple[Statement, ...] = ()) -> All[User]:
    return All.of(User.example(id="arn:aws:iam::123456789012:user/ada", name="ada", grants={"inline": inline}))


def role(trusted: dict[str, str]) -> All[Role]:
    trust = statements({"Statement": {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}})
    arn = "arn:aws:iam::123456789012:role/app"
    return All.of(Role.example(id=arn, name="app", grants={"inline": READ}, trust={"path": "/", "statements": trust}))


@check(
    title="No person can decrypt with customer-data keys outside break-glass",
    severity="critical",
    reads=[Key.tags, Key.policy, Key.grants, User.grants, Role.grants, Role.trust, Group.grants, Policy.document],
    remediation="Deny kms:Decrypt to the roles of people, with an exception for break-glass.",
    proves="Which principals that people act as can read with the key, by its policy, its grants and their own policies, of this account. "
    "Service control policies and boundaries, which may take some of it back, are not read; nor is who did decrypt.",
    passes=[
        (key(), user(), role({"Service": "ec2.amazonaws.com"}), NO_GROUPS, NO_POLICIES),
        Example((key(), user(READ), NO_ROLES, NO_GROUPS, NO_POLICIES), {"break_glass": ["ada"]}),
    ],
    fails=[
        (key(), user(READ), NO_ROLES, NO_GROUPS, NO_POLICIES),
        (key("arn:aws:iam::123456789012:user/ada"), user(), NO_ROLES, NO_GROUPS, NO_POLICIES),
        (key(), user(), role({"AWS": ROOT}), NO_GROUPS, NO_POLICIES),
    ],
)
def judge(
    key: Key,
    users: All[User],
    roles: All[Role],
    groups: All[Group],
    policies: All[Policy],
    *,
    key_selector: dict[str, str | tuple[str, ...]] = {"tag": "data-class", "values": ("customer", "phi")},  # noqa: B006 - never changed
    break_glass: tuple[str, ...] = (),
    workload_roles: tuple[str, ...] = (),
) -> Verdict:
    tag = str(key_selector["tag"])
    if key.tags.get(tag) not in key_selector["values"]:
        return not_applicable(f"its tag {tag} is {key.tags.get(tag, 'missing')}: it is not one for customers' data")
    granted = {grant.grantee for grant in key.grants if set(grant.operations) & set(GRANTED) or not grant.operations}
    documents = {policy.id: policy.document for policy in policies}
    members = {group.name: group.grants for group in groups}
    doubts: list[str] = []
    for principal in (*users, *roles):
        if not is_person(principal, workload_roles) or _declared(principal, break_glass):
            continue
        found = _reach(principal, key, granted, members, documents)
        if found.how:
            return failed(f"{principal.name} is a person's, and has {found.how}")
        doubts += [f"{principal.name} is a person's, and {found.doubt}"] if found.doubt else []
    return unknown(doubts[0]) if doubts else passed("no principal that people act as can read with it, but those declared as break-glass")


def _declared(principal: User | Role, break_glass: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for name in (principal.id, principal.name) for glob in break_glass)


def _reach(
    principal: User | Role, key: Key, granted: set[str], groups: dict[str, Grants], documents: dict[str, tuple[Statement, ...]]
) -> Reach:
    if principal.id in granted:
        return Reach(how="a grant")
    grants = principal.grants
    through = [groups[name] for name in grants.groups if name in groups]
    identity, missing = identity_statements(grants, through, documents)
    found = reach(principal.id, key.target, key.id, key.policy, identity)
    if not found.how and not found.doubt and (missing or len(through) < len(grants.groups)):
        return Reach(doubt=f"{missing or 'a group of it'} was not in the answer")
    return found
