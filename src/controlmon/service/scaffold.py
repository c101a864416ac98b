"""The first lines of a new check and its test: both work at once, and say what to change."""

from pathlib import Path

from controlmon.core.errors import UsageError
from controlmon.service.checks import ID

CHECK = '''"""What is really asked, and why the obvious question proves nothing."""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.aws.s3 import Bucket


@check(
    title="The thing required, as a sentence that is true when this passes",
    severity="medium",
    reads=[Bucket.encryption],
    remediation="What to do about a failure.",
    proves="What a pass proves, and what it does not.",
    passes=Bucket.example(encryption={"algorithm": "aws:kms"}),
    fails=Bucket.example(encryption={"algorithm": "AES256"}),
)
def judge(bucket: Bucket, *, accepted: tuple[str, ...] = ("aws:kms", "aws:kms:dsse")) -> Verdict:
    algorithm = bucket.encryption.algorithm
    verdict = passed if algorithm in accepted else failed
    return verdict(f"new objects use {algorithm}")
'''

TEST = '''"""{check_id}: its examples hold, and what is not seen is unknown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from controlmon.facts.base import Unseen
from controlmon.core.fact import Gap, GapKind
from controlmon.service.checks import load_check

CHECK = load_check(Path({path!r}), {check_id!r})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def outcome(example):
    clock = (NOW,) if CHECK.takes_now else ()
    return CHECK.judge(*example.arguments, *clock, **CHECK.tuned(example.parameters)).outcome


def test_its_good_examples_pass_and_its_bad_ones_fail():
    assert [outcome(e) for e in CHECK.passes] == ["pass"] * len(CHECK.passes)
    assert [outcome(e) for e in CHECK.fails] == ["fail"] * len(CHECK.fails)


def test_a_subject_that_may_not_be_seen_gives_no_answer():
    """A denied subject is unknown, not a failure: reading it ends the judgement."""
    denied = Gap(GapKind.DENIED, "the:Operation", needs=("the:Permission",))
    subject = CHECK.kinds[0].example(**{{aspect.name: denied for aspect in CHECK.reads}})
    with pytest.raises(Unseen, match="the:Permission"):
        CHECK.judge(subject)
'''


def scaffold(check_id: str, directory: Path, tests: Path) -> list[Path]:
    """Write a check and its test. Gives the paths.

    Raises:
        UsageError: if the id is not one, or a file is there already.

    """
    if not ID.fullmatch(check_id):
        raise UsageError(f"{check_id} is no check id: write PROVIDER.SERVICE.NAME in lower case, such as aws.s3.bucket_owner")
    parts = check_id.split(".")
    path = directory.joinpath(*parts).with_suffix(".py")
    test = tests.joinpath(*parts[:-1], f"test_{parts[-1]}.py")
    for place, text in ((path, CHECK), (test, TEST.format(check_id=check_id, path=str(path.resolve())))):
        if place.exists():
            raise UsageError(f"{place} is there already: remove it first, or choose another id")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        except OSError as error:
            raise UsageError(f"{place}: {error.strerror}: choose a directory that can be written") from error
    return [path, test]
