"""(3) The keys, (4) the checkpoints, (5) the tree and (6) the streams: each holds, and each fails alone."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.bundles import CHECK, DAY, Bundle, Hash, Key, Log, audit_path, company, dumped, frontier, note, resealed, stamp
from tests.ledger.offline.forged import HOUR, Verify, position, relogged, rotated


def edited(bundle: Bundle, position: int, **fields: Any) -> None:
    """Another entry in the place of one."""
    bundle.entries[position] = dumped({**json.loads(bundle.entries[position]), **fields})


# --- What holds


def test_what_held_before_the_period_is_proved(told: Verify) -> None:
    """(5, 6) The schedule and the changes that were in force, and every change of keys: each was in the log, at its place."""
    log, old, new = rotated()
    log.schedule(DAY + 3 * HOUR, hourly=[CHECK])
    log.run(DAY + 3 * HOUR)
    start = log.heads[-2]["size"]
    assert told(log.bundle(start), key=old).code == 0
    assert told(log.bundle(start), key=new).code == 0
    held = log.bundle(start).start["in_force"]
    assert [json.loads(one["entry"])["type"] for one in held] == ["schedule", "change", "change", "key.rotated"]
    forged = held[0]["entry"].replace("23:59", "22:59")
    other = next(one for one in log.entries if b"run.finished" in one).decode()
    for changed in (
        {"entry": forged},
        {"position": held[0]["position"] + 1},
        {"position": held[0]["position"] + 2 ** len(held[0]["proof"])},
        {"position": held[0]["position"] - 2**40},
        {"proof": held[0]["proof"][:-1]},
        {"proof": [*held[0]["proof"], "00" * 32]},
        {"entry": other},
    ):
        bundle = log.bundle(start)
        bundle.start["in_force"] = [{**held[0], **changed}, *held[1:]]
        assert 5 in told(bundle).steps, changed
    bundle = log.bundle(start)
    bundle.start["in_force"] = [{**held[0], "entry": other, **proof_of(log, start, other)}, *held[1:]]
    assert 5 in told(bundle).steps
    bundle = log.bundle(start)
    bundle.start["in_force"] = held[:-1]
    assert told(bundle, key=old).steps >= {2, 4}


def test_a_schedule_left_out_shows_in_the_next(told: Verify) -> None:
    """(6) An older schedule in place of the one in force is not the one before the next."""
    log = company(1)
    log.schedule(DAY + HOUR, hourly=[CHECK], daily=[CHECK])
    log.run(DAY + HOUR, ["hourly", "daily"])
    start = log.heads[-1]["size"]
    log.schedule(DAY + 2 * HOUR, hourly=[CHECK])
    log.run(DAY + 2 * HOUR)
    assert told(log.bundle(start)).code == 0
    bundle = log.bundle(start)
    first = log.entries[0].decode()
    bundle.start["in_force"][-1] = {"entry": first, **proof_of(log, start, first)}
    assert 6 in told(bundle).steps


def proof_of(log: Log, start: int, entry: str) -> dict[str, Any]:
    place = log.entries.index(entry.encode())
    return {"position": place, "proof": [one.hex() for one in audit_path(place, log.leaves()[:start])]}


# --- (3) the keys


def test_any_key_of_the_log_leads_to_the_others(told: Verify) -> None:
    """(3) After a rotation, from Ed25519 to P-256, the old key and the new one verify the whole; a stranger's does not."""
    log, old, new = rotated(Key(type=2))
    assert told(log.bundle(), key=old).code == 0
    assert told(log.bundle(), key=new).code == 0
    assert told(log.bundle(), key=Key()).steps >= {2, 3, 4}


def test_a_rotation_needs_both_keys(told: Verify) -> None:
    """(3) A key that the old one did not agree to, one that did not agree itself, and one that follows nothing."""
    for signers in ((Key(), None), (None, Key())):
        log = company(2)
        old, new = log.key, Key()
        log.rotate(new, DAY + 2 * HOUR, signers[0] or old, signers[1] or new)
        assert 3 in told(log.bundle(), key=old).steps
    log, old, new = rotated()
    log.key = Key()
    log.rotate(Key(), DAY + 3 * HOUR)
    assert 3 in told(log.bundle(), key=old).steps


# --- (4) the checkpoints


def test_the_key_in_force_signs(told: Verify) -> None:
    """(4) After a rotation, not the old key; and the first checkpoint bears both."""
    log, old, new = rotated()
    log.heads[-1] = log.checkpoint(DAY + 3 * HOUR, old)
    log.heads.pop(-2)
    assert told(log.bundle(), key=new).steps == {4}
    log, old, new = rotated()
    text = log.heads[-2]["note"].rpartition("\n\n")[0] + "\n"
    log.heads[-2]["note"] = note(text, new)
    assert told(log.bundle(), key=old).steps == {4}


