"""Keys of Datadog are owned, used and young.

An application key without scopes may do all that its owner may, and works on when its owner can no longer sign in. Personal access tokens
are the newer credential, and count the same.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.datadog.keys import ApiKey, AppKey, Credential, Token
from controlmon.facts.datadog.users import User

ANN = User.example(id="u-1", name="ann", profile={"email": "ann@example.com"})
GONE = User.example(id="u-2", name="gone", profile={"email": "gone@example.com", "disabled": True})
YOUNG, OLD = "2026-10-01T00:00:00Z", "2024-01-01T00:00:00Z"


def app_key(**settings: object) -> AppKey:
    return AppKey.example(settings={"created": YOUNG, "owner": "u-1", "scopes": ["logs_read_data"], **settings})


@check(
    title="API and application keys are owned, used and young",
    severity="high",
    reads=[ApiKey.settings, AppKey.settings, Token.settings, User.profile],
    remediation="Rotate old keys, revoke unused ones and those of users who are gone, and give application keys scopes.",
    proves="That a key is young or was used of late, and that application keys and tokens have scopes and an enabled owner. Not where "
    "a key is kept. Key values are dropped before anything is recorded.",
    passes=[
        (ApiKey.example(settings={"created": YOUNG}), All.of(ANN)),
        (ApiKey.example(settings={"created": OLD, "used": "2026-11-20T00:00:00Z"}), All.of(ANN)),
        (app_key(), All.of(ANN)),
    ],
    fails=[
        (ApiKey.example(settings={"created": OLD}), All.of(ANN)),
        (ApiKey.example(settings={"created": OLD, "used": "2026-01-01T00:00:00Z"}), All.of(ANN)),
        (app_key(scopes=None), All.of(ANN)),
        (app_key(owner="u-2"), All.of(ANN, GONE)),
        (app_key(owner="u-3"), All.of(ANN)),
        Example((ApiKey.example(settings={"created": YOUNG}), All.of(ANN)), {"max_days": 30}),
    ],
)
def judge(key: ApiKey | AppKey | Token, users: All[User], now: datetime, *, max_days: int = 365, unused_days: int = 90) -> Verdict:
    settings = key.settings
    if settings.expires is not None and settings.expires <= now:
        return passed(f"it ended on {settings.expires:%Y-%m-%d}")
    if not isinstance(key, ApiKey):
        if settings.scopes is None:
            return failed("it has no scopes: it may do all that its owner may")
        owner = users.first(lambda user: user.id == settings.owner)
        if owner is None:
            return failed(f"its owner {settings.owner} is no user of the organization")
        if owner.profile.disabled:
            return failed(f"its owner {owner.name} is disabled")
        if owner.profile.status == "Pending":
            return failed(f"its owner {owner.name} has not accepted the invitation")
    return _age(settings, now, max_days, unused_days)


def _age(settings: Credential, now: datetime, max_days: int, unused_days: int) -> Verdict:
    age = now - settings.created
    used = f"last used {(now - settings.used).days} days ago" if settings.used else "never used, as far as Datadog tells"
    if settings.used is not None and now - settings.used <= timedelta(days=unused_days):
        return passed(f"it is {age.days} days old and {used}")
    if age <= timedelta(days=max_days):
        return passed(f"it is {age.days} days old; {max_days} allowed")
    return failed(f"it is {age.days} days old and {used}; {max_days} days, or use within {unused_days}, allowed")
