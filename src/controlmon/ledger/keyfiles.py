"""The key files of a ledger that changes its key: the new one is written beside the old one, and takes its place once the log says so."""

from pathlib import Path

from controlmon.core.note import VerifierKey, parse_verifier_key
from controlmon.core.rotation import STREAM
from controlmon.ledger import log
from controlmon.ledger.keys import KeyedSigner, open_signer
from controlmon.ledger.state import State
from controlmon.ledger.store import Store

KEY, NEXT = "signing.key", "signing.key.next"


def next_key(directory: Path, origin: str) -> KeyedSigner:
    """A new key in a file beside the one in force, to rotate to; `keep_next_key` puts it in its place."""
    return open_signer(f"file:{directory / NEXT}", origin, directory, create=True)


def keep_next_key(directory: Path, old: VerifierKey) -> Path:
    """Put the new key in the place of the old one, which is kept aside. Gives where the old one is."""
    retired = directory / f"signing-{old.key_id.hex()}.key.retired"
    if (directory / KEY).exists():
        (directory / KEY).rename(retired)
    (directory / NEXT).rename(directory / KEY)
    return retired


def finish_rotation(store: Store, directory: Path) -> None:
    """A crash between the entry that changes keys and the change of files: do what is left of it."""
    if not (directory / NEXT).exists():
        return
    state = State()
    with store.reading() as connection:
        state.load(connection)
    last = list(log.stream_of(store, state, STREAM))[-1:]
    for entry in last:
        new = parse_verifier_key(entry["new"])
        if open_signer(f"file:{directory / NEXT}", new.name, directory, create=False).verifier_key == new:
            keep_next_key(directory, parse_verifier_key(entry["old"]))
