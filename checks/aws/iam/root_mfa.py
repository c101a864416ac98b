"""Nobody can log in as root with a password or a key alone.

IAM's live summary decides; the credential report may be four hours old. An account of an organization may have no root credentials at all:
then there is no MFA either, and nothing to protect. A hardware key or passkey leaves no trace in the list of virtual devices.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account

NONE = {"mfa": False, "keys": 0, "certificates": 0, "password": 0}


def account(summary: dict[str, object], virtual: bool = False) -> Account:  # noqa: FBT001, FBT002
    return Account.example(standing={}, summary=NONE | summary, root_virtual_mfa=virtual)


@check(
    title="The root user has MFA, or no credentials at all",
    severity="critical",
    reads=[Account.standing, Account.summary, Account.root_virtual_mfa.when("require_hardware")],
    remediation="Register a passkey or hardware MFA for root, or remove the root credentials of member accounts centrally.",
    proves="That root cannot log in with one factor. Not that nobody does: that is aws.iam.root_activity.",
    passes=[
        account({"mfa": True, "password": 1}),
        account({}),
        Example((account({"mfa": True, "password": 1}),), {"require_hardware": True}),
    ],
    fails=[
        account({"password": 1}),
        account({"keys": 1}),
        Example((account({"mfa": True, "password": 1}, virtual=True),), {"require_hardware": True}),
    ],
)
def judge(account: Account, *, require_hardware: bool = False) -> Verdict:
    if account.standing.closed:
        return not_applicable(f"the account is {account.standing.status}: its organization says so, and nothing in it can be called")
    summary = account.summary
    if summary.mfa:
        if require_hardware and account.root_virtual_mfa:
            return failed("root has MFA by a virtual device; a hardware key or passkey is required")
        return passed("root has MFA" + (", and not by a virtual device" if require_hardware else ""))
    if summary.keys:
        return failed("root has no MFA, and has access keys")
    if summary.password is None:
        return unknown("root has no MFA, and IAM does not say whether it has a password")
    return failed("root has no MFA, and has a password") if summary.password else passed("root has neither password nor keys")
