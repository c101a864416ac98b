"""A period of a ledger in one file: written, and read back. The format is `docs/evidence.md`'s, to the byte."""
