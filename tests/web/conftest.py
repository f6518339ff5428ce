"""A dashboard over a house on a real file, and somebody who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.house import House
from tests.timeline.ledgers import HandClock
from tests.web.doors import Doors, Reader, tools_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "tocsin.db", HandClock())
    yield made
    made.close()


@pytest.fixture
def reader(house: House) -> Reader:
    return Reader(Doors(tools_of(house)).app())
