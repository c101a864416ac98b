"""Every judgement that a run recorded comes out of its bundle again, to the byte; whatever came out otherwise is listed."""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_

from controlmon.check import Check
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Gap, Scope
from controlmon.core.times import text_numbers
from controlmon.demo.company import fill
from controlmon.demo.inventory import PRODUCTION
from controlmon.engine.plan import Selected
from controlmon.ledger.bundle.read import Bundle
from controlmon.ledger.bundle.write import Period
from controlmon.ledger.history import History, decoded
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.offline.verify import main
from controlmon.service import providers
from controlmon.service.bundle import export
from controlmon.service.checks import Registry, check_directories, load_check, load_checks
from controlmon.service.config import load_config
from controlmon.service.cycle import Request, cycle, recover
from controlmon.service.evidence import Pieces, Rebuilt, Seen
from controlmon.service.judgement import parameters_of
from controlmon.service.replay import Replayed, Sources, replay
from tests.twins.aws import AwsTwin, Fault

pytestmark = pytest.mark.xdist_group("replay")  # what it sets up takes long, and is made once

START = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
HEAD = '"""{doc}"""\nfrom datetime import datetime\nfrom controlmon.check import All, Verdict, check, failed, passed, Example\n'
FRACTION = (
    HEAD.format(doc="Fractions.")
    + """
from controlmon.facts.aws.s3 import Bucket

@check(title="t", severity="low", reads=[Bucket.encryption], remediation="r", proves="p", frequency="hourly",
       passes=Bucket.example(encryption={"algorithm": "aws:kms"}), fails=Bucket.example(encryption={"algorithm": "AES256"}))
def judge(bucket: Bucket, *, share: float = 0.1, several: list[float] = [0.25, 3.0], by: dict[str, float] = {},
          patience: int = 3) -> Verdict:
    said = passed if bucket.encryption.algorithm != "AES256" else failed
    return said(f"{share!r} of {several!r} {by!r} {patience + 1} {sum(several) > share}")
"""
)
WHOLE = (
    HEAD.format(doc="Whole populations, and the clock.")
    + """
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.aws.ec2 import Volume

@check(title="t", severity="low", reads=[Volume.settings, Bucket.encryption], remediation="r", proves="p", frequency="hourly",
       passes=(Bucket.example(), All[Volume].of(), All[Bucket].of()), fails=(Bucket.example(), All[Volume].of(), All[Bucket].of()))
def judge(bucket: Bucket, volumes: All[Volume], now: datetime, buckets: All[Bucket]) -> Verdict:
    return passed(f"{now.isoformat()} {[(str(v.scope), v.id, v.settings) for v in volumes]} {[b.encryption for b in buckets]}")
"""
)
MOVING = (
    HEAD.format(doc="Members that change by themselves, and no clock.")
    + """
from controlmon.facts.aws.iam import User

@check(title="t", severity="low", reads=[User.credentials], remediation="r", proves="p", frequency="hourly",
       passes=User.example(), fails=User.example())
def judge(user: User) -> Verdict:
    return passed(f"{user.credentials.generated.isoformat()} {user.credentials.credentials}")
"""
)
SOURCES = {"aws.own.fraction": FRACTION, "aws.own.whole": WHOLE, "aws.own.moving": MOVING}


