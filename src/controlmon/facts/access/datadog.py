"""The users of Datadog and their roles, as grants."""

from datetime import datetime
from typing import Any

from controlmon.facts.access.grant import NOTHING, Grant
from controlmon.facts.base import All
from controlmon.facts.datadog.users import Role, User

DATADOG = "datadog"


def grants_of_datadog(users: All[User], roles: All[Role], now: datetime) -> list[Grant]:
    """Each user that is not disabled by each role; one without a role too, for it can sign in. Raises `Unseen`."""
    held: dict[str, list[Role]] = {}
    emails: dict[str, str] = {}
    for role in roles:
        for holder in role.holders:
            held.setdefault(holder.id, []).append(role)
            emails[holder.id] = holder.email
    found = []
    for user in users:
        said = user.profile
        emails.pop(user.id, None)
        if said.disabled:
            continue
        about: dict[str, Any] = {
            "system": DATADOG, "scope": user.target, "principal": user.id, "name": said.email or said.handle or user.name,
            "names": tuple(name.lower() for name in (said.handle,) if name), "kind": "service" if said.service_account else "human",
            "since": said.created, "used": said.last_login, "known": now if said.login_known else None,
        }  # fmt: skip
        mine: list[Role | None] = [*held.get(user.id, ())] or [None]
        for one in mine:
            admin = bool(one and one.powerful)
            found.append(Grant(**about, role=one.name if one else NOTHING, admin=admin))
    # Who came between two questions is in no list of users yet, and has what it has.
    late = [(one, key, email) for key, email in emails.items() for one in held[key]]
    return found + [
        Grant(system=DATADOG, scope=one.target, principal=key, name=email, role=one.name, admin=bool(one.powerful))
        for one, key, email in late
    ]
