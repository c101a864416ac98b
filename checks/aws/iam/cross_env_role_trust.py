"""Roles are assumed from their own class of environment only, save from where that is declared.

To trust the root of an account is to trust whoever may call AssumeRole there, and a condition on the organization alone trusts all of it.
The other direction counts too: a production workload that goes into development takes data along. A role for CI that trusts a subject
which a role of the other class trusts as well is one path into both: its subjects must say for which environment they are.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.iam import Role
from controlmon.facts.aws.policy import statements
from controlmon.facts.aws.trusts import joined_by_subject, trusted_across
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared", "444444444444": "prod"}}
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"


def role(principal: object, **condition: dict[str, str]) -> Role:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    return Role.example(trust={"path": "/", "statements": statements({"Statement": statement})})


def case(principal: object, allowed: tuple[str, ...] = (), **condition: dict[str, str]) -> Example:
    one = role(principal, **condition)
    return Example((one, Everywhere.of(Account.example(id="123456789012")), Everywhere.of(one)), MAP | {"allowed_trusts": allowed})


@check(
    title="Non-production identities cannot assume production roles",
    severity="critical",
    reads=[*WHERE, Role.trust],
    remediation="Split the roles, or declare the pair in allowed_trusts.",
    proves="Whom trust policies name, and which subjects of web identity roles of both classes trust. Not who may sign in through SAML.",
    passes=[
        case({"Service": "ec2.amazonaws.com"}),
        case({"AWS": "444444444444"}),
        case({"AWS": "333333333333"}, ("shared->prod",)),
        case({"AWS": "222222222222"}, ("222222222222->123456789012",)),
        case("*", StringEquals={"aws:PrincipalAccount": "444444444444"}),
    ],
    fails=[
        case({"AWS": "arn:aws:iam::222222222222:root"}),
        case({"AWS": "333333333333"}),
        case("*", StringEquals={"aws:PrincipalAccount": "222222222222"}),
        case("*"),
    ],
)
def judge(
    role: Role,
    accounts: Everywhere[Account],
    roles: Everywhere[Role],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    allowed_trusts: tuple[str, ...] = (),
) -> Verdict:
    trust = role.trust
    if trust.path.startswith("/aws-service-role/"):
        return not_applicable("it is a role that an AWS service made for itself")
    estate = Estate(accounts, environment_map, synonyms)
    found = trusted_across(trust.statements, role.target, estate, allowed_trusts)
    if found.crossed:
        return failed(f"it trusts {', '.join(found.crossed)}")
    joined = joined_by_subject(role, roles, estate)
    if joined.crossed:
        return failed(f"a subject that it trusts is trusted by {', '.join(joined.crossed)} too")
    unsure = found.unsure or joined.unsure
    return unknown(unsure) if unsure else passed("it trusts nobody of another class of environment that is not declared")
