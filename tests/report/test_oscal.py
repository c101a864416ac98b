"""OSCAL: valid by NIST's schema and by trestle, whole, and never better than what was seen."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from controlmon.core.canonical import canonical
from controlmon.core.dsse import IN_TOTO, open_envelope, public_pem
from controlmon.core.note import ED25519, VerifierKey
from controlmon.engine.dossier import Dossier
from controlmon.ledger.signer import Ed25519Verifier, FileSigner
from controlmon.report import folders
from controlmon.report.oscal import assessment_results
from controlmon.report.oscal_parts import line, value
from controlmon.report.oscal_poam import poam
from controlmon.report.standards import members
from tests.dossier_small import BUCKETS, EVIL, KEYS, dossier, quiet

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
TRESTLE = Path(sys.executable).with_name("trestle")
DOCUMENTED = re.compile(r"\.\./(log/entries\.bin\.xz|manifest\.json|checks/[\w.]+/[0-9a-f]{64}\.py)")


def validator(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"oscal_{name}_schema.json").read_text()), validate_formats=True)


RESULTS, POAM = validator("assessment-results"), validator("poam")


def results(of: Dossier) -> dict[str, Any]:
    (result,) = assessment_results(of)["assessment-results"]["results"]
    return result


def plan(of: Dossier) -> dict[str, Any]:
    document = poam(of)
    assert document is not None
    return document["plan-of-action-and-milestones"]


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object, with its name."""
    if isinstance(value, dict):
        for name, of in value.items():
            yield name, of
            yield from walk(of)
    elif isinstance(value, list):
        for of in value:
            yield from walk(of)


def props(of: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in of.get("props", ()) if one["name"] == name]


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return FileSigner.open(tmp_path / "key", "artemis.example/ledger", create=True)


@pytest.fixture
def written(signer: FileSigner, tmp_path: Path) -> Path:
    """The members of a bundle, as files, and the public key beside them."""
    for name, write in members(dossier(), signer):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as out:
            write(out)
    (tmp_path / "key.pem").write_text(public_pem(signer.verifier_key))
    return tmp_path


@pytest.mark.parametrize("of", [dossier(), quiet(), dossier(controls=(), checks={}, exceptions=(), changes=())])
def test_nist_s_schema(of: Dossier) -> None:
    """Holds of both documents, of a full period and of an empty one."""
    assert list(RESULTS.iter_errors(assessment_results(of))) == []
    if (document := poam(of)) is not None:
        assert list(POAM.iter_errors(document)) == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_valid(name: str, reason: str) -> None:
    """Whatever resources are called, half characters and control characters too."""
    whole = dossier()
    check = whole.checks[BUCKETS]
    deviations = tuple(replace(one, subject=name, name=name, reason=reason) for one in check.deviations)
    of = dossier(checks=whole.checks | {BUCKETS: replace(check, deviations=deviations)})
    for schema, document in ((RESULTS, assessment_results(of)), (POAM, poam(of))):
        assert schema.is_valid(json.loads(canonical(document)))


def test_the_same_dossier_gives_the_same_bytes(signer: FileSigner) -> None:
    """And every UUID is used once in a document, and is of version 5."""
    one, other = ([(name, _bytes(write)) for name, write in members(dossier(), signer)] for _ in range(2))
    assert one == other
    for document in (assessment_results(dossier()), poam(dossier())):
        uuids = [of for name, of in walk(document) if name == "uuid"]
        assert len(uuids) == len(set(uuids)) > 5
        assert {uuid[14] for uuid in uuids} == {"5"}


def _bytes(write: Any) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def test_another_log_has_other_names() -> None:
    """Two companies' documents share no UUID."""
    mine, theirs = (
        {of for name, of in walk(assessment_results(d)) if name == "uuid"} for d in (dossier(), dossier(origin="other.example"))
    )
    assert not mine & theirs


