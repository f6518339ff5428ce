"""A hundred objectives: a cycle of the sampler, the size of what it keeps, and the dashboard over it."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx

from benchmarks.listing import STORED, fill
from benchmarks.measured import Row, late, show
from bot.domain.slo import Bucket, Counts, Objective, Query, Read, reckon
from bot.flow.sampling import sample
from bot.meters import Ask, Point, Series
from tests.doubles.house import House, World
from tests.doubles.meters import available
from tests.timeline.ledgers import NOON, HandClock
from tests.web.doors import Doors

OBJECTIVES, DAYS, TIMES = 100, 30, 200
_MINUTE = timedelta(minutes=1)


class Steady:
    """Answers at once, so that what is measured is the bot."""

    lag = timedelta(minutes=2)

    def series(self, asks: Sequence[Ask]) -> list[Series]:
        return [_points(each) for each in asks]

    def value(self, query: Query, **_window: object) -> float:
        return 0.3


def _points(ask: Ask) -> Series:
    return tuple(
        Point(ask.since + n * ask.step, 100.0) for n in range((ask.until - ask.since) // ask.step)
    )


def main() -> None:
    # Beside the sources: /tmp is often in memory.
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    every = tuple(available(f"objective-{n}", service=f"s{n % 50}") for n in range(OBJECTIVES))
    world = World(objectives=every, meter=Steady())  # type: ignore[arg-type]
    house = House(folder / "tocsin.db", HandClock(), world)
    try:
        before = (folder / "tocsin.db").stat().st_size
        # The first round notes what is counted; then it has run for a month.
        sample(house.tools, every)
        _month(house, every)
        cpu, took = _cycle(house)
        size = sum(file.stat().st_size for file in folder.iterdir()) - before
        fill(house)
        pages = asyncio.run(_pages(house))
        bare = asyncio.run(_pages(house, "/healthz"))
        _show(cpu, took, size, pages, bare)
    finally:
        house.close()
        shutil.rmtree(folder)


def _month(house: House, every: Sequence[Objective]) -> None:
    """Thirty days of minutes, a little different in each."""
    end = NOON - 10 * _MINUTE
    count = DAYS * 24 * 60
    minutes = [
        Bucket(
            at=end - (count - n) * _MINUTE,
            step=_MINUTE,
            counts=Counts(1000 + n % 97, n % 7 / 4),
        )
        for n in range(count)
    ]
    samples = house.store.samples
    for each in every:
        samples.keep(each.name, Read(minutes=minutes, until=end, source="New Relic"))
        samples.reckoned(each.name, reckon(each, samples.newest(each.name, each.window)))


def _cycle(house: House) -> tuple[float, float]:
    """CPU and wall seconds of one round over all of them."""
    house.clock.forward(timedelta(minutes=5))
    began, cpu = time.perf_counter(), time.process_time()
    sample(house.tools, house.tools.catalog.objectives)
    return time.process_time() - cpu, time.perf_counter() - began


async def _pages(house: House, path: str = "/") -> list[float]:
    app = Doors(tools=house.tools, catalog=house.tools.catalog).app()
    took = []
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://tocsin.example"
    ) as client:
        for _ in range(TIMES):
            began = time.perf_counter()
            (await client.get(path)).raise_for_status()
            took.append(time.perf_counter() - began)
    return took


def _show(
    cpu: float, took: float, size: int, pages: Sequence[float], bare: Sequence[float]
) -> None:
    told = f"median {statistics.median(pages) * 1000:.0f} ms, p95 {late(pages, 95) * 1000:.0f} ms"
    rows = [
        Row(
            what=f"a cycle of the sampler, {OBJECTIVES} objectives",
            measured=f"{cpu:.2f} s of CPU, {took:.2f} s",
            budget="2 s of CPU",
        ),
        Row(
            what=f"{DAYS} days of minutes of {OBJECTIVES} objectives on the disk",
            measured=f"{size / 2**20:.0f} MiB",
            floor=f"{OBJECTIVES * DAYS * 1440 * 16 / 2**20:.0f} MiB: two numbers a minute",
        ),
        Row(
            what=f"the dashboard over them and {STORED:,} incidents",
            measured=told,
            budget="p95 < 100 ms",
            floor=f"/healthz {statistics.median(bare) * 1000:.1f} ms",
        ),
    ]
    show("Objectives and the dashboard", rows)
