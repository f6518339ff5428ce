"""The owed table: what has to be carried out, since when, and what went wrong so far."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    bindparam,
    delete,
    select,
    update,
)

from bot.domain.facts import Entry
from bot.reactions import Lane
from bot.timeline import schema
from bot.timeline.writer import Writer

_owed = schema.owed
_COLUMNS = tuple(column.name for column in _owed.columns)
_PLACE = ("incident", "reaction", "key", "seq")
# Built once: putting a statement together costs far more than running it.
_here = tuple(_owed.c[name] == bindparam(f"its_{name}") for name in _PLACE)
_FINISH = delete(_owed).where(*_here, _owed.c.armed <= bindparam("shown"))
_CHANGE = update(_owed).where(*_here)


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
        return self._submit(_FINISH, {**_place(owed), "shown": shown})

    def postpone(
        self, owed: Owed, due: datetime, *, attempts: int, trouble: Trouble
    ) -> Future[None]:
        wrong = {"attempts": attempts, "why": trouble.why, "vendor": trouble.vendor}
        return self._submit(_CHANGE, {**_place(owed), **wrong, "due": due})

    def park(self, owed: Owed, *, attempts: int, trouble: Trouble) -> Future[None]:
        """Set aside for a human. The row stays until it is retried."""
        wrong = {"attempts": attempts, "why": trouble.why, "vendor": trouble.vendor}
        return self._submit(_CHANGE, {**_place(owed), **wrong, "state": State.PARKED})

    def unpark(self, *, name: str = "", vendor: str = "") -> list[Owed]:
        """Rows parked under this reaction's name, or because of this vendor; else all."""

        def work(connection: Connection) -> list[Owed]:
            return unpark(connection, name=name, vendor=vendor)

        return self._writer.write(work)

    def _submit(self, statement: Executable, row: dict[str, Any]) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(statement, row)

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
    return {name: getattr(owed, name) for name in _COLUMNS}


def _place(owed: Owed) -> dict[str, Any]:
    return {f"its_{name}": getattr(owed, name) for name in _PLACE}


def _owed_of(row: Row[Any]) -> Owed:
    found: dict[str, Any] = dict(row._mapping)
    return Owed(**{**found, "lane": Lane(found["lane"]), "state": State(found["state"])})
