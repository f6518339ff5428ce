"""Everything that comes in is stored here before it is acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.reactions import Lane
from bot.timeline import schema
from bot.timeline.owed import State, Trouble
from bot.timeline.writer import NotStored, Writer

_inbox, _keys = schema.inbox, schema.inbox_keys
# Built once: putting a statement together costs far more than running it.
_ARRIVED, _KNOWN_BY = insert(_inbox), insert(_keys)
_ONE = select(_inbox).where(_inbox.c.id == bindparam("number"))
_CHANGE = update(_inbox).where(_inbox.c.id == bindparam("number"))
_HEAVY = {"body", "headers"}
# What was stored a moment ago is mostly handled at once: at most 16 MiB are kept for that.
_FRESH, _SMALL = 256, 64 * 1024


class Unreadable(Exception):
    """Signed, stored, and not understood: a handler raises it, `readyz` shows it."""


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came in, as bytes."""

    kind: str
    key: str
    body: bytes
    headers: Mapping[str, str]
    at: datetime
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Input:
    """A row of the inbox without its weight, as the engine plans with it."""

    id: int
    kind: str
    key: str
    subject: str
    lane: Lane
    at: datetime
    due: datetime
    attempts: int = 0
    state: State = State.WAITING
    why: str = ""
    vendor: str = ""


@dataclass(kw_only=True)
class Handling:
    """The input whose handler runs here: its first commit marks it done in the same breath."""

    input: int
    committed: bool = False


_current: ContextVar[Handling | None] = ContextVar("handling", default=None)


@contextmanager
def handling(this: Handling) -> Iterator[None]:
    token = _current.set(this)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Handling | None:
    return _current.get()


class Inbox:
    """Callers are released when their row is on the disk. Subjects are worked off in order."""

    def __init__(self, writer: Writer, readers: Engine, clock: Clock) -> None:
        self._writer, self._readers, self._clock = writer, readers, clock
        self._wake: Callable[[Input], None] = lambda _input: None
        self._fresh: dict[int, Received] = {}

    def wakes(self, wake: Callable[[Input], None]) -> None:
        """Called with each new input, in the writer's thread, after its commit."""
        self._wake = wake

    def store(
        self,
        kind: str,
        key: str | tuple[str, ...],
        body: bytes,
        *,
        headers: Mapping[str, str],
        subject: str,
        lane: Lane,
    ) -> bool:
        """False when one of the keys was seen before; `NotStored` when nothing was kept."""
        arrived = self._arrival(kind, key, subject=subject, lane=lane)
        try:
            self._submit(arrived, _weight(body, headers), key).result()
        except IntegrityError:
            return False
        except SQLAlchemyError as error:
            raise NotStored(str(error)) from error
        return True

    async def store_async(
        self,
        kind: str,
        key: str | tuple[str, ...],
        body: bytes,
        *,
        headers: Mapping[str, str],
        subject: str,
        lane: Lane,
    ) -> bool:
        """The same for the event loop, which goes on meanwhile."""
        arrived = self._arrival(kind, key, subject=subject, lane=lane)
        stored = self._submit(arrived, _weight(body, headers), key)
        try:
            # Shielded: a client that hangs up does not take back what it sent.
            await asyncio.shield(asyncio.wrap_future(stored))
        except IntegrityError:
            return False
        except SQLAlchemyError as error:
            raise NotStored(str(error)) from error
        return True

    def read(self, number: int) -> Received:
        fresh = self._fresh.pop(number, None)
        if fresh is not None:
            return fresh
        with self._readers.connect() as connection:
            found = connection.execute(_ONE, {"number": number}).one()
        row: dict[str, Any] = dict(found._mapping)
        return _received(row, row)

    def forget(self) -> None:
        """From now on bodies are read as they are stored: some were just taken out."""
        self._fresh.clear()

    def unfinished(self) -> list[Input]:
        with self._readers.connect() as connection:
            return unfinished(connection)

    def finish(self, number: int, state: State = State.DONE, why: str = "") -> Future[None]:
        return self._change(number, state=state, why=why)

    def postpone(
        self, number: int, due: datetime, *, attempts: int, trouble: Trouble
    ) -> Future[None]:
        return self._change(
            number, due=due, attempts=attempts, why=trouble.why, vendor=trouble.vendor
        )

    def park(self, number: int, *, attempts: int, trouble: Trouble) -> Future[None]:
        return self._change(
            number,
            state=State.PARKED,
            attempts=attempts,
            why=trouble.why,
            vendor=trouble.vendor,
        )

    def unpark(self, *, name: str = "", vendor: str = "") -> list[Input]:
        return self._writer.write(lambda connection: unpark(connection, name=name, vendor=vendor))

    def purge(self, before: datetime) -> int:
        """Forget what was done and came in before that time. Returns how many."""
        return self._writer.write(lambda connection: _purge(connection, before))

    def _arrival(
        self, kind: str, key: str | tuple[str, ...], *, subject: str, lane: Lane
    ) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "kind": kind,
            "key": key if isinstance(key, str) else key[0],
            "subject": subject,
            "lane": lane,
            "at": now,
            "due": now,
            "attempts": 0,
            "state": State.WAITING,
            "why": "",
            "vendor": "",
        }

    def _submit(
        self, arrived: dict[str, Any], weight: dict[str, Any], key: str | tuple[str, ...]
    ) -> Future[Input]:
        keys = dict.fromkeys((key,) if isinstance(key, str) else key)
        kind = arrived["kind"]

        def work(connection: Connection) -> Input:
            made = connection.execute(_ARRIVED, {**arrived, **weight})
            (number,) = made.inserted_primary_key or (0,)
            connection.execute(
                _KNOWN_BY, [{"kind": kind, "key": one, "input": number} for one in keys]
            )
            return Input(id=number, **arrived)

        def then(made: Input) -> None:
            if len(self._fresh) < _FRESH and len(weight["body"]) <= _SMALL:
                self._fresh[made.id] = _received(arrived, weight)
            self._wake(made)

        return self._writer.submit(work, then)

    def _change(self, number: int, **to: Any) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(_CHANGE, {"number": number, **to})

        return self._writer.submit(work)


