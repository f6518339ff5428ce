"""A fresh demo world and the real bot for each story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import Ports
from tests.living import Bot, Life, World, free_port


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    ports = Ports(bot=free_port(), sandbox=free_port())
    world = World(ports=ports, folder=tmp_path)
    bot = Bot(ports=ports, folder=tmp_path)
    world.start()
    try:
        bot.start()
        yield Life(world=world, bot=bot)
    finally:
        bot.stop()
        world.stop()
