"""The page that an auditor opens: it needs nothing but itself, shows names and obeys none, and leaves nothing out."""

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from controlmon.engine.dossier import Day, Dossier
from controlmon.report import page
from controlmon.report.page import charts
from controlmon.report.places import population_files
from controlmon.report.table import visible
from tests.dossiers import CONCLUSIONS, NASTY, Company, empty, rich


class Read(HTMLParser):
    """A page as a browser reads it: elements with their attributes, text, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.raw: list[tuple[str, dict[str, str], str]] = []
        self._inside: tuple[str, dict[str, str]] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._inside = (tag, given) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw.append((*self._inside, data))
        else:
            self.texts.append(data)

    def having(self, name: str) -> list[str]:
        return [given[name] for _, given in self.elements if name in given]

    def json(self) -> dict[str, Any]:
        return {given["id"]: json.loads(text) for _, given, text in self.raw if given.get("type") == "application/json"}


def written(dossier: Dossier) -> str:
    out = io.StringIO()
    page.write(dossier, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def text() -> str:
    return written(rich())


@pytest.fixture(scope="module")
def read(text: str) -> Read:
    return Read(text)


def test_nothing_is_loaded(read: Read) -> None:
    """No address is fetched, no handler stands in the markup, no style in an attribute; every link stays in the bundle."""
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"iframe", "object", "embed", "base", "form", "img", "image", "use", "audio", "video"}
    assert not [
        name for _, given in read.elements for name in given if name.startswith("on") or name in ("src", "style", "srcset", "action")
    ]
    for href in read.having("href"):
        assert href.startswith("#") or href == "data:," or re.fullmatch(r"[\w.@~-]+(/[\w.@~-]+)*", href), href
    style = next(body for tag, _, body in read.raw if tag == "style")
    assert re.findall(r"url\(([^)]*)\)", style) == ["#hatch", "#half"]
    assert "@import" not in style


def test_the_policy_allows_this_style_and_this_script(read: Read) -> None:
    """By their hashes, and nothing else."""
    (policy,) = [given["content"] for tag, given in read.elements if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"]
    said = dict(part.split(" ", 1) for part in policy.split("; "))
    code = {("style" if tag == "style" else "script"): body for tag, given, body in read.raw if "type" not in given}
    assert set(code) == {"style", "script"}
    for what, body in code.items():
        assert said.pop(f"{what}-src") == f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
    assert said == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_names_are_shown_and_not_obeyed(text: str, read: Read) -> None:
    """As text, with what cannot be seen written out; scripts are those of the page and its rows."""
    shown = "\n".join(read.texts)
    for name in NASTY:
        assert visible(name) in shown
    assert "<script>alert" not in text
    assert not re.search(r"&lt;|&amp;|&#\d|<wbr>", shown)  # nothing was escaped twice
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\ud800-\udfff]", text)
    assert len([tag for tag, _ in read.elements if tag == "script"]) == len(read.json()) + 1
    text.encode()


def test_rows_cannot_end_their_element(read: Read) -> None:
    """JSON in the page has no sign that HTML reads, and gives the names back."""
    for _, given, body in read.raw:
        if "type" in given:
            assert not set("<>&") & set(body)
    rows = next(iter(read.json().values()))
    names = [rows["ids"][i][-n:] if isinstance(n, int) else n for i, n in enumerate(rows["names"])]
    assert {visible(name) for name in NASTY} <= set(names)


def test_every_control_commitment_check_and_population_is_there(read: Read) -> None:
    """Each with a place that links lead to; no place twice, no link astray."""
    dossier, ids = rich(), read.having("id")
    assert len(ids) == len(set(ids))
    expected = {f"control-{one.control.id}" for one in dossier.controls} | {
        f"commitment-{one.commitment.id}" for one in dossier.commitments
    }
    expected |= {f"check-{check}" for check in dossier.checks} | {f"population-{i}" for i in range(len(dossier.populations))}
    assert expected <= set(ids)
    assert {href[1:] for href in read.having("href") if href.startswith("#")} <= set(ids)
    assert set(population_files(dossier).values()) <= set(read.having("href"))
    assert set(CONCLUSIONS) == {given["data-conclusion"] for _, given in read.elements if "data-conclusion" in given}


def test_it_says_what_an_auditor_asks(text: str, read: Read) -> None:
    """Period, log, key, anchors, tail, limits; coverage, rate and its bound, and what was not seen."""
    shown = re.sub(r"\s+", " ", " ".join(read.texts))
    dossier = rich()
    for said in (dossier.key, dossier.root, "1 January 2026 to 31 December 2026, both included", "1,242", "anchored", *dossier.limits):
        assert said in shown
    assert "at most 0.21 % at 95 % confidence" in shown
    assert "8,652 of 8,760 expected runs performed" in shown
    assert "s3:GetBucketEncryption was denied" in shown
    assert "Root cause: A <b>template</b> was out of date. Response: =fixed(). Ticket: SEC-12. By Ann O'Hara" in shown
    assert text.startswith("<!DOCTYPE html>\n")
    assert ("html", {"lang": "en"}) in read.elements


def test_the_same_period_gives_the_same_bytes(text: str) -> None:
    """Twice."""
    assert written(rich()) == text


def test_a_log_without_anchors_says_so() -> None:
    """Aloud, at the top and in its section."""
    shown = " ".join(Read(written(Company().dossier(anchors=0))).texts)
    assert "not anchored" in shown
    assert "can replace the whole log" in shown


def test_an_empty_period_is_a_page_too() -> None:
    """Nothing is divided by nothing, and nothing is called passing."""
    read = Read(written(empty()))
    shown = " ".join(read.texts)
    assert "No check judged in this period" in shown
    assert {given["data-conclusion"] for _, given in read.elements if "data-conclusion" in given} == {"not tested"}
    assert read.json() == {}
    assert "None seen." in shown
    assert "The catalog holds no control." in Read(written(Company(controls=(), days=0).dossier(anchors=0))).texts


def test_no_deviation_is_left_out() -> None:
    """Fifty of two hundred are written out; the rest is in the page for its script, and the text says where all are."""
    dossier = Company(deviations=200).dossier()
    read = Read(written(dossier))
    rest = read.json()["rest"]
    (one,) = [one for one in dossier.controls if one.deviations]
    assert [d.id for d in one.deviations[50:]] == rest["of"][f"control-{one.control.id}"]
    assert {d.id for d in one.deviations[50:]} == set(rest["held"])
    assert "150 more are in " in "".join(read.texts)
    assert f"controls/{one.control.id}/deviations.csv" in read.having("href")


def test_each_subject_stands_with_what_was_said_of_it() -> None:
    """Once per population, with the last outcome by each check, those that left and those that came."""
    dossier = Company(subjects=30, deviations=12).dossier()
    rows = Read(written(dossier)).json()["rows-population-1"]
    assert len(rows["ids"]) == 31
    assert (rows["marks"][-2:], rows["marks"].count("-")) == ("ar", 29)
    said = dict(rows["checks"])
    assert said["aws.s3.bucket_encryption"][:8] == "fffffpup"
    assert said["aws.s3.bucket_encryption"][-1] == "-"


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (Day("2026-01-01"), "idle"),
        (Day("2026-01-01", expected=2, performed=2), "ok"),
        (Day("2026-01-01", expected=2, performed=2, unknown=1), "unknown"),
        (Day("2026-01-01", expected=2, performed=1, missed=1), "part"),
        (Day("2026-01-01", expected=2, missed=2), "none"),
        (Day("2026-01-01", expected=2, performed=1, missed=1, failing=3), "fail"),
    ],
)
def test_a_day_is_as_bad_as_its_worst(day: Day, state: str) -> None:
    """What failed outweighs what was not performed, and that what could not be judged."""
    assert charts.state(day) == state


def test_a_calendar_has_a_square_for_each_day() -> None:
    """In weeks from Monday on; each with its words; and the whole in words for who does not see it."""
    drawn = charts.calendar(rich().controls[1].coverage.days)
    assert len(drawn.cells) == 365
    assert len({(cell.x, cell.y) for cell in drawn.cells}) == 365
    assert drawn.cells[0].y == charts.TOP + 3 * charts.PITCH  # the first of January 2026 is a Thursday
    assert [name for _, name in drawn.months][:2] == ["Jan 2026", "Feb"]
    assert sum(drawn.counts.values()) == 365
    assert "no expected run performed" in drawn.summary
    assert len(charts.strip(rich().controls[1].coverage.days)) <= 60


def test_a_bar_is_where_its_deviation_is() -> None:
    """Within the period, and never too short to be seen."""
    dossier = rich()
    for d in dossier.controls[1].deviations:
        x, width = charts.bar(d, dossier)
        assert x >= 0
        assert width >= 8
        assert x + width <= 1000
        assert d.ended is not None or x + width == 1000


@pytest.mark.slow
def test_a_large_period_stays_small() -> None:
    """Ten thousand resources a population, a year of days."""
    assert len(written(Company(subjects=10_000).dossier())) < 3_000_000
