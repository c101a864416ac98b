"""`status`, `controls show` and `report html` on a small record: by category, by framework, and as a page."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.test_run import CHECK, output
from tests.twins.aws import AwsTwin

CONTROL = "encryption-and-key-management-policy"


def test_the_table_goes_by_category(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Each category is a heading, with its controls below; the commitments come last."""
    output(capsys, "run", CHECK)
    _, out, _ = output(capsys, "status")
    headings = [line.strip() for line in out.splitlines() if line.strip() in ("Access Security", "Availability", "commitment")]
    assert headings == ["Access Security", "Availability", "commitment"]
    assert out.index("unique-access-ids") < out.index("business-continuity-and-disaster-recovery-policy")
    rows = json.loads(output(capsys, "status", "--format", "json")[1])
    assert len(rows) == 95


def test_by_framework(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Each requirement has the worst state of its controls; a framework that is not there names those that are, with exit code 2."""
    output(capsys, "run", CHECK)
    states = {row["id"]: row["state"] for row in json.loads(output(capsys, "status", "--controls", "--format", "json")[1])}
    code, out, _ = output(capsys, "status", "--framework", "hipaa", "--format", "json")
    told = {row["requirement"]: row for row in json.loads(out)}
    assert len(told) > 40
    for row in told.values():
        for named in filter(None, row["controls"].split(", ")):
            control, _, state = named.partition(" ")
            assert states[control] == state
    assert code in (1, 3)
    code, _, err = output(capsys, "status", "--framework", "iso")
    assert (code, "soc2, hipaa, fda-csa, gamp5" in err) == (2, True)


def test_one_control(twin: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Promise, procedure, what fails and what to do about it, and the days before."""
    output(capsys, "run", CHECK)
    _, out, _ = output(capsys, "controls", "show", CONTROL)
    text = " ".join(out.split())
    for part in ("Why", "What fails, and what could not be seen", "Procedure", "How it went", "Meets"):
        assert f"\n{part}\n" in out
    assert re.search(r"high: artemis-bad in aws:123456789012: ", text)
    assert f"operating {CHECK}: 1 pass, 1 fail, seen " in text
    assert "findings: 1 failing" in text


class Page(HTMLParser):
    """What a page holds: its ids, its links, its tags, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given[name] or "" for name in ("href", "src") if given.get(name)]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One file without a script: every control and commitment once, links that lead somewhere, and names of resources as text."""
    twin.client("s3").create_bucket(Bucket="artemis-x")
    output(capsys, "run", CHECK)
    assert output(capsys, "report", "html", "-o", str(tmp_path / "board.html"))[0] == 0
    text = (tmp_path / "board.html").read_text()
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert len([one for one in page.ids if one.startswith("faq.")]) == 45
    assert not {"script", "iframe", "form", "img"} & page.tags
    assert {link for link in page.links if not link.startswith(("#", "data:"))} == set()
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert "artemis-bad" in page.text
    assert "default-src 'none'" in unescape(text)
    code, _, err = output(capsys, "report", "html", "-o", str(tmp_path / "no" / "such" / "place.html"))
    assert (code, "No such file" in err) == (2, True)
