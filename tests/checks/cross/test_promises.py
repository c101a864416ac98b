"""cross.logging.coverage_matrix, cross.backup.rpo_measured and cross.ai.model_inventory: what clouds show against what registers promise."""

from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.backup import FileSystem, Protected
from controlmon.facts.aws.dynamodb import Table
from controlmon.facts.aws.ec2 import Volume
from controlmon.facts.aws.instances import Instance as Machine
from controlmon.facts.aws.rds import Cluster, Instance
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.azure.cognitive import Deployment
from controlmon.facts.base import Kind
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.systems import System
from tests.checks.cross.judged import engagement, judged, worker
from tests.support import DENIED

LOGS, RPO, MODELS = "cross.logging.coverage_matrix", "cross.backup.rpo_measured", "cross.ai.model_inventory"
GAP = {"gap": "pgaudit is not on yet", "gap_owner": "ada", "gap_until": "2026-11-23"}
HEARD = {"last": {"cloudtrail": "2026-11-23T11:31:00Z", "jira": "2026-11-23T10:00:00Z", "auth0": "2026-11-23T10:00:00Z"}}


def system(id: str = "product", *, production: bool = True, **access: Any) -> System:
    return System.example(id=id, row={"id": id, "name": id, "production": production, "access": access})


def organization(**arrivals: Any) -> Organization:
    return Organization.example(arrivals=HEARD | arrivals, arrivals_flex={"last": {"flexed": "2026-11-23T11:59:00Z"}},
                                arrivals_archived={"last": {"kept": "2026-11-23T11:59:00Z"}})  # fmt: skip


@pytest.mark.parametrize(
    ("access", "parameters", "outcome", "why"),
    [
        ({"console": {"source": "CloudTrail"}}, {}, "pass", "29 min ago"),
        ({"console": {"source": "cloudtrail"}}, {"sources": {"cloudtrail": 28}}, "fail", "28 min allowed"),
        ({"admin": {"source": "jira"}, "api": {"source": "auth0"}}, {}, "fail", "api: auth0"),
        ({"admin": {"source": "own"}}, {}, "fail", "not within a day"),
        ({"admin": {"source": "own"}}, {"other_minutes": 3000}, "unknown", "longer than is looked back"),
        ({"admin": {"source": "flexed"}}, {}, "fail", ""),
        ({"admin": {"source": "flexed"}}, {"flex": True}, "pass", ""),
        ({"admin": {"source": "kept"}}, {"online_archives": True}, "pass", ""),
        ({"database": GAP}, {}, "pass", "a declared gap"),
        ({"database": GAP | {"gap_until": "2026-11-22"}}, {}, "fail", "by 2026-11-22"),
        ({"database": GAP | {"gap_owner": None}}, {}, "fail", "owner and date"),
        ({"database": GAP | {"gap_until": None}}, {}, "fail", "owner and date"),
        ({"database": GAP | {"gap_owner": "eve"}}, {}, "fail", "eve"),
        ({"database": GAP | {"source": "own"}}, {}, "pass", ""),
        ({"database": {}}, {}, "fail", "no source"),
        ({"database": {"query": "service:db"}}, {}, "unknown", "service:db"),
        ({}, {}, "fail", "no kind of access"),
    ],
)
def test_a_system(access: dict[str, Any], parameters: dict[str, Any], outcome: str, why: str) -> None:
    """Each way into it has a source that spoke in its own time, or a gap that somebody who is here closes by a day to come."""
    one = system(**access)
    found = judged(LOGS, one, one, worker(), worker("eve", end="2026-01-01"), organization(), **parameters)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_the_matrix_as_a_whole() -> None:
    """Each kind of access is listed by a production system; what was not seen, or was cut short, is no silence."""
    console = system(console={"source": "own"})
    listing = ("console", "vault")
    assert judged(LOGS, Company.example(), console, system("v", vault=GAP), kinds=listing)[0] == "pass"
    assert judged(LOGS, Company.example(), console, system("v", production=False, vault=GAP), kinds=listing)[0] == "fail"
    for kind in ("database", "kubernetes", "break_glass", "vault", "admin"):
        assert kind in judged(LOGS, Company.example(), console)[1]
    assert judged(LOGS, Company.example(), gaps={System: DENIED})[0] == "unknown"
    assert judged(LOGS, system(production=False))[0] == "not_applicable"
    assert judged(LOGS, console, worker())[0] == "unknown"
    assert judged(LOGS, console, worker(), organization(cut="1000 sources"))[0] == "unknown"
    assert judged(LOGS, console, worker(), organization(), gaps={Organization: DENIED})[0] == "unknown"
    assert judged(LOGS, system(database=GAP), organization(), gaps={Person: DENIED})[0] == "unknown"
    assert judged(LOGS, system(database=GAP), worker(), gaps={Organization: DENIED})[0] == "pass"


