"""A house on a real file, with a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.house import House, World
from tests.timeline.ledgers import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def house(tmp_path: Path, clock: HandClock, world: World) -> Iterator[House]:
    opened = House(tmp_path / "tocsin.db", clock, world)
    yield opened
    opened.close()
