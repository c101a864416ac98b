"""The one version of a document that a judgement speaks of, whatever type it was registered as."""

from datetime import date, datetime

from controlmon.facts.base import All
from controlmon.facts.document.policies import Document, DocumentRow, Policy, current, stands_by_its_file
from controlmon.facts.document.schema import days_between


def version_of(name: str, documents: All[Document], policies: All[Policy], now: datetime) -> tuple[DocumentRow | None, str]:
    """The version of a document that is in force and is the file that was registered, or why there is none.

    Args:
        name: the document's id.
        documents: those of the register that are neither policies nor plans.
        policies: the others: a plan may have been registered as one.
        now: the clock (UTC).

    """
    found = documents.first(lambda one: one.id == name) or policies.first(lambda one: one.id == name)
    if found is None:
        return None, f"no document `{name}` is registered"
    there = current(found.versions, now)
    if len(there) != 1:
        numbers = ", ".join(v.version for v in there)
        return None, f"{len(there)} versions of {name} are in force at once: {numbers}" if there else f"no version of {name} is in force"
    told = stands_by_its_file(there[0], found.contents)
    return (None, f"{name}: {told}") if told else (there[0], "")


def reviewed_at(version: DocumentRow) -> date | None:
    """When a version was approved or, by somebody other than its author, last reviewed."""
    days = [review.at for review in version.reviews if review.by != version.author]
    days += [version.approved_at] if version.approved_at else []
    return max(days, default=None)


def outdated(name: str, version: DocumentRow, now: datetime, max_age_days: int) -> str:
    """Why a version is too old to count; empty if it is not."""
    day = reviewed_at(version)
    if day is None:
        return f"version {version.version} of {name} has no day of approval or review"
    age = days_between(day, now)
    return f"{name} was last reviewed on {day}, {age} days ago; {max_age_days} are allowed" if age > max_age_days else ""


def uncovered(version: DocumentRow, topics: tuple[str, ...]) -> list[str]:
    """The topics that a version has no section for."""
    return [topic for topic in topics if not version.topics.get(topic, "").strip()]
