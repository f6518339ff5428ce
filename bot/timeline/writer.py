"""The one thread that writes: many callers share a transaction, each in its own savepoint."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()
_BATCH = 128
Result = TypeVar("Result")


class NotStored(Exception):
    """Nothing was kept: the caller must not acknowledge."""


@dataclass(kw_only=True)
class _Unit(Generic[Result]):
    work: Callable[[Connection], Result]
    then: Callable[[Result], None] | None
    done: Future[Result] = field(default_factory=Future)
    result: Result | None = None
    failed: BaseException | None = None


class Writer:
    """Units run in the order of their submission; a caller is released after the commit."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._queue: queue.SimpleQueue[_Unit[Any] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(
        self,
        work: Callable[[Connection], Result],
        then: Callable[[Result], None] | None = None,
    ) -> Future[Result]:
        """`then` runs in the writer's thread after the commit, before the caller is released."""
        unit = _Unit(work=work, then=then)
        # A caller that gives up waiting (a client that hung up) does not take the unit back.
        unit.done.set_running_or_notify_cancel()
        with self._guard:
            if not self._open:
                raise NotStored("the store is closed")
            self._queue.put(unit)
        return unit.done

    def write(
        self,
        work: Callable[[Connection], Result],
        then: Callable[[Result], None] | None = None,
    ) -> Result:
        return self.submit(work, then).result()

    def close(self) -> None:
        """Everything submitted before is still written."""
        with self._guard:
            if not self._open:
                return
            self._open = False
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        running = True
        while running:
            batch, running = self._take()
            try:
                connection = connection or self._connect()
            except SQLAlchemyError as error:
                _lose(batch, error)
                continue
            if batch and not _write(connection, batch):
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _take(self) -> tuple[list[_Unit[Any]], bool]:
        first = self._queue.get()
        batch: list[_Unit[Any]] = []
        while first is not None:
            batch.append(first)
            if len(batch) == _BATCH:
                return batch, True
            try:
                first = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False


def _write(connection: Connection, batch: list[_Unit[Any]]) -> bool:
    """False when the connection is in doubt and has to be opened anew."""
    try:
        with connection.begin():
            for unit in batch:
                _in_savepoint(connection, unit)
    except (SQLAlchemyError, connection.dialect.loaded_dbapi.Error) as error:
        # The transaction as a whole is gone, and with it every unit that had seemed to succeed.
        _lose(batch, error)
        return False
    for unit in batch:
        _release(unit)
    return True


def _lose(batch: list[_Unit[Any]], error: Exception) -> None:
    log.error("transaction lost", units=len(batch), error=type(error).__name__)
    for unit in batch:
        unit.done.set_exception(unit.failed or NotStored(str(error)))


def _in_savepoint(connection: Connection, unit: _Unit[Any]) -> None:
    # Straight to the driver: two statements around each unit are felt when inputs come in floods.
    cursor = connection.connection.cursor()
    cursor.execute("SAVEPOINT unit")
    try:
        unit.result = unit.work(connection)
    except Exception as error:  # noqa: BLE001 - carried to the caller, who alone can judge it
        unit.failed = error
        cursor.execute("ROLLBACK TO SAVEPOINT unit")
    cursor.execute("RELEASE SAVEPOINT unit")
    cursor.close()


def _release(unit: _Unit[Any]) -> None:
    if unit.failed is not None:
        unit.done.set_exception(unit.failed)
        return
    if unit.then is not None:
        try:
            unit.then(unit.result)
        except Exception:
            # Committed is committed: a failing notice may not look like a failed write.
            log.exception("notice after commit failed")
    unit.done.set_result(unit.result)
