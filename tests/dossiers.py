"""Periods to report on: a company whose resources are named by people who wish the reader ill."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from controlmon.core.times import moment, stamp
from controlmon.engine.catalog import CheckRef, Commitment, Control, Frequency, Kind, Mapping, Method, Role
from controlmon.engine.dossier import (
    LIMITS,
    AnchorSeen,
    ChangeSeen,
    CheckPeriod,
    CommitmentPeriod,
    ControlPeriod,
    Coverage,
    Day,
    Deviation,
    Dossier,
    ExceptionSeen,
    PopulationSeen,
    Rate,
    Response,
    ScopeEnd,
)

NASTY = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example/","win")',
    "\u202egpj.exe",
    "n" * 300,
    'it\'s "quoted" & <b>bold</b>',
    "]]></script><!--",
    "\x00\x1b[2J",
    "half \ud83d",
    "@SUM(A1)",
    "-2+3",
    "{{ 7*7 }}",
    "donn\u00e9es-\u65e5\u672c\u8a9e",
)
SCOPES = ("aws:123456789012:eu-west-1", "aws:123456789012")
REASON = "new objects use AES256; aws:kms required"
DENIED = "s3:GetBucketEncryption was denied (AccessDenied): grant s3:GetEncryptionConfiguration"


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def control(n: int, names: tuple[str, ...], category: str = "Data Security", **more: Any) -> Control:
    roles = (Role.PRIMARY, Role.OPERATING, Role.SUPPORTING)
    values: dict[str, Any] = {
        "id": f"control-{n}.x",
        "name": f"Control number {n}",
        "category": category,
        "promise": "All data is encrypted at rest with keys managed in AWS KMS",
        "kind": Kind.ACTIVITY,
        "method": Method.AUTOMATED,
        "frequency": Frequency.DAILY,
        "fresh_for": timedelta(days=2),
        "evidence": ("the default encryption of each bucket",),
        "frameworks": (Mapping("soc2", ("CC6.1", "CC6.7")), Mapping("hipaa", ("164.312(a)(2)(iv)",))),
        "checks": tuple(CheckRef(check, roles[i % 3]) for i, check in enumerate(names)),
        "notes": ("Keys of customers are theirs.",),
    }
    return Control(**(values | more))


CHECKS = ("aws.s3.bucket_encryption", "aws.kms.rotation", "aws.s3.public_access", "datadog.user.leavers")
CONTROLS = (
    control(1, CHECKS[:1]),
    control(2, CHECKS[:2]),
    control(3, CHECKS[2:], "Access <Security>"),
    control(4, CHECKS[3:], "Access <Security>", promise='Promised <i>"so"</i> & kept'),
)
CONCLUSIONS = ("operated", "operated with deviations", "not concluded", "not tested")


class Company:
    """Makes a dossier, the same each time. Every third check sees everything; others have days of every sort."""

    def __init__(
        self,
        *,
        controls: tuple[Control, ...] = CONTROLS,
        begin: str = "2026-01-01",
        days: int = 365,
        subjects: int = 30,
        deviations: int = 12,
    ) -> None:
        self.controls, self.days, self.count, self.deviations = controls, days, subjects, deviations
        self.begin = datetime.fromisoformat(begin).replace(tzinfo=UTC)
        self.end = self.begin + timedelta(days=days)
        self.run = "20261231T230000Z-0a1b2c3d"
        names = [ref.check for one in controls for ref in one.checks]
        self.ids = [check for check in dict.fromkeys(names) if check.startswith("aws.")] if days else []

    def name(self, i: int) -> str:
        return NASTY[i] if i < len(NASTY) else f"bucket-{i:05}"

    def subject(self, i: int, kind: str) -> dict[str, Any]:
        aspects = {"encryption": {"state": digest(f"{kind}{i}")} if i % 7 else {"gap": {"kind": "denied", "operation": "s3:Get"}}}
        return {"id": f"arn:{kind}:::{self.name(i)}", "name": self.name(i), "region": "eu-west-1", "aspects": aspects}

    def kind(self, check: str) -> str:
        return ".".join(check.split(".")[:2]) + ".thing"

    def scope(self, check: str) -> str:
        return SCOPES[len(check) % 2]

    def subjects(self, root: str) -> Iterator[dict[str, Any]]:
        for check in self.ids:
            kind = self.kind(check)
            if root in (digest(f"start {kind}"), digest(f"end {kind}")):
                late = root == digest(f"end {kind}")
                yield from (self.subject(i, kind) for i in range(late, self.count + late))
                return
        raise AssertionError(f"nobody knows {root}")

    def findings(self, root: str) -> Iterator[dict[str, Any]]:
        (check,) = [check for check in self.ids if digest(f"found {check}") == root]
        for i in range(1, self.count + 1):
            said = self.subject(i, self.kind(check))
            outcome = "fail" if i < self.deviations // 2 else "unknown" if i % 7 == 0 else "pass"
            reason = {"fail": REASON, "unknown": DENIED, "pass": "new objects use aws:kms"}[outcome]
            facts = [digest(f"{check}{i}")]
            yield {k: said[k] for k in ("name", "region")} | {
                "subject": said["id"], "kind": self.kind(check), "outcome": outcome, "severity": "high", "reason": reason, "facts": facts,
            }  # fmt: skip

    def day(self, i: int, salt: int) -> Day:
        date = (self.begin + timedelta(days=i)).date().isoformat()
        bad = (i * 7 + salt * 13) % 97 if salt % 3 else 50
        if bad == 3:
            return Day(date, expected=24, missed=24)
        if bad == 5:
            return Day(date, expected=24, performed=20, late=2, interrupted=1, silent=3)
        if bad in (11, 12, 13):
            return Day(date, expected=24, performed=24, failing=4 * bad)
        return Day(date, expected=24, performed=24, unknown=24 if bad == 20 else 0)

    def coverage(self, salt: int) -> Coverage:
        days = tuple(self.day(i, salt) for i in range(self.days))
        names = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown")
        return Coverage(**{name: sum(getattr(day, name) for day in days) for name in names}, unscheduled=3, longest_gap=93_600, days=days)

    def deviation(self, check: str, i: int) -> Deviation:
        start = self.begin + timedelta(days=(i * 11) % max(1, self.days - 3), hours=i % 24)
        length = timedelta(hours=5 + 31 * (i % 9))
        ended = None if i % 4 == 0 else stamp(min(start + length, self.end))
        said = Response("A <b>template</b> was out of date", "=fixed()", "SEC-12", "Ann O'Hara", stamp(start + timedelta(hours=2)))
        return Deviation(
            id=digest(f"{check}{i}")[7:19],
            check=check,
            scope=self.scope(check),
            subject=f"arn:{self.kind(check)}:::{self.name(i)}",
            name=self.name(i),
            kind=self.kind(check),
            severity=("critical", "high", "medium", "low")[i % 4],
            reason=REASON if i % 5 else NASTY[0],
            first_seen=stamp(start),
            last_seen=stamp(start + length),
            seen=7,
            position=100 + i,
            before=i == 0,
            ended=ended,
            retest=None if ended is None else 900 + i,
            how_ended="" if ended is None else ("passed", "gone", "not_applicable")[i % 3],
            responses=(said,) if i % 3 == 0 else (),
            duration=int((self.end - start if ended is None else moment(ended) - start).total_seconds()),
        )

    def check(self, check: str, salt: int) -> CheckPeriod:
        deviations = tuple(self.deviation(check, i) for i in range(self.deviations)) if salt % 3 == 1 else ()
        found = {"pass": 8000 - len(deviations), "fail": len(deviations), "unknown": 61, "not_applicable": 2}
        last = {"pass": self.count - 6, "fail": 2, "unknown": 4, "not_applicable": 0}
        end = ScopeEnd(
            self.scope(check), stamp(self.end - timedelta(hours=1)), 4000 + salt, self.run, last, {"high": 2}, digest(f"found {check}")
        )
        return CheckPeriod(
            id=check,
            title=f"What {check.rsplit('.', maxsplit=1)[-1].replace('_', ' ')} asks holds",
            severity="high",
            frequency="hourly",
            proves="The default for new objects. It does not prove that old objects were re-encrypted.",
            remediation="Set the bucket's default encryption to SSE-KMS with a customer managed key.",
            digests=(digest(check),) if salt % 4 else (digest(check), digest(f"{check} again")),
            parameters={"accepted": ["aws:kms", "aws:kms:dsse"], "=days": 90},
            performances=self.days * 24,
            findings=found,
            coverage=self.coverage(salt),
            deviations=deviations,
            rate=Rate(len(deviations), self.days * 24, 0.0021),
            ends=(end,),
            populations=((self.kind(check), self.scope(check)),),
        )

    def population(self, check: str) -> PopulationSeen:
        kind = self.kind(check)
        first, last = self.subject(0, kind)["id"], self.subject(self.count, kind)["id"]
        operation = {"operation": "s3:ListBuckets", "parameters": {"MaxBuckets": 1000, "Prefix": "<x>"}, "pages": 3, "count": self.count}
        return PopulationSeen(
            kind=kind,
            scope=self.scope(check),
            start_at=stamp(self.begin),
            start_root=digest(f"start {kind}"),
            start_count=self.count,
            end_at=stamp(self.end),
            end_root=digest(f"end {kind}"),
            end_count=self.count,
            complete="kms" not in kind,
            incomplete_runs=2 if "kms" in kind else 0,
            added=(last,),
            removed=(first,),
            source={"kind": kind, "root": digest(f"end {kind}"), "count": self.count, "complete": True, "operations": [operation]},
            identity="arn:aws:sts::123456789012:assumed-role/controlmon/run",
            skew=-2,
            run=self.run,
            position=4000,
        )

    def control_period(self, one: Control, n: int, checks: dict[str, CheckPeriod]) -> ControlPeriod:
        mine = [checks[ref.check] for ref in one.checks if ref.check in checks]
        deviations = tuple({d.id: d for check in mine for d in check.deviations}.values())
        missed = any(check.coverage.missed for check in mine)
        which = 3 if not mine else 1 if deviations else 2 if missed else 0
        return ControlPeriod(
            control=one,
            checks=tuple((ref.check, ref.role.value, ref.subjects) for ref in one.checks),
            not_run=tuple(ref.check for ref in one.checks if ref.check not in checks),
            coverage=self.coverage(n if mine else 0) if mine else Coverage(),
            deviations=deviations,
            rate=Rate(len(deviations), self.days * 24, 0.0021) if mine else Rate(0, 0, 1.0),
            conclusion=CONCLUSIONS[which],
            why=("every expected run was performed and found nothing", "something failed", "24 runs were missed", "no check of it ran")[
                which
            ],
            proves="Each bucket's default encryption was read.\nIt was compared with what is promised.",
            does_not_prove=("That objects written before were re-encrypted.", "That <b>keys</b> are guarded well."),
        )

    def commitment(self, period: ControlPeriod) -> CommitmentPeriod:
        one = period.control
        promise = Commitment(f"faq.{one.id}", "FAQ", one.promise, one.method, (one.id,), one.checks)
        named = tuple(ref.check for ref in one.checks)
        return CommitmentPeriod(promise, named, period.not_run, period.deviations, period.conclusion, period.why)

    def changes(self) -> tuple[ChangeSeen, ...]:
        at = stamp(self.begin + timedelta(days=self.days / 2))
        before, after = {"pass": 40, "fail": 2}, {"pass": 42, "fail": 0}
        what = (f"check {self.ids[0]}", "catalog", f"parameters {self.ids[0]}", "software")
        return tuple(ChangeSeen(700 + i, at, w, digest("a") if i else None, digest("b"), before, after) for i, w in enumerate(what))

    def anchor(self, i: int) -> AnchorSeen:
        kind, place = (("rfc3161", "http://tsa.example/"), ("witness", "https://witness.example/"), ("s3-object-lock", "s3://anchors/x"))[
            i % 3
        ]
        return AnchorSeen(
            kind, place, 1000 * (i + 1), digest(f"root {i}")[7:], stamp(self.begin + timedelta(days=100 * i)), {"policy": "1.2.<3>"}
        )

    def dossier(self, *, anchors: int = 3, **more: Any) -> Dossier:
        checks = {check: self.check(check, n) for n, check in enumerate(self.ids)}
        controls = tuple(self.control_period(one, n, checks) for n, one in enumerate(self.controls))
        seen = {(p.kind, p.scope): p for p in map(self.population, self.ids)}
        values: dict[str, Any] = {
            "origin": "log.example.com/<acme>",
            "key": "log.example.com/acme+7b2c9f10+AZIJmJGVvbBkvYGTfVbMm0Wb5qf5t8Jr7dXZk3oJ3n0Q",
            "size": 4242,
            "root": digest("root")[7:],
            "checkpoint_at": stamp(self.end),
            "begin": stamp(self.begin),
            "end": stamp(self.end),
            "made_at": stamp(self.end + timedelta(days=4)),
            "controls": controls,
            "commitments": tuple(self.commitment(one) for one in controls),
            "checks": checks,
            "populations": tuple(seen.values()),
            "changes": self.changes() if self.ids else (),
            "anchors": tuple(self.anchor(i) for i in range(anchors)),
            "unanchored": 1242 if anchors else 4242,
            "unanchored_since": stamp(self.begin + timedelta(days=200)) if anchors else "",
            "exceptions": (ExceptionSeen("EX-1", "control-1.x", 2, 40, "Ann", "=migration <soon>", "2027-01-31"),) if self.ids else (),
            "interrupted": (("20260301T010000Z-dead", stamp(self.begin + timedelta(days=60))),) if self.ids else (),
            "limits": LIMITS,
            "findings": self.findings,
            "subjects": self.subjects,
        }
        return Dossier(**(values | more))


def rich() -> Dossier:
    """Every conclusion, names of every kind, a year of days, three anchors."""
    return Company().dossier()


def empty() -> Dossier:
    """A period in which nothing ran, and a log that was never anchored."""
    return Company(days=0).dossier(anchors=0)
