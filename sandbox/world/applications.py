"""What an application does by the minute, from the world's metrics."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.world import behaviour
from sandbox.world.world import World

MINUTE = timedelta(minutes=1)
NORMAL = {"requests_per_min": 400.0, "error_pct": 0.2, "p95_ms": 210.0}


def named(world: World, names: Iterable[str], kind: str) -> str | None:
    """The first of the metrics that the world has; None for an application that it knows nothing of."""
    known = world.scenario.metrics
    return next((f"{each}.{kind}" for each in names if f"{each}.{kind}" in known), None)


def metric(world: World, names: Iterable[str], kind: str, at: datetime) -> float:
    """A service that the world says nothing about is well."""
    found = named(world, names, kind)
    return NORMAL[kind] if found is None else world.metric(found, at)


def usual(world: World, names: Iterable[str], kind: str) -> float:
    """While nothing is wrong, without the noise."""
    found = named(world, names, kind)
    return NORMAL[kind] if found is None else world.scenario.metrics[found].base


def driven(world: World, names: Iterable[str], kind: str, at: datetime) -> float:
    """Where the faults have it, without the noise."""
    found = named(world, names, kind)
    if found is None:
        return NORMAL[kind]
    quiet, episodes = world.scenario.metrics[found], world.state.episodes
    if not any(found in each.effects for each in episodes):
        return quiet.base
    return behaviour.value(replace(quiet, noise=0.0), at, seed=world.seed, episodes=episodes)


def names_of(app: str) -> tuple[str, str]:
    """By which the world may know an application."""
    return f"{app}-web", app


def dice_of(world: World, app: str, begin: datetime) -> random.Random:
    return random.Random(f"{world.seed}/{app}/{int(begin.timestamp())}")


def whole(value: float, dice: random.Random) -> int:
    """Rounded so that small numbers stay right on average."""
    return int(value) + (dice.random() < value - int(value))
