"""The campaigns of the record, read back from their entries."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, convert, field

from controlmon.core.errors import UsageError
from controlmon.core.times import moment
from controlmon.facts.controlmon.reviews import Campaign, Decision, Exported, SheetRow, Signed
from controlmon.ledger.reader import Reader

STREAM = "review:"
OPENED, EXPORTED, DECIDED, SIGNED = "review.opened", "review.exported", "review.decided", "review.signed"


class Recorded(Struct):
    """One campaign: the entry that opened it, and those that came after it."""

    id: str
    opened: dict[str, Any]
    exported: list[dict[str, Any]] = field(default_factory=list)
    decided: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last decisions of each reviewer: a later import takes the place of an earlier one, which stays in the record."""
    signed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The signature of each reviewer."""

    @property
    def systems(self) -> dict[str, dict[str, Any]]:
        """The rows, and the rows of each reviewer, by system."""
        found: dict[str, dict[str, Any]] = self.opened["systems"]
        return found

    @property
    def opened_at(self) -> datetime:
        """When it was frozen."""
        return moment(self.opened["at"])

    def reviewers(self, system: str = "") -> dict[str, int]:
        """Who decides, and about how many rows: of one system, or of all."""
        counts: dict[str, int] = {}
        for name, said in self.systems.items():
            for person, rows in said["reviewers"].items():
                if system in ("", name):
                    counts[person] = counts.get(person, 0) + rows
        return counts

    def of(self, system: str, spreads: dict[str, tuple[int | None, int]]) -> Campaign:
        """What a check is told of it. `spreads` are the seconds that each reviewer took, from the export and between decisions."""
        reviewers = self.reviewers(system)
        signatures = [self.signed[person] for person in reviewers if person in self.signed]
        whole = len(signatures) == len(reviewers)
        seconds = [one for person in reviewers if person in spreads and (one := spreads[person][0]) is not None]
        between = [spreads[person][1] for person in reviewers if person in spreads]
        return Campaign(
            id=self.id, taken_at=moment(self.opened["taken_at"]), opened_at=self.opened_at, run=self.opened["source"],
            snapshot=self.opened["snapshot"], root=self.opened["seen"][system]["root"], rows=self.systems[system]["rows"],
            reviewers=tuple(reviewers),
            exported=tuple(
                Exported(reviewer=one["reviewer"], rows=one["systems"][system], snapshot=one["snapshot"], at=moment(one["at"]))
                for one in self.exported
                if system in one["systems"]
            ),
            signatures=tuple(
                Signed(by=one["by"], name=one["name"], meaning=one["meaning"], decisions=one["decisions"], at=moment(one["at"]))
                for one in signatures
            ),
            signed_at=max((moment(one["at"]) for one in signatures), default=self.opened_at) if whole else None,
            seconds=min(seconds, default=None), spread=min(between, default=None),
        )  # fmt: skip


class Campaigns:
    """Every campaign of a ledger, the oldest first."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        streams = [entry["stream"] for entry in reader.latest(STREAM)]
        self.every = sorted(filter(None, map(self._read, streams)), key=lambda one: (one.opened["at"], one.id))

    def _read(self, stream: str) -> Recorded | None:
        found: Recorded | None = None
        for entry in self._reader.stream(stream):
            match entry["type"]:
                case "review.opened":
                    found = Recorded(entry["campaign"], entry)
                case _ if found is None:
                    return None  # what opened it is past retention
                case "review.exported":
                    found.exported.append(entry)
                case "review.decided" if entry["reviewer"] not in found.signed:  # what was signed stays
                    found.decided[entry["reviewer"]] = entry
                case "review.signed":
                    found.signed[entry["by"]] = entry
        return found

    def get(self, name: str = "") -> Recorded:
        """The campaign of that id, or the newest. Raises `UsageError` if there is none."""
        found = next((one for one in reversed(self.every) if name in ("", one.id)), None)
        if found is None:
            known = ", ".join(one.id for one in self.every) or "none: `controlmon review open` begins one"
            raise UsageError(f"there is no campaign {name or 'yet'}; known are {known}")
        return found

    def rows(self, campaign: Recorded, system: str) -> list[SheetRow]:
        """What was frozen of a system. Raises `LedgerError` if it is missing or altered."""
        return [convert(raw, SheetRow) for raw in self._reader.rows(campaign.opened["seen"][system]["root"])]

    def mine(self, campaign: Recorded, reviewer: str) -> list[SheetRow]:
        """What a reviewer decides."""
        return [row for system in campaign.systems for row in self.rows(campaign, system) if row.reviewer == reviewer]

    def decisions(self, campaign: Recorded, reviewer: str) -> list[Decision]:
        """What a reviewer signed, or else decided last; nothing if nothing yet."""
        signed, decided = campaign.signed.get(reviewer), campaign.decided.get(reviewer)
        content = signed["decisions"] if signed else decided["content"] if decided else ""
        return convert(json.loads(self._reader.blob(content))["decisions"], list[Decision]) if content else []

    def spread(self, campaign: Recorded, reviewer: str) -> tuple[int | None, int]:
        """Seconds from the last export of a reviewer's sheet to its decisions, and from the first decision to the last."""
        entry = campaign.decided[reviewer]
        return entry["seconds"], entry["spread"]

    def newest(self, system: str, *, whole: bool = False) -> Recorded | None:
        """The newest campaign of a system, or with `whole` the last that every reviewer of it signed."""
        several = [one for one in self.every if system in one.systems]
        if whole:
            several = [one for one in several if one.reviewers(system).keys() <= one.signed.keys()]
            return max(several, key=lambda one: max((s["at"] for s in one.signed.values()), default=one.opened["at"]), default=None)
        return several[-1] if several else None


def signed_at(campaign: Recorded, system: str) -> datetime:
    """When the last reviewer of a system signed."""
    return max((moment(campaign.signed[person]["at"]) for person in campaign.reviewers(system)), default=campaign.opened_at)


def entries_of(reader: Reader) -> Iterator[dict[str, Any]]:
    """Every entry of every campaign."""
    for last in reader.latest(STREAM):
        yield from reader.stream(last["stream"])
