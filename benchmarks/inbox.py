"""How fast what comes in is on the disk, beside what the disk itself can do, in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.domain.events.staff import MessagePosted
from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.reactions import Lane
from bot.timeline.store import Store

CLIENTS = 64
SECONDS = 3.0
BODY = json.dumps({"event": {"data": "x" * 3500}}).encode()
BATCH = 64
WRITTEN = MessagePosted(what="card", channel="C0LMS", ts="1.1")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds, and how many in a second."""

    what: str
    rate: float
    p50: float | None = None
    p99: float | None = None
    budget: str = ""


def main() -> None:
    # Beside the sources: /tmp is often in memory, which would flatter everybody.
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    try:
        _print([*floor(folder), *inbox(folder)])
    finally:
        shutil.rmtree(folder)


def floor(folder: Path) -> Iterator[Measured]:
    yield _append(folder / "append")
    for rows in (1, BATCH):
        yield _bare_sqlite(folder / f"bare-{rows}.db", rows)


def inbox(folder: Path) -> Iterator[Measured]:
    cases = [
        ("idle", 0, 0.0, "≥ 1,000/s"),
        ("8 reactions busy, 80 ms each", 8, 0.08, "≥ 1,000/s, p99 < 100 ms"),
        ("32 reactions runnable", 32, 0.0, "p99 < 150 ms"),
    ]
    for name, threads, pause, budget in cases:
        file = folder / f"inbox-{threads}.db"
        store = Store.at(file, clock=SystemClock(), fold=lambda one: Incident(id=one))
        try:
            with _busy(store, threads, pause):
                took = asyncio.run(_clients(store))
        finally:
            store.close()
        yield _measured(f"inbox, {CLIENTS} clients, {name}", took, seconds=SECONDS, budget=budget)


def _append(path: Path) -> Measured:
    took = []
    with path.open("ab", buffering=0) as file:
        until = time.monotonic() + SECONDS / 2
        while time.monotonic() < until:
            began = time.perf_counter()
            file.write(BODY)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return _measured("floor: append + fdatasync", took, seconds=SECONDS / 2)


def _bare_sqlite(path: Path, rows: int) -> Measured:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("create table t (id integer primary key, body blob)")
    batch = [(BODY,)] * rows
    took = []
    until = time.monotonic() + SECONDS / 2
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("insert into t (body) values (?)", batch)
        connection.execute("COMMIT")
        took.append(time.perf_counter() - began)
    connection.close()
    found = _measured(f"floor: SQLite WAL FULL, {rows} rows a commit", took, seconds=SECONDS / 2)
    return Measured(what=found.what, rate=found.rate * rows, p50=found.p50, p99=found.p99)


async def _clients(store: Store[Incident]) -> list[float]:
    took: list[float] = []
    until = time.monotonic() + SECONDS

    async def client(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            turn += 1
            key = (f"delivery-{number}-{turn}", f"event-{number}-{turn}")
            began = time.perf_counter()
            await store.inbox.store_async(
                "pagerduty", key, BODY, headers={"x": "y"}, subject=str(number), lane=Lane.PAGE
            )
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return took


@contextmanager
def _busy(store: Store[Incident], threads: int, pause: float) -> Iterator[None]:
    """Reactions at work: each decides on an incident of its own, then waits for its vendor."""
    over = threading.Event()
    running = [
        threading.Thread(target=_react, args=(store, f"i{number}", pause, over))
        for number in range(threads)
    ]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in running:
            thread.join()


def _react(store: Store[Incident], incident_id: str, pause: float, over: threading.Event) -> None:
    while not over.is_set():
        with store.open(incident_id) as incident:
            incident.record(WRITTEN)
        json.dumps([{"text": "x" * 50}] * 40)
        over.wait(pause)


def _measured(what: str, took: list[float], *, seconds: float, budget: str = "") -> Measured:
    cuts = statistics.quantiles(took, n=100)
    return Measured(
        what=what,
        rate=len(took) / seconds,
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        budget=budget,
    )


def _print(found: list[Measured]) -> None:
    table = Table("what", "per second", "p50 ms", "p99 ms", "budget", title="Inbox")
    for one in found:
        table.add_row(one.what, f"{one.rate:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}", one.budget)
    Console().print(table)


if __name__ == "__main__":
    main()
