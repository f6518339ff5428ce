"""The owed table: what has to be carried out, since when, and what went wrong so far."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, select, update

from bot.domain.facts import Entry
from bot.reactions import Lane
from bot.timeline import schema
from bot.timeline.writer import Writer

_owed = schema.owed


class State(StrEnum):
    """Of an owed row or an input. `channel` waits for the incident's channel to be opened."""

    WAITING = "waiting"
    CHANNEL = "channel"
    PARKED = "parked"
    DONE = "done"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One row. A board has `seq` 0; `armed` is the newest fact that it has to show.

    `entry` comes along where the row was made in this process and saves reading it again.
    """

    incident: str
    reaction: str
    key: str
    seq: int
    armed: int
    lane: Lane
    since: datetime
    due: datetime
    attempts: int = 0
    state: State = State.WAITING
    why: str = ""
    vendor: str = ""
    entry: Entry | None = None

    @property
    def board(self) -> bool:
        return self.seq == 0


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong; `vendor` where it may pass with that vendor's recovery."""

    why: str
    vendor: str = ""


class OwedBook:
    """Reads and writes the rows. Writes return a future: nobody has to wait for the disk."""

    def __init__(self, writer: Writer, readers: Engine) -> None:
        self._writer, self._readers = writer, readers

    def all(self) -> list[Owed]:
        with self._readers.connect() as connection:
            return rows(connection)

    def finish(self, owed: Owed, shown: int) -> Future[None]:
        """Forget the row, unless a fact after `shown` has armed it again meanwhile."""
        gone = delete(_owed).where(_place(owed), _owed.c.armed <= shown)
        return self._submit(gone)

    def postpone(
        self, owed: Owed, due: datetime, *, attempts: int, trouble: Trouble
    ) -> Future[None]:
        return self._submit(
            update(_owed)
            .where(_place(owed))
            .values(due=due, attempts=attempts, why=trouble.why, vendor=trouble.vendor)
        )

    def park(self, owed: Owed, *, attempts: int, trouble: Trouble) -> Future[None]:
        """Set aside for a human. The row stays until it is retried."""
        return self._submit(
            update(_owed)
            .where(_place(owed))
            .values(state=State.PARKED, attempts=attempts, why=trouble.why, vendor=trouble.vendor)
        )

    def unpark(self, *, name: str = "", vendor: str = "") -> list[Owed]:
        """Rows parked under this reaction's name, or because of this vendor; else all."""

        def work(connection: Connection) -> list[Owed]:
            return unpark(connection, name=name, vendor=vendor)

        return self._writer.write(work)

    def _submit(self, statement: Any) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(statement)

        return self._writer.submit(work)


def rows(connection: Connection, *where: ColumnElement[bool]) -> list[Owed]:
    found = connection.execute(
        select(_owed).where(*where).order_by(_owed.c.incident, _owed.c.seq, _owed.c.reaction)
    )
    return [_owed_of(row) for row in found]


def unpark(connection: Connection, *, name: str = "", vendor: str = "") -> list[Owed]:
    """Attempts start anew but not from 0: what ran before may have done something.

    The due time stays: it is past by the bot's clock, which the command line does not have.
    """
    wanted = [_owed.c.state == State.PARKED]
    if name:
        wanted.append(_owed.c.reaction == name)
    if vendor:
        wanted.append(_owed.c.vendor == vendor)
    found = rows(connection, *wanted)
    connection.execute(
        update(_owed).where(*wanted).values(state=State.WAITING, attempts=1, why="")
    )
    return found


def values(owed: Owed) -> dict[str, Any]:
    """The columns of a row."""
    return {column.name: getattr(owed, column.name) for column in _owed.columns}


def _place(owed: Owed) -> ColumnElement[bool]:
    return and_(
        _owed.c.incident == owed.incident,
        _owed.c.reaction == owed.reaction,
        _owed.c.key == owed.key,
        _owed.c.seq == owed.seq,
    )


def _owed_of(row: Row[Any]) -> Owed:
    found: dict[str, Any] = dict(row._mapping)
    return Owed(**{**found, "lane": Lane(found["lane"]), "state": State(found["state"])})
