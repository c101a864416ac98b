"""Root has no access keys and no signing certificates.

Inactive keys count: they can be turned on again. Certificates are usually forgotten, and log in just as well.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.aws.account import Account


@check(
    title="The root user has no access keys or signing certificates",
    severity="critical",
    reads=[Account.summary],
    remediation="Delete root's keys and certificates, and give the workload a role.",
    proves="That no program can log in as root.",
    passes=Account.example(summary={"mfa": True, "keys": 0, "certificates": 0}),
    fails=[
        Account.example(summary={"mfa": True, "keys": 1, "certificates": 0}),
        Account.example(summary={"mfa": True, "keys": 0, "certificates": 1}),
    ],
)
def judge(account: Account) -> Verdict:
    summary = account.summary
    has = [what for what, there in (("access keys", summary.keys), ("signing certificates", summary.certificates)) if there]
    return failed(f"root has {' and '.join(has)}") if has else passed("root has neither access keys nor signing certificates")
