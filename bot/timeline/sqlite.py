"""Everything that is only true of SQLite: its pragmas, its file lock, its live backup."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from bot.timeline.disk import volatile
from bot.timeline.doorbell import Doorbell

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    # Fewer, larger checkpoints: each one holds up everybody who waits for an ack.
    "PRAGMA wal_autocheckpoint=4000",
    # A redacted text may not live on in a free page of the file.
    "PRAGMA secure_delete=ON",
)


class FileLock:
    """An flock on a file beside the database: gone with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: IO[bytes] | None = None
        self._guard = threading.Lock()

    @property
    def acquired(self) -> bool:
        return self._held is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Take the lock; `timeout=0` asks once. True when this process holds it."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self._take():
            if until is not None and time.monotonic() >= until:
                return False
            # flock has no time-out of its own, and a signal must be able to end this wait.
            time.sleep(0.1)
        return True

    def _take(self) -> bool:
        with self._guard:
            if self._held is not None:
                return True
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._held = file
            return True

    def release(self) -> None:
        with self._guard:
            if self._held is not None:
                self._held.close()
                self._held = None


class SQLite:
    """A file in WAL mode. Committed is on the disk: `synchronous=FULL` is what an ack promises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lock = FileLock(path.with_name(path.name + ".lock"))
        self.doorbell = Doorbell(path.with_name(path.name + ".bell"))
        self.readers = self._engine(write=False)
        self._writing = self._engine(write=True)

    def exists(self) -> bool:
        return self._path.exists()

    def volatile(self) -> str | None:
        return volatile(self._path)

    def writer(self) -> Connection:
        """A new connection whose transactions start by taking SQLite's write lock."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._writing.connect()

    def backup(self, path: Path) -> None:
        """A consistent copy while the bot writes on; the copy appears whole or not at all."""
        unfinished = path.with_name(path.name + ".part")
        with (
            closing(sqlite3.connect(self._path)) as source,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            source.backup(copy, pages=1000, sleep=0.01)
            copy.execute("PRAGMA journal_mode=DELETE")
        os.replace(unfinished, path)

    def close(self) -> None:
        self.doorbell.close()
        self.readers.dispose()
        self._writing.dispose()
        self.lock.release()

    def _engine(self, *, write: bool) -> Engine:
        pool: dict[str, Any] = (
            {"poolclass": NullPool} if write else {"pool_size": 8, "max_overflow": 120}
        )
        # An error's text is logged, and what comes in may not be: hence no parameters in it.
        engine = create_engine(f"sqlite:///{self._path}", hide_parameters=True, **pool)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin_writing if write else _begin_reading)
        return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transaction control would begin too late for SAVEPOINT and for BEGIN IMMEDIATE.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
