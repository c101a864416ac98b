"""The access reviews of a period, out of the entries of their campaigns."""

from typing import Any

from msgspec import Struct

PREFIX = "review."


class SignatureSeen(Struct, frozen=True):
    """A signature under an access review: who, when, in what meaning, over which decisions (a digest) about how many rows."""

    by: str
    name: str
    at: str
    meaning: str
    decisions: str
    rows: int


class CampaignSeen(Struct, frozen=True):
    """An access review of the period: what was frozen (rows by system), what was decided, who signed, and for whom it waits.

    `missing` are systems that could not be seen, and why. `opened_at` is empty if it was opened before what is here.
    """

    id: str
    opened_at: str
    snapshot: str
    systems: dict[str, int]
    missing: dict[str, str]
    waiting: tuple[str, ...]
    decided: dict[str, int]
    signatures: tuple[SignatureSeen, ...]


class Campaigns:
    """Takes the entries in the order of the log. A campaign is of the period if anything of it happened in that."""

    def __init__(self) -> None:
        self._opened: dict[str, dict[str, Any]] = {}
        self._decided: dict[str, dict[str, dict[str, Any]]] = {}
        self._signed: dict[str, dict[str, dict[str, Any]]] = {}
        self._inside: dict[str, None] = {}

    def take(self, entry: dict[str, Any], *, inside: bool) -> None:
        """The next entry. Raises `KeyError` if it is not one of a campaign."""
        campaign = entry["campaign"]
        match entry["type"]:
            case "review.opened":
                self._opened[campaign] = entry
            case "review.decided" if entry["reviewer"] not in self._signed.get(campaign, {}):
                self._decided.setdefault(campaign, {})[entry["reviewer"]] = entry
            case "review.signed":
                self._signed.setdefault(campaign, {})[entry["by"]] = entry
        if inside:
            self._inside[campaign] = None

    def seen(self) -> tuple[CampaignSeen, ...]:
        """Those of the period. Of one that was opened before what is here, the decisions and signatures are told."""
        return tuple(self._seen(name) for name in self._inside)

    def _seen(self, name: str) -> CampaignSeen:
        opened, decided, signed = self._opened.get(name, {}), self._decided.get(name, {}), self._signed.get(name, {})
        counts = {choice: sum(one["counts"][choice] for one in decided.values()) for choice in ("keep", "revoke", "modify")}
        return CampaignSeen(
            id=name,
            opened_at=opened.get("at", ""),
            snapshot=opened.get("snapshot") or next((one["snapshot"] for one in (*decided.values(), *signed.values())), ""),
            systems={system: said["rows"] for system, said in opened.get("systems", {}).items()},
            missing=dict(opened.get("missing", {})),
            waiting=tuple(person for person in opened.get("people", {}) if person not in signed),
            decided=counts,
            signatures=tuple(
                SignatureSeen(one["by"], one["name"], one["at"], one["meaning"], one["decisions"], one["rows"]) for one in signed.values()
            ),
        )
