"""The tables of the ledger, in SQLAlchemy Core, so that another database is a URL and a migration."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

VERSION = 2
"""The version of these tables. A ledger of a newer one is refused."""

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

dictionary = Table("dictionary", metadata, Column("id", Integer, primary_key=True), Column("data", LargeBinary, nullable=False))
"""zstd dictionaries, trained on this ledger's own state."""

blob = Table(
    "blob",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("dictionary", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""State by content: each distinct answer, and each piece of a list, once."""

observation = Table(
    "observation",
    metadata,
    Column("run", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("aspect", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("region", String, nullable=False),
    Column("digest", LargeBinary),
    Column("volatile", Text),
    Column("gap", Text),
    Column("seen", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Facts of runs that are not sealed yet: what was seen, before anyone judges."""

listing = Table(
    "listing",
    metadata,
    Column("run", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("operation", String, primary_key=True),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    Column("id", String, primary_key=True),
    Column("scheduled", String),
    Column("started", String, nullable=False),
    Column("finished", String),
    Column("state", String, nullable=False),
)
"""An index of runs, for finding those that died; the entries are the record."""

staged = Table(
    "staged",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("body", Text, nullable=False),
)
"""Entries that wait for the sequencer."""

entry = Table(
    "entry",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("stream", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("run", String, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("dictionary", Integer, nullable=False),
    Column("body", LargeBinary),
    Index("entry_run", "run"),
    Index("entry_stream", "stream", "seq", unique=True),
)
"""The leaves of the log, in order, never changed: canonical JSON, compressed. A body that was pruned is null; its leaf hash stays."""

stream = Table(
    "stream",
    metadata,
    Column("name", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The last entry of each stream."""

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", String, nullable=False),
)
"""Signed heads of the log."""
