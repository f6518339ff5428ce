"""One process after the other, and two at once: work is handed over, never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator

import httpx
import pytest

from bot.demo import Ports
from tests.chaos.reckoning import Books
from tests.living import Bot, Life, free_port, wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(120)]


@pytest.fixture
def second(life: Life) -> Iterator[Bot]:
    """Another process on the same database, on a port of its own."""
    ports = Ports(bot=free_port(), sandbox=life.world.ports.sandbox)
    bot = Bot(ports=ports, folder=life.bot.folder)
    bot.start(ready=False)
    try:
        wait_for(lambda: _status(bot) == 503, "the second one's doors")
        yield bot
    finally:
        bot.stop()


def test_sigterm_ends_within_five_seconds_and_the_next_start_finishes_the_work(life: Life) -> None:
    world = life.world
    world.fault(service="slack", match="conversations.create", do="latency", ms=9000)
    for service in ("lms", "payments", "forums"):
        world.page(service=service, title=f"{service} is unwell")
    life.until(lambda: world.log(name="conversations.create"), "the work to begin")
    assert life.bot.stop() < 5.0
    world.heal()
    life.bot.start()
    world.advance(30)
    life.settle(40)
    books = Books(world.state(), world.log())
    assert len(books.incident_rooms) == 3
    assert books.half_made() == []
    assert books.doubled_messages() == []


def test_a_second_process_waits_unready_and_takes_over(life: Life, second: Bot) -> None:
    assert "another Tocsin" in str(second.ready()["not_ready"])
    assert _webhook(second).status_code == 503
    life.bot.stop()
    second.wait_ready()
    assert _webhook(second).status_code == 202


def test_it_takes_over_from_one_that_was_killed_too(life: Life, second: Bot) -> None:
    life.bot.kill()
    second.wait_ready()
    assert _webhook(second).status_code == 202


def test_a_page_that_comes_during_the_baseline_opens_its_incident(apart: Life) -> None:
    world = apart.world
    world.page(service="forums", title="open long before we came")
    world.advance(120)
    # While time stands, PagerDuty does not bring the old page's webhook again.
    world.post("/clock", {"paused": True})
    world.fault(service="pagerduty", match="incidents.list", do="latency", ms=1500)
    apart.bot.start(ready=False)
    wait_for(lambda: world.log(name="incidents.list"), "the baseline to be asked for")
    world.page(service="lms", title="came during the baseline")
    wait_for(world.channels, "the channel")
    apart.settle(30)
    books = Books(world.state(), world.log())
    assert [room["name"].split("-")[2] for room in books.incident_rooms] == ["lms"]
    assert "open long before we came" in str(world.channels("incidents"))


def _status(bot: Bot) -> int:
    try:
        return httpx.get(f"{bot.ports.tocsin}/readyz", timeout=2.0).status_code
    except httpx.HTTPError:
        return 0


def _webhook(bot: Bot) -> httpx.Response:
    body = json.dumps({"event": {"id": "E1", "event_type": "pagey.ping", "data": {}}}).encode()
    signed = hmac.new(b"pd-demo-webhook-secret", body, hashlib.sha256).hexdigest()
    return httpx.post(
        f"{bot.ports.tocsin}/webhooks/pagerduty",
        content=body,
        headers={"X-PagerDuty-Signature": f"v1={signed}"},
    )