def test_a_forged_checkpoint_is_refused(told: Verify, bundle: Bundle) -> None:
    """(4) Signed by another key under the same name, by a corrupted line, of another log, or not the last one."""
    right = bundle.heads[-1]["note"]
    text = right.rpartition("\n\n")[0] + "\n"
    for wrong in (
        note(text, Key()),
        right.replace(text.split("\n")[2], "A" * 43 + "="),
        note("other\n" + text.partition("\n")[2], bundle.key),
        "x",
    ):
        bundle.heads[-1] = {**bundle.heads[-1], "note": wrong}
        assert 4 in told(bundle).steps
    bundle.heads[-1]["note"] = right
    members = bundle.members()
    other = resealed({**members, "log/checkpoint": bundle.heads[0]["note"].encode()}, bundle.key)
    assert told(other, key=bundle.key).steps == {4}
    bundle.heads.pop()
    assert 4 in told(bundle).steps


def test_times_do_not_contradict_each_other(told: Verify, bundle: Bundle) -> None:
    """(4) A checkpoint of before the one before it, one of before what it signs, and a bundle of before its last checkpoint."""
    bundle.heads[3]["at"] = stamp(DAY + HOUR)
    assert told(bundle).steps == {4}
    bundle.heads[3]["at"] = stamp(DAY + 4 * HOUR + timedelta(seconds=30))
    bundle.heads[4]["at"] = stamp(DAY + 4 * HOUR - timedelta(seconds=30))
    assert told(bundle).steps == {4}


def test_a_bundle_is_not_older_than_its_log(told: Verify, day: Log) -> None:
    """(4) It was not written before its last checkpoint."""
    assert told(day.bundle(exported=DAY + 2 * HOUR)).steps == {4}


# --- (5) the tree


def test_an_entry_that_was_touched_shows(told: Verify, day: Log) -> None:
    """(5) Edited, removed, added, exchanged, or dropped to its hash: the holder of the manifest's key cannot, without the checkpoints'."""
    place = position(day, "run.finished", 3)
    changes: list[Callable[[Bundle], object]] = [
        lambda b: edited(b, place, outcomes={"pass": 5, "fail": 0, "unknown": 0, "not_applicable": 0}),
        lambda b: b.entries.pop(place),
        lambda b: b.entries.append(b.entries[place]),
        lambda b: b.entries.insert(1, b.entries.pop(2)),
        lambda b: b.entries.__setitem__(place, Hash(bytes(32))),
    ]
    for change in changes:
        bundle = day.bundle()
        change(bundle)
        assert 5 in told(bundle).steps


def test_a_start_that_no_checkpoint_signs_is_refused(told: Verify, day: Log) -> None:
    """(5) Another frontier, another size, none."""
    start = day.heads[2]["size"]
    leaves = day.leaves()
    forged = [one.hex() for one in frontier([bytes(32), *leaves[1:start]])]
    for said in ({"frontier": forged}, {"size": start + 1}, {"frontier": []}, {"checkpoint": None}, {"checkpoint": day.heads[1]["note"]}):
        bundle = day.bundle(start)
        bundle.start |= said
        assert 5 in told(bundle).steps
    bundle = day.bundle(start)
    text = bundle.start["checkpoint"].rpartition("\n\n")[0] + "\n"
    bundle.start["checkpoint"] = note(text, Key())
    assert 4 in told(bundle).steps


# --- (6) the streams


def test_a_stream_without_an_entry_shows(told: Verify, day: Log) -> None:
    """(6) The holder of the key makes the log anew without a run, or with one twice."""
    for seq in (3, 0):
        made = relogged(day, "run.finished", lambda entry, seq=seq: entry.update(seq=seq), 0)  # type: ignore[misc]
        assert 6 in told(made).steps
    made = relogged(day, "run.finished", lambda entry: entry.pop("stream"))
    assert 6 in told(made).steps


def test_withheld_entries_show_and_hold(told: Verify, day: Log) -> None:
    """(5, 6) A partial bundle keeps the hashes of what it withholds: whole streams hold, and a stream with a hole does not."""
    others = {i for i, one in enumerate(day.entries) if json.loads(one)["stream"] == "changes"}
    bundle = day.bundle(absent=others, controls=["CC6.1"])
    bundle.files.pop("config/catalog.json")
    answer = told(bundle)
    assert answer.code == 0
    assert "2 entries are here by their hash alone: withheld from this partial bundle, or pruned" in answer.told
    bundle = day.bundle(absent=[position(day, "check", 2)], controls=["CC6.1"])
    assert told(bundle).steps == {6}
    bundle = day.bundle(absent=others)
    bundle.files.pop("config/catalog.json")
    assert told(bundle).steps == {5}


def pruned(through: int) -> Log:
    log = company(5)
    log.add(
        "retention",
        type="ledger.pruned",
        before=stamp(DAY + 2 * HOUR),
        through=through,
        entries=through + 1,
        state=0,
        at=stamp(DAY + 5 * HOUR),
    )
    log.run(DAY + 5 * HOUR)
    return log


def test_pruned_entries_hold(told: Verify) -> None:
    """(5, 6) What an entry says was pruned may be gone; what lies behind it may not."""
    log = pruned(5)
    bundle = log.bundle(absent=range(6))
    bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/")}
    answer = told(bundle)
    assert answer.code == 0
    assert "6 entries are here by their hash alone: pruned" in answer.told
    bundle = log.bundle(absent=range(7))
    bundle.files = {name: data for name, data in bundle.files.items() if not name.startswith("config/")}
    assert told(bundle).steps >= {5}
