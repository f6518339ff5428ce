"""How long a decision waits: the approving click, “what changed?” over many sources, and a plan among many."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.demo_world import living
from benchmarks.measured import Row, show
from bot.domain.catalog import Deployment
from bot.domain.change import Change
from bot.engine.sidebyside import SideBySide
from bot.flow import changes
from bot.integrations.argocd import ArgoCD
from bot.integrations.clock import SystemClock
from bot.tools import Gate
from tests.doubles.house import House
from tests.living import Life, free_port, wait_for
from tests.stories.walking import paged
from tests.timeline.ledgers import HandClock

SERVICES = ("lms", "payments", "forums", "identity", "notes")
SOURCES, EACH = 8, timedelta(milliseconds=300)
TIMES = 7


def main() -> None:
    with living() as life:
        clicked = [click(life, service) for service in SERVICES]
    together = asked_together()
    with many_applications() as argo:
        planned, listed = timed(lambda: plan(argo)), timed(lambda: changed(argo))
        floor = timed(lambda: fetched(argo._api.url))
    rows = [
        Row(
            what="approving click → first call to Argo CD",
            measured=_said(clicked),
            budget="≤ 300 ms",
        ),
        Row(
            what=f"“what changed?”, {SOURCES} sources at {EACH / timedelta(milliseconds=1):.0f} ms",
            measured=_said(together),
            budget="≤ 600 ms",
            floor=f"one source {EACH / timedelta(milliseconds=1):.0f} ms",
        ),
        Row(what="a plan among 300 applications", measured=_said(planned), budget="≤ 1,000 ms"),
        Row(
            what="what changed among 300 applications",
            measured=_said(listed),
            floor=f"fetching the list {_said(floor)}",
        ),
    ]
    show("Deciding", rows)


def click(life: Life, service: str) -> float:
    """From the click's sending until Argo CD is first asked because of it."""
    room = paged(life, service)
    proposal = room.propose()
    before = len(life.world.log(system="argocd"))
    began = time.time()
    life.world.act("click", "ben", channel=room.id, action_id="approve", ts=proposal["ts"])
    life.until(lambda: len(life.world.log(system="argocd")) > before, "Argo CD is asked")
    first = float(life.world.log(system="argocd")[before]["wall"])
    life.settle()
    return first - began


class Slow:
    """A source of changes that takes its time and knows nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        time.sleep(EACH.total_seconds())
        return []


def asked_together() -> list[float]:
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    house = House(folder / "tocsin.db", HandClock())
    try:
        sources = tuple(Slow(f"source {number}") for number in range(SOURCES))
        asked = {"production": sources}
        tools = replace(house.tools, change_sources=asked, beside=SideBySide())
        return timed(lambda: changes.look_at(tools, "lms", "production"))
    finally:
        house.close()
        shutil.rmtree(folder)


@contextmanager
def many_applications() -> Iterator[ArgoCD]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.argo_server", str(port)])
    url = f"http://127.0.0.1:{port}"
    argo = ArgoCD(url, "t", gate=Gate(observe=True), clock=SystemClock())
    try:
        wait_for(lambda: _up(url), "the server")
        yield argo
    finally:
        argo.close()
        server.terminate()
        server.wait(10)


def _up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/version").is_success
    except httpx.TransportError:
        return False


def _place(number: int) -> Deployment:
    name = f"service-{number:03}"
    return Deployment(service=name, environment="production", app=name)


def plan(argo: ArgoCD) -> None:
    """Offers first, as the form does it."""
    place = _place(217)
    offer = argo.offers(place, before=None)[0]
    argo.plan_rollback(place, offer.target)


def changed(argo: ArgoCD) -> None:
    now = SystemClock().now()
    argo.changes([_place(each) for each in range(40)], since=now - timedelta(days=1), until=now)


def fetched(url: str) -> None:
    httpx.get(f"{url}/api/v1/applications").json()


def timed(work: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took


def _said(took: Sequence[float]) -> str:
    return f"median {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms"
