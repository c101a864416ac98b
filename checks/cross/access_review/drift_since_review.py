"""Access that was added since the last review rests on an approved request.

A review is a photograph. What came after it was seen by nobody, unless somebody asked for it and another person agreed. A role that was
taken for an hour by whoever may take it (PIM) is an event and no drift.
"""

from datetime import datetime

from controlmon.check import Everywhere, Verdict, check, failed, not_applicable, passed
from controlmon.facts.access.grant import NOTHING, allows
from controlmon.facts.access.live import GRANTS, NOBODY, Live
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure import authorization as azure
from controlmon.facts.controlmon.reviews import Review
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import in_force
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser


def case(*reviewed: str, role: str = "viewer", ticket: bool = False) -> tuple[object, ...]:
    grant = {"system": "kubernetes", "scope": "", "principal": "ada", "name": "ada", "person": "ada"}
    rows = [{"id": one, "grant": grant | {"role": one}} for one in reviewed]
    row = {"id": "k1", "system": "kubernetes", "account": "ada", "role": role, "person": "ada", "listed_at": "2026-11-20"}
    who = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    asked = {
        "id": "r1",
        "person": "ada",
        "system": "kubernetes",
        "role": role,
        "approved_by": "bob",
        "approved_at": "2026-11-01",
        "ticket": "T-1",
    }
    lists, people = Everywhere.of(Access.example(id="k1", row=row)), Everywhere.of(Person.example(id="ada", row=who))
    requests = Everywhere.of(*([AccessRequest.example(id="r1", row=asked)] if ticket else []))
    about = Review.example(id="kubernetes", reviewed={"campaign": "2026-Q4", "signed": True, "rows": rows})
    return about, *NOBODY[:13], lists, requests, people


@check(
    title="Access added since the last review rests on an approved request",
    severity="high",
    reads=[Review.reviewed, *GRANTS],
    remediation="File the request and have it approved, or remove the access.",
    proves="That whoever has more than at the last signed review has an approved request for it. Not that the request was reasonable.",
    passes=[case("viewer"), case("viewer", role="admin", ticket=True)],
    fails=[case("viewer", role="admin")],
)
def judge(
    review: Review,
    iam_users: Everywhere[iam.User],
    iam_groups: Everywhere[iam.Group],
    iam_roles: Everywhere[iam.Role],
    iam_policies: Everywhere[iam.Policy],
    assignments: Everywhere[center.Assignment],
    permission_sets: Everywhere[center.PermissionSet],
    azure_roles: Everywhere[azure.RoleAssignment],
    azure_eligible: Everywhere[azure.EligibleAssignment],
    entra_roles: Everywhere[entra.Assignment],
    entra_eligible: Everywhere[entra.Eligibility],
    entra_users: Everywhere[EntraUser],
    datadog_users: Everywhere[dd.User],
    datadog_roles: Everywhere[dd.Role],
    uploads: Everywhere[Access],
    requests: Everywhere[AccessRequest],
    people: Everywhere[Person],
    now: datetime,
) -> Verdict:
    said = review.reviewed
    if not said.signed:
        return not_applicable("no review of it is signed off yet, so that there is nothing to have drifted from")
    live = Live.of(
        now, iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    known = {row.grant.access for row in said.rows} | {(row.grant.name.lower(), *row.grant.access[1:]) for row in said.rows}
    accounts = {(who, scope) for who, _, scope, _, _ in known}
    grants = live.grants(review.id)
    added = [one for one in grants if not {one.access, (one.name.lower(), *one.access[1:])} & known]
    added = [one for one in added if one.role != NOTHING or (one.who, one.scope) not in accounts]
    eligible = {one.access[:4] for one in grants if one.eligible}
    lasting = [one for one in added if one.eligible or one.access[:4] not in eligible]
    asked = [one.row for one in in_force(requests)] if lasting else []
    without = [one for one in lasting if not any(allows(row, one, min(one.since or now, now)) for row in asked)]
    events = f"; {len(added) - len(lasting)} more are activations (PIM)" if len(lasting) < len(added) else ""
    if without:
        others = f", and {len(without) - 1} more" if len(without) > 1 else ""
        return failed(
            f"{len(without)} of {len(lasting)} grants since {said.campaign} have no approved request: {without[0].words}{others}{events}"
        )
    if not lasting:
        return passed(f"nothing was added since {said.campaign}{events}")
    return passed(f"each of {len(lasting)} grants since {said.campaign} rests on an approved request{events}")