class Company:
    """The demonstration company's production account, and what was recorded of it."""

    def __init__(self, twin: AwsTwin, directory: Path) -> None:
        self.twin, self.directory, self.hour = twin, directory, 0
        self.config = load_config()
        self.registry = load_checks([*check_directories(), directory / "checks"])
        self.ledger = Ledger.open(directory / "state")

    def run(self, checks: list[Selected], *, adhoc: bool = False) -> str:
        """One run, an hour after the one before it."""
        self.hour += 1
        at = START + timedelta(hours=self.hour)
        targets = providers.targets(self.config, ["aws"])
        request = Request(checks, targets, None if adhoc else at.isoformat(), ("hourly",), adhoc=adhoc)
        return cycle(self.ledger, request, providers.services("aws"), self.config.settings.budget, lambda: at).run

    def selected(self, *names: str, **parameters: Any) -> list[Selected]:
        return [Selected(check, check.tuned(parameters)) for check in self.registry.select(names)]

    def bundle(self, name: str) -> Path:
        """All of it, as a file."""
        path = self.directory / name
        export(self.ledger, Period("2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"), path, force=True)
        return path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Runs of every check and some of our own: plain, with nothing changed, with much denied, with a volume that came, on request."""
    directory = tmp_path_factory.mktemp("company")
    for name, source in SOURCES.items():
        path = directory / "checks" / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (directory / "controlmon.yaml").write_text("aws:\n  regions: [us-east-1, eu-west-1]\n")
    before = Path.cwd()
    with AwsTwin() as twin, pytest.MonkeyPatch.context() as patch:
        fill(twin.url)
        for name, value in twin.env(account=PRODUCTION).items():
            patch.setenv(name, value)
        os.chdir(directory)
        try:
            made = Company(twin, directory)
            made.run(made.selected())
            made.run(made.selected("aws.own.*", "aws.s3.*"))
            with (
                twin.fault("s3", "GetBucketEncryption", Fault.DENIED),
                twin.fault("ec2", "DescribeVolumes", Fault.THROTTLED, region="eu-west-1"),
                twin.fault("iam", "ListMFADevices", Fault.MALFORMED),
                twin.fault("iam", "GetCredentialReport", Fault.DENIED),
                twin.fault("cloudtrail", "DescribeTrails", Fault.DENIED),
                twin.fault("rds", "DescribeDBInstances", Fault.DENIED),
            ):
                made.run(made.selected())
            twin.client("ec2", account=PRODUCTION).create_volume(AvailabilityZone="us-east-1a", Size=1)
            made.run(made.selected("aws.own.*"))
            for user in twin.backend("iam", account=PRODUCTION).users.values():
                user.password_last_used = START  # which no population tells: it moves by itself
            made.run(made.selected("aws.own.*"))
            with twin.fault("sts", "GetCallerIdentity", Fault.DENIED):
                made.run(made.selected("aws.own.*"))
            fraction = made.selected("aws.own.fraction", share=1 / 3, several=[0.5, 2], by={"a": 1.0}, patience=7)
            made.run(fraction, adhoc=True)
            yield made
            made.ledger.close()
        finally:
            os.chdir(before)


def again(history: History, registry: Registry, *, bundled: bool = False, only: str = "") -> Replayed:
    return replay(history, Sources(registry, history, bundled=bundled), lambda check_id: only in check_id)


def test_every_judgement_comes_out_the_same(company: Company) -> None:
    """Whatever was denied, throttled, broken, unchanged, changed or tuned: each list of findings and each time, to the byte."""
    with Bundle.open(company.bundle("all.zip")) as bundle:
        found = again(bundle, company.registry)
        entries = [body for _, body in decoded(bundle, lambda body: body["type"] == "check")]
    assert (found.differences, found.not_performed, found.withheld, found.elsewhere) == ((), (), 0, 0)
    assert found.judgements == found.identical == len(entries) > 60
    assert found.findings == sum(body["findings"]["count"] for body in entries) > 100
    assert found.exit_code == 0
    outcomes = {name for body in entries for name, count in body["outcomes"].items() if count}
    assert outcomes == {"pass", "fail", "unknown", "not_applicable"}
    assert any(one["seen"]["volatile"]["count"] for _, one in decoded(company.ledger, lambda body: body["type"] == "run.finished"))


def test_the_ledger_itself_is_replayed_as_well(company: Company) -> None:
    """A ledger is a history like any other; and only some checks can be asked for."""
    found = again(company.ledger, company.registry, only="aws.own.")
    assert (found.identical, found.differences, found.not_performed) == (found.judgements, (), ())
    assert 10 <= found.judgements < 40


def test_a_partial_bundle_is_replayed(company: Company, tmp_path: Path) -> None:
    """What is shown of a bundle of some controls comes out the same, though the run's lists speak of all; the rest is counted."""
    shown = frozenset({"aws.own.whole", "aws.iam.console_user_mfa"})
    period = Period("2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", ("a-control",), shown)
    export(company.ledger, period, tmp_path / "part.zip")
    with Bundle.open(tmp_path / "part.zip") as bundle:
        found = again(bundle, company.registry)
    assert (found.exit_code, found.identical) == (0, found.judgements)
    assert (found.judgements >= 5, found.withheld > 50) == (True, True)


