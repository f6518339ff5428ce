"""The demo world and the real bot, to be killed, flooded and cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import Ports
from tests.living import Bot, Life, World, free_port


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Life]:
    """Both, with the bot not started yet."""
    ports = Ports(bot=free_port(), sandbox=free_port())
    world, bot = World(ports=ports, folder=tmp_path), Bot(ports=ports, folder=tmp_path)
    world.start()
    try:
        yield Life(world=world, bot=bot)
    finally:
        bot.stop()
        world.stop()


@pytest.fixture
def life(apart: Life) -> Life:
    apart.bot.start()
    return apart
