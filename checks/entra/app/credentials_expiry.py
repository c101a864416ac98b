"""Passwords of apps do not live for years, and somebody owns the app.

A service principal can carry passwords of its own, which do not show on the application. One that belongs to a SAML signing certificate
is no password to log in with, and what Azure manages or Microsoft owns is not ours to rotate.
"""

from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.entra.apps import Application, Secret, ServicePrincipal


def secret(end: str, start: str = "2026-10-01T00:00:00+00:00") -> dict[str, str]:
    return {"name": "ci", "start": start, "end": end}


def app(*passwords: object, owners: tuple[str, ...] = ("ada",), federated: tuple[str, ...] = ()) -> Application:
    return Application.example(
        name="deploy", registered={"app": "a", "passwords": passwords, "rights": True}, owners=owners, federated=federated
    )


SHORT, LONG, OVER = secret("2027-01-01T00:00:00+00:00"), secret("2028-10-01T00:00:00+00:00"), secret("2026-11-01T00:00:00+00:00")


@check(
    title="Passwords of apps are short-lived, and the apps owned",
    severity="high",
    reads=[Application.registered, Application.owners, Application.federated, ServicePrincipal.profile],
    remediation="Use federation or managed identities; otherwise rotate passwords within the limit, remove expired ones, name an owner.",
    proves="How long passwords of apps live. Certificates are not judged, nor whether an owner still works here.",
    passes=[
        app(SHORT),
        Example((app(federated=("https://token.actions.githubusercontent.com",)),), {"deploy_apps": ["deploy"]}),
        ServicePrincipal.example(profile={"app": "a", "passwords": [SHORT]}),
    ],
    fails=[
        app(LONG),
        app(OVER),
        app(SHORT, owners=()),
        Example((app(SHORT),), {"deploy_apps": ["deploy"]}),
        ServicePrincipal.example(profile={"app": "a", "passwords": [LONG]}),
    ],
)
def judge(app: Application | ServicePrincipal, now: datetime, *, max_days: int = 180, deploy_apps: tuple[str, ...] = ()) -> Verdict:
    if isinstance(app, ServicePrincipal):
        return _principal(app, max_days)
    said = app.registered
    if any(fnmatchcase(name, glob) for name in (app.name, said.app) for glob in deploy_apps):
        if said.passwords:
            return failed("it deploys to production with a password, not by federation")
        if not app.federated:
            return failed("it deploys to production, and trusts no issuer")
    elif not said.passwords and not said.keys:
        return not_applicable("it has no credentials")
    why = _too_long(said.passwords, max_days)
    over = next((one.name for one in said.passwords if one.end is not None and one.end < now), "")
    if not why and over and said.rights:
        why = f"its password {over} has expired, and is still there"
    if why:
        return failed(why)
    if not app.owners:
        return failed("nobody owns it")
    return passed(f"it has {len(app.owners)} owners, and no password of more than {max_days} days")


def _principal(principal: ServicePrincipal, max_days: int) -> Verdict:
    said = principal.profile
    if said.microsoft:
        return not_applicable("it is Microsoft's own")
    if said.sort == "ManagedIdentity":
        return not_applicable("it is a managed identity: Azure keeps its credentials")
    own = tuple(one for one in said.passwords if not one.pair)
    if not own:
        return not_applicable("it has no password of its own")
    why = _too_long(own, max_days)
    return failed(f"on the service principal {why}") if why else passed(f"its own passwords live {max_days} days at most")


def _too_long(passwords: tuple[Secret, ...], max_days: int) -> str:
    for one in passwords:
        if one.end is None or one.start is None:
            return f"its password {one.name} never ends"
        if one.end - one.start > timedelta(days=max_days):
            return f"its password {one.name} lives {(one.end - one.start).days} days; {max_days} are allowed"
    return ""
