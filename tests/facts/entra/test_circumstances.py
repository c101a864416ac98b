"""What policies leave open, against going through every circumstance one by one."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from controlmon.facts.entra.conditional_access.circumstances import Box, left_open, minus

WHOLE: Box = {"a": frozenset("xyz"), "b": frozenset("pq"), "c": frozenset("12")}
boxes = st.fixed_dictionaries({name: st.frozensets(st.sampled_from(sorted(values))) for name, values in WHOLE.items()})


def points(box: Box) -> set[tuple[str, ...]]:
    return set(product(*(sorted(box[name]) for name in WHOLE)))


@given(st.lists(boxes, max_size=6))
def test_left_open_is_what_no_cut_covers(cuts: list[Box]) -> None:
    """Nothing is left if and only if every circumstance is in some cut; what is left is in none."""
    uncovered = points(WHOLE) - {point for cut in cuts for point in points(cut)}
    left = left_open(WHOLE, cuts)
    assert (left is None) == (not uncovered)
    assert left is None or (points(left) and points(left) <= uncovered)


@given(boxes, boxes)
def test_minus_loses_nothing_and_repeats_nothing(box: Box, cut: Box) -> None:
    """The pieces are what the box has and the cut has not, each once."""
    pieces = [points(piece) for piece in minus(box, cut)]
    assert set().union(*pieces) == points(box) - points(cut)
    assert sum(map(len, pieces)) == len(points(box) - points(cut))
