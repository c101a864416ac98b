"""What disks, snapshots and images were made from, however many copies ago."""

from controlmon.facts.azure.compute import Disk, ImageVersion, Snapshot, Version
from controlmon.facts.azure.estate import Estate, Placed
from controlmon.facts.base import All, Unseen

Copies = tuple[All[Disk], All[Snapshot], All[ImageVersion]]


def origins(one: Disk | Snapshot | ImageVersion, copies: Copies, estate: Estate) -> tuple[list[Placed], str]:
    """Every thing that one was made from, and what those were made from in turn; and why they may not be all ("" if they are)."""
    todo, passed, found, unseen = [*one.settings.sources], {one.id}, list[Placed](), ""
    while todo:
        source = todo.pop(0)
        if source in passed:
            continue
        passed.add(source)
        found.append(estate.at(source))
        for population in copies:
            try:
                between = population.first(lambda other, wanted=source: other.id == wanted)  # type: ignore[misc]
                todo += between.settings.sources if between is not None else ()
            except Unseen as error:
                unseen = unseen or str(error)
    if not isinstance(one, ImageVersion) and one.settings.account:
        found.append(estate.at(one.settings.account))
    return found, unseen


def hidden(one: Disk | Snapshot | ImageVersion) -> str:
    """What hides where a disk, snapshot or image comes from; empty if nothing does."""
    settings = one.settings
    if isinstance(settings, Version):
        return "" if settings.sources else "it names no source"
    if settings.made.startswith("Upload"):
        return "what is in it was uploaded, and where from is not told"
    if settings.uri or settings.account or settings.made.startswith("Import"):
        return "it was imported from a blob, and where that is from is not told"
    if not settings.sources and not settings.image and settings.made != "Empty":
        return f"its creation ({settings.made or 'not told'}) names no source"
    return ""
