"""How the small company governs itself: roles, meetings, exercises, what was signed, risks, and what it has."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from controlmon.core.canonical import digest
from controlmon.demo import azure, inventory
from controlmon.demo.people import BEN, JANE, LENA, MARIA, OMAR, RAVI, SOFIA, TOM, Person, ago, now
from controlmon.demo.registers_documents import SELF_APPROVED
from controlmon.facts.document.governance import quarter_before
from controlmon.facts.document.policies import POLICIES

SYSTEMS = ("aws_iam", "azure_rbac", "entra_roles", "datadog", "databases")
"""The systems whose access is reviewed."""
WIKI = "https://wiki.artemis.example"


def registers() -> dict[str, Any]:
    """The registers of governance."""
    return {
        "roles": list(_roles()),
        "system_owners": list(_owners()),
        "attestations": list(_attestations()),
        "meetings": list(_meetings()),
        "exercises": list(_exercises()),
        "notices": list(_notices()),
        "risks": {"register": {"reviewed_at": ago(30), "reviewed_by": JANE.login}, "rows": list(_risks())},
        "assets": {"register": {"reviewed_at": ago(60), "reviewed_by": RAVI.login}, "rows": list(_assets())},
        "systems": list(_systems()),
        "environment_map": {"register": {"approved_at": ago(70), "approved_by": JANE.login}, "rows": list(_environments())},
    }


def _paper(name: str) -> dict[str, str]:
    """Where something signed is kept, and its digest."""
    return {"sha256": digest(f"{name}, as it was signed\n".encode())}


def _roles() -> Iterator[dict[str, Any]]:
    held: tuple[tuple[str, Person, Person], ...] = (
        ("executive", OMAR, JANE),
        ("board", OMAR, JANE),
        ("hr", OMAR, JANE),
        ("security_officer", JANE, RAVI),
        ("privacy_officer", OMAR, JANE),
        ("security_team", JANE, RAVI),
        ("security_team", RAVI, JANE),
        ("control_owner", RAVI, JANE),
        ("incident_lead", MARIA, RAVI),
        ("incident_team", RAVI, TOM),
        ("incident_team", TOM, MARIA),
    )
    for role, holder, deputy in held:
        reached = {"contact": "+1 555 0100", "contact_tested_at": ago(40)} if role.startswith("incident") else {}
        row = {"id": f"{role}-{holder.login}", "role": role, "holder": holder.login, "deputy": deputy.login, "start": ago(400)}
        yield {**row, "acknowledged_at": ago(100), **reached}


def _owners() -> Iterator[dict[str, Any]]:
    owned = (
        ("aws_iam", "AWS IAM", RAVI, JANE),
        ("azure_rbac", "Azure roles", RAVI, JANE),
        ("entra_roles", "Entra roles", JANE, RAVI),
        ("datadog", "Datadog", MARIA, RAVI),
        ("databases", "Databases", MARIA, RAVI),
    )
    for system, name, owner, deputy in owned:
        yield {"id": system, "name": name, "owner": owner.login, "deputy": deputy.login, "acknowledged_at": ago(100)}
    for system, name, rto, rpo in (("artemis", "Artemis", 4, 1), ("records", "Records database", 4, 0.5)):
        row = {"id": system, "name": name, "owner": RAVI.login, "deputy": MARIA.login, "acknowledged_at": ago(100)}
        yield {**row, "critical": True, "rto_hours": rto, "rpo_hours": rpo}


def _attestations() -> Iterator[dict[str, Any]]:
    """What was signed; the logs were looked at too long ago, and of incidents nothing had to be stated yet."""
    start, end = quarter_before(now())
    quarter = {"period_start": start, "period_end": end, "signed_at": min(end + timedelta(days=5), ago(0))}

    def said(topic: str, signer: Person, role: str, statement: str, age: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        row = {"id": f"{topic}-1", "topic": topic, "statement": statement, "signer": signer.login, "role": role, "signed_at": ago(age)}
        return {**row, **_paper(topic), **more}

    outcomes = {name: "to be approved by another person" if name == SELF_APPROVED else "kept" for name in POLICIES}
    yield said("program_review", OMAR, "executive", "I reviewed the security programme, its policies and procedures.", 45,
               outcomes=outcomes, facts={"metrics": "in the report", "decisions": "a second person for on-call"})  # fmt: skip
    yield said("disciplinary", OMAR, "hr", "There was one violation in the quarter, and it was handled.", 20,
               counts={"violations": 1, "handled": 1}, **quarter)  # fmt: skip
    yield said("notices", JANE, "security officer", "No other notice was due in the quarter.", 20, **quarter)
    yield said("physical_scope", JANE, "security officer", "One office; the data centres are those of AWS and Azure.", 90,
               facts={"offices": "Berlin", "remote": "all others", "data_centres": "aws | azure"}, days={"Berlin": ago(95)},
               outcomes={"aws": "aws_soc2", "azure": "azure_soc2"})  # fmt: skip
    yield said("asset_review", RAVI, "platform engineer", "I went through the list of assets with their owners.", 60,
               facts={"inventory_sha256": digest(b"the list of assets\n")})  # fmt: skip
    yield said("log_review", MARIA, "site reliability engineer", "I looked at the access logs and the alerts of the month.", 48,
               facts={"sources": "cloudtrail, entra", "query": "@evt.outcome:failure", "findings": "none", "tickets": "none"})  # fmt: skip
    yield said("ai_release_tests", TOM, "software engineer", "The release shows status, sources and the decision of a person.", 30,
               version="4.2.0", basis=["build 1187"],
               outcomes={"recommendation_status": "pass", "linked_sources": "pass", "human_decision": "pass"})  # fmt: skip
    yield said("ai_human_in_loop", JANE, "security officer", "A person decides; Artemis is not the system of record.", 150, version="4.0.0")
    for person, days in ((SOFIA, 11), (BEN, 4)):
        told = said("secret_rotation", RAVI, "platform engineer", "What they knew was changed.", days, facts={"person": person.login})
        yield {**told, "id": f"secret_rotation-{person.login}"}


def _meetings() -> Iterator[dict[str, Any]]:
    met = {"attendees": [OMAR.login, JANE.login], "minutes": f"{WIKI}/management-1", **_paper("management")}
    yield {"id": "management-1", "type": "management", "held_at": ago(50), **met, "topics": ["goals", "initiatives", "resources", "risk"]}
    for number, days, topics in ((1, 100, ["risks", "roles", "controls"]), (2, 25, ["risks", "changes", "audit results"])):
        team = {"attendees": [JANE.login, RAVI.login, MARIA.login], "minutes": f"{WIKI}/security-team-{number}", **_paper(f"team {number}")}
        action = {"what": "close the ports of staging", "owner": TOM.login, "due": ago(days - 60)}
        closed = {"closed_at": ago(days - 40)} if days > 60 else {}
        row = {"id": f"security-team-{number}", "type": "security_team", "held_at": ago(days), **team, "topics": topics}
        yield {**row, "actions": [{**action, **closed}]}


def _exercises() -> Iterator[dict[str, Any]]:
    """Both plans were tried; what came back of test messages is on file."""
    table = {
        "id": "table-top-1",
        "type": "incident_response",
        "held_at": ago(75),
        "scenario": "an engineer's laptop is stolen, unlocked",
        "participants": [MARIA.login, RAVI.login, TOM.login, JANE.login],
        "timeline": ["09:00 reported", "09:20 sessions revoked", "11:00 keys rotated"],
        "findings": ["the list of contacts was old"],
        "report": f"{WIKI}/table-top-1",
        **_paper("table-top"),
    }
    yield {**table, "actions": [{"what": "try the contacts", "owner": MARIA.login, "due": ago(30), "closed_at": ago(40)}]}
    measured = [{"system": "artemis", "rto_hours": 2.5, "rpo_hours": 0.5}, {"system": "records", "rto_hours": 1.5, "rpo_hours": 0.2}]
    yield {
        "id": "restore-1",
        "type": "continuity",
        "held_at": ago(130),
        "scenario": "a region is lost",
        "participants": [RAVI.login, MARIA.login],
        "findings": ["the runbook named an old account"],
        "measured": measured,
        "report": f"{WIKI}/restore-1",
        **_paper("restore"),
    }
    for sort, days, finding in (("reporting_channel", 65, "answered within a day"), ("subscription", 33, "the notice came the same hour")):
        yield {"id": f"{sort}-1", "type": sort, "held_at": ago(days), "participants": [JANE.login], "findings": [finding]}


def _notices() -> Iterator[dict[str, Any]]:
    """One is not due yet; all others were sent in time."""
    told = (
        ("n-1", "OPS-377", "subprocessor_change", 64, 5, 34, "all customers"),
        ("n-2", "OPS-390", "maintenance", 40, 30, 33, "all customers"),
        ("n-3", "INC-7", "incident", 200, 197, 198, "acme"),
        ("n-4", "OPS-415", "terms_change", 3, -27, None, "all customers"),
    )
    for id_, event, sort, known, due, sent, audience in told:
        row = {"id": id_, "event": event, "type": sort, "known_at": ago(known), "due_at": ago(due), "audience": audience}
        yield {**row, **({} if sent is None else {"sent_at": ago(sent), **_paper(id_)})}


def _risks() -> Iterator[dict[str, Any]]:
    """Each has an owner, save one; the failing controls that somebody mends are named."""
    known: tuple[tuple[str, str, Person | None, int, int, str, int, list[str], list[str]], ...] = (
        ("one-region", "The service runs in one region", RAVI, 2, 4, "mitigate", -120,
         ["business-continuity-and-disaster-recovery-policy"],
         ["business-continuity-and-disaster-recovery-policy"]),
        ("staging-open", "Staging is open to the internet", TOM, 4, 3, "mitigate", -30, ["network-security-policy"],
         ["network-security-policy", "segregation-of-environments", "network-traffic-monitoring", "encryption-in-transit",
          "access-to-product-is-restricted", "asset-inventory", "production-data-use-is-restricted"]),
        ("leavers-late", "Accounts of leavers are closed by hand", JANE, 3, 4, "mitigate", -45, ["removal-of-access"],
         ["removal-of-access", "unique-access-ids", "user-access-reviews", "access-control-and-termination-policy"]),
        ("keys-of-amazon", "Some data is encrypted with keys that are not ours", RAVI, 2, 3, "accept", -150,
         ["encryption-and-key-management-policy"], ["encryption-and-key-management-policy", "EX-5"]),
        ("model-drift", "A model changes under our feet", LENA, 3, 3, "mitigate", -60, ["description-of-services"], []),
        ("vendor-goes", "A vendor goes out of business", None, 2, 2, "accept", -90, ["vendor-risk-assessment"], []),
    )  # fmt: skip
    for id_, title, owner, likelihood, impact, treatment, due, controls, about in known:
        row = {"id": id_, "title": title, **({"owner": owner.login} if owner else {}), "likelihood": likelihood, "impact": impact}
        yield {**row, "treatment": treatment, "due": ago(due), "updated_at": ago(25), "controls": controls, "about": about}
    closed = {"id": "old-vpn", "title": "The old VPN", "status": "closed", "owner": RAVI.login, "updated_at": ago(160)}
    yield {**closed, "controls": ["network-security-policy"]}


def _assets() -> Iterator[dict[str, Any]]:
    """Nobody owns the tablet of the front desk."""
    clouds = [f"arn:aws:*:*:{number}:*" for number in (inventory.SECURITY, inventory.PRODUCTION, inventory.STAGING)]
    clouds += ["arn:aws:s3:::artemis-*", *(f"/subscriptions/{number}/*" for number in (azure.PROD, azure.STAGING))]
    for number, (pattern, owner) in enumerate(zip(clouds, (JANE, RAVI, TOM, RAVI, RAVI, TOM), strict=True), 1):
        yield {"id": f"cloud-{number}", "name": f"What is in {pattern}", "kind": "cloud", "owner": owner.login, "resource": pattern}
    others: tuple[tuple[str, str, str, Person | None], ...] = (
        ("datadog", "Datadog", "saas", MARIA),
        ("api", "The product's code", "repository", TOM),
        ("domain", "artemis.example", "domain", RAVI),
        ("laptops", "Laptops of the staff", "device", OMAR),
        ("front-desk", "The tablet of the front desk", "device", None),
        ("claude", "Claude, by Bedrock", "model", LENA),
        ("triage-set", "Test set of complaints", "dataset", LENA),
    )
    for id_, name, kind, holder in others:
        yield {"id": id_, "name": name, "kind": kind, **({"owner": holder.login} if holder else {})}


def _systems() -> Iterator[dict[str, Any]]:
    """How access to each is logged; of the database it is not yet, and somebody answers for that."""
    gap = {"gap": "pgaudit is not on yet", "gap_owner": MARIA.login, "gap_until": ago(-60)}
    logged: tuple[tuple[str, str, Person, dict[str, Any]], ...] = (
        ("aws", "AWS", RAVI, {kind: {"source": "cloudtrail"} for kind in ("console", "api", "session", "break_glass")}),
        ("azure", "Azure", RAVI, {kind: {"source": "azure.activity_logs"} for kind in ("console", "api", "vault")}),
        ("entra", "Entra ID", JANE, {"admin": {"source": "azure.activedirectory"}}),
        ("github", "GitHub", TOM, {"console": {"source": "github"}}),
        ("records", "Records database", MARIA, {"database": gap, "kubernetes": gap}),
    )
    for id_, name, owner, access in logged:
        yield {"id": id_, "name": name, "owner": owner.login, "access": access}


def _environments() -> Iterator[dict[str, Any]]:
    for number, environment, cloud in (
        (inventory.SECURITY, "shared", "aws"),
        (inventory.PRODUCTION, "prod", "aws"),
        (inventory.STAGING, "staging", "aws"),
        (azure.PROD, "prod", "azure"),
        (azure.STAGING, "staging", "azure"),
    ):
        yield {"id": number, "environment": environment, "cloud": cloud}