def test_every_reference_resolves() -> None:
    """To something in the same document, and every link to a member that docs/evidence.md promises or the views write."""
    views = {f"../{name}" for name, _ in folders.members(dossier())}
    for document in (assessment_results(dossier()), poam(dossier()), assessment_results(quiet())):
        known = {of for name, of in walk(document) if name == "uuid"}
        used = [of for name, of in walk(document) if name.endswith("-uuid")]
        assert used
        assert set(used) <= known
        links = [of for name, of in walk(document) if name == "href"]
        links = [link for link in links if link.removeprefix("#") not in known and link not in views]
        assert [link for link in links if not DOCUMENTED.fullmatch(link)] == []


def test_every_control_is_a_finding_and_none_is_better_than_what_was_seen() -> None:
    """Only what operated is satisfied; what was not concluded or not tested is not."""
    found = {one["target"]["target-id"]: one for one in results(dossier())["findings"]}
    status = {name: (one["target"]["status"]["state"], one["target"]["status"]["reason"]) for name, one in found.items()}
    assert status == {
        "rotation_obj": ("satisfied", "pass"),
        "encryption_obj": ("not-satisfied", "fail"),
        "backups_obj": ("not-satisfied", "other"),
        "meetings_obj": ("not-satisfied", "other"),
    }
    assert props(found["meetings_obj"], "conclusion") == ["not tested"]
    assert props(found["meetings_obj"], "check-not-run") == ["jira.tickets.closed"]
    assert props(found["encryption_obj"], "runs-missed") == ["20"]
    assert props(found["encryption_obj"]["target"], "requirement") == ["soc2 CC6.1", "soc2 CC6.7"]
    assert "related-observations" not in found["meetings_obj"]
    assert len(found["encryption_obj"]["related-observations"]) == 2
    assert len(found["encryption_obj"]["related-risks"]) == 3


def test_targets_are_defined() -> None:
    """Each finding's objective is a part of a local definition, with the promise."""
    document = assessment_results(dossier())["assessment-results"]
    defined = {part["id"] for one in document["local-definitions"]["objectives-and-methods"] for part in one["parts"]}
    assert {one["target"]["target-id"] for one in results(dossier())["findings"]} == defined


def test_an_observation_counts_its_subjects() -> None:
    """By outcome, zero too, and names the log entry and the source of each version of the check."""
    one, _ = results(dossier())["observations"]
    counts = {name: props(one, f"subjects-{name}") for name in ("pass", "fail", "unknown", "not-applicable")}
    assert counts == {"pass": ["1"], "fail": ["1"], "unknown": ["1"], "not-applicable": ["0"]}
    assert (props(one, "check"), one["collected"]) == ([BUCKETS], "2026-11-30T23:00:00.000Z")
    record, *sources, _ = one["relevant-evidence"]
    assert props(record, "log-position") == ["99"]
    assert len(sources) == 2


def test_a_deviation_is_a_risk() -> None:
    """Open or closed, with its history; an exception is one that somebody approved, until a day."""
    still, over, accepted = results(dossier())["risks"]
    assert [one["status"] for one in (still, over, accepted)] == ["open", "closed", "deviation-approved"]
    assert [entry.get("status-change") for entry in over["risk-log"]["entries"]] == ["open", None, "closed"]
    assert "SEC-12" in props(over["risk-log"]["entries"][1], "ticket")
    assert "may be older" in still["description"]
    assert "may be older" not in over["description"]
    assert over["characterizations"][0]["facets"][0]["value"] == "high"
    assert accepted["deadline"] == "2027-01-31T00:00:00Z"


def test_no_plan_is_invented() -> None:
    """The imported plan is a resource that says that there is none."""
    document = assessment_results(dossier())["assessment-results"]
    (resource,) = document["back-matter"]["resources"]
    assert document["import-ap"]["href"] == f"#{resource['uuid']}"
    assert "There is no OSCAL assessment plan" in resource["description"]


