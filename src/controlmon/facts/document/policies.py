"""Documents: their versions as registered, and the files themselves by digest."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import field

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.schema import Id, Past, PersonId, Row, Sha256, Text, converted, day_of

POLICIES: dict[str, tuple[str, ...]] = {
    "acceptable_use_policy": ("hardware", "storage media", "communication tools", "internet"),
    "access_control_and_termination_policy": (
        *("authentication", "MFA", "SSO", "least privilege", "reviews", "termination timing", "break-glass"),
    ),
    "business_continuity_and_disaster_recovery_plan": (
        *("scope", "RTO and RPO", "backup", "restore test", "roles", "communication", "annual exercise"),
    ),
    "change_management_policy": ("documenting", "tracking", "testing", "approving", "emergency change", "separation of duties"),
    "code_of_conduct": ("ethics", "behaviour", "consequences"),
    "configuration_and_asset_management_policy": ("baselines", "hardening", "inventory", "drift"),
    "data_classification_policy": ("classes", "handling rules", "labels"),
    "data_retention_and_disposal_policy": ("schedule per data class", "30-day disposal", "backups carve-out", "legal hold", "prompt logs"),
    "encryption_and_key_management_policy": (
        *("algorithms", "TLS minimum", "key ownership", "rotation", "break-glass", "secrets", "BYOC"),
    ),
    "incident_response_plan": (
        *("identify", "prioritise", "communicate", "assign", "track", "standing team", "breach notification", "annual test"),
    ),
    "information_security_policy": ("objectives", "scope", "roles", "exceptions", "review"),
    "internal_control_policy": ("control ownership", "monitoring", "deficiency handling"),
    "network_security_policy": ("segmentation", "exposure", "remote access", "monitoring"),
    "performance_review_policy": ("cycle", "criteria", "feedback"),
    "physical_security_policy": ("offices", "visitors", "devices", "media", "data-centre carve-out"),
    "privacy_and_data_protection_policy": ("collection", "use", "rights", "transfers", "contact"),
    "risk_assessment_and_treatment_policy": ("threats", "vulnerabilities", "likelihood", "impact", "tolerance", "strategies"),
    "secure_development_policy": (
        *("secure coding", "review", "testing", "dependency and secret handling", "release approval", "AI evaluation"),
    ),
    "vendor_management_policy": (
        *("onboarding", "risk tiers", "assessment before use", "annual review", "subprocessor notice", "offboarding"),
    ),
    "vulnerability_and_patch_management_policy": ("sources", "severity SLA", "patch windows", "exceptions"),
}
"""The policies and plans that the trust center promises, and the topics that each has to cover (`checks.yaml`, `document.policy.*`)."""


class Review(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A review that left the document as it is: an approval of its own."""

    by: PersonId
    at: Past


class DocumentRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a document.

    Attributes:
        document: which document it is a version of.
        file: the file itself, relative to the register's directory; `location` is where people read it.
        status: a draft replaces nothing; what is withdrawn no longer holds.
        replaced_at: the day from which the next version holds.
        topics: each topic that it covers, and the section that does.
        reviews: reviews that left it as it is.
        facts: what else a report of this type tells (periods, letters, scopes), by name.

    """

    id: Id
    document: Id
    version: Text
    type: Literal["policy", "report", "letter", "statement", "plan", "other"] = "policy"
    title: str = ""
    status: Literal["draft", "approved", "withdrawn"] = "approved"
    file: str = ""
    sha256: Sha256 | None = None
    location: str = ""
    owner: PersonId
    author: PersonId | None = None
    approver: PersonId | None = None
    approved_at: Past | None = None
    effective_at: date | None = None
    replaced_at: date | None = None
    next_review_at: date | None = None
    topics: dict[str, str] = field(default_factory=dict)
    reviews: tuple[Review, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


class Content(View, frozen=True):
    """The file of one version as it is: its digest, or why there is none."""

    sha256: str = ""
    bytes: int = 0
    missing: str = ""


class Document(Kind, name="document.document"):
    """A document that is neither a policy nor a plan of the trust center: a report, a letter, a chart."""

    @aspect(volatile=("lines",))
    def versions(raw: Raw) -> tuple[DocumentRow, ...]:
        """Its versions, as the register has them."""
        return _versions(raw)

    @aspect()
    def contents(raw: Raw) -> dict[str, Content]:
        """The files of its versions, by the id of the row."""
        return {key: converted(one, Content) for key, one in raw["files"].items()}


class Policy(Kind, name="document.policy"):
    """A policy or plan, with all its versions."""

    @aspect(volatile=("lines",))
    def versions(raw: Raw) -> tuple[DocumentRow, ...]:
        """Its versions, as the register has them; none, where it is promised and not there."""
        return _versions(raw)

    @aspect()
    def contents(raw: Raw) -> dict[str, Content]:
        """The files of its versions, by the id of the row."""
        return {key: converted(one, Content) for key, one in raw["files"].items()}


def _versions(raw: Raw) -> tuple[DocumentRow, ...]:
    if problems := raw.get("problems"):
        raise ValueError("; ".join(problems))
    return tuple(converted(one, DocumentRow) for one in raw["rows"])


def current(versions: tuple[DocumentRow, ...], now: date | datetime) -> list[DocumentRow]:
    """The versions in force on a day: approved, in effect, and replaced or withdrawn by nothing that holds."""
    day = day_of(now)
    approved = [v for v in versions if v.status == "approved"]
    begun = [v for v in approved if (v.effective_at or v.approved_at or date.min) <= day]
    return [v for v in begun if v.replaced_at is None or day < v.replaced_at]


def stands_by_its_file(version: DocumentRow, contents: Mapping[str, Content]) -> str:
    """Why the file of a version is not the one that was registered; empty if it is."""
    held = contents.get(version.id)
    if held is None or held.missing:
        return f"version {version.version}: {held.missing if held else 'its file was not looked at'}"
    if version.sha256 is None:
        return f"version {version.version} is registered without a digest: its file is {held.sha256}"
    if held.sha256 != version.sha256:
        return f"the file of version {version.version} is {held.sha256}, and {version.sha256} was registered: a change needs a new version"
    return ""
