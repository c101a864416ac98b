"""Users and roles of a Datadog organization."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.datadog.parts import flag, moment, text, words

ADMIN = "Datadog Admin Role"
POWERS = ("user_access_manage", "org_management", "logs_write_archives")
"""Permissions that make any role an administrator's, whatever its name."""


class Profile(View, frozen=True):
    """A user. `methods` are those that it may sign in by against the organization's default; None if Datadog does not say.

    `last_login` is None for never; `login_known` says whether Datadog tells of it.
    """

    email: str
    handle: str = ""
    disabled: bool = False
    service_account: bool = False
    status: str = "Active"
    mfa: bool = False
    created: datetime | None = None
    methods: tuple[str, ...] | None = ()
    last_login: datetime | None = None
    login_known: bool = False

    @property
    def may_sign_in(self) -> bool:
        """True for a person that is not disabled."""
        return not self.service_account and not self.disabled

    @property
    def other_methods(self) -> tuple[str, ...]:
        """The methods by which a person may sign in that are not SAML."""
        return tuple(m for m in self.methods or () if "saml" not in m.lower()) if self.may_sign_in else ()


def profile_of(raw: Raw) -> Profile:
    """A user as list_users and list_role_users show it."""
    said = raw["attributes"]
    return Profile(
        email=str(said.get("email") or ""),
        handle=str(said.get("handle") or ""),
        disabled=flag(said, "disabled"),
        service_account=flag(said, "service_account"),
        status=text(said, "status"),
        mfa=flag(said, "mfa_enabled") if "mfa_enabled" in said else False,
        created=moment(said["created_at"]) if said.get("created_at") else None,
        methods=words(said, "allowed_login_methods") if "allowed_login_methods" in said else None,
        last_login=moment(said["last_login_time"]) if said.get("last_login_time") else None,
        login_known="last_login_time" in said,
    )


class User(Kind, name="datadog.user"):
    """A Datadog user. It cannot be deleted, only disabled."""

    @aspect()
    def profile(raw: Raw) -> Profile:
        """Who it is and how it signs in (v2.UsersApi:list_users)."""
        if "mfa_enabled" not in raw["attributes"] and not raw["attributes"].get("service_account"):
            raise KeyError("mfa_enabled")
        return profile_of(raw)


class Holder(View, frozen=True):
    """A user that holds a role, and is not disabled."""

    id: str
    email: str


class Role(Kind, name="datadog.role"):
    """A Datadog role."""

    @aspect()
    def permissions(raw: Raw) -> tuple[str, ...]:
        """The names of what it allows (v2.RolesApi:list_role_permissions)."""
        return tuple(text(one["attributes"], "name") for one in raw["data"])

    @aspect()
    def holders(raw: Raw) -> tuple[Holder, ...]:
        """Its users that are not disabled (v2.RolesApi:list_role_users)."""
        found = [(str(one["id"]), profile_of(one)) for one in raw["data"]]
        return tuple(Holder(id=key, email=p.email or p.handle) for key, p in found if not p.disabled)

    @property
    def powerful(self) -> str:
        """Why it is an administrator's, or "" if it is not."""
        powers = [name for name in POWERS if name in self.permissions]
        return self.name if self.name == ADMIN else " and ".join(powers)
