"""A store and an engine that can be stopped and started again, as after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.engine.engine import Engine
from bot.reactions import Keeper, Reaction, collect
from bot.timeline.store import Store
from tests.timeline.ledgers import HandClock, Small, small


class House:
    """One process: `stop` ends it, `House(...)` on the same file is the next one."""

    def __init__(self, file: Path, clock: HandClock, **parts: Any) -> None:
        self.clock = clock
        self.store: Store[Small] = Store.at(file, clock=clock, fold=small)
        answers: Sequence[Reaction | Keeper] = list(
            collect(*(SimpleNamespace(part=part) for part in parts.get("answers", ())))
        )
        handlers: Mapping[str, Any] = parts.get("handlers", {})
        self.engine = Engine(
            self.store, self.store, answers=answers, handlers=handlers, clock=clock
        )
        self.engine.start()
        self._open = True

    def record(self, *facts: Any, incident: str = "i1") -> None:
        with self.store.open(incident) as opened:
            for fact in facts:
                opened.record(fact)

    def rest(self) -> None:
        """Until everything that is due has been done."""
        assert self.engine.idle(timedelta(seconds=10))
        # What was finished last is written without anybody waiting for it.
        self.store._writer.write(lambda _connection: None)

    def forward(self, **by: float) -> None:
        self.rest()
        self.clock.forward(timedelta(**by))
        self.engine._pump()
        self.rest()

    def stop(self) -> None:
        if self._open:
            self._open = False
            self.engine.stop(timedelta(seconds=5))
            self.store.close()


@pytest.fixture(autouse=True)
def said() -> Iterator[list[Any]]:
    """What was logged; printing tracebacks with their locals would take seconds."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path, clock: HandClock) -> Iterator[Callable[..., House]]:
    """Each call ends the process before it and starts the next one on the same file."""
    running: list[House] = []

    def start(**parts: Any) -> House:
        for earlier in running:
            earlier.stop()
        running.append(House(tmp_path / "tocsin.db", clock, **parts))
        return running[-1]

    yield start
    for one in running:
        one.stop()
