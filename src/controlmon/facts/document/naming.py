"""Names of the same company: what a page, a register and a consent each call it."""

from collections.abc import Mapping

from controlmon.facts.document.vendors import VendorRow

ALIASES: dict[str, tuple[str, ...]] = {
    "AWS": ("Amazon Web Services", "Amazon Web Services, Inc.", "Amazon"),
    "Amazon Web Services": ("AWS", "Amazon"),
    "Anthropic": ("Anthropic PBC", "Anthropic, PBC", "Claude"),
    "Auth0": ("Okta",),
    "Azure": ("Microsoft Azure", "Microsoft"),
    "Azure DevOps": ("Microsoft Azure DevOps", "Microsoft"),
    "Datadog": ("Datadog, Inc.",),
    "GitHub": ("GitHub, Inc.",),
    "Jira": ("Atlassian", "Atlassian Jira"),
    "Microsoft 365": ("Office 365", "Microsoft Office 365", "Microsoft"),
    "Microsoft Azure": ("Azure", "Microsoft"),
    "Office 365": ("Microsoft 365", "Microsoft Office 365", "Microsoft"),
}
"""Other names of a service, and of the company behind it."""


def called(row: VendorRow, name: str, aliases: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a vendor goes by a name: its own, or one that `aliases` has for either. Two services of one company are not the same."""
    other = {key.casefold(): names for key, names in aliases.items()}
    if row.goes_by((name, *other.get(name.casefold(), ()))):
        return True
    ours = {alias.casefold() for one in (row.id, row.name, *row.aliases) for alias in other.get(one.casefold(), ())}
    return name.casefold() in ours
