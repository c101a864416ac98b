"""What a bundle is made of: the names of its members, its manifest, and what it says of itself."""

import lzma

from msgspec import Struct

FORMAT = "controlmon-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.note"
START, ENTRIES, HEADS, HEAD = "log/start.json", "log/entries.bin.xz", "log/checkpoints.jsonl", "log/checkpoint"
PACK = "state/blobs.pack.xz"
VERIFIER, README = "verify.py", "README.md"

DICTIONARY = 16 << 20
"""Bytes that LZMA looks back. Twice as much takes about 120 MB more to write, by liblzma's own figures."""
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 2, "dict_size": DICTIONARY}]

MAX_MANIFEST = 16 << 20
MAX_BLOB = 64 << 20
MAX_LINE = 2 << 20


class File(Struct, frozen=True):
    """A member as the manifest declares it: SHA-256 in hexadecimal, and size in bytes."""

    sha256: str
    size: int


class Stretch(Struct, frozen=True):
    """The entries of a bundle: from `start` to before `size`."""

    start: int
    size: int


class Manifest(Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """What is in a bundle. `controls` is None if it is of all of them. Times are UTC, RFC 3339."""

    format: str
    origin: str
    exported_at: str
    begin: str
    end: str
    controls: tuple[str, ...] | None
    key: str
    log: Stretch
    files: dict[str, File]


def signed_text(origin: str, digest: str) -> str:
    """What the note beside the manifest signs: its SHA-256, in hexadecimal."""
    return f"controlmon bundle manifest v1\n{origin}\n{digest}\n"


def config_name(what: str, digest: str) -> str | None:
    """Where the content of a change stands (`catalog`, `parameters aws.s3.x`), or None if it does not stand in `config/`."""
    thing, _, of = what.partition(" ")
    digits = digest.removeprefix("sha256:")
    if thing == "check":
        return None
    return f"config/{thing}/{of}-{digits}.json" if of else f"config/{thing}-{digits}.json"


def read_me(manifest: Manifest) -> bytes:
    """The page that a reader opens first."""
    about = {
        "origin": manifest.origin,
        "begin": manifest.begin,
        "end": manifest.end,
        "controls": "all" if manifest.controls is None else ", ".join(manifest.controls),
        "start": manifest.log.start,
        "size": manifest.log.size,
    }
    return _README.format(**about).encode()


_README = """# Evidence: {origin}

From {begin} to {end}. Controls: {controls}. Entries {start} to {size} of the log.

Open `index.html` for the report, `workbook.xlsx` or `summary.csv` for the figures. They are views: what counts is the record
under `log/` and `state/`, from which each of them can be made again.

## Is it whole, and did the company sign it?

Get `verify.py` and the log's public key from outside of this file: whoever can forge a bundle can forge what stands in it.
Python 3.11 or later is enough; nothing is installed, and no network is used.

    python3 verify.py BUNDLE.zip --key KEY

Exit code 0: all holds. 1: something does not, and step, place and reason are printed. 2: wrong usage. 3: all holds, but no key
was given, so that nothing is known of who signed. With `--witness KEY` and `--tsa-ca FILE.pem` the anchors are verified too.

## Were the judgements right?

With controlmon installed, each judgement is made again from the raw answers, with the clock and the parameters of that time:

    controlmon bundle replay BUNDLE.zip

Exit code 0: every judgement came out the same. 1: some did not, and each subject is listed. 3: some could not be made again,
because the check that is installed is another than the one that judged. `--bundled-checks` takes the sources under `checks/`,
which is to run code of this file: read it first.

## What is where

    log/         every entry of the period in order, the signed checkpoints, and the tree before the period
    state/       the raw answers, and the lists of populations and findings, each by its digest
    checks/      the source of each check that judged
    config/      catalog, schedule and parameters, as the log names them
    anchors/     proofs that a checkpoint was seen outside of the company's host
    controls/    each control: procedure, findings, deviations, what it does not prove
    population/  what was looked at;  ipe.json: how it was listed, and by whom
    oscal/, ocsf.jsonl  the same for machines

The format, to the byte: `docs/evidence.md` of controlmon.
"""
