"""A period small enough to be read: four controls, one for each conclusion, two checks, two deviations and an exception."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from controlmon.engine.catalog import CheckRef, Control, Frequency, Kind, Mapping, Method, Role
from controlmon.engine.dossier import (
    LIMITS,
    ChangeSeen,
    CheckPeriod,
    ControlPeriod,
    Coverage,
    Deviation,
    Dossier,
    ExceptionSeen,
    PopulationSeen,
    Rate,
    Response,
    ScopeEnd,
)

BUCKETS, KEYS = "aws.s3.bucket_encryption", "datadog.keys.rotation"
AWS, DATADOG = "aws:123456789012:eu-west-1", "datadog:artemis"
EVIL = "<script>*alert*(1)</script>\n[x](javascript:1)\u202e"
KEY = "artemis.example/ledger+7b2c9f10+AZIJmJGVvbBkvYGTfVbMm0Wb5qf5t8Jr7dXZk3oJ3n0Q"


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def row(subject: str, outcome: str, reason: str, kind: str = "aws.s3.bucket") -> dict[str, Any]:
    facts = [digest(subject)] if outcome != "not_applicable" else []
    words = {"subject": subject, "kind": kind, "name": subject.rpartition(":")[2], "region": ""}
    return {**words, "outcome": outcome, "severity": "high", "reason": reason, "facts": facts}


ROWS = {
    digest("buckets"): [
        row("arn:aws:s3:::good", "pass", "new objects use aws:kms"),
        row(f"arn:aws:s3:::{EVIL}", "fail", "new objects use AES256; aws:kms required"),
        row("arn:aws:s3:::shy", "unknown", "s3:GetBucketEncryption was denied: grant s3:GetEncryptionConfiguration"),
    ],
    digest("keys"): [row("key-1", "pass", "rotated 3 days ago", "datadog.key"), row(DATADOG, "not_applicable", "there is no key", "scope")],
}


def findings(root: str) -> Iterator[dict[str, Any]]:
    return iter(ROWS[root])


def subjects(root: str) -> Iterator[dict[str, Any]]:
    return iter({"id": one["subject"], "name": one["name"], "region": "", "aspects": {}} for one in ROWS[root])


def deviation(name: str, *, ended: str | None) -> Deviation:
    said = Response("a template was out of date", "it was mended", "SEC-12", "Ann O'Hara", "2026-11-03T10:00:00.000Z")
    return Deviation(
        id=hashlib.sha256(name.encode()).hexdigest()[:12],
        check=BUCKETS,
        scope=AWS,
        subject=f"arn:aws:s3:::{name}",
        name=name,
        kind="aws.s3.bucket",
        severity="high",
        reason="new objects use AES256; aws:kms required",
        first_seen="2026-11-03T01:00:00.000Z",
        last_seen="2026-11-04T01:00:00.000Z",
        seen=25,
        position=17,
        before=ended is None,
        ended=ended,
        retest=None if ended is None else 42,
        how_ended="" if ended is None else "passed",
        responses=(said,) if ended else (),
        duration=90_000,
    )


def check(check_id: str, scope: str, root: str, outcomes: dict[str, int], deviations: tuple[Deviation, ...] = ()) -> CheckPeriod:
    return CheckPeriod(
        id=check_id,
        title=f"What {check_id} asks holds",
        severity="high",
        frequency="hourly",
        proves="The default for new objects.",
        remediation="Set the default to SSE-KMS.",
        digests=(digest(check_id), digest(f"{check_id} again")),
        parameters={},
        performances=720,
        findings=outcomes,
        coverage=Coverage(expected=720, performed=720),
        deviations=deviations,
        rate=Rate(len(deviations), 720, 0.01),
        ends=(ScopeEnd(scope, "2026-11-30T23:00:00.000Z", 99, "20261130T230000Z-0a1b2c3d", outcomes, {"high": outcomes["fail"]}, root),),
        populations=(("aws.s3.bucket", scope),),
    )


def control(name: str, conclusion: str, checks: tuple[str, ...], deviations: tuple[Deviation, ...] = (), **more: Any) -> ControlPeriod:
    refs = tuple(CheckRef(one, Role.PRIMARY) for one in checks)
    promise = Control(
        id=name,
        name=f"The {name} control",
        category="Data Security",
        promise="All data is encrypted at rest with keys managed in AWS KMS",
        kind=Kind.ACTIVITY,
        method=Method.AUTOMATED,
        frequency=Frequency.DAILY,
        fresh_for=timedelta(days=2),
        evidence=(),
        frameworks=(Mapping("soc2", ("CC6.1", "CC6.7")),),
        checks=refs,
    )
    values: dict[str, Any] = {
        "control": promise,
        "checks": tuple((ref.check, ref.role.value, ref.subjects) for ref in refs),
        "not_run": () if checks else ("jira.tickets.closed",),
        "coverage": Coverage(expected=720, performed=700, missed=20) if checks else Coverage(),
        "deviations": deviations,
        "rate": Rate(len(deviations), 720, 0.01) if checks else Rate(0, 0, 1.0),
        "conclusion": conclusion,
        "why": f"it {conclusion}",
        "proves": "Each default was read.",
        "does_not_prove": ("That old objects were re-encrypted.",),
    }
    return ControlPeriod(**(values | more))


def dossier(**more: Any) -> Dossier:
    """One month in which one control operated, one deviated, one was not seen whole and one was not tested."""
    deviations = (deviation(EVIL, ended=None), deviation("mended", ended="2026-11-04T02:00:00.000Z"))
    checks = {
        BUCKETS: check(BUCKETS, AWS, digest("buckets"), {"pass": 1, "fail": 1, "unknown": 1, "not_applicable": 0}, deviations),
        KEYS: check(KEYS, DATADOG, digest("keys"), {"pass": 1, "fail": 0, "unknown": 0, "not_applicable": 1}),
    }
    population = PopulationSeen(
        kind="aws.s3.bucket",
        scope=AWS,
        start_at="2026-11-01T00:00:00.000Z",
        start_root=digest("buckets"),
        start_count=3,
        end_at="2026-11-30T23:00:00.000Z",
        end_root=digest("buckets"),
        end_count=3,
        complete=True,
        incomplete_runs=0,
        added=(),
        removed=(),
        source={},
        identity="arn:aws:iam::123456789012:role/controlmon",
        skew=0,
        run="20261130T230000Z-0a1b2c3d",
        position=99,
    )
    values: dict[str, Any] = {
        "origin": "artemis.example/ledger",
        "key": KEY,
        "size": 100,
        "root": digest("root")[7:],
        "checkpoint_at": "2026-11-30T23:00:10.000Z",
        "begin": "2026-11-01T00:00:00.000Z",
        "end": "2026-12-01T00:00:00.000Z",
        "made_at": "2026-12-02T09:00:00.000Z",
        "controls": (
            control("rotation", "operated", (KEYS,)),
            control("encryption", "operated with deviations", (BUCKETS, KEYS), deviations),
            control("backups", "not concluded", (BUCKETS,)),
            control("meetings", "not tested", ()),
        ),
        "commitments": (),
        "checks": checks,
        "populations": (population,),
        "changes": (ChangeSeen(50, "2026-11-15T00:00:00.000Z", f"check {BUCKETS}", None, digest("b"), {"pass": 2}, {"fail": 1}),),
        "anchors": (),
        "unanchored": 100,
        "unanchored_since": "2026-11-01T00:00:00.000Z",
        "exceptions": (ExceptionSeen("EX-1", "encryption", 1, 10, "Ann", "a migration", "2027-01-31"),),
        "interrupted": (("20261110T010000Z-dead", "2026-11-10T02:00:00.000Z"),),
        "limits": LIMITS,
        "findings": findings,
        "subjects": subjects,
    }
    return Dossier(**(values | more))


def quiet() -> Dossier:
    """A period in which the one control that there is operated, and nothing is left to do."""
    whole = dossier()
    return dossier(controls=whole.controls[:1], checks={KEYS: whole.checks[KEYS]}, exceptions=(), changes=(), interrupted=())
