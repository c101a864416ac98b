"""Those who administer Datadog are few, and named.

A role of the organization's own can be as good as Datadog's: what a role allows is looked at, not what it is called.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.datadog.users import Role

ORG = Organization.example(name="Artemis")
ANN, BOB = {"id": "1", "email": "ann@example.com"}, {"id": "2", "email": "bob@example.com"}
ADMIN = Role.example(id="a", name="Datadog Admin Role", permissions=["user_access_manage"], holders=[ANN])
OWN = Role.example(id="o", name="Operators", permissions=["logs_write_archives"], holders=[BOB])
READ = Role.example(id="r", name="Datadog Read Only Role", permissions=["logs_read_data"], holders=[BOB])


@check(
    title="Admin role holders are few and named",
    severity="high",
    reads=[Role.permissions, Role.holders],
    remediation="Take the role from those who do not need it, and name the others in the parameter `listed`.",
    proves="Who holds the admin role, or a role that may manage access, the organization or log archives, and is not disabled. Not who "
    "holds keys of such a user.",
    passes=[
        Example((ORG, All.of(ADMIN, READ)), {"listed": ["ann@example.com"]}),
        Example((ORG, All.of(ADMIN, OWN)), {"listed": ["*@example.com"], "max": 2}),
    ],
    fails=[
        Example((ORG, All.of(ADMIN, OWN)), {"listed": ["ann@example.com"]}),
        Example((ORG, All.of(ADMIN, OWN)), {"listed": ["*@example.com"], "max": 1}),
    ],
)
def judge(organization: Organization, roles: All[Role], *, max: int = 4, listed: tuple[str, ...] = ()) -> Verdict:  # noqa: A002, ARG001 - its name in the catalog; who is judged
    held = dict(_held(roles))
    if len(held) > max:
        return failed(f"{len(held)} administer it; {max} allowed: {', '.join(sorted(held))}")
    if held and not listed:
        return unknown(f"{len(held)} administer it, and nobody is named who may: set the parameter listed")
    strangers = sorted(f"{who} ({why})" for who, why in held.items() if not any(fnmatchcase(who.lower(), p.lower()) for p in listed))
    if strangers:
        return failed(f"{', '.join(strangers)} administers it and is not listed")
    return passed(f"{len(held)} administer it, all listed; {max} allowed")


def _held(roles: All[Role]) -> Iterator[tuple[str, str]]:
    for role in roles:
        if why := role.powerful:
            for holder in role.holders:
                yield holder.email or holder.id, f"{role.name}: {why}" if why != role.name else why
