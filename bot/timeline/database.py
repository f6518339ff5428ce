"""What the timeline needs from a database, and the choice of one by its URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine

from bot.timeline.sqlite import SQLite


class Lock(Protocol):
    """Held by the one process whose engine may run."""

    @property
    def acquired(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...
    def release(self) -> None: ...


class Doorbell(Protocol):
    """How another process tells the running one that the owed table changed."""

    def ring(self) -> bool: ...
    def listen(self, answer: Callable[[], None]) -> None: ...


class Database(Protocol):
    """One kind of database. `begin` opens the transaction of the writer's connection."""

    @property
    def lock(self) -> Lock: ...
    @property
    def doorbell(self) -> Doorbell: ...
    @property
    def readers(self) -> Engine: ...
    def writer(self) -> Connection: ...
    def exists(self) -> bool: ...
    def volatile(self) -> str | None: ...
    def backup(self, path: Path) -> None: ...
    def close(self) -> None: ...


def database(where: str | Path) -> Database:
    """By URL, or a path to a SQLite file."""
    address = str(where)
    if address.startswith(("postgresql:", "postgresql+", "postgres:")):
        raise NotImplementedError("DATABASE_URL: PostgreSQL is not supported by this version yet.")
    return SQLite(Path(address.removeprefix("sqlite:///")))
