"""JUnit XML, so that a pipeline shows findings where it shows tests."""

import re
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
    out.write(
        f' tests="{sum(counts.values())}" failures="{counts["fail"]}" errors="{counts["unknown"]}" skipped="{counts["not_applicable"]}">\n'
    )
    for (check, scope), findings in groupby(report.findings(), key=lambda f: (f.check, str(f.subject.scope))):
        out.write(f" <testsuite name={_attribute(check)} package={_attribute(scope)}>\n")
        for finding in findings:
            _case(finding, report.told(check).remediation, out)
        out.write(" </testsuite>\n")
    out.write("</testsuites>\n")


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
