"""The registers: which files people keep, what a row of each is, and what it is known by."""

from typing import Literal

from msgspec import Struct

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.access import Access, AccessRequest, AccessRequestRow, AccessRow
from controlmon.facts.document.ai import AiReview, AiReviewRow, AiUseCase, AiUseCaseRow
from controlmon.facts.document.breakglass import BreakGlassUse, BreakGlassUseRow
from controlmon.facts.document.customers import (
    ByocDeployment,
    ByocDeploymentRow,
    Customer,
    CustomerRow,
    RetentionException,
    RetentionExceptionRow,
)
from controlmon.facts.document.engagements import Engagement, EngagementRow
from controlmon.facts.document.exercises import Exercise, ExerciseRow, Notice, NoticeRow
from controlmon.facts.document.governance import Attestation, AttestationRow, Meeting, MeetingRow
from controlmon.facts.document.isolation import EnvironmentEntry, EnvironmentRow, Store, StoreRow
from controlmon.facts.document.people import (
    Acknowledgement,
    AcknowledgementRow,
    PerformanceReview,
    PerformanceReviewRow,
    Person,
    PersonRow,
    Training,
    TrainingRow,
)
from controlmon.facts.document.policies import Document, DocumentRow, Policy
from controlmon.facts.document.risks import Risk, RiskRow
from controlmon.facts.document.roles import Role, RoleRow, SystemOwner, SystemOwnerRow
from controlmon.facts.document.schema import Moment, Past, PersonId, Record, Row, converted
from controlmon.facts.document.systems import Asset, AssetRow, Endpoint, EndpointRow, Page, PageRow, System, SystemRow
from controlmon.facts.document.vendors import Vendor, VendorReport, VendorReportRow, VendorRow, VendorTerms, VendorTermsRow


class About(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a register says of itself: at the head of a YAML file under `register`, or in lines of `# key: value` above a CSV.

    Attributes:
        updated_at: the day to which it was brought up to date.
        source: `feed` if a machine writes it, `upload` if people do.
        fed_by: the system that a feed copies it from; `fed_at` is when it last did.
        expected_rows: the number of rows that somebody confirmed, where it jumped.

    """

    reviewed_at: Past | None = None
    reviewed_by: PersonId | None = None
    updated_at: Past | None = None
    approved_at: Past | None = None
    approved_by: PersonId | None = None
    source: Literal["feed", "upload"] = "upload"
    fed_by: str = ""
    fed_at: Moment | None = None
    expected_rows: int | None = None


class Register(Struct, frozen=True):
    """A register: `NAME.yaml`, `NAME.yml` or `NAME.csv` of the directory. `key` are the members of a row that it is known by, once."""

    name: str
    row: type[Row]
    kinds: tuple[type[Kind], ...]
    key: tuple[str, ...] = ("id",)

    @property
    def records(self) -> bool:
        """True if its rows are records: superseded by others, never changed."""
        return issubclass(self.row, Record)

    def key_of(self, row: dict[str, object]) -> str:
        """What a row is known by; empty if it does not say."""
        parts = [str(row.get(name) or "") for name in self.key]
        return "/".join(parts) if all(parts) else ""


class Provenance(View, frozen=True):
    """Where a register's file comes from, if its directory is kept in git.

    `signature` is git's own word for the last commit: `G` good, `U` good of unknown validity, `N` none, `B` bad, `E` not checked, and so on
    (git-log, `%G?`). `dirty` is True if the file is not as it was committed.
    """

    commit: str = ""
    author: str = ""
    committed_at: str = ""
    signature: str = ""
    signer: str = ""
    dirty: bool = False


class File(View, frozen=True):
    """A register's file.

    Attributes:
        altered: records that are not as they were first recorded, by what they are known by.
        removed: records that were there once.
        problems: what does not fit, each as `FILE:LINE: ...`.

    """

    path: str = ""
    sha256: str = ""
    rows: int = 0
    about: About = About()
    altered: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class RegisterFile(Kind, name="document.register"):
    """The file of one register."""

    @aspect()
    def file(raw: Raw) -> File:
        """What it holds."""
        return converted({name: value for name, value in raw.items() if value is not None}, File)

    @aspect(absent=Provenance())
    def provenance(raw: Raw) -> Provenance:
        """Its last commit; nothing where the directory is in no git work tree."""
        return converted(raw, Provenance)


class Company(Kind, name="document.company", singleton=True):
    """The company that keeps the registers: the subject of what it promises as a whole."""


REGISTERS: tuple[Register, ...] = (
    Register("access_lists", AccessRow, (Access,)),
    Register("access_requests", AccessRequestRow, (AccessRequest,)),
    Register("acknowledgements", AcknowledgementRow, (Acknowledgement,)),
    Register("ai_reviews", AiReviewRow, (AiReview,)),
    Register("ai_use_cases", AiUseCaseRow, (AiUseCase,)),
    Register("assets", AssetRow, (Asset,)),
    Register("attestations", AttestationRow, (Attestation,)),
    Register("breakglass_uses", BreakGlassUseRow, (BreakGlassUse,)),
    Register("byoc_deployments", ByocDeploymentRow, (ByocDeployment,)),
    Register("customers", CustomerRow, (Customer,)),
    Register("documents", DocumentRow, (Policy, Document)),
    Register("endpoints", EndpointRow, (Endpoint,)),
    Register("engagements", EngagementRow, (Engagement,)),
    Register("environment_map", EnvironmentRow, (EnvironmentEntry,)),
    Register("exercises", ExerciseRow, (Exercise,)),
    Register("isolation_model", StoreRow, (Store,)),
    Register("meetings", MeetingRow, (Meeting,)),
    Register("notices", NoticeRow, (Notice,)),
    Register("pages", PageRow, (Page,)),
    Register("performance_reviews", PerformanceReviewRow, (PerformanceReview,)),
    Register("personnel", PersonRow, (Person,)),
    Register("retention_exceptions", RetentionExceptionRow, (RetentionException,)),
    Register("risks", RiskRow, (Risk,)),
    Register("roles", RoleRow, (Role,)),
    Register("system_owners", SystemOwnerRow, (SystemOwner,)),
    Register("systems", SystemRow, (System,)),
    Register("training", TrainingRow, (Training,)),
    Register("vendor_reports", VendorReportRow, (VendorReport,)),
    Register("vendor_terms", VendorTermsRow, (VendorTerms,)),
    Register("vendors", VendorRow, (Vendor,)),
)
"""All of them, by name."""

BY_NAME = {register.name: register for register in REGISTERS}