def done(connection: Connection, number: int) -> None:
    """Part of the first commit that the input's handler makes."""
    connection.execute(_CHANGE, {"number": number, "state": State.DONE})


def unpark(connection: Connection, *, name: str = "", vendor: str = "") -> list[Input]:
    wanted = [_inbox.c.state == State.PARKED]
    if name:
        wanted.append(_inbox.c.kind == name)
    if vendor:
        wanted.append(_inbox.c.vendor == vendor)
    columns = [column for column in _inbox.columns if column.name not in _HEAVY]
    found = [_input_of(row) for row in connection.execute(select(*columns).where(*wanted))]
    connection.execute(
        update(_inbox).where(*wanted).values(state=State.WAITING, attempts=1, why="")
    )
    return found


def unfinished(connection: Connection) -> list[Input]:
    """Waiting, parked and unreadable, in the order of their arrival."""
    columns = [column for column in _inbox.columns if column.name not in _HEAVY]
    wanted = select(*columns).where(_inbox.c.state != State.DONE).order_by(_inbox.c.id)
    return [_input_of(row) for row in connection.execute(wanted)]


def _purge(connection: Connection, before: datetime) -> int:
    old = select(_inbox.c.id).where(_inbox.c.state == State.DONE, _inbox.c.at < before)
    connection.execute(delete(_keys).where(_keys.c.input.in_(old)))
    gone = connection.execute(
        delete(_inbox).where(_inbox.c.state == State.DONE, _inbox.c.at < before)
    )
    return gone.rowcount


def _weight(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    return {"body": body, "headers": json.dumps(dict(headers))}


def _received(row: Mapping[str, Any], weight: Mapping[str, Any]) -> Received:
    return Received(
        kind=row["kind"],
        key=row["key"],
        body=weight["body"],
        headers=json.loads(weight["headers"]),
        at=row["at"],
        attempts=row["attempts"],
    )


def _input_of(row: Row[Any]) -> Input:
    found: dict[str, Any] = dict(row._mapping)
    return Input(**{**found, "lane": Lane(found["lane"]), "state": State(found["state"])})
