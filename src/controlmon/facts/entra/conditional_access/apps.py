"""Whether a policy is about an app."""

from collections.abc import Iterable

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.entra.conditional_access.policy import Settings

ANY_APP = "*"
"""An app that no policy names: any of those that there are, or will be."""
OFFICE, PORTALS = "Office365", "MicrosoftAdminPortals"
SUITES = {
    OFFICE: {
        "00000002-0000-0ff1-ce00-000000000000",  # Exchange Online
        "00000003-0000-0ff1-ce00-000000000000",  # SharePoint Online
        "00000004-0000-0ff1-ce00-000000000000",  # Skype for Business Online
        "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",  # Microsoft Teams Services
        "00000005-0000-0ff1-ce00-000000000000",  # Viva Engage
        "4765445b-32c6-49b0-83e6-1d93765276ca",  # Office 365 portal
        "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7",  # Office 365 shell
        "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3",  # Planner
        "c9a559d2-7aab-4f13-a6ed-e7e9c52aec87",  # Forms
        "2634dd23-5e5a-431c-81ca-11710d9079f4",  # Stream
    },
    PORTALS: {
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",  # Azure portal
        "618dd325-23f6-4b6f-8380-4df78026e39b",  # Exchange admin center
        "80ccca67-54bd-44ab-8625-4b79c4dc7775",  # Defender and Purview portals
        "00000006-0000-0ff1-ce00-000000000000",  # Microsoft 365 admin center
    },
}
"""The apps of the suites that a policy can name, as Microsoft's documentation lists them (the well-known ones)."""
FILTERED = Gap(GapKind.UNAVAILABLE, "graph:custom security attributes", "the policy filters apps by attributes, which are not read")


def about(policy: Settings, app: str) -> bool | Gap:
    """Whether a policy is about signing in to an app; a gap if its filter decides."""
    apps = policy.apps
    if apps.elsewhere or _names(apps.exclude, app):
        return False
    if "All" in apps.include or _names(apps.include, app):
        return FILTERED if apps.filter == "exclude" else True
    return FILTERED if apps.filter == "include" else False


def named(policies: Iterable[Settings]) -> list[str]:
    """Every app that some enabled policy names, and one that none does: what "all apps" comes down to."""
    found = {app for p in policies if p.enabled and not p.apps.elsewhere for app in (*p.apps.include, *p.apps.exclude)}
    return [ANY_APP, *sorted(found - {"All", "None"})]


def _names(listed: Iterable[str], app: str) -> bool:
    return any(one.lower() == app.lower() or app.lower() in SUITES.get(one, ()) for one in listed)
