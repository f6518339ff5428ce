"""How long `/incident list` takes with ten thousand incidents stored, beside reading one row."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measured import Row, late, show
from bot.domain.events import Declared, Resolved
from bot.slack.handlers.looking import list_open
from bot.slack.handling import Ask
from tests.doubles.house import House
from tests.doubles.people import ANA
from tests.timeline.ledgers import HandClock

STORED, OPEN, TIMES = 10_000, 40, 200
ASK = Ask(person=ANA, key="list")


def main() -> None:
    # Beside the sources: /tmp is often in memory.
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    house = House(folder / "tocsin.db", HandClock())
    try:
        fill(house)
        house.restart()
        began = time.perf_counter()
        list_open(house.tools, ASK)
        first = time.perf_counter() - began
        took = timed(lambda: list_open(house.tools, ASK))
        floor = timed(lambda: house.store.summaries(open_only=True, limit=1))
        _show(first, took, floor)
    finally:
        house.close()
        shutil.rmtree(folder)


def fill(house: House) -> None:
    """A hundred in one commit; every 250th is still open."""
    for start in range(0, STORED, 100):
        with house.store.desk() as desk:
            for number in range(start, start + 100):
                title = f"Service {number % 50} is unwell"
                incident = desk.declare(f"i{number:05}")
                incident.record(
                    Declared(title=title, channel_name=f"inc-{number}", service="lms", by=ANA)
                )
                if number % (STORED // OPEN):
                    incident.record(Resolved(how="it was looked at", by=ANA))


def timed(work: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took


def _show(first: float, took: list[float], floor: list[float]) -> None:
    measured = (
        f"median {statistics.median(took) * 1000:.0f} ms, p95 {late(took, 95) * 1000:.0f} ms"
    )
    row = Row(
        what=f"/incident list, {STORED:,} stored, {OPEN} open",
        measured=f"{measured}; the first after a start {first * 1000:.0f} ms",
        budget="p95 < 100 ms",
        floor=f"one row of the index {statistics.median(floor) * 1000:.1f} ms",
    )
    show("The list of incidents", [row])
