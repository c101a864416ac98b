"""What is done in databases is recorded, and the record arrives somewhere.

"Sent to Azure Monitor" alone sends nothing: it takes a diagnostic setting on the master database with the category of the audit as well.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.azure.sql import SqlServer

CATEGORY = "SQLSecurityAuditEvents"
GROUPS = ("audit", "alllogs")


def server(*categories: str, **auditing: object) -> SqlServer:
    setting = {"name": "s", "categories": categories, "destinations": ["/hub"]}
    return SqlServer.example(auditing={"enabled": True, **auditing}, master_logs=[setting])


@check(
    title="SQL auditing is on and delivered",
    severity="high",
    reads=[SqlServer.auditing, SqlServer.master_logs],
    remediation="Turn auditing on, to storage that keeps it long enough, or to Azure Monitor with a diagnostic setting on master.",
    proves="That the server's audit is on and has somewhere to go. Not that it arrives, nor which actions it records.",
    passes=[server(storage="https://a/", days=0), server(storage="https://a/", days=90), server(CATEGORY, monitor=True)],
    fails=[
        server(CATEGORY, enabled=False, monitor=True),
        server(),
        server(storage="https://a/", days=30),
        server("SQLInsights", monitor=True),
    ],
)
def judge(server: SqlServer, *, min_days: int = 90) -> Verdict:
    audit = server.auditing
    if not audit.enabled:
        return failed("auditing is off")
    if audit.storage and (audit.days == 0 or audit.days >= min_days):
        return passed(f"auditing goes to storage, which keeps it {audit.days or 'without end'}{' days' if audit.days else ''}")
    if audit.monitor:
        for setting in server.master_logs:
            sends = CATEGORY in setting.categories or any(group.lower() in GROUPS for group in setting.groups)
            if sends and (setting.destinations or setting.workspace):
                return passed(f"auditing goes to Azure Monitor, and from master by {setting.name} to where it is kept")
        return failed(f"auditing goes to Azure Monitor, but no diagnostic setting on master sends {CATEGORY} anywhere")
    return failed(f"storage keeps the audit {audit.days} days; {min_days} required" if audit.storage else "the audit is sent nowhere")
