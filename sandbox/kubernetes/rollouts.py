"""Pods are replaced in the world's time; those that are new have asked DNS anew."""

from __future__ import annotations

from datetime import timedelta

from sandbox.core.simulation import Simulation
from sandbox.kubernetes import upgrades
from sandbox.kubernetes.state import Deployment

STEP = timedelta(seconds=8)
STEPS = 5


def start(sim: Simulation) -> None:
    """Rollouts that were under way go on; a release by somebody else brings new pods too."""
    sim.world.on_change(lambda path, _value: _released(sim, path))
    upgrades.follow(sim)
    for each in sim.kubernetes.deployments.values():
        if not each.done:
            _next(sim, each)


def roll(sim: Simulation, one: Deployment) -> None:
    """All pods anew, a fifth at a time."""
    one.updated, one.rolling = 0, True
    _next(sim, one)


def resize(sim: Simulation, one: Deployment, replicas: int) -> None:
    one.replicas = replicas
    if one.updated > replicas:
        one.updated = replicas
        _told(sim, one)
        return
    _next(sim, one)


def _next(sim: Simulation, one: Deployment) -> None:
    generation = one.generation

    def ready() -> None:
        if one.generation != generation or one.done:
            return
        one.updated = min(one.replicas, one.updated + max(1, one.replicas // STEPS))
        one.touch()
        if one.done:
            _through(sim, one)
        else:
            _next(sim, one)

    sim.clock.call_at(sim.clock.now() + STEP, ready)


def _released(sim: Simulation, path: str) -> None:
    name, _, what = path.rpartition(".")
    if what == "revision":
        _asks_anew(sim, name)


def _asks_anew(sim: Simulation, name: str) -> None:
    facts = sim.world.get(name)
    if isinstance(facts, dict) and "dns_cached" in facts:
        sim.world.set(f"{name}.dns_cached", sim.world["rds.writer"])


def _through(sim: Simulation, one: Deployment) -> None:
    one.since = sim.clock.now()
    if one.annotations.get("meta.helm.sh/release-name"):
        _runs(sim, one)
    _told(sim, one)


def _runs(sim: Simulation, one: Deployment) -> None:
    """Whatever Helm made of it is what the world has now."""
    tag = one.image.rpartition(":")[2]
    facts = sim.world.get(one.world)
    if isinstance(facts, dict) and facts.get("revision", tag) != tag:
        sim.world.set(f"{one.world}.revision", tag)


def _told(sim: Simulation, one: Deployment) -> None:
    facts = sim.world.get(one.world)
    if not isinstance(facts, dict):
        return
    if facts.get("replicas", one.replicas) != one.replicas:
        sim.world.set(f"{one.world}.replicas", one.replicas)
    if not one.rolling:
        # Pods that came besides the old ones: those still ask where they always did.
        return
    one.rolling = False
    _asks_anew(sim, one.world)
    if "restarts" in facts:
        sim.world.set(f"{one.world}.restarts", facts["restarts"] + 1)
