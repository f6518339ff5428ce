"""Due times follow a clock that may stand, jump or run fast."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.engine.lag import LoopWatch
from bot.engine.timers import Alarm
from bot.integrations.clock import SandboxClock, SystemClock
from tests.timeline.ledgers import NOON, HandClock


class World:
    """Serves the clock of a sandbox, long-polling as it does."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}
        self.changed = threading.Condition()
        self.set(now=NOON, speed=1.0, paused=True)
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                after = self.path.partition("after=")[2].partition("&")[0]
                with world.changed:
                    if after:
                        world.changed.wait_for(
                            lambda: str(world.answer["version"]) != after, timeout=5
                        )
                    body = json.dumps(world.answer, default=str).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/_sandbox/clock"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def set(self, **to: Any) -> None:
        with self.changed:
            if "now" in to:
                to["now"] = to["now"].isoformat()
            version = self.answer.get("version", 0) + 1
            self.answer = {**self.answer, **to, "version": version}
            self.changed.notify_all()

    def close(self) -> None:
        self.set(paused=True)
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def follower(world: World) -> Iterator[SandboxClock]:
    clock = SandboxClock(world.url)
    assert clock.start() is True
    yield clock
    clock.close()


def test_a_standing_clock_stands(follower: SandboxClock) -> None:
    assert follower.now() == NOON
    assert follower.seconds_until(NOON + timedelta(seconds=1)) is None
    assert follower.seconds_until(NOON) == 0


def test_a_jump_is_followed_and_told(world: World, follower: SandboxClock) -> None:
    told = threading.Event()
    follower.on_change(told.set)
    world.set(now=NOON + timedelta(hours=3))

    assert told.wait(5)
    assert follower.now() == NOON + timedelta(hours=3)


def test_between_two_answers_time_runs_at_the_speed_of_the_world(
    world: World, follower: SandboxClock
) -> None:
    told = threading.Event()
    follower.on_change(told.set)
    world.set(paused=False, speed=100.0)
    assert told.wait(5)
    left = follower.seconds_until(follower.now() + timedelta(seconds=100))

    assert left == pytest.approx(1.0, abs=0.1)


def test_a_world_that_is_away_leaves_real_time() -> None:
    clock = SandboxClock("http://127.0.0.1:9/_sandbox/clock")
    assert clock.start(timedelta(seconds=0.2)) is False
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.close()


def test_the_machines_clock_is_aware_and_utc() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta()
    assert clock.seconds_until(clock.now() + timedelta(seconds=9)) == pytest.approx(9, abs=0.5)


@pytest.fixture
def alarm() -> Iterator[tuple[Alarm, HandClock, threading.Event]]:
    clock, rang = HandClock(), threading.Event()
    made = Alarm(clock, rang.set)
    made.start()
    yield made, clock, rang
    made.close()


def test_the_alarm_rings_when_a_jump_passes_its_moment(
    alarm: tuple[Alarm, HandClock, threading.Event],
) -> None:
    made, clock, rang = alarm
    made.set(NOON + timedelta(minutes=5))
    clock.forward(timedelta(minutes=4))
    assert not rang.wait(0.1)

    clock.forward(timedelta(minutes=1))
    assert rang.wait(5)


def test_the_alarm_rings_by_itself_on_a_running_clock() -> None:
    clock, rang = SystemClock(), threading.Event()
    made = Alarm(clock, rang.set)
    made.start()
    began = time.monotonic()
    made.set(clock.now() + timedelta(seconds=0.1))

    assert rang.wait(5)
    assert time.monotonic() - began >= 0.09
    made.close()


def test_a_lagging_loop_halves_the_reactions_down_to_four() -> None:
    limits: list[int] = []
    watch = LoopWatch(limits.append)
    for late in (0.001, 0.030, 0.050, 0.030, 0.200):
        watch.measured(late)

    assert limits == [12, 6, 4]


def test_a_loop_that_keeps_time_again_gives_the_reactions_back_step_by_step() -> None:
    limits: list[int] = []
    watch = LoopWatch(limits.append)
    for _late in range(4):
        watch.measured(0.030)
    for _tenth in range(10):
        watch.measured(0.001)

    assert limits == [12, 6, 4, 8, 16, 24]


def test_one_timely_moment_between_late_ones_gives_nothing_back() -> None:
    limits: list[int] = []
    watch = LoopWatch(limits.append)
    for late in (0.030, 0.001, 0.030, 0.001, 0.030, 0.001):
        watch.measured(late)

    assert limits == [12, 6, 4]
