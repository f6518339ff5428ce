"""The virtual clock, so that a demo compresses waiting and a test never sleeps."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
"""When every fresh world begins: a Tuesday afternoon."""


@dataclass(order=True)
class Timer:
    """One thing to do at a virtual time; `cancel()` makes it do nothing."""

    when: datetime
    order: int
    callback: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Virtual time: real time multiplied by `speed`, plus every jump made with `move`.

    Timers fire in order of their virtual time, and while one fires `now()` is exactly the
    time it was set for, so a jump of ten minutes plays like ten minutes.
    """

    def __init__(self, *, start: datetime = START, speed: float = 1.0, paused: bool = False):
        self.speed = speed
        self.paused = paused
        self.version = 1
        self.seen = 0
        """The version that whoever waited last for a change had heard of."""
        self._anchor = start
        self._anchored = time.monotonic()
        self._firing: datetime | None = None
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        if self._firing is not None:
            return self._firing
        if self.paused:
            return self._anchor
        return self._anchor + timedelta(seconds=(time.monotonic() - self._anchored) * self.speed)

    def call_at(self, when: datetime, callback: Callable[[], object]) -> Timer:
        """Run a synchronous callback when `when` arrives; a past time fires at the next turn."""
        timer = Timer(when=when, order=next(self._order), callback=callback)
        heapq.heappush(self._timers, timer)
        self._wake.set()
        return timer

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """The same, `seconds` of virtual time from now."""
        return self.call_at(self.now() + timedelta(seconds=seconds), callback)

    def move(self, seconds: float) -> None:
        """Jump; forwards, everything due on the way fires in order before this returns."""
        target = self.now() + timedelta(seconds=seconds)
        self._fire_until(target)
        self._set(target)

    def move_to(self, when: datetime) -> None:
        self.move((when - self.now()).total_seconds())

    def set_speed(self, speed: float) -> None:
        self._set(self.now())
        self.speed = speed
        self._bump()

    def pause(self) -> None:
        self._set(self.now())
        self.paused = True
        self._bump()

    def resume(self) -> None:
        self._set(self.now())
        self.paused = False
        self._bump()

    def reset(self, start: datetime = START) -> None:
        """Forget every timer and stand at `start`."""
        self._timers.clear()
        self._set(start)

    def wake(self) -> None:
        """Let everybody who waits for a change look again."""
        self._bump()

    def forget_timers(self) -> None:
        self._timers.clear()

    async def changed(self, version: int, timeout: float) -> bool:  # noqa: ASYNC109 - a long poll
        """Wait until the version is no longer `version`; False when `timeout` real seconds pass."""
        if self.version != version:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return False
        return True

    def start(self) -> None:
        """Fire timers as real time passes; needs a running loop."""
        if self._runner is None:
            self._runner = asyncio.get_running_loop().create_task(self._run())
            self._runner.add_done_callback(self._runner_ended)

    def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.cancel()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            self._fire_until(self.now())
            delay = self._until_next()
            try:
                await asyncio.wait_for(self._wake.wait(), delay)
            except TimeoutError:
                continue

    def _runner_ended(self, task: "asyncio.Task[None]") -> None:
        # A timer that raised is a bug in one system; the world's time must go on regardless.
        if task.cancelled() or self._runner is not task:
            return
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "a timer failed", "exception": task.exception()})
        self._runner = None
        self.start()

    def _until_next(self) -> float | None:
        if self.paused or not self._timers or self.speed <= 0:
            return None
        ahead = (self._timers[0].when - self.now()).total_seconds() / self.speed
        return max(0.0, ahead) + 0.001

    def _fire_until(self, target: datetime) -> None:
        if self._firing is not None:
            return
        while self._timers and self._timers[0].when <= target:
            timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self._firing = max(timer.when, self._anchor)
            try:
                timer.callback()
            finally:
                self._firing = None

    def _set(self, at: datetime) -> None:
        self._anchor = at
        self._anchored = time.monotonic()
        self._bump()

    def _bump(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()
        self._wake.set()
