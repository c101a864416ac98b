"""Users: members and guests, how they can log in, and when they did."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import All, Kind, View, aspect
from controlmon.facts.entra.conditional_access.who import Who
from controlmon.facts.entra.index import once
from controlmon.facts.entra.raw import flag, text, texts, when


class Profile(View, frozen=True):
    """Who a user is. `guest` is the kind of guest (conditionalAccessGuestOrExternalUserTypes), "" for a member of our own."""

    enabled: bool
    login: str = ""
    mail: str = ""
    employee: str = ""
    member: bool = True
    guest: str = ""
    synced: bool = False
    created: datetime | None = None
    resource: bool = False


class Registration(View, frozen=True):
    """What a user has registered (userRegistrationDetails). `capable` means that a strong method is usable under policy."""

    capable: bool
    registered: bool = False
    methods: tuple[str, ...] = ()


class Activity(View, frozen=True):
    """When a user last logged in; None for never, or not since it is kept."""

    succeeded: datetime | None = None
    interactive: datetime | None = None


def profile(raw: Raw) -> Profile:
    """A user as GET /users shows it. One without a userType dates from before there was one: it is a member."""
    kind = text(raw, "userType") or "Member"
    if kind not in ("Member", "Guest"):
        raise ValueError(f"userType is {kind!r}")
    external = "#EXT#" in text(raw, "userPrincipalName") or raw.get("creationType") == "Invitation" or bool(raw.get("externalUserState"))
    guest = {"Guest": "b2bCollaborationGuest", "Member": "b2bCollaborationMember"}[kind] if external else ""
    return Profile(
        enabled=flag(raw, "accountEnabled"),
        login=text(raw, "userPrincipalName"),
        mail=text(raw, "mail"),
        employee=text(raw, "employeeId"),
        member=kind == "Member",
        guest=guest or ("internalGuest" if kind == "Guest" else ""),
        synced=raw.get("onPremisesSyncEnabled") is True,
        created=when(raw, "createdDateTime"),
        resource=raw.get("isResourceAccount") is True,
    )


class User(Kind, name="entra.user"):
    """A user of the tenant, guests included."""

    @aspect()
    def profile(raw: Raw) -> Profile:
        """Who it is (GET /users)."""
        return profile(raw)

    @aspect()
    def registration(raw: Raw) -> Registration:
        """What it has registered (GET /reports/authenticationMethods/userRegistrationDetails)."""
        return Registration(
            capable=flag(raw, "isMfaCapable"), registered=flag(raw, "isMfaRegistered"), methods=texts(raw, "methodsRegistered")
        )

    @aspect(volatile=("signInActivity",))
    def activity(raw: Raw) -> Activity:
        """When it last logged in (GET /users?$select=signInActivity)."""
        said = raw.get("signInActivity") or {}
        return Activity(succeeded=when(said, "lastSuccessfulSignInDateTime"), interactive=when(said, "lastSignInDateTime"))

    @aspect()
    def per_user_mfa(raw: Raw) -> str:
        """The state of per-user MFA: `disabled`, `enabled` or `enforced` (GET /beta/users/{id}/authentication/requirements)."""
        state = raw["perUserMfaState"]
        if state not in ("disabled", "enabled", "enforced"):
            raise ValueError(f"perUserMfaState is {state!r}")
        return str(state)

    def who(self, *, acting: tuple[str, ...] = (), per_user: str = "") -> Who:
        """The user as one who signs in."""
        said = self.profile
        return Who(id=self.id, guest=said.guest, member=said.member, acting=acting, per_user=per_user)

    @property
    def names(self) -> frozenset[str]:
        """All that a roster may call it, in lower case: employee id, mail, login, object id."""
        said = self.profile
        return frozenset(one.lower() for one in (said.employee, said.mail, said.login, self.id) if one)


@once
def by_name(users: All[User]) -> dict[str, list[User]]:
    """The enabled members, by each of their names. Raises `Unseen`."""
    found: dict[str, list[User]] = {}
    for user in users:
        if user.profile.enabled and user.profile.member:
            for name in user.names:
                found.setdefault(name, []).append(user)
    return found
