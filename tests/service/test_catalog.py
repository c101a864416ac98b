"""The catalog says what the trust center says, and a reference that leads nowhere is refused at its line."""

import shutil
import time
import timeit
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from controlmon.core.errors import ConfigError, UsageError
from controlmon.engine.catalog import Catalog, CheckRef, Control, Mapping, Relation, Role
from controlmon.service.catalog import load_catalog, packaged_catalog

SHARED = Path(__file__).parents[3] / "shared"
GRADED = ("fda_csa", "gamp5", "cfr_part_11")

FILES = {
    "frameworks.yaml": """\
frameworks:
  - {id: soc2, name: SOC 2, note: '', requirements: {CC6.1: access, CC9.2: vendors}}
  - {id: gamp5, name: GAMP 5, note: '', requirements: {O11: {title: security, type: appendix}}}
""",
    "commitments.yaml": """\
commitments:
  - id: faq.mfa
    source: FAQ
    promise: MFA is required
    method: automated
    controls: [unique-ids]
    checks: [entra.user.mfa, aws.iam.mfa]
""",
    "controls/access.yaml": """\
category: Access
controls:
  - id: unique-ids
    name: Unique IDs
    promise: People have unique IDs
    kind: activity
    method: automated
    frequency: daily
    fresh_for: 26h
    evidence: [one account, one person]
    frameworks:
      soc2: [CC6.1]
      gamp5: {relation: supporting, refs: [O11]}
    checks:
      primary:
        - aws.iam.users
      supporting:
        - aws.iam.root
        - {check: document.policy, subjects: access-*}
""",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A catalog of one control, one commitment and two frameworks."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


# What may be wrong: the text to replace (it stands in one file), what by, the line to be named, and the message.
UNKNOWN = "found another value, expected one of `direct`, `supporting`; did you mean `supporting`?"
ROLES = "found the unknown key `suporting`, expected one of `primary`, `operating`, `supporting`; did you mean `supporting`?"
MISSING = "in `controls.0` found no key `promise`, expected it in this mapping; add `promise: ...`"
FRACTION = "in `controls.0.frameworks.gamp5.refs.0` found a number, expected text; put it between quotes"
WRONG = {
    "A requirement has a hint.": ("[CC6.1]", "[CC6.1,\n CC6.11]", 13, "soc2 has no requirement CC6.11: did you mean CC6.1?"),
    "A graded one that is not there is found too.": ("refs: [O11]", "refs: [O1]", 13, "gamp5 has no requirement O1: did you mean O11?"),
    "A framework that is not there names the nearest.": ("soc2: ", "soc3: ", 12, "there is no framework soc3: did you mean soc2?"),
    "A check has one role.": ("- aws.iam.root", "- aws.iam.users", 17, "unique-ids names aws.iam.users twice: give it one role"),
    "A check for some subjects does not have a second role for all.": (
        "document.policy, s", "aws.iam.users, s", 17, "unique-ids names aws.iam.users twice: give it one role",
    ),
    "A framework is there once.": ("id: gamp5", "id: soc2", 3, "there are two frameworks soc2: ids are unique"),
    "A role that is not known names the nearest.": ("supporting:\n", "suporting:\n", 17, ROLES),
    "A relation that is not known names the nearest.": (
        "relation: supporting", "relation: suporting", 13, f"in `controls.0.frameworks.gamp5.relation` {UNKNOWN}",
    ),
    "A control without a promise is refused.": ("    promise: People have unique IDs\n", "", 3, MISSING),
    "A section that YAML reads as a fraction is refused.": ("refs: [O11]", "refs: [11.30]", 13, FRACTION),
    "A control that is not there names the nearest.": (
        "[unique-ids]", "[unique-id]", 6, "there is no control unique-id: did you mean unique-ids?",
    ),
    "A commitment does not take a control's id.": ("id: faq.mfa", "id: unique-ids", 2, "there are two of unique-ids: ids are unique"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_what_does_not_fit_together_is_refused_at_its_line(small: Path, case: tuple[str, str, int, str]) -> None:
    old, new, line, message = case
    (name,) = [name for name, text in FILES.items() if text.count(old) == 1]
    (small / name).write_text(FILES[name].replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_catalog(small)
    assert str(caught.value) == f"{small / name}:{line}: {message}"


def test_two_controls_of_one_id_are_refused_across_files(small: Path) -> None:
    shutil.copy(small / "controls" / "access.yaml", small / "controls" / "later.yaml")
    with pytest.raises(ConfigError, match=r"later\.yaml:3: there are two controls unique-ids"):
        load_catalog(small)


def test_two_commitments_of_one_id_are_refused(small: Path) -> None:
    path = small / "commitments.yaml"
    path.write_text(path.read_text() + path.read_text().removeprefix("commitments:\n"))
    with pytest.raises(ConfigError, match=r"commitments\.yaml:8: there are two of faq\.mfa"):
        load_catalog(small)


@pytest.mark.parametrize("name", ["frameworks.yaml", "commitments.yaml", "controls"])
def test_a_catalog_is_whole_or_refused(small: Path, name: str) -> None:
    (small / name).rename(small / "gone")
    with pytest.raises(ConfigError, match=name):
        load_catalog(small)


def test_a_small_catalog_is_what_it_says(small: Path) -> None:
    small_one = load_catalog(small)
    control = small_one.control("unique-ids")
    assert control.category == "Access"
    assert control.fresh_for == timedelta(hours=26)
    assert control.frameworks == (Mapping("soc2", ("CC6.1",)), Mapping("gamp5", ("O11",), Relation.SUPPORTING))
    assert control.checks == (
        CheckRef("aws.iam.users", Role.PRIMARY),
        CheckRef("aws.iam.root", Role.SUPPORTING),
        CheckRef("document.policy", Role.SUPPORTING, "access-*"),
    )
    assert small_one.checks() == ("aws.iam.mfa", "aws.iam.root", "aws.iam.users", "document.policy", "entra.user.mfa")
    assert small_one.controls_of("document.policy") == ("unique-ids",)
    assert small_one.controls_of("entra.user.mfa") == ()


def test_only_the_named_subjects_of_a_check_count() -> None:
    ref = CheckRef("document.policy", Role.PRIMARY, "access-*")
    assert [ref.covers(subject) for subject in ("access-control", "Access-control", "privacy")] == [True, False, False]


def test_one_check_may_play_two_roles_for_different_subjects(small: Path) -> None:
    path = small / "controls" / "access.yaml"
    path.write_text(path.read_text().replace("- aws.iam.users", "- {check: document.policy, subjects: privacy}"))
    assert load_catalog(small).controls_of("document.policy") == ("unique-ids",)


def test_a_control_that_is_not_there_names_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="did you mean unique-access-ids"):
        catalog.control("unique-acces-ids")


@pytest.mark.parametrize("name", FILES)
def test_the_digest_changes_with_a_comment_in_any_file(small: Path, name: str) -> None:
    before = load_catalog(small).digest
    assert before == load_catalog(small).digest
    assert before.startswith("sha256:")
    (small / name).write_text(FILES[name] + "# one more\n")
    assert load_catalog(small).digest != before


def test_the_packaged_catalog_loads_in_little_time() -> None:
    """Every command that shows a control waits for it: 150 ms of CPU is the bound, and the best of three is measured."""
    took = timeit.repeat(load_catalog, timer=time.process_time, repeat=3, number=1)
    assert min(took) < 0.15


def test_the_packaged_catalog_is_one_file_per_category(catalog: Catalog) -> None:
    files = {path.stem for path in (packaged_catalog() / "controls").glob("*.yaml")}
    assert files == {control.category.lower().replace(" ", "-") for control in catalog.controls}


def test_every_requirement_listed_is_met_by_a_control(catalog: Catalog) -> None:
    """One that nothing meets belongs under `not_mapped`, where a reader sees that it is missing."""
    met = {(m.framework, ref) for control in catalog.controls for m in control.frameworks for ref in m.refs}
    assert met == {(f.id, requirement.id) for f in catalog.frameworks for requirement in f.requirements}


# What follows holds the catalog to the reference data beside the project, where there is any.


def beside(name: str) -> str:
    if not (SHARED / name).is_file():
        pytest.skip(f"there is no ../shared/{name} beside the project")
    return (SHARED / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reference() -> Any:
    return yaml.safe_load(beside("controls.yaml"))


@pytest.fixture(scope="module")
def reference_checks() -> Any:
    return yaml.safe_load(beside("checks.yaml"))["checks"]


MERGED = "document.policy.current"
"""One check of many documents here; a check for each of them in the reference."""


def reference_name(ref: CheckRef) -> str:
    """What the reference calls a check: one that counts for some subjects is a check of its own there."""
    return f"document.policy.{ref.subjects}" if ref.check == MERGED else ref.check


def relation(mapping: Mapping | None) -> dict[str, Any]:
    """A graded mapping as the reference writes it: what is not named has no relation."""
    row = {"relation": mapping.relation, "refs": list(mapping.refs), "note": mapping.note} if mapping else {"relation": "none"}
    return {key: value for key, value in row.items() if value}


def written_out(catalog: Catalog, control: Control) -> dict[str, Any]:
    """A control as the reference writes it, except for `check_counts`, which counts what is here."""
    mappings = {mapping.framework: mapping for mapping in control.frameworks}
    frameworks: dict[str, Any] = {name: list(mappings[name].refs) if name in mappings else [] for name in ("soc2", "hipaa")}
    return {name: getattr(control, name) for name in ("id", "category", "name", "method", "frequency")} | {
        "statement": control.promise,
        "frameworks": frameworks | {name: relation(mappings.get(name)) for name in GRADED},
        "freshness_days": control.fresh_for / timedelta(days=1),
        "evidence": list(control.evidence),
        "notes": list(control.notes),
        "commitments": [commitment.id for commitment in catalog.commitments if control.id in commitment.controls],
        "control_kind": control.kind,
        **{f"{role}_checks": [reference_name(r) for r in control.checks if r.role is role] for role in Role},
    }


def test_every_control_is_the_reference_s_field_by_field(catalog: Catalog, reference: Any) -> None:
    """Which commitments a control serves is not written there: it follows from the commitments, in their order."""
    expected = {row["id"]: {key: value for key, value in row.items() if key != "check_counts"} for row in reference["controls"]}
    assert {control.id: written_out(catalog, control) for control in catalog.controls} == expected


def test_every_commitment_is_the_reference_s_field_by_field(catalog: Catalog, reference: Any) -> None:
    fields = ("id", "source", "statement", "method", "controls", "checks", "note")
    assert {key for row in reference["commitments"] for key in row} == set(fields)
    assert [
        (one.id, one.source, one.promise, one.method, [*one.controls], [reference_name(ref) for ref in one.checks], one.note)
        for one in catalog.commitments
    ] == [tuple(row.get(key, "") for key in fields) for row in reference["commitments"]]


def test_every_framework_is_the_reference_s(catalog: Catalog, reference: Any) -> None:
    given = reference["frameworks"]
    found = {f.id: {r.id: {"title": r.title, "type": r.type} if r.type else r.title for r in f.requirements} for f in catalog.frameworks}
    assert found == {
        "soc2": given["soc2_criteria"],
        "hipaa": given["hipaa"],
        "fda_csa": {},
        "gamp5": given["gamp5_refs"],
        "cfr_part_11": given["part11_refs"],
    }
    assert [f.not_mapped for f in catalog.frameworks if f.not_mapped] == [tuple(given["soc2_not_mapped_here"])]


def test_the_counts_of_the_reference_follow_from_the_catalog(catalog: Catalog, reference: Any, reference_checks: Any) -> None:
    by_machine = {check["id"] for check in reference_checks if check["method"] in ("automated", "hybrid")}
    for row in reference["controls"]:
        checks = catalog.control(row["id"]).checks
        roles = Counter(ref.role for ref in checks)
        deciding = [reference_name(ref) in by_machine for ref in checks if ref.role is not Role.SUPPORTING]
        assert row["check_counts"] == {
            "primary": roles[Role.PRIMARY],
            "operating": roles[Role.OPERATING],
            "deciding_automated_or_hybrid": deciding.count(True),
            "deciding_document_or_attestation": deciding.count(False),
            "supporting": roles[Role.SUPPORTING],
        }


def test_every_check_has_the_controls_roles_and_commitments_of_the_reference(catalog: Catalog, reference_checks: Any) -> None:
    """The reference writes the relation at the check as well; the catalog writes it once, and it comes out the same."""
    every = {reference_name(ref) for one in (*catalog.controls, *catalog.commitments) for ref in one.checks}
    assert every == {check["id"] for check in reference_checks}
    roles = {(reference_name(ref), control.id, ref.role.value) for control in catalog.controls for ref in control.checks}
    assert roles == {(check["id"], row["control"], row["role"]) for check in reference_checks for row in check["controls"]}
    kept = {(reference_name(ref), commitment.id) for commitment in catalog.commitments for ref in commitment.checks}
    assert kept == {(check["id"], commitment) for check in reference_checks for commitment in check["commitments"]}
    for check in reference_checks:
        if check["id"].startswith("document.policy."):
            assert {row["control"] for row in check["controls"]} <= set(catalog.controls_of(MERGED))
            continue
        assert set(catalog.controls_of(check["id"])) == {row["control"] for row in check["controls"]}


def test_every_name_and_sentence_is_the_page_s_own(catalog: Catalog) -> None:
    """On the page a name is a line, and its sentence the next; `Risk Assessment` is a category too, so pairs of lines are compared."""
    page = beside("trust-center.txt").splitlines()
    pairs = set(pairwise(page))
    assert len(catalog.controls) == 50
    assert [control.id for control in catalog.controls if (control.name, control.promise) not in pairs] == []


def test_no_control_of_the_page_is_left_out(catalog: Catalog) -> None:
    """Below the last `Monitoring`, every line is a category, a name or a sentence of the catalog."""
    page = beside("trust-center.txt").splitlines()
    start = len(page) - page[::-1].index("Monitoring")
    known = {line for control in catalog.controls for line in (control.category, control.name, control.promise)}
    assert [line for line in page[start:] if line and line not in known] == []
