"""The table that a person reads: failures first, nothing cut, nothing obeyed."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from controlmon.core.finding import Finding
from controlmon.report import table
from controlmon.report.model import RunReport
from tests.report.conftest import ENCRYPTION, TRAILS, finding, report_of

GOLDEN = """\
FAIL 2
severity   check                                 subject                       because
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
critical   aws.cloudtrail.multi_region_logging   trail                         it logs in one region
                                                 123456789012 us-east-1
high       aws.s3.bucket_encryption              bad                           new objects use AES256; aws:kms required
                                                 123456789012 eu-west-1

UNKNOWN 1
"""


class Terminal(io.StringIO):
    """A terminal, as far as a program can tell."""

    def isatty(self) -> bool:
        return True


def shown(report: RunReport, width: int | None = None) -> str:
    out = io.StringIO()
    table.write(report, out, width=width)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def test_failures_first_and_the_worst_of_them(few: list[Finding]) -> None:
    """Then what was not seen, then the rest of a short run; last the counts."""
    text = shown(report_of(few), 120)
    assert [line for line in text.splitlines() if line.split(" ")[0].isupper()] == ["FAIL 2", "UNKNOWN 1", "PASS 1", "NOT APPLICABLE 1"]
    assert text.splitlines()[-1] == "1 pass, 2 fail, 1 unknown, 1 not applicable; 3 subjects of 1 kind, run 20261123T120000Z-0a1b2c3d"
    first = text.index("critical")
    assert first < text.index("high") < text.index("UNKNOWN")


@pytest.mark.parametrize("width", [80, 120, 160, 200])
def test_every_word_fits_in_every_width(few: list[Finding], width: int) -> None:
    """No line is wider than the terminal but for the last, which is not to be broken; accounts and regions are never torn."""
    lines = shown(report_of(few), width).splitlines()
    assert all(cell_len(line) <= width for line in lines[:-1])
    assert sum("123456789012 eu-west-1" in line for line in lines) == 3


def test_a_table_of_120_columns(few: list[Finding]) -> None:
    """As it is."""
    assert shown(report_of(few), 120).startswith(GOLDEN)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_long_name_is_folded_and_not_cut(width: int) -> None:
    """Every character of it is there."""
    text = shown(report_of([finding(ENCRYPTION, "fail", "high", "é" * 300, "ü" * 300)]), width)
    assert (text.count("é"), text.count("ü"), "…" in text) == (300, 300, False)
    assert shown(report_of([finding("aws.svc." + "q" * 90, "pass", "high", "x", "so it is")]), width).count("q") == 90


def test_the_remediation_once_for_each_check_that_fails() -> None:
    """Not for each bucket, and not for what is only unknown."""
    found = [finding(ENCRYPTION, "fail", "high", f"b{i}", "so it is") for i in range(5)] + [
        finding(TRAILS, "unknown", "high", "t", "denied")
    ]
    text = shown(report_of(found), 120)
    assert text.count("Set the bucket's default encryption to SSE-KMS.") == 1
    assert "Make the trail" not in text


def test_passes_of_a_long_run_are_only_counted() -> None:
    """A person came for the failures."""
    found = [finding(ENCRYPTION, "pass", "high", f"b{i}", "so it is") for i in range(table.FEW)]
    assert "PASS" in shown(report_of(found))
    text = shown(report_of([*found, finding(ENCRYPTION, "fail", "high", "bad", "so it is")]))
    assert "PASS" not in text
    assert f"{table.FEW} pass, 1 fail" in text


def test_more_than_a_terminal_holds() -> None:
    """The worst are shown, wherever they stand in the record, and the rest is counted."""
    found = [finding(ENCRYPTION, "fail", "low", f"low{i}", "so it is") for i in range(table.SHOWN + 5)]
    text = shown(report_of([*found, finding(ENCRYPTION, "fail", "critical", "worst", "so it is")]))
    assert "worst" in text
    assert text.count("so it is") == table.SHOWN
    assert "... and 6 more: --format csv or json shows all of them" in text


def test_nothing_at_all() -> None:
    """Counts of nothing, and no empty tables."""
    assert shown(report_of([], populations=())) == (
        "0 pass, 0 fail, 0 unknown, 0 not applicable; 0 subjects of 0 kinds, run 20261123T120000Z-0a1b2c3d\n"
    )


@pytest.mark.parametrize(("code", "means"), [(0, "everything was seen"), (1, "something failed"), (3, "something is unknown"), (None, "")])
def test_what_the_exit_code_means(few: list[Finding], code: int | None, means: str) -> None:
    """The last line, if the command answers with one."""
    last = shown(report_of(few, exit_code=code)).splitlines()[-1]
    assert last.startswith(f"exit code {code}: ") is (code is not None)
    assert means in last


def test_where_it_was_recorded_is_not_broken(few: list[Finding]) -> None:
    """A path in two lines cannot be copied."""
    place = "/var/lib/" + "very/" * 30 + "long (entry 12, root 0123456789abcdef)"
    assert f"recorded: {place}" in shown(report_of(few, recorded=place), 80).splitlines()


# Names that others chose


@pytest.mark.parametrize(
    ("name", "visible"),
    [
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("a\nFAIL 0", "a\\u000aFAIL 0"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\u009b31m"),
        ("a\r\x08b", "a\\u000d\\u0008b"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud83d", "half \\ud83d"),
        ("[red]x[/red] [/]", "[red]x[/red] [/]"),
        (":warning:", ":warning:"),
        ("日本語", "日本語"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(name: str, visible: str) -> None:
    """Escapes, markup, emoji codes, marks that turn the writing round: they are text."""
    text = shown(report_of([finding(ENCRYPTION, "fail", "high", name, f"because of {name}")]), 200)
    assert text.count(visible) == 2


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_control_character_reaches_the_terminal(name: str, reason: str) -> None:
    """Whatever the names are."""
    text = shown(report_of([finding(ENCRYPTION, "fail", "high", name, reason)]), 120)
    assert all(c.isprintable() or c == "\n" for c in text)


def test_colours_are_for_terminals(few: list[Finding], monkeypatch: pytest.MonkeyPatch) -> None:
    """Piped, there are none."""
    for variable in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b" not in shown(report_of(few))
    out = Terminal()
    table.write(report_of(few), out)
    assert "\x1b[" in out.getvalue()
