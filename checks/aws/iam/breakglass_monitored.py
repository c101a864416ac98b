"""Break-glass is there, for its custodians alone, and no use of it goes unnoticed.

It must work when the identity provider is down, so a role that only the provider lets people into is no break-glass; and a user without MFA
is a hole. Whoever comes by way of another role is told by the source identity, or else by the session before. The trail that records the
use must be out of reach of who uses it.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.breakglass import Word, alerted, first_doubt, first_wrong, guarded, let_in, silenced, ticketed
from controlmon.facts.aws.cloudtrail import Trail
from controlmon.facts.aws.decrypt import identity_statements
from controlmon.facts.aws.iam import Group, Policy, Role, User
from controlmon.facts.aws.policy import account_of, statements

OURS, ADA = "123456789012", "arn:aws:iam::123456789012:user/ada"
GLASS = f"arn:aws:iam::{OURS}:role/break-glass"
WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
TICKET = {"principal": GLASS, "start": "2026-01-01T10:00:00Z", "end": "2026-01-01T12:00:00Z", "approved": "2026-01-01T09:00:00Z"}
DECLARED = {"principals": [GLASS], "custodians": [ADA], "alerts": {GLASS: "break-glass was used"}, "tickets": [TICKET]}


def case(
    principal: str = ADA, at: str = "2026-01-01T11:00:00+00:00", trail: str = "999999999999", **condition: object
) -> tuple[object, ...]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **(condition or WITH_MFA)}
    uses = {"seen": [{"at": at, "event": "AssumeRole", "who": "ada"}]}
    trust = {"path": "/", "statements": statements({"Statement": statement})}
    everything = statements({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    role = Role.example(id=GLASS, name="break-glass", trust=trust, grants={"inline": everything}, uses=uses)
    recorded = Trail.example(id=f"arn:aws:cloudtrail:eu-west-1:{trail}:trail/all", settings={"multi_region": True, "validated": True})
    people = (All.of(role), All[User].of(), All[Group].of(), All[Policy].of())
    return Account.example(id=OURS), *people, All.of(recorded)


@check(
    title="Break-glass principals exist as declared, are alerting and each use has a ticket",
    severity="critical",
    reads=[
        *(Role.trust, Role.grants, Role.uses, User.credentials, User.mfa_devices, User.grants, User.uses),
        *(Group.grants, Policy.document, Trail.settings),
    ],
    remediation="Declare the principal and its custodians, demand MFA, alert, and file a ticket with reason, approver, start and end.",
    proves="That each declared principal is there, lets in its custodians with MFA, cannot stop the trail, and that each use of the last "
    "90 days has a ticket of those given. Service control policies, and the bucket of the trail, are judged elsewhere.",
    passes=Example(case(), DECLARED),
    fails=[
        Example(case("arn:aws:iam::123456789012:root"), DECLARED),
        Example(case(Condition={}), DECLARED),
        Example(case(at="2026-01-02T11:00:00+00:00"), DECLARED),
        Example(case(trail=OURS), DECLARED),
        Example(case(), DECLARED | {"alerts": {}}),
    ],
)
def judge(
    account: Account,
    roles: All[Role],
    users: All[User],
    groups: All[Group],
    policies: All[Policy],
    trails: All[Trail],
    now: datetime,
    *,
    principals: tuple[str, ...] = (),
    custodians: tuple[str, ...] = (),
    alerts: dict[str, str] | None = None,
    tickets: tuple[dict[str, str], ...] | None = None,
    grace_hours: int = 24,
) -> Verdict:
    if not principals:
        return unknown("no break-glass principal is declared (`principals`: ARNs)")
    mine = [principal for principal in principals if account_of(principal) == account.id]
    if not mine:
        return not_applicable("no break-glass principal of this account is declared")

    def asked(principal: str, question: int) -> Word:
        found = roles.first(lambda one: one.id == principal) or users.first(lambda one: one.id == principal)
        if found is None:
            return Word(wrong="it does not exist")
        if question == 0:
            return let_in(found, custodians) if isinstance(found, Role) else guarded(found)
        if question == 1:
            return alerted(principal, alerts)
        if question == 2:
            return ticketed(principal, found.uses, tickets, timedelta(hours=grace_hours), now)
        through = [group.grants for group in groups if group.name in found.grants.groups] if found.grants.groups else []
        allowed, missing = identity_statements(found.grants, through, {policy.id: policy.document for policy in policies})
        return silenced(account.id, trails, allowed, missing, found.grants.boundary)

    if wrong := first_wrong(mine, asked):
        return failed(wrong)
    doubt = first_doubt(mine, asked)
    said = f"{', '.join(one.rpartition('/')[2] for one in mine)}: for custodians alone, with MFA, alerting, and each use has a ticket"
    return unknown(doubt) if doubt else passed(said)
