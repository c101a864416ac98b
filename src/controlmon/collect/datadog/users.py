"""Users and roles."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.collect.datadog.operation import Paging, Read
from controlmon.core.fact import Raw
from controlmon.facts.datadog.users import Role, User

users = Service("datadog", "users")
NEEDS = ("user_access_read",)


@users.lists(User, Read("v2.UsersApi", "list_users", needs=NEEDS, paging=Paging.NUMBER, size=500), at=Place.ACCOUNT, gives=[User.profile])
def people(ask: Ask) -> Iterator[Found]:
    """Everybody, disabled or not, and service accounts."""
    for user in ask.items("data"):
        said = user["attributes"]
        yield Found(User, user["id"], said.get("handle") or said.get("email") or user["id"], answers={User.profile: user})


@users.lists(Role, Read("v2.RolesApi", "list_roles", needs=NEEDS, paging=Paging.NUMBER), at=Place.ACCOUNT)
def roles(ask: Ask) -> Iterator[Found]:
    """Datadog's own roles and the organization's."""
    for role in ask.items("data"):
        yield Found(Role, role["id"], role["attributes"]["name"])


@users.answers(Role.permissions, Read("v2.RolesApi", "list_role_permissions", needs=NEEDS))
def permissions(ask: Ask, role: Met) -> Raw:
    """What it allows."""
    return ask(role_id=role.id)


@users.answers(Role.holders, Read("v2.RolesApi", "list_role_users", needs=NEEDS, paging=Paging.NUMBER))
def holders(ask: Ask, role: Met) -> Raw:
    """Who has it, of all pages."""
    return {"data": list(ask.items("data", role_id=role.id))}
