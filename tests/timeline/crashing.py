"""A process that is made to be killed: it stores inputs, decides on them, and says what it acked."""

from __future__ import annotations

import sys
import threading
from itertools import count
from pathlib import Path
from typing import Any

from bot.engine.engine import Engine
from bot.integrations.clock import SystemClock
from bot.reactions import Lane
from bot.timeline.inbox import Received
from bot.timeline.store import Store
from tests.timeline.ledgers import Said, small


def say(tools: Any, received: Received) -> None:
    """One fact per input, in one of seven incidents."""
    text = received.body.decode()
    with tools.open(f"i{hash_of(text)}") as incident:
        incident.record(Said(text=text))
        incident.claim("said", text)


def hash_of(text: str) -> int:
    return sum(text.encode()) % 7


def arrive(store: Store[Any], text: str) -> bool:
    return store.inbox.store(
        "say", text, text.encode(), headers={}, subject=text[-1], lane=Lane.PAGE
    )


def main(file: Path, name: str) -> None:
    clock = SystemClock()
    store = Store.at(file, clock=clock, fold=small)
    engine = Engine(store, store, answers=(), handlers={"say": say}, clock=clock)
    engine.start()
    saying = threading.Lock()

    def client(number: int) -> None:
        for turn in count():
            text = f"{name}-{number}-{turn}"
            if arrive(store, text):
                with saying:
                    print(text, flush=True)

    for number in range(8):
        threading.Thread(target=client, args=(number,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
