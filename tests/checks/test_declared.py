"""What examples show of a check besides their outcome: it reads what it declares, and catches nothing."""

import ast
from pathlib import Path

import pytest

from controlmon.check import Check
from controlmon.facts.base import Aspect, Kind
from controlmon.service.checks import check_directories, load_checks
from tests.support import NOW

CHECKS = list(load_checks(check_directories()))


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_examples_read_only_what_is_declared(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine fetches what is declared with the parameters of the day; an example that needs more would be unknown in practice."""
    read: set[str] = set()

    def reading(subject: Kind, wanted: Aspect[object]) -> object:
        read.add(wanted.id)
        return original(subject, wanted)

    original = Kind.read
    monkeypatch.setattr(Kind, "read", reading)
    for example in (*check.passes, *check.fails):
        read.clear()
        parameters = check.tuned(example.parameters)
        arguments = list(example.arguments)
        if check.takes_now:
            arguments.insert(1 + check.now_at, NOW)
        check.judge(*arguments, **parameters)
        assert read <= check.read_ids(parameters)


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_what_is_declared_can_be_asked_for(check: Check) -> None:
    """Each aspect belongs to a kind that the check takes, once; each condition is one of its parameters, and a yes or no."""
    kinds = {*check.kinds, *(argument.kind for argument in check.arguments)}
    assert {aspect.owner for aspect in check.reads} <= kinds
    assert len({aspect.id for aspect in check.reads}) == len(check.reads)
    flags = {p.name for p in check.parameters if isinstance(p.default, bool)}
    assert {aspect.condition for aspect in check.reads if aspect.condition} <= flags


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_the_defaults_are_of_their_types(check: Check) -> None:
    """What a company may tune begins with a value that it could have given itself."""
    assert check.tuned({p.name: p.default for p in check.parameters}) == check.tuned({})


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_nothing_that_was_not_seen_is_caught(check: Check) -> None:
    """`except Exception` would turn a gap into an answer; so would asking whether a whole population is true."""
    tree = ast.parse(Path(check.path).read_text("utf-8"))
    caught = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    names = {n.id if isinstance(n, ast.Name) else getattr(n, "attr", "") for t in caught if t for n in ast.walk(t)}
    assert None not in caught
    assert not {"Exception", "BaseException", "Unseen"} & names
    whole = {argument.name for argument in check.arguments if argument.everything}
    tests = [node.test for node in ast.walk(tree) if isinstance(node, ast.If | ast.IfExp | ast.While)]
    tests += [node.operand for node in ast.walk(tree) if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)]
    tests += [value for node in ast.walk(tree) if isinstance(node, ast.BoolOp) for value in node.values]
    assert not {node.id for node in tests if isinstance(node, ast.Name)} & whole
