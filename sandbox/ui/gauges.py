"""The three metrics beside the chat, so that the harm and the recovery are seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from sandbox.core.simulation import Simulation
from sandbox.ui.render.sparkline import sparkline

POINTS = 60
STEP = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Dial:
    """One metric worth watching, and from where on it is bad."""

    short: str
    unit: str
    floor: float
    warn: float | None = None
    bad: float | None = None


FIRST = ("lms-web.error_pct", "lms-web.p95_ms", "lms-web.requests_per_min")
"""What is shown where a scenario names nothing of its own."""
KINDS = {
    "error_pct": Dial(short="Errors", unit="% of requests", floor=4, warn=1, bad=5),
    "p95_ms": Dial(short="p95", unit="ms, p95", floor=400, warn=320, bad=600),
    "requests_per_min": Dial(short="Req", unit="a minute", floor=5000),
    "memory_pct": Dial(short="Memory", unit="% of memory", floor=100, warn=80, bad=97),
    "evictions_per_min": Dial(short="Evicted", unit="a minute", floor=100, warn=1),
    "connections": Dial(short="Conns", unit="connections", floor=2400),
    "blocked_per_min": Dial(short="Blocked", unit="a minute", floor=400, warn=400),
}
"""By the last part of a metric's name."""


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A dial with its hand: what the templates draw."""

    title: str
    short: str
    value: str
    unit: str
    words: str
    state: str
    svg: Markup


def gauges(sim: Simulation) -> list[Gauge]:
    known = set(sim.world.metric_names())
    wanted = sim.world.scenario.watch or FIRST
    return [_gauge(sim, name) for name in wanted if name in known]


def _gauge(sim: Simulation, name: str) -> Gauge:
    dial, title = KINDS[name.rpartition(".")[2]], sim.world.scenario.metrics[name].title or name
    now = sim.clock.now()
    values = sim.world.series(name, until=now, points=POINTS, step=STEP)
    value = values[-1]
    state, words = _judged(dial, value)
    shown = _number(value)
    return Gauge(
        title=title,
        short=dial.short,
        value=f"{shown}%" if dial.unit.startswith("%") else shown,
        unit=dial.unit.removeprefix("% "),
        words=words,
        state=state,
        svg=sparkline(
            values,
            title=f"{title}: now {shown} {dial.unit}; the last 15 minutes",
            limit=dial.bad if state != "good" else None,
            floor=dial.floor,
        ),
    )


def _judged(dial: Dial, value: float) -> tuple[str, str]:
    if dial.bad is not None and value >= dial.bad:
        unit = "%" if dial.unit.startswith("%") else " ms"
        return "bad", f"Bad: over the limit of {dial.bad:.0f}{unit}"
    if dial.warn is not None and value >= dial.warn:
        return "warn", "Higher than normal"
    return "good", "Normal" if dial.bad is not None else "Last 15 min"


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}"
