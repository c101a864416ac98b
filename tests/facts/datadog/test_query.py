"""Datadog's search syntax: everything, nothing, some, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.facts.datadog.query import Takes, of_source, takes


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "all"), ("*", "all"), ("*:*", "all"), ("source:cloudtrail", "all"), ("Source:CloudTrail", "all"), ("source:cloud*", "all"),
        ('source:"cloudtrail"', "all"), ("source:nginx", "none"), ("source:nginx OR source:cloudtrail", "all"),
        ("source:(nginx OR cloudtrail)", "all"), ("source:(nginx OR apache)", "none"), ("-source:nginx", "all"), ("-source:cloudtrail", "none"),
        ("NOT source:cloudtrail", "none"), ("-(source:nginx OR source:apache)", "all"), ("-source:(nginx OR cloudtrail)", "none"),
        ("source:cloudtrail env:prod", "some"), ("source:nginx env:prod", "none"), ("source:nginx AND env:prod", "none"),
        ("env:prod", "some"), ("env:prod OR *", "all"), ("-env:prod", "some"), ("error", "some"), ('"source:cloudtrail"', "some"),
        ("source:cloudtrail OR env:prod AND source:nginx", "all"), ("(source:nginx OR env:prod) source:cloudtrail", "some"),
        ("@evt.name:ConsoleLogin source:cloudtrail", "some"), ("source:cloudtrail -@evt.name:(Assume* OR Get*)", "some"),
        ("source:(nginx", "some"), ("source:nginx)", "some"), ("OR", "some"), ("(", "some"), ("AND AND", "some"), ("NOT", "some"),
    ],
)  # fmt: skip
def test_what_a_query_takes_of_a_source(query: str, expected: str) -> None:
    assert takes(query, of_source("cloudtrail")).value == expected


@given(st.text(alphabet='sourcecloudtrail:()-*" ORANDNT@.', max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever was typed has an answer."""
    assert takes(text, of_source("cloudtrail")) in Takes


ATOMS = st.sampled_from(["source:a", "source:b", "*", "env:x"])
QUERIES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" OR ", " AND ", " "]), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        inner.map(lambda q: f"-({q})"),
        inner.map(lambda q: f"NOT ({q})"),
    ),
    max_leaves=8,
)


@given(QUERIES)
def test_it_agrees_with_what_each_log_would_do(query: str) -> None:
    """All and none are said only if every log of the source is taken, or none is, whatever its env."""

    def taken(env: bool) -> bool:
        source = "a"
        text = (
            query.replace("NOT ", "not ")
            .replace("-(", " not (")
            .replace(" OR ", " or ")
            .replace(" AND ", " and ")
            .replace(") (", ") and (")
        )
        text = text.replace("source:a", str(source == "a")).replace("source:b", "False").replace("env:x", str(env)).replace("*", "True")
        return bool(eval(text))

    outcomes = {taken(env) for env in (True, False)}
    said = takes(query, of_source("a"))
    if said is Takes.ALL:
        assert outcomes == {True}
    if said is Takes.NONE:
        assert outcomes == {False}
