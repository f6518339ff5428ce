"""SIGKILL at any instant: what was acknowledged is there, once, and the chain holds."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine.engine import Engine
from bot.timeline.store import Store
from tests.timeline.crashing import hash_of, say
from tests.timeline.ledgers import HandClock, Said, small

ROOT = Path(__file__).parents[2]


def acked_before_being_killed(file: Path, name: str, seconds: float) -> list[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.timeline.crashing", str(file), name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline().strip()
    time.sleep(seconds)
    child.kill()
    rest, _nothing = child.communicate()
    # The last line may have been cut off by the kill.
    return [first, *(line for line in rest.split("\n")[:-1] if line)]


@pytest.mark.timeout(90)
def test_nothing_acknowledged_is_lost_or_done_twice_by_kill_9(file: Path) -> None:
    chance = random.Random(7)
    acked = [
        text
        for life in range(4)
        for text in acked_before_being_killed(file, str(life), chance.uniform(0.05, 0.4))
    ]
    clock = HandClock()
    store = Store.at(file, clock=clock, fold=small)
    engine = Engine(store, store, answers=(), handlers={"say": say}, clock=clock)
    engine.start()
    # Rows of the killed processes are due by the real clock, which is ahead of this one.
    clock.forward(timedelta(days=36500))
    assert engine.idle(timedelta(seconds=60))
    engine.stop()

    said = Counter(
        (number, entry.fact.text)
        for number in range(7)
        for entry in store.entries(f"i{number}")
        if isinstance(entry.fact, Said)
    )
    assert len(acked) > 100
    assert {(hash_of(text), text) for text in acked} <= set(said)
    assert set(said.values()) == {1}
    assert store.audit() == []
    store.close()
