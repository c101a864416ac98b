"""Every IAM user who can log in with a password has MFA.

Users without a password are not in question: to pass them would only make the figure look better. The credential report may be four hours
old, so a failure that it shows is looked at again, live, before it is one. A security key shows only in the user's own list of devices.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.iam import User

REPORT = "2026-01-01T00:00:00+00:00"


def user(password: bool, mfa: bool, devices: int | None = None, profile: bool = False) -> User:  # noqa: FBT001, FBT002
    credentials = {"generated": REPORT, "mfa": mfa, "credentials": [{"name": "the password", "enabled": password}]}
    return User.example(credentials=credentials, mfa_devices=devices, login_profile=profile)


@check(
    title="Every IAM user with a console password has MFA",
    severity="critical",
    reads=[User.credentials, User.mfa_devices, User.login_profile],
    remediation="Remove the password (single sign-on only), or assign MFA and deny what is done without it.",
    proves="That a device is assigned. Not that it is asked for when an access key is used: only a policy does that.",
    passes=[user(password=True, mfa=True), user(password=True, mfa=False, devices=1, profile=True)],
    fails=user(password=True, mfa=False, devices=0, profile=True),
)
def judge(user: User) -> Verdict:
    credentials = user.credentials
    if not credentials.password:
        return not_applicable(f"there was no password at {credentials.generated:%Y-%m-%d %H:%M}Z")
    if credentials.mfa:
        return passed(f"an MFA device was assigned at {credentials.generated:%Y-%m-%d %H:%M}Z")
    devices = user.mfa_devices
    if devices:
        return passed("an MFA device is assigned")
    return failed("there is a password and no MFA device") if user.login_profile else not_applicable("there is no password any more")
