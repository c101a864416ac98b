"""Samples: anyone who has the population and the seed's source draws the same items, and nobody chooses them."""

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.engine.sample import Frame, risk_of, size_of


def test_it_is_drawn_as_the_workbook_says() -> None:
    """Written again here from the words alone: digest, seed, ranks, the lowest of them."""
    lines = [f"{n}" for n in range(500)]
    digest = "sha256:" + hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()
    seed = hashlib.sha256(f"controlmon sample v1\nmfa\n{digest}\nauditor 42\n".encode()).digest()
    ranks = sorted((hmac.new(seed, line.encode(), "sha256").hexdigest(), line) for line in lines)
    frame = Frame(reversed(lines))
    assert (frame.digest, frame.seed("mfa", "auditor 42")) == (digest, seed)
    assert frame.draw(seed, 25) == ranks[:25]


@given(lines=st.sets(st.text(max_size=8), max_size=60), size=st.integers(1, 80))
def test_each_item_is_drawn_once_and_all_if_there_are_few(lines: set[str], size: int) -> None:
    """No item twice, none from outside, and never fewer than asked while there are more."""
    frame = Frame(lines)
    drawn = [line for _, line in frame.draw(frame.seed("x", "y"), size)]
    assert len(drawn) == len(set(drawn)) == min(size, len(lines))
    assert set(drawn) <= lines


def test_another_population_control_or_source_gives_another_seed() -> None:
    """Whoever adds one item to the population, or one letter to the source, gets other items."""
    seeds = {
        Frame(["a", "b"]).seed("mfa", "x"),
        Frame(["a", "b", "c"]).seed("mfa", "x"),
        Frame(["a", "b"]).seed("tls", "x"),
        Frame(["a", "b"]).seed("mfa", "y"),
    }
    assert len(seeds) == 4


def test_no_item_is_favoured() -> None:
    """Over 2,000 seeds each of ten items is drawn about as often as any other."""
    frame = Frame(f"{n}" for n in range(10))
    drawn = Counter(line for n in range(2000) for _, line in frame.draw(frame.seed("x", f"{n}"), 3))
    assert all(480 < count < 720 for count in drawn.values())
    assert len(drawn) == 10


@pytest.mark.parametrize(
    ("frequency", "risk", "size"),
    [("annual", "high", 1), ("quarterly", "high", 4), ("monthly", "low", 2), ("weekly", "moderate", 9), ("daily", "medium", 30),
     ("hourly", "critical", 60), ("hourly", "informational", 25)],
)  # fmt: skip
def test_the_usual_sizes(frequency: str, risk: str, size: int) -> None:
    """By frequency and risk, or the severity that stands for it."""
    assert size_of(frequency, risk) == size


def test_the_risk_is_that_of_the_worst_check() -> None:
    """One critical check makes it high; of nothing known it is high, not low."""
    assert [risk_of(several) for several in (["low", "critical"], ["medium", "low"], ["low"], [], [""])] == [
        "high", "moderate", "low", "high", "high",
    ]  # fmt: skip
