"""How sure a count of deviations makes us: the exact upper bound of their rate (Clopper and Pearson, Biometrika 26, 1934)."""

from math import exp, lgamma, log, log1p

from controlmon.engine.dossier import Rate

CONFIDENCE = 0.95
HALVINGS = 60


def rate_of(deviating: int, of: int) -> Rate:
    """The rate with its one-sided 95 % upper bound."""
    return Rate(deviating, of, upper_bound(deviating, of))


def upper_bound(deviating: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The rate above which so few deviations would be seen with a probability of at most 1 - `confidence`: 0 in 60 gives 0.0487.

    Where nothing was performed, or all of it deviated, it is 1. Raises `ValueError` if there are more deviations than performances.
    """
    if not 0 <= deviating <= of:
        raise ValueError(f"{deviating} deviations in {of} performances")
    if deviating == of:
        return 1.0
    low, high = deviating / of, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if at_most(deviating, of, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def at_most(deviating: int, of: int, rate: float) -> float:
    """The probability of at most so many deviations, given a rate above deviating / of: terms fall from the last to the first."""
    if rate >= 1:
        return 0.0
    first = lgamma(of + 1) - lgamma(deviating + 1) - lgamma(of - deviating + 1)
    term = total = 1.0
    for i in range(deviating, 0, -1):
        term *= i / (of - i + 1) * (1 - rate) / rate
        total += term
        if term < total * 1e-17:
            break
    return exp(first + (deviating * log(rate) if deviating else 0.0) + (of - deviating) * log1p(-rate)) * total
