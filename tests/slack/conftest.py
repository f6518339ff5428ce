"""A house with a rollback that works, and people at its front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.house import House, World
from tests.doubles.pages import paged
from tests.doubles.production import Production, Rollback
from tests.slack.front import Front
from tests.timeline.ledgers import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def production(clock: HandClock) -> Production:
    return Production(clock=clock)


@pytest.fixture
def world(production: Production) -> World:
    return World(mitigations={"rollback": Rollback(production)})


@pytest.fixture
def house(tmp_path: Path, clock: HandClock, world: World) -> Iterator[House]:
    opened = House(tmp_path / "tocsin.db", clock, world)
    yield opened
    opened.close()


@pytest.fixture
def front(house: House) -> Front:
    return Front(house)


@pytest.fixture
def paged_incident(house: House) -> str:
    """LMS paged, its channel is open, triage is done."""
    incident = paged(house)
    house.channel(incident)
    house.work()
    return incident
