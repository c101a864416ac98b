"""What the agent tells of its past: gaps by the providers' clocks, targets that were not seen, proofs that do not match."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from controlmon.check import Check
from controlmon.core.canonical import digest
from controlmon.core.fact import Gap, GapKind, Login, Scope
from controlmon.core.times import stamp
from controlmon.ledger.ledger import Ledger
from controlmon.service import own_evidence, own_runs, own_targets
from controlmon.service.checks import check_files, load_check, packaged_checks
from controlmon.service.config import Config, load_config
from controlmon.service.own import answers_of
from controlmon.service.own_past import Judged, Past, Ran
from controlmon.service.settings import AwsAccount
from tests.support import NOW

CHECK = "aws.s3.bucket_encryption"
HOUR = timedelta(hours=1)
OK = Login("aws", "123456789012", "prod", "arn:x")
DENIED = Gap(GapKind.DENIED, "s3:ListBuckets")
DISABLED = Gap(GapKind.REGION_DISABLED, "s3:ListBuckets")


def ran(at: datetime, skew: int = 0, login: Login = OK) -> Ran:
    return Ran("r", at, skew, ("hourly",), (login,), "")


def judged(target: str = "123456789012", *holes: Gap, count: int = 1, ago: timedelta = HOUR) -> Judged:
    return Judged(f"check:{CHECK}@aws:{target}", CHECK, Scope("aws", target), NOW - ago, {"pass": count}, "", count, holes)


def past(*several: Judged, runs: Sequence[Ran] = (), since: datetime = NOW - 1000 * HOUR) -> Past:
    check: Check = load_check(check_files(packaged_checks())[CHECK], CHECK)
    return Past(NOW, {CHECK: check}, {CHECK: "hourly"}, {CHECK: since}, since, {CHECK: several} if several else {}, tuple(runs))


@pytest.mark.parametrize(
    ("times", "silences", "back"),
    [
        pytest.param([0, 1, 2], [], 0, id="hour by hour"),
        pytest.param([0, 1.9, 2.2], [], 0, id="late by less than an hour"),
        pytest.param([0.5, 6.25], [(1, 6.25)], 0, id="five hours, from when it was due"),
        pytest.param([0, 3, 1, 2], [(1, 3)], 7200, id="the clock was set back by two hours"),
    ],
)
def test_silences_begin_when_a_run_was_due(times: list[float], silences: list[tuple[float, float]], back: int) -> None:
    """From the hour that nobody served to the run that came at last; time that went back is told."""
    begin = NOW - 48 * HOUR
    (told,) = own_runs.schedules(past(runs=[ran(begin + t * HOUR) for t in times]))["schedules"]
    expected = [{"due": stamp(begin + due * HOUR), "until": stamp(begin + until * HOUR)} for due, until in silences]
    assert (told["beats"]["silences"], told["beats"]["back"]) == (expected, back)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (f"{Gap(GapKind.DENIED, 's3:X', 'AccessDenied', ('s3:X',))}", "denied"),
        (f"not every aws.s3.bucket was seen: {Gap(GapKind.THROTTLED, 's3:X')}", "throttled"),
        (f"{Gap(GapKind.MALFORMED, 's3:X', 'KeyError')}", "malformed"),
        ("a.b.c broke: KeyError: 'x'", "broken"),
        ("it is granted arn:p, which was not in the answer", ""),
    ],
)
def test_reasons_tell_errors_from_what_is_left_open(reason: str, kind: str) -> None:
    """A judgement that was left open although all was read is no error of collection."""
    assert own_runs.kind_of(reason) == kind


@pytest.mark.parametrize(
    ("known", "login", "expected"),
    [
        pytest.param([judged()], OK, {"seen": 1}, id="seen"),
        pytest.param([judged(count=0)], OK, {"empty": 1}, id="the service is not used"),
        pytest.param([judged("123456789012", DISABLED, count=0)], OK, {"disabled": 1}, id="the region is disabled"),
        pytest.param([judged("123456789012", DENIED, count=0)], OK, {"holes": ["s3:ListBuckets was denied"]}, id="no access"),
        pytest.param([judged("123456789012", DENIED), judged("123456789012")], OK, {"holes": ["s3:ListBuckets was denied"]}, id="in one region"),
        pytest.param([judged("999999999999")], OK, {"holes": ["it was not judged there"]}, id="only elsewhere"),
        pytest.param([judged(ago=4 * HOUR)], OK, {"holes": ["for longer than 3:00:00"]}, id="long ago"),
        pytest.param([judged("sub-1")], replace(OK, regions={"sub-1": "Enabled"}), {"seen": 1}, id="a subscription of a tenant"),
        pytest.param([], OK, {"holes": ["it was not judged there"]}, id="never, and expected for long"),
        pytest.param([judged()], replace(OK, gap=DENIED), {"refused": "s3:ListBuckets was denied"}, id="no login"),
    ],
)  # fmt: skip
def test_coverage_of_a_target(known: list[Judged], login: Login, expected: dict[str, Any]) -> None:
    """What one check saw of one target, in one word."""
    (reached,) = [one["reached"] for one in own_targets.declared(prod(), past(*known, runs=[ran(NOW - HOUR, login=login)]))["targets"]]
    told = {name: value for name, value in reached.items() if name != "asked" and value}
    if "holes" in told:
        (hole,) = told["holes"]
        assert expected["holes"][0] in hole["why"]
        assert hole["check"] == CHECK
    else:
        assert told == expected


def prod() -> Config:
    config = load_config()
    accounts = (AwsAccount("prod"),)
    return replace(config, settings=replace(config.settings, aws=replace(config.settings.aws, accounts=accounts)))


def test_a_check_that_is_new_is_pending(tmp_path: Path) -> None:
    """One that was scheduled an hour ago and has run nowhere is no hole yet; a target that no run asked is told as that."""
    (told,) = own_targets.declared(prod(), past(runs=[ran(NOW - HOUR)], since=NOW - HOUR))["targets"]
    assert (told["id"], told["reached"]["pending"], told["reached"]["holes"]) == ("aws:prod", [CHECK], [])
    (told,) = own_targets.declared(prod(), past())["targets"]
    assert told["reached"] == {"asked": False}


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    ledger = Ledger.open(tmp_path / "state")
    at = stamp(NOW - 30 * HOUR)
    started: dict[str, Any] = {"type": "run.started", "scheduled": None, "started": at, "frequencies": [], "adhoc": False}
    ledger.append("r", at, [("runs", started)])
    yield ledger
    ledger.close()


def test_proofs_are_held_against_the_record(ledger: Ledger) -> None:
    """One of a root that the record never had, and one whose bytes are gone, do not match; one that is of it does."""
    root = ledger.frontier(1).root().hex()
    proof = b"a cosignature"
    said = {"type": "anchor", "kind": "witness", "place": "https://w", "size": 1, "at": stamp(NOW), "says": {}}
    good = said | {"root": root, "receipt": digest(proof)}
    ledger.append("anchor", stamp(NOW), [("anchors", good)], [proof])
    told = own_evidence.anchored(load_config())
    assert (told["proofs"], told["wrong"], told["behind"]) == (1, [], 0)
    bad = [good | {"root": "0" * 64}, good | {"size": 77}, good | {"receipt": digest(b"gone")}]
    ledger.append("anchor", stamp(NOW), [("anchors", one) for one in bad])
    told = own_evidence.anchored(load_config())
    assert (told["proofs"], len(told["wrong"])) == (1, 3)
    assert "does not have" in told["wrong"][0]
    assert "does not have" in told["wrong"][1]


def test_what_was_dropped_is_told(ledger: Ledger) -> None:
    """The fewest days after which a body was dropped, and the years that the configuration keeps it."""
    assert own_evidence.kept(load_config()) == {"days": 2190, "dropped_after": None}
    pruned = {"type": "ledger.pruned", "before": stamp(NOW - 400 * 24 * HOUR), "through": -1, "entries": 0, "state": 0, "at": stamp(NOW)}
    ledger.append("retention", stamp(NOW), [("retention", pruned)])
    assert own_evidence.kept(load_config())["dropped_after"] == 400


def test_an_entry_that_is_none_is_told_as_such(ledger: Ledger) -> None:
    """A record that cannot be read is an error that names it, and no empty past."""
    from controlmon.core.errors import LedgerError

    ledger.append("r", stamp(NOW), [("reports", {"type": "report.delivered", "at": stamp(NOW)})])
    with pytest.raises(LedgerError, match="not as the record has it"):
        answers_of(load_config())["reports"](NOW)
