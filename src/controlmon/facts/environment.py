"""Which environment a thing belongs to, whatever the provider: as declared, else by its tags, else by names. Nothing is guessed.

An environment is a word such as `prod`, `dev` or `shared`. For crossings only its class counts: production, not production, or shared
(networks, log archives, security tooling, management), which serves both and has rules of its own in each check.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

from controlmon.facts.base import View

PROD, SHARED, NONPROD = "prod", "shared", "nonprod"
Class = Literal["prod", "nonprod", "shared"]
SYNONYMS: dict[str, tuple[str, ...]] = {
    PROD: ("production", "prd", "live"),
    "dev": ("development", "develop", "sandbox"),
    "test": ("testing", "tst", "qa"),
    "staging": ("stage", "stg", "uat", "preprod", "pre-prod", "preproduction", "pre-production"),
    NONPROD: ("non-prod", "non-production", "nonproduction", "not-prod"),
    SHARED: (
        *("shared-services", "sharedservices", "network", "networking", "log-archive", "logging", "logs", "security", "audit"),
        *("management", "infrastructure", "backup"),
    ),
}
"""The environments, and the other words that people use for each."""
UNDECLARED: dict[str, str] = {}
"""The `environment_map` of a company that declares nothing."""
TAGS = ("environment", "env", "stage", "environment-name")
"""Names of tags that tell an environment, in lower case, with `-` between words."""


class Label(Struct, frozen=True):
    """One word on where a thing belongs: the environment ("" if the word is none that is known), and who says so."""

    environment: str
    source: str


class Environment(View, frozen=True):
    """Where a thing belongs. `name` is empty if that is not known, and `why` then says why not, else who says so.

    `against` is what speaks against it: another source that disagrees with the one that decides.
    """

    name: str = ""
    why: str = ""
    against: str = ""

    @property
    def cls(self) -> Class | None:
        """Its class; None if it is not known."""
        if not self.name:
            return None
        return "prod" if self.name == PROD else "shared" if self.name == SHARED else "nonprod"


class Model(Struct, frozen=True):
    """How a company tells its environments: what it declares, and the words for each.

    What it declares gives an environment to an id, path or name; to every thing with a tag, as `tag:NAME=VALUE`; or to every thing whose
    name is like a pattern, as `name:GLOB`. A tag or pattern that is declared is a word like any other that is found, and needs no synonym.
    """

    declared: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]

    def word(self, value: str) -> str:
        """The environment that a word stands for; "" if it is none that is known."""
        wanted = _plain(value)
        return next((name for name, words in self.synonyms.items() if wanted in (_plain(name), *map(_plain, words))), "")

    def declaration(self, *keys: str) -> list[Label]:
        """What is declared of any of these ids, paths or names, the nearest first."""
        said = {key: self.declared[key] for key in keys if key in self.declared}
        return [Label(self.word(value), f"environment_map ({key}: {value})") for key, value in said.items()]

    def tagged(self, tags: Mapping[str, str], whose: str) -> list[Label]:
        """What tags say."""
        rules = {key: self.declared.get(f"tag:{key}={value}") for key, value in tags.items()}
        return [
            Label(self.word(rules[key] or value), f"the tag {key}={value} of {whose}")
            for key, value in sorted(tags.items())
            if rules[key] is not None or tells(key)
        ]

    def named(self, name: str, whose: str) -> list[Label]:
        """What the words of a name say: `acme-prod-eu` is `prod`, `non-prod` is not."""
        patterns = [key for key in sorted(self.declared) if key.startswith("name:") and fnmatchcase(name, key[len("name:") :])]
        if patterns:
            return [Label(self.word(self.declared[key]), f"{whose} {name} is like {key[len('name:') :]}, which") for key in patterns]
        left, found = f"-{_plain(name)}-", []
        words = sorted(((_plain(word), env) for env, ws in self.synonyms.items() for word in (env, *ws)), key=lambda w: (-len(w[0]), w))
        for word, env in words:
            if f"-{word}-" in left:
                left = left.replace(f"-{word}-", "-+-")
                found.append(Label(env, f"{whose} {name}"))
        return found


def _plain(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.strip().lower()).strip("-")


def tells(tag: str) -> bool:
    """Whether a tag of this name tells an environment; `acme:Environment` does."""
    return _plain(tag.rpartition(":")[2]) in TAGS


def agree(one: str, other: str) -> bool:
    """Whether two environments may be said of one thing: they are the same, or one of them is just `nonprod`."""
    classes = {Environment(name=one).cls, Environment(name=other).cls}
    return one == other or (NONPROD in (one, other) and classes == {"nonprod"})


def resolve(declared: Iterable[Label], found: Iterable[Label], what: str) -> Environment:
    """Where a thing belongs: as declared, nearest first; else as all that was found says, if that is of one mind."""
    declarations, known = [*declared], [*found]
    if declarations:
        first, *others = declarations
        if not first.environment:
            return Environment(why=f"{first.source} is no environment that the synonyms know")
        against = next((o for o in (*others, *known) if o.environment and not agree(first.environment, o.environment)), None)
        said = f"{against.source} says {against.environment}" if against else ""
        return Environment(name=first.environment, why=first.source, against=said)
    strange = next((label for label in known if not label.environment), None)
    if strange is not None:
        return Environment(why=f"{strange.source} is no environment that the synonyms know")
    for one in known:
        for other in known:
            if not agree(one.environment, other.environment):
                return Environment(why=f"{one.source} says {one.environment}, {other.source} says {other.environment}")
    if not known:
        return Environment(why=f"nothing says which environment {what} belongs to")
    best = next((label for label in known if label.environment != NONPROD), known[0])
    return Environment(name=best.environment, why=best.source)


def crosses(one: Environment, other: Environment) -> bool | None:
    """Whether the two are of production and of something that is not; None if one of them is not known. Shared crosses neither."""
    if one.cls is None or other.cls is None:
        return None
    return {one.cls, other.cls} == {"prod", "nonprod"}
