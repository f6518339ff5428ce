"""What time it is: the machine's clock, or the demo world's, which can jump, stand or run fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from pydantic import AwareDatetime, BaseModel, ValidationError

from bot.integrations.http import trusted

log = structlog.get_logger()
_LONG_POLL = 20
_PATIENCE = httpx.Timeout(5.0, read=_LONG_POLL + 10.0)
_AWAY = 1.0


class SystemClock:
    """Never jumps on purpose, so nobody has to be told."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def on_change(self, callback: Callable[[], None]) -> None:
        pass

    def seconds_until(self, moment: datetime) -> float | None:
        return (moment - self.now()).total_seconds()


class Reading(BaseModel):
    """The sandbox's answer: its time at the moment of answering, and how it goes on."""

    now: AwareDatetime
    speed: float = 1.0
    paused: bool = False
    version: int = 0


class SandboxClock:
    """Follows the sandbox by long-polling and runs on by itself between two answers.

    While the sandbox is away it runs on as it last did; before the first answer it is real time.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._guard = threading.Lock()
        self._reading = Reading(now=datetime.now(UTC))
        self._read_at = time.monotonic()
        self._callbacks: list[Callable[[], None]] = []
        self._answered = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="sandbox clock", daemon=True)

    def start(self, patience: timedelta = timedelta(seconds=2)) -> bool:
        """Begin to follow, and wait this long for a first answer. True when it came."""
        self._thread.start()
        return self._answered.wait(patience.total_seconds())

    def close(self) -> None:
        """A poll under way is left to end by itself."""
        self._closed.set()

    def now(self) -> datetime:
        with self._guard:
            passed = timedelta(seconds=(time.monotonic() - self._read_at) * self._pace())
            return self._reading.now + passed

    def on_change(self, callback: Callable[[], None]) -> None:
        with self._guard:
            self._callbacks.append(callback)

    def seconds_until(self, moment: datetime) -> float | None:
        left = (moment - self.now()).total_seconds()
        if left <= 0:
            return left
        with self._guard:
            pace = self._pace()
        return left / pace if pace > 0 else None

    def _pace(self) -> float:
        return 0.0 if self._reading.paused else self._reading.speed

    def _follow(self) -> None:
        version = -1
        with httpx.Client(timeout=_PATIENCE, verify=trusted()) as client:
            while not self._closed.is_set():
                try:
                    reading = self._ask(client, version)
                except (httpx.HTTPError, ValidationError) as error:
                    log.info("the sandbox's clock did not answer", error=type(error).__name__)
                    # A sandbox that comes back counts its versions anew.
                    version = -1
                    self._closed.wait(_AWAY)
                    continue
                self._take(reading, changed=reading.version != version)
                version = reading.version

    def _ask(self, client: httpx.Client, version: int) -> Reading:
        asked: dict[str, str | int] = {"after": version, "timeout": _LONG_POLL}
        answer = client.get(self._url, params=asked if version >= 0 else None)
        answer.raise_for_status()
        return Reading.model_validate_json(answer.content)

    def _take(self, reading: Reading, *, changed: bool) -> None:
        with self._guard:
            self._reading, self._read_at = reading, time.monotonic()
            callbacks = list(self._callbacks)
        self._answered.set()
        if changed:
            for callback in callbacks:
                callback()