def test_the_bundle_holds(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    """The offline verifier agrees."""
    assert main([str(company.bundle("all.zip")), "--key", company.ledger.verifier_key]) == 0, capsys.readouterr().out


def test_evidence_is_rebuilt_as_it_was_recorded(company: Company) -> None:
    """Populations stand in the order of their scopes, however they are told; answers have the members that move by themselves; each has
    its time; and what was not asked for is not there."""

    def rebuilt(check: str) -> Rebuilt:
        (body, *_) = [b for _, b in decoded(company.ledger, lambda b: b["type"] == "check" and b["check"]["id"] == check)]
        ended = next(b for _, b in decoded(company.ledger, lambda b: b["type"] == "run.finished" and b["run"] == body["run"]))
        pieces = Pieces(company.ledger)
        far = list(pieces.rows(body["others"]["root"])) if "others" in body else []
        return Rebuilt(pieces, [*reversed(far), *body["populations"]], Seen(pieces, ended["seen"]))

    scope = Scope("aws", PRODUCTION)
    assert [p.scope.region for p in rebuilt("aws.own.whole").populations("aws.ec2.volume", scope)] == ["eu-west-1", "us-east-1"]
    evidence = rebuilt("aws.own.moving")
    users = list(evidence.subjects("aws.iam.user", scope))
    assert {user.subject.name for user in users} > {"maria.silva"}
    assert all({"generated", "password_last_used", "mfa_active"} < set(user.answer("credentials")) for user in users)
    assert all(digest.startswith("sha256:") and at.endswith("Z") for digest, at in (user.seen("credentials") for user in users))
    assert users[0].seen("none") == ("", "")
    assert isinstance(users[0].answer("none"), Gap)
    assert evidence.population("aws.iam.user", Scope("aws", "another")) is None
    assert list(evidence.subjects("aws.iam.user", Scope("aws", "another"))) == []


def lying(company: Company, name: str, old: str, new: str) -> Check:
    """A check whose logic is another than its source says: what it records, the source would not have found."""
    source = SOURCES[name]
    assert old in source
    path = company.directory / "lie.py"
    path.write_text(source.replace(old, new))
    return with_(load_check(path, name), digest=company.registry.get(name).digest, source=source.encode())


def test_findings_that_the_source_would_not_have_made_are_listed(company: Company, tmp_path: Path) -> None:
    """One comparison was turned round when it judged: each finding is listed, as recorded and as it comes out, with the source at hand or
    in the bundle."""
    other = Ledger.open(tmp_path / "state")
    honest, company.ledger = company.ledger, other
    try:
        for _ in range(2):
            company.run([Selected(lie := lying(company, "aws.own.fraction", "!=", "=="), lie.tuned({}))])
        path = company.bundle("lie.zip")
    finally:
        company.ledger = honest
        other.close()
    nothing = Registry(())
    with Bundle.open(path) as bundle:
        found, bundled, without = again(bundle, company.registry), again(bundle, nothing, bundled=True), again(bundle, nothing)
    assert bundled == found
    assert (found.judgements, found.identical, found.exit_code) == (2, 0, 1)
    assert all(one.entries == 2 for one in found.differences)
    turned = {(one.recorded.split(" ")[0], one.performed.split(" ")[0]) for one in found.differences}
    assert turned == {("pass", "fail"), ("fail", "pass")}
    assert all(one.subject.startswith("arn:aws:s3:::") and one.check == "aws.own.fraction" for one in found.differences)
    assert (without.exit_code, without.differences, without.identical) == (3, (), 0)
    assert [(one.entries, "no such check is installed" in one.reason) for one in without.not_performed] == [(2, True)]


def test_another_check_than_the_one_that_judged_is_not_judged_with(company: Company, tmp_path: Path) -> None:
    """The installed check has other bytes: said, exit code 3; with the bundle's own source it comes out the same."""
    path = tmp_path / "changed.py"
    path.write_text(SOURCES["aws.own.fraction"] + "# changed\n")
    installed = Registry([load_check(path, "aws.own.fraction")])
    with Bundle.open(company.bundle("all.zip")) as bundle:
        found = again(bundle, installed, only="fraction")
        bundled = again(bundle, installed, bundled=True, only="fraction")
    assert (found.exit_code, found.identical) == (3, 0)
    assert "the installed check differs" in found.not_performed[0].reason
    assert (bundled.exit_code, bundled.identical) == (0, bundled.judgements)


def forged(path: Path, change: Callable[[dict[str, Any]], None], out: Path) -> Path:
    """A bundle with its judgements changed; what a forger without the key can do, and replay alone must see."""
    import lzma

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    entries = b""
    with Bundle.open(path) as bundle:
        for placed in bundle.entries():
            body = placed.decoded()
            assert body is not None
            change(body)
            data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
            entries += len(data).to_bytes(2, "big") + data
    members["log/entries.bin.xz"] = lzma.compress(entries)
    manifest = json.loads(members["manifest.json"])
    manifest["files"]["log/entries.bin.xz"]["size"] = len(members["log/entries.bin.xz"])
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out


def clock(body: dict[str, Any]) -> None:
    if body["type"] == "check":
        body["clock"] = body["clock"].replace("2026", "2027")


def parameter(body: dict[str, Any]) -> None:
    if body["type"] == "check" and "share" in body["check"]["parameters"]:
        body["check"]["parameters"]["share"] = "9.5"


def strange(body: dict[str, Any]) -> None:
    if body["type"] == "check":
        body["check"]["parameters"]["none"] = 1


def untimely() -> Callable[[dict[str, Any]], None]:
    """The times of the first run in the place of those of every other."""
    first: dict[str, Any] = {}

    def change(body: dict[str, Any]) -> None:
        if body["type"] == "run.finished":
            body["seen"]["observed"] = first.setdefault("observed", body["seen"]["observed"])

    return change


@pytest.mark.parametrize(
    ("change", "only", "code", "said"),
    [
        (clock, "whole", 1, "2027-"),
        (parameter, "fraction", 1, "9.5 of"),
        (strange, "fraction", 3, "parameters do not fit: 'none'"),
        (untimely(), "fraction", 1, "seen at 20"),
    ],
)
def test_a_changed_entry_shows(
    company: Company, tmp_path: Path, change: Callable[[dict[str, Any]], None], only: str, code: int, said: str
) -> None:
    """Another clock, another parameter, a parameter that is none, other times: nothing is judged as if it had not been changed."""
    path = forged(company.bundle("all.zip"), change, tmp_path / "forged.zip")
    with Bundle.open(path) as bundle:
        found = again(bundle, company.registry, only=only)
    told = [one.performed for one in found.differences] + [one.reason for one in found.not_performed]
    assert found.exit_code == code
    assert any(said in one for one in told), told[:3]


def test_another_list_of_findings_shows(company: Company, tmp_path: Path) -> None:
    """An entry that names the findings of another: what is missing and what is too much is told by subject."""
    roots = [b["findings"] for _, b in decoded(company.ledger, lambda b: b["type"] == "check" and b["check"]["id"] == "aws.own.whole")]

    def swapped(body: dict[str, Any]) -> None:
        if body["type"] == "check" and body["check"]["id"] == "aws.own.fraction":
            body["findings"] = roots[0]

    with Bundle.open(forged(company.bundle("all.zip"), swapped, tmp_path / "f.zip")) as bundle:
        found = again(bundle, company.registry, only="fraction")
    assert (found.identical, found.exit_code) == (0, 1)
    assert {one.recorded for one in found.differences} > {"nothing"} < {one.performed for one in found.differences}


def unreadable(body: dict[str, Any]) -> None:
    if body["type"] == "check":
        body["scope"] = "aws"


def no_list(body: dict[str, Any]) -> None:
    if body["type"] == "run.finished":
        body["seen"]["calls"] = {"root": body["seen"]["calls"]["root"].replace("sha256:", "sha256:0")[:71], "count": 0}


@pytest.mark.parametrize("change", [unreadable, no_list])
def test_what_cannot_be_read_is_told(company: Company, tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """An entry that is not what an entry should be is no finding, and no traceback."""
    path = forged(company.bundle("all.zip"), change, tmp_path / "f.zip")
    with Bundle.open(path) as bundle, pytest.raises(LedgerError, match=r"entry \d+: it cannot be read|is named and not here"):
        again(bundle, company.registry)


def test_an_unfinished_run_is_not_judged(company: Company, tmp_path: Path) -> None:
    """Judgements whose run does not end in the bundle cannot be timed: said, exit code 3."""

    def unended(body: dict[str, Any]) -> None:
        if body["type"] == "run.finished":
            body["type"] = "note"

    with Bundle.open(forged(company.bundle("all.zip"), unended, tmp_path / "f.zip")) as bundle:
        found = again(bundle, company.registry, only="fraction")
    assert (found.exit_code, found.identical, found.differences) == (3, 0, ())
    assert "the end of its run is not here" in found.not_performed[0].reason


def test_an_interrupted_run_judged_nothing(company: Company, tmp_path: Path) -> None:
    """A run that died leaves no judgement to be made again, and what it saw is in the bundle."""
    other = Ledger.open(tmp_path / "state")
    at = "2026-11-23T10:00:00.000Z"
    other.begin("dead", None, at, [("runs", {"type": "run.started", "agent": {"digest": ""}})])
    other._locks.pop("dead").close()
    assert recover(other, lambda: START) == ["dead"]
    found = again(other, company.registry)
    other.close()
    assert (found.judgements, found.exit_code) == (0, 0)


@pytest.mark.parametrize("given", [{"share": 1e-7}, {"several": [1e300, 2.0, -0.5]}, {"by": {"x": 0.1}}, {"share": 2, "patience": 5}, {}])
def test_parameters_come_back_as_they_were(company: Company, given: dict[str, Any]) -> None:
    """A fraction is written as text, and read as the same fraction."""
    check = company.registry.get("aws.own.fraction")
    tuned = check.tuned(given)
    written = json.loads(json.dumps(text_numbers(tuned)))
    assert "." not in json.dumps([v for v in written.values() if isinstance(v, float)])
    assert parameters_of(check, written) == tuned
