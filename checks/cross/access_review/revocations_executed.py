"""What a review took away is gone within days, and stays gone.

A decision on paper changes nothing, and a ticket that says "done" does not either: the live population is asked again at each run. What
counts is the access and not the row: one that a group still gives was not taken away, and one that was made again has another id.
"""

from datetime import datetime, timedelta

from controlmon.check import Everywhere, Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.access.grant import Grant, allows
from controlmon.facts.access.live import GRANTS, NOBODY, Live
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure import authorization as azure
from controlmon.facts.controlmon.reviews import GONE, Look, Revocation
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import in_force
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser


def case(decided: str, *looks: tuple[str, bool], held: bool = False) -> tuple[object, ...]:
    grant = {"system": "kubernetes", "scope": "", "principal": "ada", "name": "ada", "role": "cluster-admin", "person": "ada"}
    decision = {"row": "r", "decision": "revoke", "by": "bob", "at": decided}
    ordered = {"campaign": "2026-Q4", "row": {"id": "r", "grant": grant}, "decision": decision, "signed_at": decided,
               "looks": [{"at": at, "gone": gone} for at, gone in looks]}  # fmt: skip
    row = {"id": "k1", "system": "kubernetes", "account": "ada", "role": "cluster-admin", "person": "ada", "listed_at": "2026-11-20"}
    who = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    lists = Everywhere.of(*([Access.example(id="k1", row=row)] if held else []))
    people = Everywhere.of(Person.example(id="ada", row=who))
    return Revocation.example(id="2026-Q4/r", ordered=ordered), *NOBODY[:13], lists, Everywhere[AccessRequest].of(), people


@check(
    title="Access that a review revoked is gone in time, and stays gone",
    severity="critical",
    frequency="hourly",
    reads=[Revocation.ordered, *GRANTS],
    remediation="Remove the access in the system, on every path that gives it.",
    proves="That the live population no longer gives the access, and since when runs saw that. Not who removed it.",
    passes=[case("2026-11-20T12:00:00Z"), case("2026-10-01T12:00:00Z", ("2026-10-03T00:00:00Z", True))],
    fails=[
        case("2026-11-01T12:00:00Z", held=True),
        case("2026-10-01T12:00:00Z", ("2026-10-03T00:00:00Z", True), held=True),
        case("2026-10-01T12:00:00Z", ("2026-10-20T00:00:00Z", False), ("2026-10-21T00:00:00Z", True)),
    ],
)
def judge(
    revocation: Revocation,
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
    *,
    max_days: int = 7,
) -> Verdict:
    said = revocation.ordered
    wanted, until = said.row.grant, said.decision.at + timedelta(days=max_days)
    live = Live.of(
        now, iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    grants = live.grants(wanted.system)
    held = [grant for grant in grants if same(grant, wanted)]
    first_gone = next((look.at for look in said.looks if look.gone), None)
    if not held:
        return _gone(first_gone or now, said.looks, said.decision.at, until)
    if not wanted.eligible and any(one.eligible and one.access[:4] == held[0].access[:4] for one in grants):
        return unknown("it is active, and may be activated too (PIM): whether it was only activated is not told")
    how = ", ".join(sorted({grant.path for grant in held}))
    if first_gone is not None:
        later = [one.row for one in in_force(requests) if one.row.approved_at >= first_gone.date() and allows(one.row, held[0], now)]
        if later:
            return passed(f"{GONE} on {first_gone:%d %b %Y}, and was granted again on the approved request {later[0].ticket}")
        return failed(f"it was gone on {first_gone:%d %b %Y}, and is granted again ({how}) without an approved request since")
    if now <= until:
        return waiting(f"it is not carried out yet ({how})", due=until.date())
    return failed(f"it is still there ({how}), {(now - said.decision.at).days} days after it was decided")


def same(grant: Grant, wanted: Grant) -> bool:
    """Whether a grant comes to the same access. Who was nobody of the roster then may be somebody now: the name counts too."""
    return grant.access == wanted.access or (grant.access[1:] == wanted.access[1:] and grant.name.lower() == wanted.name.lower())


def _gone(at: datetime, looks: tuple[Look, ...], decided: datetime, until: datetime) -> Verdict:
    before = [look.at for look in looks if not look.gone and look.at < at]
    if at <= until:
        first = "" if before else ": when it was first looked for it was not there, and it may have gone before the decision"
        return passed(f"{GONE}, as was seen on {at:%d %b %Y}, {max((at - decided).days, 0)} days after it was decided{first}")
    late = next((one for one in before if one > until), None)
    if late is not None:
        return failed(f"{GONE}, but late: it was there on {late:%d %b %Y}, {(late - decided).days} days after it was decided")
    return unknown(f"{GONE}, and nobody looked between {until:%d %b %Y}, when it was due, and {at:%d %b %Y}")
