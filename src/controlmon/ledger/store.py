"""Opening the database of a ledger, and saying plainly why it cannot be used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from controlmon.core.errors import LedgerError
from controlmon.ledger import schema

BUSY_SECONDS = 30
"""How long to wait for another process that writes."""


class Store:
    """The database: one writer at a time, any number of readers."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self.engine, self.place = engine, place

    @classmethod
    def open(cls, path: Path) -> "Store":
        """The store in a file, created if need be.

        Raises:
            LedgerError: if it is locked, corrupt, read-only, of a newer version, or not a ledger at all.

        """
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare)
        store = cls(engine, str(path))
        with store.writing() as connection:
            schema.meta.create(connection, checkfirst=True)
            _agree_on_version(connection, str(path))
            schema.metadata.create_all(connection)
        return store

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that holds the only pen from its beginning, and is durable when it ends. Raises `LedgerError`."""
        with self._told(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view. Raises `LedgerError` for what the database refuses."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    def compact(self) -> None:
        """Give the room of what was dropped back to the disk. Raises `LedgerError`."""
        with self._told(), self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise LedgerError(f"{self.place}: {_plainly(str(error.orig))}") from error
        except SQLAlchemyError as error:
            raise LedgerError(f"{self.place}: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


@cache
def insert_or_ignore(table: sa.Table) -> Any:  # noqa: ANN401 - each dialect has its own class
    """An insert that leaves a row alone that is there already."""
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def insert_or_replace(table: sa.Table) -> Any:  # noqa: ANN401
    """An insert that takes the place of a row with the same key."""
    statement = sqlite.insert(table)
    others = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]], *, replace: bool = False) -> None:
    """Insert many rows, each in the order of the table's columns: the way of the log, where every microsecond is paid for each entry."""
    if rows:
        connection.exec_driver_sql(_text_of(table, replace=replace), list(rows))


@cache
def _text_of(table: sa.Table, *, replace: bool) -> str:
    names: dict[str, Any] = {c.name: sa.bindparam(c.name) for c in table.columns}
    statement = insert_or_replace(table) if replace else table.insert()
    return str(statement.values(names).compile(dialect=sqlite.dialect(paramstyle="qmark")))


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DB-API connection
    connection.isolation_level = None  # transactions are begun by us, at once and in the mode that we mean
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _agree_on_version(connection: sa.Connection, place: str) -> None:
    connection.execute(insert_or_ignore(schema.meta), {"key": "version", "value": str(schema.VERSION)})
    found = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "version"))
    if found is None or not found.isdigit() or int(found) > schema.VERSION:
        raise LedgerError(f"{place}: written by a newer controlmon (tables {found}, known up to {schema.VERSION}): upgrade controlmon")
    if int(found) < schema.VERSION:
        mend = "keep it for controlmon 0.1, and begin a new one: give another CONTROLMON_STATE_DIR"
        raise LedgerError(f"{place}: written by an older controlmon, whose entries do not say enough to be judged again: {mend}")


def _plainly(message: str) -> str:
    told = {
        "database is locked": f"another process has been writing for {BUSY_SECONDS} s: wait for it, or stop it, and run again",
        "readonly": "it cannot be written: give this user write permission on the file and its directory",
        "unable to open": "it cannot be opened: create its directory, and give this user write permission",
        "not a database": "it is not a ledger, or its beginning is damaged: restore it from a backup; it has not been touched",
        "malformed": "it is damaged: restore it from a backup; nothing more has been written",
        "disk is full": "the disk is full: make room and run again; what was acknowledged is safe",
        "disk i/o": "the disk does not read or write: what was acknowledged before is safe if the disk is",
        "no such table": "it is not a ledger of controlmon: give another state directory",
        "no such column": "it is not a ledger of controlmon: give another state directory",
    }
    return next((mend for sign, mend in told.items() if sign in message.lower()), message)
