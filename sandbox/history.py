"""The events that objectives count: seeded before the world began, since then from its metrics.

New Relic's and CloudWatch's numbers come from here alike, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.core.clock import START
from sandbox.core.simulation import Simulation
from sandbox.world.applications import (
    MINUTE,
    dice_of,
    driven,
    metric,
    named,
    names_of,
    usual,
    whole,
)
from sandbox.world.flows import TAIL, Flow, slower
from sandbox.world.past import NOTHING, Counted, past

P99 = 1.425
"""Times the 95th percentile: 342 ms of 240."""
_BEHIND = {"api-gateway": "lms"}
"""An application that is as slow as the one behind it."""


def counted(sim: Simulation, flow: Flow, *, since: datetime, until: datetime) -> Counted:
    """Of the window; what lies in the future has not come yet."""
    until = min(until, sim.clock.now())
    if since >= until:
        return NOTHING
    before = past(flow.stream, sim.world.seed)
    if not flow.app:
        return before.counted(since, until)
    found = before.counted(since, min(until, START)) if since < START else NOTHING
    return sum(_played(sim, flow, max(since, START), until), found)


def slowest(sim: Simulation, app: str, *, since: datetime, until: datetime) -> float | None:
    """The 99th percentile of the durations, in seconds; None for an empty window.

    With a tail that falls off by a power, that of a mixture is the mean of that power.
    """
    until = min(until, sim.clock.now())
    if since >= until:
        return None
    names = names_of(_BEHIND.get(app, app))
    normal = usual(sim.world, names, "p95_ms")
    quiet = max(timedelta(), min(until, START) - since) / MINUTE
    weights, sums = quiet, quiet
    for begin, end in _minutes(max(since, START), until):
        part = (end - begin) / MINUTE
        weights += part
        now = driven(sim.world, names, "p95_ms", begin + (end - begin) / 2)
        sums += part * (now / normal) ** TAIL
    return float(round(normal / 1000 * P99 * (sums / weights) ** (1 / TAIL), 4))


def requests(
    sim: Simulation, app: str, names: tuple[str, ...], begin: datetime, end: datetime
) -> int:
    """Of an application in a minute or a part of one."""
    knob = sim.newrelic.traffic.get(app, sim.newrelic.traffic.get("*"))
    rate = (
        knob
        if knob is not None
        else metric(sim.world, names, "requests_per_min", begin + (end - begin) / 2)
    )
    return whole(rate * ((end - begin) / MINUTE), dice_of(sim.world, app, begin))


def _played(sim: Simulation, flow: Flow, since: datetime, until: datetime) -> Iterator[Counted]:
    for begin, end in _minutes(since, until):
        yield _minute(sim, flow, begin, end)


def _minute(sim: Simulation, flow: Flow, begin: datetime, end: datetime) -> Counted:
    """As bad as on a usual day, and what the faults add to that."""
    dice = dice_of(sim.world, flow.stream.key, begin)
    every = requests(sim, flow.app, flow.names, begin, end)
    total = every if flow.share == 1 else whole(every * flow.share, dice)
    expected = past(flow.stream, sim.world.seed).counted(begin, end)
    busy = total / expected.total if expected.total else 0.0
    more = _excess(sim, flow, begin + (end - begin) / 2)
    bad = whole(expected.bad * busy, dice) + whole(total * more, dice)
    return Counted(total, min(total, bad))


def _excess(sim: Simulation, flow: Flow, at: datetime) -> float:
    """What the faults add to the ratio of bad events."""
    if flow.limit is None:
        if named(sim.world, flow.names, "error_pct") is None:
            return 0.0
        now = driven(sim.world, flow.names, "error_pct", at)
        return max(0.0, now - usual(sim.world, flow.names, "error_pct")) / 100
    now = driven(sim.world, flow.names, "p95_ms", at)
    return max(
        0.0, slower(now, flow.limit) - slower(usual(sim.world, flow.names, "p95_ms"), flow.limit)
    )


def _minutes(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The window cut at whole minutes."""
    while since < until:
        end = min(since.replace(second=0, microsecond=0) + MINUTE, until)
        yield since, end
        since = end