def test_names_cannot_write_markup() -> None:
    """A title shows what a resource is called; the property has it exactly."""
    risk = results(dossier())["risks"][0]
    assert risk["title"].startswith(r"\<script\>\*alert\*(1)\</script\> \[x\](javascript:1)" + "\ufffd:")
    assert json.loads(props(risk, "subject")[0]) == f"arn:aws:s3:::{EVIL}"
    assert (line("a_b _c_"), line(" \n"), value("a b"), value(" a"), value("")) == (r"a_b \_c\_", "-", "a b", '" a"', '""')


def test_the_plan_of_action_has_what_is_left_to_do() -> None:
    """Deviations, exceptions and what was not concluded, with the risks and findings of the results."""
    document = plan(dossier())
    assert [one["title"].rpartition(": ")[2] for one in document["poam-items"][3:]] == ["not concluded", "not tested"]
    assert len(document["poam-items"]) == 5
    risks, findings = results(dossier())["risks"], {one["uuid"] for one in results(dossier())["findings"]}
    assert document["risks"] == risks
    named = {one["finding-uuid"] for item in document["poam-items"] for one in item["related-findings"]}
    assert named == {one["uuid"] for one in document["findings"]} < findings


def test_nothing_to_do_is_no_plan(signer: FileSigner) -> None:
    """OSCAL allows no plan without items, and none is made up."""
    assert poam(quiet()) is None
    assert [name for name, _ in members(quiet(), signer)] == [
        "oscal/assessment-results.json",
        "oscal/assessment-results.dsse.json",
        "ocsf.jsonl",
    ]
    assert KEYS in quiet().checks


def test_the_signed_statement_names_the_file_s_own_digest(written: Path, signer: FileSigner) -> None:
    """What `sha256sum` shows of each document stands in the statement that the log's key signed."""
    verifier = Ed25519Verifier(signer.verifier_key)
    for name in ("assessment-results", "poam"):
        envelope = open_envelope((written / f"oscal/{name}.dsse.json").read_bytes(), IN_TOTO, [verifier])
        (subject,) = json.loads(envelope.payload)["subject"]
        data = (written / f"oscal/{name}.json").read_bytes()
        assert subject == {"name": f"{name}.json", "digest": {"sha256": hashlib.sha256(data).hexdigest()}}


def trestle(*arguments: object, at: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOME": str(at), "TRESTLE_BETA_FEATURES": "json-signing"}
    return subprocess.run([TRESTLE, *map(str, arguments)], cwd=at, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_trestle_validates_both(written: Path) -> None:
    """In a workspace of its own; a status that is no token is not valid, so it does look."""
    assert trestle("init", "--local", at=written).returncode == 0
    for folder, name in (("assessment-results", "assessment-results"), ("plan-of-action-and-milestones", "poam")):
        place = written / folder / "artemis" / f"{folder}.json"
        place.parent.mkdir(parents=True)
        place.write_bytes((written / f"oscal/{name}.json").read_bytes())
        done = trestle("validate", "-f", place, at=written)
        assert done.returncode == 0, done.stdout + done.stderr
    place.write_text(place.read_text().replace('"status":"open"', '"status":"not a token"'))
    assert trestle("validate", "-f", place, at=written).returncode != 0


@pytest.mark.slow
def test_trestle_verifies_the_signatures(written: Path) -> None:
    """Of both documents, with the log's key as PEM; not under another key, and not of an altered document."""
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    (written / "other.pem").write_text(public_pem(VerifierKey("other", ED25519, other)))

    def verified(name: str, key: str) -> bool:
        document, signature = written / f"oscal/{name}.json", written / f"oscal/{name}.dsse.json"
        return trestle("verify", "-f", document, "--signature", signature, "--public-key", written / key, at=written).returncode == 0

    assert verified("assessment-results", "key.pem")
    assert verified("poam", "key.pem")
    assert not verified("poam", "other.pem")
    document = written / "oscal/poam.json"
    document.write_text(document.read_text().replace("artemis.example", "athena.example"))
    assert not verified("poam", "key.pem")
