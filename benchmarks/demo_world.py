"""The real bot and the demo world for one benchmark, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.demo import Ports
from tests.living import Bot, Life, World, free_port


@contextmanager
def living(*, latency: int = 0, strict: bool = False) -> Iterator[Life]:
    # Beside the sources: /tmp is often in memory, which would flatter the disk.
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    ports = Ports(bot=free_port(), sandbox=free_port())
    world = World(ports=ports, folder=folder, latency=latency, strict=strict)
    bot = Bot(ports=ports, folder=folder, objectives=True)
    world.start()
    try:
        bot.start()
        yield Life(world=world, bot=bot)
    finally:
        bot.stop()
        world.stop()
        shutil.rmtree(folder)


def ended(record: dict[str, Any]) -> float:
    """When the exchange was over, in seconds of the wall clock."""
    return float(record["wall"]) + float(record["ms"] or 0) / 1000


def calls(life: Life, name: str) -> list[dict[str, Any]]:
    """Requests of the bot to Slack that were answered well."""
    found = life.world.log(system="slack", name=name)
    return [one for one in found if one["status"] == 200 and (one["response"] or {}).get("ok")]
