"""A run as JSON, CSV and JUnit: whole, valid, and harmless whatever resources are called."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.fact import Gap, GapKind, Population
from controlmon.core.finding import Finding
from controlmon.report import csv_, json_, junit, table
from controlmon.report.model import RunReport
from tests.report.conftest import ENCRYPTION, REGION, TRAILS, WIDE, Sink, finding, report_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "=1+1",
        '=HYPERLINK("http://x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        '"',
        ",",
        "a,b",
        "</testcase>",
        "]]>",
        "&amp;",
        "\x00\x1b[2J",
    ]
)


def written(write: Callable[..., None], report: RunReport) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


# JSON


def test_the_document_of_the_design(few: list[Finding]) -> None:
    """Member by member."""
    said = json.loads(written(json_.write, report_of(few)))
    assert list(said) == ["run", "findings", "populations", "gaps", "summary"]
    assert said["run"] == {
        "id": "20261123T120000Z-0a1b2c3d",
        "started_at": "2026-11-23T12:00:00.000Z",
        "finished_at": "2026-11-23T12:00:02.500Z",
        "version": "0.1.0",
    }
    assert said["findings"][1] == {
        "check": ENCRYPTION,
        "outcome": "fail",
        "severity": "high",
        "reason": "new objects use AES256; aws:kms required",
        "subject": {
            "provider": "aws",
            "target": "123456789012",
            "region": "eu-west-1",
            "type": "aws.s3.bucket",
            "id": "arn:aws:s3:::bad",
            "name": "bad",
        },
        "controls": ["encryption-policy", "keys"],
        "excepted": None,
        "observed_at": "2026-11-23T12:00:00.000Z",
        "facts": ["sha256:" + "a" * 64],
    }
    assert said["populations"] == [{"kind": "aws.s3.bucket", "target": "123456789012", "region": "", "count": 3, "complete": True}]
    assert said["summary"] == {"pass": 1, "fail": 2, "unknown": 1, "not_applicable": 1}


def test_gaps_and_incomplete_populations_are_told(few: list[Finding]) -> None:
    """Where, what, why, and the permission that it needs."""
    cut = Gap(GapKind.TRUNCATED, "s3:ListBuckets")
    said = json.loads(written(json_.write, report_of(few, populations=(Population("aws.s3.bucket", WIDE, 3, complete=False, gap=cut),))))
    (gap,) = said["gaps"]
    assert (gap["where"], gap["what"], gap["kind"]) == ("arn:aws:s3:::shy", "aws.s3.bucket.encryption", "denied")
    assert gap["needs"] == ["s3:GetEncryptionConfiguration"]
    assert said["populations"][0]["complete"] is False
    assert said["populations"][0]["gap"] == {"kind": "truncated", "operation": "s3:ListBuckets"}


def test_a_subject_with_a_region_of_its_own(few: list[Finding]) -> None:
    """It is told, rather than that of the scope; a finding about a scope rests on no fact, so it was observed at no time."""
    trail, scope = json.loads(written(json_.write, report_of(few)))["findings"][3:]
    assert (trail["subject"]["region"], trail["controls"]) == ("us-east-1", [])
    assert (scope["subject"]["type"], scope["observed_at"], scope["facts"]) == ("scope", None, [])


def test_an_empty_run_is_a_document_too() -> None:
    """Valid, with its counts."""
    said = json.loads(written(json_.write, report_of([], gaps=lambda: iter(()), populations=())))
    assert (said["findings"], said["gaps"], said["populations"]) == ([], [], [])
    assert said["summary"] == {"pass": 0, "fail": 0, "unknown": 0, "not_applicable": 0}


def test_a_check_that_is_not_installed_any_more(few: list[Finding]) -> None:
    """Its findings are reported all the same."""
    report = report_of(few, checks={})
    assert {tuple(f["controls"]) for f in json.loads(written(json_.write, report))["findings"]} == {()}
    for write in (csv_.write, junit.write, table.write):
        assert ENCRYPTION in written(write, report)


# CSV


def rows(report: RunReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(csv_.write, report), newline="")))


def test_a_row_for_each_finding(few: list[Finding]) -> None:
    """Passes too, with all that JSON has."""
    said = rows(report_of(few))
    assert [row["outcome"] for row in said] == ["pass", "fail", "unknown", "fail", "not_applicable"]
    assert said[1] == {
        "outcome": "fail",
        "severity": "high",
        "check": ENCRYPTION,
        "provider": "aws",
        "target": "123456789012",
        "region": "eu-west-1",
        "type": "aws.s3.bucket",
        "id": "arn:aws:s3:::bad",
        "name": "bad",
        "reason": "new objects use AES256; aws:kms required",
        "controls": "encryption-policy keys",
        "observed_at": "2026-11-23T12:00:00.000Z",
        "facts": "sha256:" + "a" * 64,
        "excepted": "",
    }


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"])
def test_no_cell_begins_a_formula(name: str) -> None:
    """An apostrophe makes it text, in every column."""
    (row,) = rows(report_of([finding(ENCRYPTION, "fail", "low", name, name, id=name)]))
    assert (row["name"], row["reason"], row["id"]) == (f"'{name}",) * 3


@given(st.lists(NAMES, max_size=5))
def test_names_come_back_as_they_were(names: list[str]) -> None:
    """But for the apostrophe, through quotes, commas and ends of lines."""
    found = [finding(ENCRYPTION, "pass", "low", name, "so it is") for name in names]
    told = [row["name"] for row in rows(report_of(found))]
    assert [t if t == n else t.removeprefix("'") for t, n in zip(told, names, strict=True)] == names
    assert not any(t.startswith(csv_.FORMULA) for t in told)


# JUnit


def test_a_case_for_each_subject(few: list[Finding]) -> None:
    """A failure is a failure, an unknown an error, what does not apply is skipped."""
    root = ET.fromstring(written(junit.write, report_of(few)))
    assert (root.tag, root.attrib) == (
        "testsuites",
        {"name": "controlmon", "tests": "5", "failures": "2", "errors": "1"},
    )
    suites = [(suite.attrib["name"], suite.attrib["package"], len(suite)) for suite in root]
    assert suites == [(ENCRYPTION, str(REGION), 3), (TRAILS, str(WIDE), 2)]
    good, bad, shy, trail, none = root.iter("testcase")
    assert [[child.tag for child in case] for case in (good, bad, shy, trail, none)] == [
        [],
        ["failure"],
        ["error"],
        ["failure"],
        ["skipped"],
    ]
    assert bad.attrib == {"classname": ENCRYPTION, "name": "arn:aws:s3:::bad"}
    assert (bad[0].attrib, bad[0].text) == (
        {"message": "new objects use AES256; aws:kms required", "type": "high"},
        "Set the bucket's default encryption to SSE-KMS.",
    )
    assert "grant s3:GetEncryptionConfiguration" in shy[0].attrib["message"]


@given(NAMES, NAMES)
def test_any_name_is_well_formed(name: str, reason: str) -> None:
    """What XML 1.0 does not allow is replaced; the rest comes back."""
    root = ET.fromstring(written(junit.write, report_of([finding(ENCRYPTION, "fail", "low", name, reason, id=name)])))
    (case,) = root.iter("testcase")
    assert case.attrib["name"] == junit.ILLEGAL.sub("\ufffd", name)
    assert case[0].attrib["message"] == junit.ILLEGAL.sub("\ufffd", reason)


def test_half_a_character_is_replaced() -> None:
    """A lone surrogate is no text, and nothing could be encoded after it."""
    text = written(junit.write, report_of([finding(ENCRYPTION, "fail", "low", "x", "half \ud83d", id="\udcff")]))
    assert ET.fromstring(text.encode()).find(".//failure").attrib["message"] == "half \ufffd"  # type: ignore[union-attr]


# All of them


@given(st.lists(st.tuples(NAMES, NAMES), max_size=4))
def test_json_gives_every_name_back(said: list[tuple[str, str]]) -> None:
    """Unchanged: JSON needs no disguise."""
    found = [finding(ENCRYPTION, "fail", "low", name, reason, id=name) for name, reason in said]
    document = json.loads(written(json_.write, report_of(found)))
    assert [(f["subject"]["name"], f["reason"]) for f in document["findings"]] == said


@pytest.mark.slow
@pytest.mark.parametrize("write", [json_.write, csv_.write, junit.write, table.write], ids=["json", "csv", "junit", "table"])
def test_memory_is_flat(write: Callable[..., None], many: Callable[[], Iterator[Finding]], sink: Sink) -> None:
    """Twenty thousand findings need what a few need."""
    report = report_of(many, outcomes={"pass": 6_668, "fail": 6_666, "unknown": 6_666, "not_applicable": 0})
    tracemalloc.start()
    try:
        write(report, sink)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
    assert sink.size > (10_000 if write is table.write else 2_000_000)


def test_a_report_may_be_written_twice(few: list[Finding]) -> None:
    """Findings are read anew each time."""
    report = report_of(few)
    writers: list[Any] = [json_.write, csv_.write, junit.write, table.write]
    for write in writers:
        assert written(write, report) == written(write, report)