FRESH, HOUR, OLD = "2026-11-23T11:55:00Z", "2026-11-23T11:00:00Z", "2026-11-23T10:59:00Z"
US = "123456789012"
STRICT = engagement(rpo_hours=1)
DISK = Volume.example(id="arn:v", name="vol-1", settings={"state": "in-use", "encrypted": True})
MACHINE = Machine.example(id="arn:m", name="i-1", settings={"state": "running", "volumes": ["vol-1"]})


def database(restorable: str | None = FRESH, kind: type[Kind] = Instance, **settings: Any) -> Kind:
    said = {"engine": "postgres", "status": "available", "retention_days": 7, "restorable": restorable}
    return kind.example(id="arn:db", settings=said | settings)


def point(last: str | None, of: str = "arn:db") -> Protected:
    return Protected.example(id=of, protection={"type": "X", "last": last})


@pytest.mark.parametrize(
    ("store", "members", "outcome", "why"),
    [
        (database(), (STRICT,), "pass", "0.1 h ago"),
        (database(HOUR), (STRICT,), "pass", "1 h of acme-1"),
        (database(OLD), (STRICT,), "fail", "RPO of 1 h"),
        (database(OLD, Cluster), (STRICT,), "fail", ""),
        (database(OLD), (STRICT, point(FRESH)), "pass", ""),
        (database(OLD), (STRICT, point(OLD)), "fail", ""),
        (database(retention_days=0), (STRICT,), "fail", "nothing of it"),
        (database(None), (STRICT, point(None)), "fail", "nothing of it"),
        (database(OLD), (engagement(rpo_hours=2), engagement("zen-1", rpo_hours=24)), "pass", "2 h of acme-1"),
        (database(OLD), (engagement(rpo_hours=24), engagement("zen-1", rpo_hours=1)), "fail", "zen-1"),
        (database(OLD), (engagement(rpo_hours=24), engagement("zen-1", rpo_hours=1, end="2026-11-22")), "pass", ""),
        (database(OLD), (engagement(rpo_hours=24), engagement("zen-1", rpo_hours=1, accounts=["9" * 12])), "pass", ""),
        (database(OLD), (engagement(rpo_hours=24), engagement("zen-1")), "unknown", "zen-1 promises no RPO"),
        (database(OLD), (STRICT, engagement("zen-1")), "fail", ""),
        (database(), (engagement(),), "unknown", ""),
        (database(), (engagement(rpo_hours=1, accounts=[]),), "not_applicable", US),
        (database(), (), "not_applicable", US),
        (database(cluster="c"), (STRICT,), "not_applicable", ""),
        (database(source="primary"), (STRICT,), "not_applicable", ""),
        (database(account="9" * 12), (STRICT,), "not_applicable", ""),
        (database(status="deleting"), (STRICT,), "not_applicable", ""),
        (Table.example(recovery={"on": True}), (STRICT,), "pass", ""),
        (Table.example(recovery={"on": True}), (engagement(rpo_hours=0.05),), "fail", ""),
        (Table.example(recovery={"on": False}), (STRICT,), "fail", ""),
        (DISK, (STRICT, point(FRESH, "arn:v")), "pass", ""),
        (DISK, (STRICT, point(FRESH, "arn:m"), MACHINE), "pass", ""),
        (DISK, (STRICT, point(FRESH, "arn:m")), "fail", ""),
        (Volume.example(settings={"state": "deleted", "encrypted": True}), (STRICT,), "not_applicable", ""),
        (FileSystem.example(id="arn:f", state="available"), (STRICT, point(OLD, "arn:f")), "fail", ""),
        (FileSystem.example(state="deleting"), (STRICT,), "not_applicable", ""),
        (Bucket.example(id="arn:b", tags={"data-class": "phi"}), (STRICT, point(FRESH, "arn:b")), "pass", ""),
        (Bucket.example(id="arn:b", tags={}), (STRICT,), "not_applicable", ""),
    ],
)
def test_what_can_be_restored(store: Kind, members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """The newest point of the service or of AWS Backup is inside the strictest RPO of those who use the account today."""
    found = judged(RPO, store, *members)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_where_customers_share_an_account() -> None:
    """The strictest of all engagements holds there; what was not seen leaves it open, unless the service itself keeps enough."""
    several = (engagement(rpo_hours=24), engagement("zen-1", rpo_hours=1, accounts=[]))
    assert judged(RPO, database(OLD), *several)[0] == "pass"
    assert judged(RPO, database(OLD), *several, shared_accounts=[US])[0] == "fail"
    assert judged(RPO, database(), STRICT, gaps={Engagement: DENIED})[0] == "unknown"
    assert judged(RPO, database(OLD), STRICT, gaps={Protected: DENIED})[0] == "unknown"
    assert judged(RPO, database(), STRICT, gaps={Protected: DENIED})[0] == "pass"
    assert judged(RPO, DISK, STRICT, point(FRESH, "arn:m"), gaps={Machine: DENIED})[0] == "unknown"
    assert judged(RPO, Instance.example(settings=DENIED), STRICT)[0] == "unknown"


SONNET = "anthropic.claude-sonnet-4-20250514-v1:0"
RUN = {"at": "2026-05-01", "conclusion": "fit", "approver": "ada", "evidence": "sha256:" + "0" * 64}
MAP: dict[str, Any] = {
    "id": "triage", "name": "Triage", "process_risk": "high", "risk_reason": "may delay a report", "validations": [RUN],
    "models": [{"model": SONNET, "route": "bedrock"}, {"model": "gpt-4o-2024-11-20", "route": "azure-openai"},
               {"model": "claude-opus-4", "route": "foundry-claude"}, {"model": "meta.llama3-*", "route": "bedrock"}],
}  # fmt: skip


def region(*models: str) -> Region:
    return Region.example(id="eu-west-1", bedrock_invocations={"models": dict.fromkeys(models, 7)})


def deployment(name: str, maker: str = "OpenAI", version: str = "") -> Deployment:
    return Deployment.example(id="d", model={"format": maker, "name": name, "version": version})


def use_case(id: str = "triage", **row: Any) -> AiUseCase:
    return AiUseCase.example(id=id, row=MAP | {"id": id} | row)


PROFILE = f"arn:aws:bedrock:eu-west-1:{US}:inference-profile/eu.{SONNET}"


@pytest.mark.parametrize(
    ("place", "rows", "outcome", "why"),
    [
        (region(SONNET), ({},), "pass", "Claude, run by AWS"),
        (region(f"us.{SONNET}", f"global.{SONNET}", PROFILE), ({},), "pass", ""),
        (region("meta.llama3-8b-instruct-v1:0"), ({},), "pass", "open models"),
        (region(), ({},), "not_applicable", "30 days"),
        (region(SONNET), (), "fail", "no registered use case"),
        (region(SONNET, "anthropic.claude-sonnet-4-5-20250929-v1:0"), ({},), "fail", "sonnet-4-5"),
        (region("amazon.nova-pro-v1:0"), ({"models": [{"model": "amazon.nova-pro-v1:0", "route": "bedrock"}]},), "fail", "no family"),
        (region(SONNET), ({"status": "planned"},), "fail", "which is planned"),
        (region(SONNET), ({"status": "retired"},), "fail", "which is retired"),
        (region(SONNET), ({"process_risk": None},), "fail", "risk nobody determined"),
        (region(SONNET), ({"risk_reason": ""},), "fail", "risk nobody determined"),
        (region(SONNET), ({"validations": []},), "fail", "no validation"),
        (region(SONNET), ({"validations": [RUN | {"evidence": None}]},), "fail", "no validation"),
        (region(SONNET), ({"validations": [RUN, RUN | {"at": "2026-06-01", "conclusion": "not fit"}]},), "fail", "not conclude"),
        (region(SONNET), ({"models": [{"model": SONNET, "route": "direct"}]},), "fail", "no registered use case"),
        (region(SONNET), ({"process_risk": None}, {"id": "search"}), "pass", ""),
        (deployment("gpt-4o", version="2024-11-20"), ({},), "pass", "GPT, run by Microsoft"),
        (deployment("gpt-4o", version="2024-08-06"), ({},), "fail", "no registered use case"),
        (deployment("claude-opus-4", "Anthropic", "1"), ({},), "pass", "Claude, run by Anthropic"),
        (deployment("claude-opus-4", "OpenAI"), ({},), "fail", "no family"),
        (deployment("mistral-large", "Mistral AI"), ({},), "fail", "by foundry"),
    ],
)
def test_models_in_use(place: Kind, rows: tuple[dict[str, Any], ...], outcome: str, why: str) -> None:
    """Each is published for its route and of a live, validated use case, by the very id, with or without the geography of a profile."""
    found = judged(MODELS, place, *(use_case(**row) for row in rows))
    assert (found[0], why in found[1]) == (outcome, True), found


def test_models_of_what_was_not_seen() -> None:
    """Neither a meter that was denied nor a register that is missing is an answer; what is not published fails whatever the register says."""
    denied = Region.example(bedrock_invocations=Gap(GapKind.DENIED, "cloudwatch:GetMetricData"))
    assert judged(MODELS, denied, use_case())[0] == "unknown"
    assert judged(MODELS, region(SONNET), gaps={AiUseCase: DENIED})[0] == "unknown"
    assert judged(MODELS, region("x.y"), gaps={AiUseCase: DENIED})[0] == "fail"
