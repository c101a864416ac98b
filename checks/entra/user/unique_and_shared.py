"""Each account is one person's, and what is nobody's cannot be logged in to.

An administrator has a second account for that work, by its name. A shared mailbox that is enabled is a login that several people know.
"""

import re

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.entra.users import User, by_name

ROSTER = {"people": ["E7"]}


def user(login: str, employee: str = "E7", *, enabled: bool = True) -> User:
    return User.example(id=login, name=login, profile={"enabled": enabled, "login": login, "employee": employee})


ADA, ADMIN, AGAIN, INFO = user("ada@a.example"), user("adm-ada@a.example"), user("ada2@a.example"), user("info@a.example", "")


@check(
    title="Accounts are personal, and shared mailboxes cannot be logged in to",
    severity="high",
    reads=[User.profile],
    remediation="Give a person one account (administrators a second, by its name), declare service identities, disable shared mailboxes.",
    proves="That each enabled member is one person of the roster, or a declared service identity. Not that nobody else knows the password.",
    passes=[Example((ADA, All.of(ADA, ADMIN)), ROSTER), Example((ADMIN, All.of(ADA, ADMIN)), ROSTER)],
    fails=[
        Example((ADA, All.of(ADA, AGAIN)), ROSTER),
        Example((INFO, All.of(INFO)), ROSTER),
        Example((INFO, All.of(INFO)), {"shared_mailboxes": ["info@a.example"]}),
    ],
)
def judge(
    user: User,
    users: All[User],
    *,
    admin_pattern: str = "^adm-",
    people: tuple[str, ...] = (),
    service_identities: tuple[str, ...] = (),
    shared_mailboxes: tuple[str, ...] = (),
) -> Verdict:
    profile = user.profile
    names = user.names
    if names & {one.lower() for one in shared_mailboxes}:
        return failed("it is a shared mailbox, and enabled") if profile.enabled else passed("it is a shared mailbox, and disabled")
    if not profile.enabled:
        return not_applicable("it is disabled")
    if not profile.member:
        return not_applicable("it is a guest")
    if names & {one.lower() for one in service_identities}:
        return passed("it is a declared service identity")
    if not people:
        return unknown("no roster is given (`people`: employee ids, or mail addresses)")
    mine = names & {one.lower() for one in people}
    if not mine:
        return failed("it is nobody's: neither on the roster, nor a declared service identity")
    admin = re.compile(admin_pattern, re.IGNORECASE)
    if admin.search(profile.login):
        return passed(f"it is the administrator's account of {min(mine)}")
    others = {o.name for name in mine for o in by_name(users).get(name, ()) if o.id != user.id and not admin.search(o.profile.login)}
    twins = sorted(others)
    return failed(f"{min(mine)} has another account, {twins[0]}") if twins else passed(f"it is the account of {min(mine)}")
