"""Who works at the small company, or did until lately: the same people in AWS, Azure, Entra and Datadog."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

DOMAIN = "artemis.example"


class Person(NamedTuple):
    """Somebody of the register, and their accounts ("" for none). `left` is how many days ago they left; None if they are there."""

    name: str
    email: str
    role: str
    aws: str = ""
    entra: str = ""
    datadog: str = ""
    left: int | None = None

    @property
    def login(self) -> str:
        """What they are known by in the registers."""
        return self.email.partition("@")[0]

    @property
    def id(self) -> str:
        """The object of the directory."""
        return object_id(self.email)

    def ended(self, now: datetime) -> datetime | None:
        """When they left, at the end of a working day."""
        return None if self.left is None else (now - timedelta(days=self.left)).replace(hour=17, minute=0, second=0, microsecond=0)


def object_id(name: str) -> str:
    """The id that the directory gives to something of a name: always the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{DOMAIN}"))


def now() -> datetime:
    """The moment from which the company's own dates are counted."""
    return datetime.now(UTC)


def ago(days: int) -> date:
    """The day that was so many days ago; to come, if negative."""
    return (now() - timedelta(days=days)).date()


def _person(name: str, role: str, *, aws: bool = False, datadog: bool = False, left: int | None = None) -> Person:
    login = name.lower().replace(" ", ".")
    email = f"{login}@{DOMAIN}"
    return Person(name, email, role, login if aws else "", email, email if datadog else "", left)


PEOPLE = (
    _person("Jane Doe", "chief information security officer", aws=True, datadog=True),
    _person("Ravi Patel", "platform engineer", aws=True, datadog=True),
    _person("Maria Silva", "site reliability engineer", aws=True, datadog=True),
    _person("Tom Baker", "software engineer", aws=True, datadog=True),
    _person("Lena Koch", "data engineer", datadog=True),
    _person("Omar Haddad", "head of finance"),
    _person("Ben Clark", "software engineer", datadog=True, left=5),
    _person("Sofia Rossi", "support engineer", datadog=True, left=12),
)
"""The register of personnel."""
JANE, RAVI, MARIA, TOM, LENA, OMAR, BEN, SOFIA = PEOPLE
ACTIVE = tuple(person for person in PEOPLE if person.left is None)
LEAVERS = tuple(person for person in PEOPLE if person.left is not None)
