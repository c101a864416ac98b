"""AI use cases: what each is for, how it was validated, how it is watched, and the reviews of its outputs."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import Id, Past, PersonId, Record, Row, Sha256, Text, row_of

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]


class Model(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that a use case calls, by the id that the cloud gives it, and the route to it."""

    model: Text
    route: Text


class Activity(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An assurance activity that was chosen, and why."""

    activity: Text
    why: str = ""


class Validation(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A validation against a test set.

    Attributes:
        configuration: what was validated: the versions of model, prompt and retrieval.
        precision, recall: what was measured; `precision_agreed` and `recall_agreed` are the thresholds, `agreed_with` who agreed to them.
        issues: what was found; None if nobody says.
        evidence: the digest of the record: a report, or the log of an automated run.

    """

    at: Past
    configuration: dict[str, str] = field(default_factory=dict)
    test_set: str = ""
    precision: Share | None = None
    recall: Share | None = None
    precision_agreed: Share | None = None
    recall_agreed: Share | None = None
    agreed_with: str = ""
    issues: tuple[str, ...] | None = None
    conclusion: Literal["fit", "not fit"] | None = None
    approver: PersonId | None = None
    evidence: Sha256 | None = None


class Drift(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How drift is watched. `monitor` is the live monitor, such as `datadog:1234`."""

    metric: str = ""
    threshold: str = ""
    window: str = ""
    owner: PersonId | None = None
    action: str = ""
    monitor: str = ""


class AiUseCaseRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A use of AI in the product.

    Attributes:
        live_since: the day of its release.
        process_risk: whether a failure may harm quality or safety (FDA, Computer Software Assurance, V.A.2); `risk_reason` says why.
        configuration: the versions of model, prompt and retrieval that run now.
        sample_size: how many outputs a review looks at.

    """

    id: Id
    name: Text
    status: Literal["planned", "live", "retired"] = "live"
    live_since: date | None = None
    owner: PersonId | None = None
    intended_use: str = ""
    process_risk: Literal["high", "not high"] | None = None
    risk_reason: str = ""
    assurance: tuple[Activity, ...] = ()
    models: tuple[Model, ...] = ()
    configuration: dict[str, str] = field(default_factory=dict)
    validations: tuple[Validation, ...] = ()
    sample_size: Annotated[int, Meta(ge=1)] | None = None
    drift: Drift = Drift()


class AiUseCase(Kind, name="document.ai_use_case"):
    """A use of AI in the product."""

    row = row_of(AiUseCaseRow)


class AiReviewRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A review of a sample of outputs. `population` is how many there were, if that was fewer than the sample size asks for."""

    use_case: Text
    at: Past
    sample: Count
    population: Count | None = None
    reviewer: PersonId | None = None
    method: str = ""
    result: str = ""


class AiReview(Kind, name="document.ai_review"):
    """A review of a sample of outputs of a use case."""

    row = row_of(AiReviewRow)
