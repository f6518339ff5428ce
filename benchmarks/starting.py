"""How long the bot takes until it is ready, and how much memory it holds then."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.demo_world import living
from benchmarks.measured import Row, show
from tests.living import Bot

STARTS = 3
LIBRARIES = "slack_bolt.async_app, sqlalchemy, alembic.context, uvicorn, httpx, pydantic, jinja2, typer, rich.table"


def main() -> None:
    with living() as life:
        took = []
        for _ in range(STARTS):
            life.bot.stop()
            began = time.perf_counter()
            life.bot.start()
            took.append(time.perf_counter() - began)
        idle = pss(life.bot)
        life.world.page(service="lms", title="LMS is unwell")
        life.until(life.world.channels, "the channel")
        life.settle(30)
        after = pss(life.bot)
    imports = statistics.median(_imports(LIBRARIES) for _ in range(STARTS))
    bare = statistics.median(_imports("sys") for _ in range(STARTS))
    show(
        "Starting",
        [
            Row(
                what="start → ready",
                measured=f"median {statistics.median(took):.2f} s of {STARTS}",
                budget="≤ 2 s",
                floor=f"Python {bare:.2f} s, with its libraries {imports:.2f} s",
            ),
            Row(
                what="memory (PSS), idle and after an incident",
                measured=f"{idle:.0f} MiB, {after:.0f} MiB",
                budget="≤ 150 MiB",
            ),
        ],
    )


def pss(bot: Bot) -> float:
    """Its share of everything it maps."""
    assert bot.process is not None
    text = Path(f"/proc/{bot.process.pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def _imports(names: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {names}"], check=True)
    return time.perf_counter() - began
