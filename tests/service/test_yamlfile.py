"""Whatever is wrong with a file, its reader is told where, what and how to mend it, and is shown no value."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from controlmon.core import yamltext as yamlfile
from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import Duration
from controlmon.service.yamlfile import load, read


class Pace(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"


class Aws(Struct, forbid_unknown_fields=True, tag_field="provider", tag="aws"):
    role: str = ""


class Azure(Struct, forbid_unknown_fields=True, tag_field="provider", tag="azure"):
    tenant: str = ""


class Policy(Struct, forbid_unknown_fields=True):
    owner: str
    pace: Pace = Pace.DAILY


class Settings(Struct, forbid_unknown_fields=True):
    name: str = ""
    workers: Annotated[int, Meta(ge=1)] = 1
    ratio: float = 0.0
    record: bool = True
    since: dt.date | None = None
    fresh_for: Duration | None = None
    level: Literal["low", "high"] = "low"
    targets: tuple[Aws | Azure, ...] = ()
    pair: tuple[int, str] = (0, "")
    policies: dict[str, Policy] = {}
    nested: dict[str, dict[str, int]] = {}
    paces: dict[Pace, int] = {}


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 10}]\n" for i in range(1, 9))
CHAIN = "- &a0 [x]\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 300))
ENDLESS_NUMBER = "name: 1" + ":59" * 400 + ".5"  # base 60, as YAML 1.1 has it

# What a file may be instead of plain YAML: its text, the line that is named, and words that the message must hold.
NOT_YAML = {
    "An empty file is refused.": ("", 1, "empty file"),
    "A file of comments is empty.": ("# nothing\n", 1, "empty file"),
    "A tab in the indentation is named.": ("name:\n\t- b\n", 2, "tab in the indentation"),
    "An unclosed bracket names the line where it was opened.": ("pair: [1\nname: b\n", 2, "(begun on line 1)"),
    "An unclosed quote names the line where it was opened.": ("\nname: 'b\n", 3, "(begun on line 2)"),
    "Two colons on a line are a syntax error.": ("name: b: c", 1, "mapping values are not allowed"),
    "Wrong indentation is a syntax error.": ("name:\n  a: 1\n b: 2\n", 3, "mend the syntax"),
    "Two documents in one file are refused.": ("name: a\n---\nname: b\n", 2, "expected a single document"),
    "An alias without an anchor is refused.": ("name: *hunter2", 1, "undefined alias"),
    "A tag is refused.": ("name: !hunter2 x", 1, "found a tag"),
    "A tag that would run code is refused.": ("name: !!python/object/apply:os.system [hunter2]", 1, "found a tag"),
    "A key that is given twice names both lines.": ("name: a\n\nname: b\n", 3, "`name` again (first on line 1)"),
    "A key that is given twice deep inside is found.": ("policies:\n  a: {owner: x, owner: y}\n", 2, "`owner` again"),
    "A key that YAML reads as a boolean is refused.": ("name: a\non: b\n", 2, "a key that YAML reads as bool, expected text"),
    "A key that YAML reads as a number is refused.": ("123456789012: a", 1, "a key that YAML reads as int, expected text"),
    "A key that is a list is refused.": ("? [a]\n: 1\n", 1, "a key that YAML reads as seq, expected text"),
    "A day that does not exist is an error with a line.": ("name: a\nsince: 2024-13-45\n", 2, "does not exist"),
    "A number too large to hold is an error with a line.": (ENDLESS_NUMBER, 1, "does not exist"),
    "A number of more digits than Python reads is an error with a line.": ("workers: " + "9" * 5000, 1, "does not exist"),
    "A lone equals sign, which YAML 1.1 reserves, is refused.": ("name: =", 1, "put the text between quotes"),
    "A control character is refused.": ("name: a\nlevel: \x07\n", 2, "control character"),
    "Aliases that multiply are refused before they are written out.": (LAUGHS, 6, "grow without bound"),
    "Aliases that nest are refused before anything recurses.": (CHAIN, 101, "grow without bound"),
    "An alias of what it stands in is refused.": ("name: &a [*a]", 1, "grow without bound"),
    "Brackets too deep for the parser's stack are refused.": ("[" * 200_000, 1, "more than 100 levels"),
    "Dashes too deep for the parser's stack are refused.": ("- " * 200_000, 1, "more than 100 levels"),
}

# What may not fit `Settings`: the text, the line, and the whole message.
MISFITS = {
    "A list is not a mapping.": ("- hunter2\n", 1, "found a list, expected a mapping; write lines of `key: value`"),
    "Text is not a mapping.": ("hunter2", 1, "found text, expected a mapping; write lines of `key: value`"),
    "A number is not text.": ("\nname: 12\n", 2, "in `name` found a whole number, expected text; put it between quotes"),
    "A time of day, which YAML 1.1 reads as a number, is not text.": (
        "name: 12:30",
        1,
        "in `name` found a whole number, expected text; put it between quotes",
    ),
    "A word that YAML reads as a boolean is not text.": (
        "name: no",
        1,
        "in `name` found true or false, expected text; put it between quotes",
    ),
    "A date is not text.": ("name: 2026-11-23", 1, "in `name` found a date, expected text; put it between quotes"),
    "Nothing is not text.": ("name:\nworkers: 2\n", 1, "in `name` found nothing, expected text; write a value after it"),
    "A quoted number is not a number.": (
        "workers: 'hunter2'",
        1,
        "in `workers` found text, expected a whole number; write that, without quotes",
    ),
    "A fraction is not a whole number.": (
        "workers: 1.5",
        1,
        "in `workers` found a number, expected a whole number; write that, without quotes",
    ),
    "A bound is said.": ("workers: 0", 1, "in `workers` found another value, expected a whole number >= 1"),
    "Text is not a list.": ("targets: hunter2", 1, "in `targets` found text, expected a list; start each item with `- `"),
    "An item of a list is counted from 0.": (
        "pair:\n- 1\n- 2\n",
        3,
        "in `pair.1` found a whole number, expected text; put it between quotes",
    ),
    "A span of time has a unit.": (
        "fresh_for: 2",
        1,
        "in `fresh_for` found no span of time, expected a whole number and a unit; write it as `30s`, `15m`, `26h` or `2d`",
    ),
    "A span of time is more than nothing.": (
        "fresh_for: 0d",
        1,
        "in `fresh_for` found no span of time, expected a whole number and a unit; write it as `30s`, `15m`, `26h` or `2d`",
    ),
    "An unknown key names the nearest.": (
        "policies:\n  a:\n    owner: x\n    pase: daily\n",
        4,
        "found the unknown key `pase`, expected one of `owner`, `pace`; did you mean `pace`?",
    ),
    "An unknown key without a near one names them all.": (
        "policies: {a: {owner: x, zzz: hunter2}}",
        1,
        "found the unknown key `zzz`, expected one of `owner`, `pace`; use one of those",
    ),
    "A missing key names the line of the mapping that lacks it.": (
        "policies:\n  a: {owner: x}\n  b:\n    pace: daily\n",
        3,
        "in `policies.b` found no key `owner`, expected it in this mapping; add `owner: ...`",
    ),
    "Another word names those that are known.": (
        "policies:\n  a: {owner: x}\n  b:\n    owner: x\n    pace: dayly\n",
        5,
        "in `policies.b.pace` found another value, expected one of `daily`, `weekly`; did you mean `daily`?",
    ),
    "Another literal names those that are known.": (
        "level: hunter2",
        1,
        "in `level` found another value, expected one of `high`, `low`; use one of those",
    ),
    "Another word as a key names those that are known.": (
        "paces: {daily: 1, weakly: 1}",
        1,
        "in `paces.weakly` found another value, expected one of `daily`, `weekly`; did you mean `weekly`?",
    ),
    "The guilty key is found under two levels of free keys.": (
        "nested:\n  a: {x: 1}\n  b:\n    x: 1\n    y: hunter2\n",
        5,
        "in `nested.b.y` found text, expected a whole number; write that, without quotes",
    ),
    "An unknown provider names those that are known.": (
        "targets:\n- provider: aws\n- provider: azur\n",
        3,
        "in `targets.1.provider` found another value, expected one of `aws`, `azure`; did you mean `azure`?",
    ),
    "An unknown key of a provider names that provider's keys.": (
        "targets:\n- provider: azure\n  role: hunter2\n",
        3,
        "found the unknown key `role`, expected one of `tenant`; use one of those",
    ),
    "A merged mapping is blamed where it was written.": (
        "policies:\n  a: &a\n    owner: x\n    pace: hunter2\n  b:\n    <<: *a\n",
        4,
        "in `policies.a.pace` found another value, expected one of `daily`, `weekly`; use one of those",
    ),
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def by_sentence(cases: Mapping[str, Any]) -> Any:
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


@by_sentence(NOT_YAML)
def test_what_is_not_plain_yaml_is_refused_at_its_line(tmp_path: Path, case: tuple[str, int, str]) -> None:
    text, line, words = case
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


@by_sentence(MISFITS)
def test_what_does_not_fit_is_refused_at_its_line(tmp_path: Path, case: tuple[str, int, str]) -> None:
    text, line, message = case
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path, Settings)
    assert str(caught.value) == f"{path}:{line}: {message}"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["' - at `$.x'", "'x - at `$.nested[...]`'", "'at `key` in `$.nested`'", '"a\\nb"'])
def test_a_key_that_looks_like_a_path_is_still_a_config_error(tmp_path: Path, key: str) -> None:
    path = written(tmp_path, f"{key}: 1")
    with pytest.raises(ConfigError, match=r"some\.yaml:1: "):
        load(path, Settings)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml:1: cannot be read \(No such file or directory\)"):
        read(tmp_path / "none.yaml")


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        read(tmp_path)


def test_a_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The denial is raised by hand: the superuser, who runs many a container, may read every file."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\)"):
        read(tmp_path / "some.yaml")


@pytest.mark.parametrize(("raw", "line"), [(b"name: a\nlevel: \xff\n", 2), (b"\xff\xfen\0:\0", 1)])
def test_a_file_that_is_not_utf_8_is_refused_at_its_line(tmp_path: Path, raw: bytes, line: int) -> None:
    (tmp_path / "some.yaml").write_bytes(raw)
    with pytest.raises(ConfigError, match=f"some.yaml:{line}: found bytes that are not UTF-8"):
        read(tmp_path / "some.yaml")


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlfile, "MAX_BYTES", 8)
    with pytest.raises(ConfigError, match="found more than 8 bytes"):
        read(written(tmp_path, "name: abc"))


def test_a_good_file_is_what_it_says(tmp_path: Path) -> None:
    """Dates, spans, booleans as YAML 1.1 writes them, aliases, merges and a byte-order mark are all taken."""
    text = (
        "\ufeffname: &n café\nrecord: no\nsince: 2026-11-23\nfresh_for: 26h\nratio: 1\n"
        "policies:\n  a: &a {owner: *n, pace: weekly}\n  b: {<<: *a, owner: x}\n"
    )
    assert load(written(tmp_path, text), Settings) == Settings(
        name="café",
        record=False,
        since=dt.date(2026, 11, 23),
        fresh_for=Duration(hours=26),
        ratio=1.0,
        policies={"a": Policy("café", Pace.WEEKLY), "b": Policy("x", Pace.WEEKLY)},
    )


def test_the_digest_is_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    path = written(tmp_path, "name: a # said so\n")
    assert read(path).sha256 == sha256(path.read_bytes()).hexdigest()


def test_a_document_does_not_show_its_values_when_it_is_printed(tmp_path: Path) -> None:
    assert "hunter2" not in repr(read(written(tmp_path, "name: hunter2")))


@pytest.mark.parametrize(("place", "line"), [((), 1), (("b",), 3), (("b", 1), 5), (("b", 1, "d"), 6), (("b", 9), 3), (("z", 1), 1)])
def test_a_caller_raises_errors_at_a_place_of_its_own(tmp_path: Path, place: tuple[str | int, ...], line: int) -> None:
    """A place that is not there is blamed on its nearest parent."""
    path = written(tmp_path, "a: 1\n\nb:\n- x\n- c: 1\n  d: 2\n")
    assert str(read(path).error(place, "mend it")) == f"{path}:{line}: mend it"
