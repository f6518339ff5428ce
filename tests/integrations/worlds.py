"""What the tests of vendors share: the demo world's clock as ours, doors that are open or shut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.tools import Gate

OPEN = Gate(observe=False)
SHUT = Gate(observe=True)


@dataclass(frozen=True)
class WorldClock:
    """The demo world's time, read straight from it."""

    demo: Any

    def now(self) -> datetime:
        return self.demo.sim.clock.now()

    def on_change(self, callback: Callable[[], None]) -> None:
        pass


def url(demo: Any, path: str) -> str:
    return f"{demo.http.base_url}".rstrip("/") + path


def fault(demo: Any, service: str, match: str, do: str, **more: Any) -> None:
    answer = demo.post("/faults", service=service, match=match, do=do, **more)
    assert "fault" in answer, answer


def sent(demo: Any, system: str, name: str) -> list[Any]:
    """The requests that reached a system, by the name of its endpoint."""
    return [
        each
        for each in demo.sim.traffic.records
        if each.system == system and each.name == name and each.kind == "request"
    ]
