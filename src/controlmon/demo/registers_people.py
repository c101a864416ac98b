"""Who works for the small company, and what each of them read, learned and was told. Whoever runs late is Tom or Lena."""

from datetime import timedelta
from typing import Any

from controlmon.demo.people import ACTIVE, BEN, JANE, LENA, MARIA, OMAR, PEOPLE, RAVI, SOFIA, TOM, Person, ago, now
from controlmon.demo.registers_documents import CONDUCT, version_of

ACKNOWLEDGED = ("information_security_policy", "acceptable_use_policy", "code_of_conduct", "access_control_and_termination_policy")
MANAGED = {TOM: RAVI, LENA: RAVI, MARIA: RAVI, BEN: RAVI}
PHI = (RAVI, MARIA)
DATABASE = "artemis-prod-records"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def registers() -> dict[str, Any]:
    """The roster, what is joined with it, and the access that no API shows."""
    return {
        "personnel": _personnel(),
        "training": list(_training()),
        "acknowledgements": list(_acknowledgements()),
        "performance_reviews": [
            {"id": f"r-{person.login}", "person": person.login, "reviewer": reviewer.login, "completed_at": ago(days)}
            for person, reviewer, days in (
                (JANE, OMAR, 90),
                (RAVI, JANE, 80),
                (TOM, RAVI, 85),
                (LENA, RAVI, 380),
                (MARIA, RAVI, 440),
                (OMAR, JANE, 70),
            )
        ],
        "access_lists": list(_accounts()),
        "access_requests": list(_requests()),
        "breakglass_uses": [_use()],
    }


def _personnel() -> dict[str, Any]:
    head = {"source": "feed", "fed_by": "the payroll", "fed_at": (now().replace(microsecond=0) - 3 * _HOUR), "expected_rows": len(PEOPLE)}
    return {"register": head, "rows": [_row(person) for person in PEOPLE]}


def _row(person: Person) -> dict[str, Any]:
    ended = person.ended(now())
    manager = {} if person is OMAR else {"manager": MANAGED.get(person, OMAR if person is JANE else JANE).login}
    accounts = {"aws": [person.aws], "entra": [person.entra, person.id], "datadog": [person.datadog]}
    return {
        "id": person.login,
        "name": person.name,
        "email": person.email,
        "role": person.role,
        **(manager or {"head": True}),
        "start": ago(1100 - 90 * PEOPLE.index(person)),
        **({"end": ended.date()} if ended else {}),
        "accounts": {system: names for system, names in accounts.items() if names[0]},
        **({"phi": True} if person in PHI else {}),
    }


def _training() -> Any:  # noqa: ANN401 - rows
    """Tom's course is of the year before last."""
    for person in PEOPLE:
        day = ago(410 if person is TOM else 130)
        yield {"id": f"t-{person.login}", "person": person.login, "course": "security", "version": "2026", "completed_at": day}
    for person in PHI:
        yield {"id": f"t-{person.login}-hipaa", "person": person.login, "course": "hipaa", "completed_at": ago(125)}


def _acknowledgements() -> Any:  # noqa: ANN401 - rows
    """A new code of conduct holds since lately: most accepted it, and Lena has accepted neither."""
    for person in ACTIVE:
        for name in ACKNOWLEDGED:
            version, day = (CONDUCT, ago(12)) if name == "code_of_conduct" else (version_of(name), ago(50))
            if person is LENA and name == "code_of_conduct":
                continue
            row = {"id": f"a-{person.login}-{name}", "person": person.login, "document": name, "version": version, "accepted_at": day}
            yield {**row, "method": "signed in the HR system"}


def _accounts() -> Any:  # noqa: ANN401 - rows
    """The accounts of the database, as it lists them; Sofia's is still there."""
    for person, role in ((RAVI, "owner"), (MARIA, "readwrite"), (SOFIA, "readonly")):
        yield {
            "id": f"db-{person.login}",
            "system": "databases",
            "account": person.login,
            "person": person.login,
            "scope": DATABASE,
            "role": role,
            "admin": role == "owner",
            "since": ago(300),
            "last_used": ago(20),
            "listed_at": ago(2),
        }
    machine = {"id": "db-export", "system": "databases", "account": "document_export", "owner": RAVI.login, "kind": "service"}
    yield {**machine, "scope": DATABASE, "role": "readonly", "since": ago(300), "last_used": ago(3), "listed_at": ago(2)}


def _requests() -> Any:  # noqa: ANN401 - rows
    """What was asked for and approved; of Tom and Lena nothing is on file."""
    asked = ((JANE, OMAR), (RAVI, JANE), (MARIA, RAVI))
    for number, (person, approver) in enumerate(asked):
        for system in ("aws_iam", "azure_rbac", "entra_roles", "datadog", "databases"):
            yield {
                "id": f"ar-{person.login}-{system}",
                "person": person.login,
                "system": system,
                "role": "*",
                "approved_by": approver.login,
                "approved_at": ago(310),
                "ticket": f"OPS-{100 + number}",
            }


def _use() -> dict[str, Any]:
    """Somebody locked themselves out, once, and it was looked at the next morning."""
    begun = now().replace(minute=10, second=0, microsecond=0) - 40 * _DAY
    return {
        "id": "bg-1",
        "principal": "arn:aws:iam::123456789012:role/break-glass",
        "person": JANE.login,
        "started": begun,
        "ended": begun + 45 * _MINUTE,
        "reason": "the identity provider was down during a restore",
        "approver": OMAR.login,
        "ticket": "OPS-371",
        "alerted_at": begun + 2 * _MINUTE,
        "reviewed_at": begun + 9 * _HOUR,
        "reviewer": RAVI.login,
    }
