"""What a page shows, to the word: text, dates, lists, statuses, and how it is written down."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.collect.document.fetch import decoded
from controlmon.collect.document.markup import Markup
from controlmon.collect.document.shown import listed, shown, statuses, updated


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Last updated: January 31, 2026", "2026-01-31"),
        ("last updated on 31 January 2026.", "2026-01-31"),
        ("Last Modified \u2013 2026-01-31", "2026-01-31"),
        ("Last revised Jan. 31st, 2026", "2026-01-31"),
        ("Effective Date: Sept 1, 2025. Last updated: 2026/01/31", "2026-01-31"),
        ("Effective as of June 1, 2025", "2025-06-01"),
        ("Updated February 30, 2026", None),
        ("Last updated: 31.01.2026", None),
    ],
)
def test_the_day_of_the_last_update(said: str, day: str | None) -> None:
    """The usual ways to write it; a day that is none, or that may be two, is told and not guessed."""
    assert (updated(f"Terms. {said} We") or {})["day"] == day


def test_no_day_at_all() -> None:
    """A page that says nothing of an update, and one that speaks of updates in another way."""
    assert (updated("Privacy"), updated("We updated our terms on request of 3 users")) == (None, None)


TABLE = "<table><tr><th>Country</th><th>Sub-processor</th></tr><tr><td>US</td><td>{}</td></tr></table>"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (TABLE.format("AWS, Inc. (hosting)"), ["AWS, Inc."]),
        (TABLE.format("<b>Office</b> 365 \u2014 mail"), ["Office 365"]),
        ("<table><tr><th>Name<tr><td>B<tr><td>A<td>x</table>", ["A", "B"]),
        ("<table><tr><th>Name<tr><td>A<table><tr><td>x</table><tr><td>B</table>", ["A", "B"]),
        ("<h2>Our Subprocessors</h2><ul><li><b>AWS</b>: cloud<li>Datadog - logs</ul><h2>Links</h2><ul><li>Home</ul>", ["AWS", "Datadog"]),
        ("<ul><li>Home</li></ul>", []),
        ("<table><tr><th>Cookie<tr><td>id</table>", []),
        (f"<template>{TABLE.format('X')}</template>", []),
    ],
)
def test_lists_of_subprocessors(body: str, names: list[str]) -> None:
    """A table with a column of names, with or without the tags that HTML lets one leave out, or a list under its heading; nothing else."""
    assert listed(Markup(body), body) == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('["B", "A"]', ["A", "B"]),
        ('{"updated": "2026", "data": [{"name": "AWS", "x": 1}, {"subprocessor": "Jira"}, {"y": 1}, 5]}', ["AWS", "Jira"]),
        ("{}", []),
        ("{", []),
        ("5", []),
        ("[" * 100_000, []),
    ],
)
def test_lists_in_json(body: str, names: list[str]) -> None:
    """An API's answer, as far as it names anything; what is no JSON lists nobody."""
    assert listed(None, body) == names


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        ('{"mfa": "passing", "n": 1}', {"mfa": "passing"}),
        ('{"controls": [{"id": "mfa", "status": "passing"}, {"id": "x"}, 5]}', {"mfa": "passing"}),
        ("[]", {}),
        ("5", {}),
        ("<html>", {}),
    ],
)
def test_a_page_of_statuses(body: str, shows: dict[str, str]) -> None:
    """What it shows of each control; what is no such page shows nothing."""
    assert statuses(body) == shows
    assert shown(body, "application/json", (), "status")["statuses"] == shows


def test_what_a_visitor_reads() -> None:
    """Scripts, styles and hints to turn on scripts are not read; entities and white space are what they stand for; words are not cut."""
    body = (
        "<title>T &amp; C</title><style>a{}</style><p>Ein&nbsp;W<b>or</b>t<noscript>No</noscript><script>var x='<p>y'</script><li>e\u0301"
    )
    said: dict[str, Any] = shown(body, "text/html", ["t & c", "ein wort", "y"], "other")
    assert Markup(body).text == "Ein Wort \u00e9"
    assert said["markers"] == {"ein wort": True, "t & c": True, "y": False}
    assert (said["words"], said["scripts"]) == (3, 1)


def test_ways_to_be_told() -> None:
    """A form, a feed, a link by its words or its address."""
    for body, way in (("<input type=email>", "form"), ("<link rel=alternate type=application/rss+xml>", "feed"),
                      ("<a href=/x>Subscribe</a>", "link"), ("<a href=/rss>here</a>", "link")):  # fmt: skip
        assert Markup(body).subscribe == {way}
    assert Markup("<a href=/x>Home</a> subscribe <input type=text>").subscribe == set()


def test_encodings() -> None:
    """The header's word, a mark, the page's own word, and UTF-8; a name of none is passed over."""
    assert decoded("\u00e9".encode("latin-1"), "latin-1") == "\u00e9"
    assert decoded(b"\xef\xbb\xbf\xc3\xa9", None) == "\u00e9"
    assert decoded(b"<meta charset='iso-8859-1'>\xe9", None).endswith("\u00e9")
    assert decoded(b"\xc3\xa9\xff", "no-such") == "\u00e9\ufffd"


@given(
    st.lists(
        st.sampled_from(
            ["<table>", "</table>", "<tr>", "<td>", "</td>", "<ul>", "<li>", "</ul>", "<h1>", "</h1>", "<svg>", "x", "</svg>", "<th>Name"]
        )
    )
)
def test_any_soup_can_be_read(parts: list[str]) -> None:
    """Whatever is open or closed in whatever order, something is read, and nothing is raised."""
    assert isinstance(shown("".join(parts), "text/html", ["x"], "subprocessors")["listed"], list)
