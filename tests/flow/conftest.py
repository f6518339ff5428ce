"""A house on a real file, with a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.events import SamplingBegan
from bot.domain.incident import HOUSE
from tests.doubles.house import House, World
from tests.doubles.meters import available
from tests.doubles.pages import at
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


@pytest.fixture
def burning(house: House) -> House:
    """Five of a hundred requests to the LMS fail since five to twelve; New Relic's error rate is calm."""
    house.world.objectives = (available(),)
    house.restart()
    house.world.meter.goes_bad(at(-5), 5)
    house.record(HOUSE, SamplingBegan())
    house.work()
    return house
