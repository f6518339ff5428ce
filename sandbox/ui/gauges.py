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

    metric: str
    title: str
    short: str
    unit: str
    floor: float
    warn: float | None = None
    bad: float | None = None


DIALS = (
    Dial(
        metric="lms-web.error_pct",
        title="Errors",
        short="Errors",
        unit="% of LMS requests",
        floor=4,
        warn=1,
        bad=5,
    ),
    Dial(
        metric="lms-web.p95_ms",
        title="Response time",
        short="p95",
        unit="ms, p95",
        floor=400,
        warn=320,
        bad=600,
    ),
    Dial(
        metric="lms-web.requests_per_min",
        title="Requests",
        short="Req",
        unit="a minute",
        floor=5000,
    ),
)


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
    return [_gauge(sim, dial) for dial in DIALS if dial.metric in known]


def _gauge(sim: Simulation, dial: Dial) -> Gauge:
    now = sim.clock.now()
    values = sim.world.series(dial.metric, until=now, points=POINTS, step=STEP)
    value = values[-1]
    state, words = _judged(dial, value)
    shown = _number(value)
    return Gauge(
        title=dial.title,
        short=dial.short,
        value=f"{shown}%" if dial.unit.startswith("%") else shown,
        unit=dial.unit.removeprefix("% "),
        words=words,
        state=state,
        svg=sparkline(
            values,
            title=f"{dial.title}: now {shown} {dial.unit}; the last 15 minutes",
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
