"""Users: the list, the bulk report of what they registered, and one by one only what no report tells."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.entra.users import User

users = Service("entra", "users")
WANTED = (
    "id,displayName,userPrincipalName,mail,userType,accountEnabled,createdDateTime,creationType,externalUserState,onPremisesSyncEnabled,"
    "employeeId,isResourceAccount"
)


# The order matters: the first listing of a kind that is taken defines its population, so the live list stands before the reports.
@users.lists(User, Operation("graph", "GET /v1.0/users", needs=("User.Read.All",)), at=Place.TENANT, gives=[User.profile])
def everyone(ask: Ask) -> Iterator[Found]:
    """Every user there is now, guests and disabled ones too."""
    for user in ask.items("value", select=WANTED, top=999):
        yield Found(User, user["id"], user["userPrincipalName"], answers={User.profile: user})


REPORT = Operation("graph", "GET /v1.0/reports/authenticationMethods/userRegistrationDetails", needs=("AuditLog.Read.All",))


@users.lists(User, REPORT, at=Place.TENANT, gives=[User.registration])
def registration(ask: Ask) -> Iterator[Found]:
    """What each has registered. The report lags, and leaves out who is disabled."""
    for row in ask.items("value", top=999):
        yield Found(User, row["id"], row["userPrincipalName"], answers={User.registration: row})


ACTIVITY = Operation("graph", "GET /v1.0/users?$select=id,userPrincipalName,signInActivity", needs=("User.Read.All", "AuditLog.Read.All"))


@users.lists(User, ACTIVITY, at=Place.TENANT, gives=[User.activity])
def activity(ask: Ask) -> Iterator[Found]:
    """When each last logged in: a question of its own, since without a licence Graph refuses the whole list."""
    for user in ask.items("value", top=120):  # with signInActivity no page is longer
        yield Found(User, user["id"], user["userPrincipalName"], answers={User.activity: user})


PER_USER = Operation("graph", "GET /beta/users/{id}/authentication/requirements", needs=("Policy.Read.All",))


@users.answers(User.per_user_mfa, PER_USER)
def per_user_mfa(ask: Ask, user: Met) -> Raw:
    """The old per-user MFA: one question for each, twenty to a request."""
    return ask(id=user.id)
