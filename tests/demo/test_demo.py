"""`controlmon demo`, once, in a shell that is set up for real clouds: what it shows, and what it leaves behind."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controlmon.core.errors import UsageError
from controlmon.demo.clouds import only, running
from controlmon.demo.inventory import USERS
from controlmon.demo.people import ACTIVE, BEN, LEAVERS, PEOPLE, TOM

REAL = {
    "AWS_PROFILE": "company",
    "AWS_SESSION_TOKEN": "real",
    "AZURE_AUTHORITY_HOST": "login.elsewhere.example",
    "DD_SITE": "elsewhere.example",
    "https_proxy": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "SSL_CERT_FILE": "nowhere.pem",
}
UNSEEN = re.compile(r"was unavailable|cannot be read|not every .* was seen|could not see|was denied|grant ")
"""How a reason speaks of an answer that did not come, or was none."""


@dataclass(frozen=True)
class Shown:
    """What one demo said and kept."""

    code: int
    out: str
    err: str
    place: Path

    def findings(self) -> list[dict[str, Any]]:
        with zipfile.ZipFile(self.place / "state/evidence.zip") as bundle:
            return [json.loads(line) for line in bundle.read("ocsf.jsonl").splitlines()]

    def names(self, kind: str) -> set[str]:
        """Those of a kind that the bundle lists."""
        with zipfile.ZipFile(self.place / "state/evidence.zip") as bundle:
            files = [name for name in bundle.namelist() if name.startswith(f"population/{kind}@")]
            return {row["name"] for name in files for row in csv.DictReader(io.StringIO(bundle.read(name).decode()))}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    place = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "controlmon", "demo", "--keep", "state"]
    told = {**REAL, "CONTROLMON_STATE_DIR": str(place / "mine"), "PYTHONWARNINGS": "always::ResourceWarning", "COLUMNS": "200"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), **told}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place, env=environment)
    return Shown(done.returncode, done.stdout, done.stderr, place)


def by_provider(findings: list[dict[str, Any]]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in findings:
        check = one["metadata"]["event_code"]
        found[check.partition(".")[0]][one["compliance"]["status_code"]].add(check)
    return found


def test_it_ends_well_and_cleans_up(shown: Shown) -> None:
    """No traceback, nothing left open, and the record is where it was asked for and not in the operator's own place."""
    assert (shown.code, [word for word in ("Traceback", "ResourceWarning") if word in shown.err]) == (0, []), shown.err
    assert sorted(path.name for path in shown.place.iterdir()) == ["state"]


def test_it_says_what_is_simulated(shown: Shown) -> None:
    """Each cloud, by what, and where on this machine."""
    said = shown.out.partition("$ controlmon run")[0]
    assert "Everything here is simulated" in said
    assert re.findall(r"^  (AWS|Azure and Entra|Datadog) +by .*http://127\.0\.0\.1:\d+", said, re.MULTILINE) == [
        "AWS", "Azure and Entra", "Datadog",
    ]  # fmt: skip


@pytest.mark.parametrize(("provider", "least"), [("aws", 20), ("azure", 15), ("entra", 5), ("datadog", 3)])
def test_there_is_good_and_bad_of_each_cloud(shown: Shown, provider: str, least: int) -> None:
    """Checks that pass, and checks that fail."""
    found = by_provider(shown.findings())[provider]
    assert len(found["pass"]) >= least
    assert len(found["fail"]) >= least


def test_no_double_is_at_a_loss(shown: Shown) -> None:
    """What is unknown is what the company left undeclared: no answer failed to come, or could not be read."""
    unknown = [one for one in shown.findings() if one["compliance"]["status_code"] == "unknown"]
    assert [one["status_detail"] for one in unknown if UNSEEN.search(one["status_detail"])] == []
    assert len(unknown) < 20


def test_controls_pass_and_fail(shown: Shown) -> None:
    """The status has some of each, and the unknown are fewer than either."""
    counts = {state: int(n) for n, state in re.findall(r"(\d+) (failing|passing|unknown)\b", shown.out)}
    assert counts["passing"] >= 8
    assert counts["failing"] >= 8
    assert counts["unknown"] < counts["passing"]


def test_the_evidence_holds(shown: Shown) -> None:
    """The bundle verifies under the key, and each judgement is the same when it is made again."""
    assert "HOLDS, under the key that you gave." in shown.out
    again = re.search(r"(\d+) judgements, (\d+) of them the same to the byte .*; 0 differences; 0 not re-performed", shown.out)
    assert again is not None
    assert again[1] == again[2] != "0"


def test_the_people_are_the_same_everywhere(shown: Shown) -> None:
    """Who has an account in a cloud, as the register says, has it there; whoever is no person there is a service or an emergency."""
    datadog = {person.datadog for person in PEOPLE if person.datadog}
    assert shown.names("datadog.user") == datadog | {"controlmon@example.com"}
    assert {person.entra for person in PEOPLE} <= shown.names("entra.user")
    assert {person.aws for person in PEOPLE if person.aws} | {"svc-document-export", "ci-deploy"} == {user.name for user in USERS}
    assert {*ACTIVE, *LEAVERS} == {*PEOPLE}


def test_a_person_without_a_second_factor_is_seen_in_both_clouds(shown: Shown) -> None:
    """The same engineer fails in AWS and in Entra; the same leaver in Azure and in Datadog."""
    failing = defaultdict(set)
    for one in shown.findings():
        if one["compliance"]["status_code"] == "fail":
            failing[one["metadata"]["event_code"]].add(json.dumps([one["resources"], one["status_detail"]]))
    for check, name in (
        ("aws.iam.console_user_mfa", TOM.aws),
        ("entra.user.mfa_registered", TOM.entra),
        ("azure.authorization.orphans", BEN.entra),
        ("datadog.user.leavers", BEN.datadog),
    ):
        assert any(name in one for one in failing[check]), (check, name)


def test_the_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it lasts nothing leads to a real cloud; afterwards nothing is missing."""
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with only({"DD_API_KEY": "k"}):
        assert not {*REAL} & {*os.environ}
        assert (os.environ["DD_API_KEY"], os.environ["PATH"]) == ("k", before["PATH"])
    assert dict(os.environ) == before


def test_without_moto_the_demo_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No traceback: the extra to install."""
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(UsageError, match=r"controlmon\[demo\]"), running(tmp_path):
        pass
