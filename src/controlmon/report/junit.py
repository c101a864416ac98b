"""JUnit XML, so that a pipeline shows findings where it shows tests."""

import re
from collections import Counter
from itertools import groupby
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.report.model import RunReport

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENT = {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.NOT_APPLICABLE: "skipped"}


def write(report: RunReport, out: TextIO) -> None:
    """Write a suite for each check and scope, and a case for each subject: fail is `failure`, unknown is `error`."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="controlmon"')
    counts = report.outcomes
    out.write(f' tests="{sum(counts.values())}" failures="{counts["fail"]}" errors="{counts["unknown"]}">\n')
    totals = [Counter(f.outcome for f in findings) for _, findings in groupby(report.findings(), key=_suite)]
    for ((check, scope), findings), total in zip(groupby(report.findings(), key=_suite), totals, strict=True):
        numbers = {
            "tests": total.total(),
            "failures": total[Outcome.FAIL],
            "errors": total[Outcome.UNKNOWN],
            "skipped": total[Outcome.NOT_APPLICABLE],
        }
        out.write(f" <testsuite name={_attribute(check)} package={_attribute(scope)}")
        out.write("".join(f' {name}="{number}"' for name, number in numbers.items()) + ">\n")
        for finding in findings:
            _case(finding, report.told(check).remediation, out)
        out.write(" </testsuite>\n")
    out.write("</testsuites>\n")


def _suite(finding: Finding) -> tuple[str, str]:
    return finding.check, str(finding.subject.scope)


def _case(finding: Finding, remediation: str, out: TextIO) -> None:
    out.write(f"  <testcase classname={_attribute(finding.check)} name={_attribute(finding.subject.id)}")
    element = ELEMENT.get(finding.outcome)
    if element is None:
        out.write("/>\n")
        return
    body = escape(_legal(remediation)) if finding.outcome is Outcome.FAIL else ""
    out.write(f'>\n   <{element} message={_attribute(finding.reason)} type="{finding.severity.value}">{body}</{element}>\n  </testcase>\n')


def _attribute(text: str) -> str:
    return quoteattr(_legal(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _legal(text: str) -> str:
    """Text without the characters that XML 1.0 does not allow (section 2.2)."""
    return ILLEGAL.sub("\ufffd", text)
