"""The population of every declared system is captured whole: a review of half of it is a review of none.

Completeness is what auditors test first, and what nobody can prove of a list that somebody exported by hand. Here each row comes from a
recorded answer, with its operation, pages, count and digest, and a system without a connector has a list in `access_lists` that is not old.
Where the provider has a count of its own, the number of rows is held against it.
"""

from datetime import datetime

from controlmon.check import Everywhere, Verdict, check, failed, not_applicable, passed
from controlmon.facts.access.live import CONNECTED, GRANTS, NOBODY, Live
from controlmon.facts.access.uploads import listed_at
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.aws.account import Account
from controlmon.facts.azure import authorization as azure
from controlmon.facts.controlmon.reviews import SYSTEMS, Review
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import days_between
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser


def case(name: str = "kubernetes", **row: object) -> tuple[object, ...]:
    about = {
        "id": "k1",
        "system": "kubernetes",
        "account": "ada",
        "role": "cluster-admin",
        "person": "ada",
        "listed_at": "2026-11-20",
    } | row
    who = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    lists, people = Everywhere.of(Access.example(id="k1", row=about)), Everywhere.of(Person.example(id="ada", row=who))
    return Review.example(id=name), *NOBODY[:13], lists, Everywhere[AccessRequest].of(), people, Everywhere[Account].of()


@check(
    title="The population of every system in the scope of access reviews is captured whole",
    severity="critical",
    frequency="weekly",
    reads=[*GRANTS, Account.summary],
    remediation="Grant what could not be read, connect the system, or bring a list of its accounts (the register `access_lists`).",
    proves="That every grant of the system was listed to its end, and joined with the roster. Not that the system tells all.",
    passes=[case(), case("github", system="github")],
    fails=[case("jira"), case(listed_at="2026-09-01")],
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
    accounts: Everywhere[Account],
    now: datetime,
    *,
    systems: tuple[str, ...] = SYSTEMS,
    upload_max_days: int = 31,
) -> Verdict:
    if review.id not in systems:
        return not_applicable("it is not in the scope of reviews")
    if review.id not in CONNECTED:
        day = listed_at(uploads, review.id)
        if day is None:
            return failed("nothing is connected to it, and the register access_lists has no list of its accounts")
        if days_between(day, now) > upload_max_days:
            return failed(f"its list is of {day.isoformat()}, and no older than {upload_max_days} days is current")
    live = Live.of(
        now, iam_users, iam_groups, iam_roles, iam_policies, assignments, permission_sets, azure_roles, azure_eligible, entra_roles,
        entra_eligible, entra_users, datadog_users, datadog_roles, uploads, requests, people,
    )  # fmt: skip
    grants = live.grants(review.id)
    if review.id == "aws_iam":
        for account in accounts:
            seen = sum(user.target == account.target for user in iam_users)
            if account.summary.users is not None and account.summary.users != seen:
                return failed(f"{seen} users were listed in {account.target}, and IAM counts {account.summary.users}")
    human = {grant.who for grant in grants if grant.kind != "service"}
    others = {grant.who for grant in grants} - human
    return passed(f"{len(grants)} grants of {len(human)} people and {len(others)} machines were listed to the end")
