"""The upper bound of a rate of deviations: exact, and the figures that auditors know."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlmon.engine.rate import at_most, rate_of, upper_bound


@pytest.mark.parametrize(
    ("deviating", "of", "upper"),
    [(0, 25, 0.1129), (0, 60, 0.0487), (0, 59, 0.0495), (1, 60, 0.0766), (2, 60, 0.1012), (1, 25, 0.1761), (3, 100, 0.0757), (0, 1, 0.95)],
)
def test_known_values(deviating: int, of: int, upper: float) -> None:
    """One-sided 95 % bounds as tables of attribute sampling print them."""
    assert round(upper_bound(deviating, of), 4) == pytest.approx(upper, abs=1e-4)


@settings(deadline=None)
@given(st.integers(1, 120), st.data())
def test_it_is_where_so_few_are_seen_once_in_twenty(of: int, data: st.DataObject) -> None:
    """At the bound the binomial tail, summed in whole numbers, is 1/20: a little below more, a little above less."""
    deviating = data.draw(st.integers(0, of - 1))
    upper = upper_bound(deviating, of)

    def tail(rate: Fraction) -> Fraction:
        return sum((comb(of, i) * rate**i * (1 - rate) ** (of - i) for i in range(deviating + 1)), Fraction(0))

    step = Fraction(1, 10**9)
    rate = Fraction(upper).limit_denominator(10**12)
    assert tail(rate - step) > Fraction(1, 20) > tail(min(rate + step, Fraction(1)))


def test_the_closed_form_without_deviations() -> None:
    """0 in n: 1 - 0.05 ** (1/n), for as many as a year of hourly runs of sixty checks."""
    for of in (1, 7, 365, 8_760, 525_600):
        assert upper_bound(0, of) == pytest.approx(1 - 0.05 ** (1 / of), rel=1e-6)


def test_many() -> None:
    """Half of half a million: close above one half, by the normal law."""
    assert upper_bound(250_000, 500_000) == pytest.approx(0.5 + 1.6449 * (0.25 / 500_000) ** 0.5, abs=3e-6)
    assert at_most(250_000, 500_000, 0.5) == pytest.approx(0.5, abs=2e-3)


def test_nothing_performed_bounds_nothing() -> None:
    """No performance, or nothing but deviations: any rate is possible. More deviations than performances are a mistake."""
    assert (upper_bound(0, 0), upper_bound(3, 3)) == (1.0, 1.0)
    assert (rate_of(0, 0).rate, rate_of(1, 4).rate) == (None, 0.25)
    with pytest.raises(ValueError, match="4 deviations in 3"):
        upper_bound(4, 3)
