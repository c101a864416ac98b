"""AWS IAM: bulk answers first (the credential report, the authorization details), one user at a time only where they leave a doubt."""

import base64
import csv
import io
import time
from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import AccessKey, Group, Policy, Role, User

iam = Service("aws", "iam")
GENERATE = Operation("iam", "GenerateCredentialReport", needs=("iam:GenerateCredentialReport",))
REPORT = Operation("iam", "GetCredentialReport", needs=("iam:GetCredentialReport",))
TRIES, PAUSE = 40, 0.25
"""How often to ask whether the report is ready, and the seconds after the first time; each pause is a little longer than the one before."""


# The order matters: the first listing of a kind that is taken defines its population, so live ones stand before the report.
@iam.lists(User, Operation("iam", "ListUsers", needs=("iam:ListUsers",)), at=Place.ACCOUNT)
def users(ask: Ask) -> Iterator[Found]:
    """Every user there is now."""
    for user in ask.items("Users"):
        yield Found(User, user["Arn"], user["UserName"])


DETAILS = Operation("iam", "GetAccountAuthorizationDetails", needs=("iam:GetAccountAuthorizationDetails",))


@iam.lists((Group, Role, Policy, User), DETAILS, at=Place.ACCOUNT, gives=[User.grants, Group.grants, Role.grants, Policy.document])
def authorization_details(ask: Ask) -> Iterator[Found]:
    """Users, groups, roles and the managed policies that are in use, page by page. A policy that nobody has grants nothing."""
    for page in ask.whole():
        for raw in page["UserDetailList"]:
            yield Found(User, raw["Arn"], raw["UserName"], answers={User.grants: raw})
        for raw in page["GroupDetailList"]:
            yield Found(Group, raw["Arn"], raw["GroupName"], answers={Group.grants: raw})
        for raw in page["RoleDetailList"]:
            yield Found(Role, raw["Arn"], raw["RoleName"], answers={Role.grants: raw})
        for raw in page["Policies"]:
            if raw["AttachmentCount"] or raw.get("PermissionsBoundaryUsageCount"):
                yield Found(Policy, raw["Arn"], raw["PolicyName"], answers={Policy.document: raw})


@iam.lists(User, REPORT, GENERATE, at=Place.ACCOUNT, gives=[User.credentials])
def credential_report(ask: Ask) -> Iterator[Found]:
    """Every user's row of the credential report, made anew if it is older than four hours. The row of the root user is left out."""
    _await_report(ask.to(GENERATE))
    answer = ask()
    generated = answer["GeneratedTime"]
    rows = csv.DictReader(io.StringIO(base64.b64decode(answer["Content"], validate=True).decode()))
    if not rows.fieldnames or "password_enabled" not in rows.fieldnames:
        raise ValueError("the report has not the columns of a credential report")
    for row in rows:
        if row["user"] != "<root_account>":
            yield Found(User, row["arn"], row["user"], answers={User.credentials: {**row, "generated": generated}})


def _await_report(generate: Ask) -> None:
    for attempt in range(TRIES):
        state = generate().get("State")
        if state == "COMPLETE":
            return
        if state is None:
            raise Refused(Gap(GapKind.MALFORMED, GENERATE.id, "the answer has no state", GENERATE.needs))
        time.sleep(PAUSE * (1 + attempt / 4))
    raise Refused(Gap(GapKind.TIMEOUT, GENERATE.id, "the report was not ready in time", GENERATE.needs))


def _in_doubt(user: Met) -> str:
    """Why there is no need to ask a user's own credentials, or an empty string: only a password without MFA needs a second look."""
    credentials = User.credentials.view(user.answer(User.credentials))
    if not credentials.password:
        return "the credential report has no password of this user"
    return "the credential report has an MFA device of this user" if credentials.mfa else ""


@iam.answers(User.mfa_devices, Operation("iam", "ListMFADevices", needs=("iam:ListMFADevices",)), after=[User.credentials])
def mfa_devices(ask: Ask, user: Met) -> Raw:
    """The devices of a user whom the report, which may be four hours old, has with a password and without MFA."""
    known = _in_doubt(user)
    return not_asked(known) if known else {"MFADevices": list(ask.items("MFADevices", UserName=user.name))}


@iam.answers(
    User.login_profile,
    Operation("iam", "GetLoginProfile", needs=("iam:GetLoginProfile",), absent=("NoSuchEntity",)),
    after=[User.credentials],
)
def login_profile(ask: Ask, user: Met) -> Raw:
    """Whether such a user still has a password."""
    known = _in_doubt(user)
    return not_asked(known) if known else ask(UserName=user.name)


@iam.lists(
    AccessKey, Operation("iam", "ListAccessKeys", needs=("iam:ListAccessKeys",)), at=Place.ACCOUNT, gives=[AccessKey.settings], under=User
)
def access_keys(ask: Ask, user: Met) -> Iterator[Found]:
    """Both keys of a user, if there are two."""
    for key in ask.items("AccessKeyMetadata", UserName=user.name):
        arn = f"arn:{ask.partition}:iam::{ask.scope.target}:access-key/{key['AccessKeyId']}"
        yield Found(AccessKey, arn, f"{user.name}/{key['AccessKeyId']}", answers={AccessKey.settings: key})


@iam.lists(Role, Operation("iam", "ListRoles", needs=("iam:ListRoles",)), at=Place.ACCOUNT, gives=[Role.trust])
def roles(ask: Ask) -> Iterator[Found]:
    """Every role with its trust policy."""
    for role in ask.items("Roles"):
        yield Found(Role, role["Arn"], role["RoleName"], answers={Role.trust: role})


@iam.answers(Account.summary, Operation("iam", "GetAccountSummary", needs=("iam:GetAccountSummary",)))
def summary(ask: Ask, account: Met) -> Raw:  # noqa: ARG001 - it is the account that is asked
    """Live, where the credential report may be four hours old."""
    return ask()


@iam.answers(Account.root_virtual_mfa, Operation("iam", "ListVirtualMFADevices", needs=("iam:ListVirtualMFADevices",)))
def root_virtual_mfa(ask: Ask, account: Met) -> Raw:  # noqa: ARG001
    """The virtual devices that are assigned."""
    return {"VirtualMFADevices": list(ask.items("VirtualMFADevices", AssignmentStatus="Assigned"))}


@iam.answers(
    Account.password_policy,
    Operation("iam", "GetAccountPasswordPolicy", needs=("iam:GetAccountPasswordPolicy",), absent=("NoSuchEntity",)),
)
def password_policy(ask: Ask, account: Met) -> Raw:  # noqa: ARG001
    """The account's own policy, or that it has none."""
    return ask()


@iam.answers(
    Account.organization_accounts,
    Operation("organizations", "ListAccounts", needs=("organizations:ListAccounts",), absent=("AWSOrganizationsNotInUseException",)),
)
def organization_accounts(ask: Ask, account: Met) -> Raw:  # noqa: ARG001
    """The accounts of the organization: only its management account and delegated administrators may ask."""
    return {"Accounts": list(ask.items("Accounts"))}
