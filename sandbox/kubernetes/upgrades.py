"""A release in the world is a `helm upgrade` of somebody's pipeline, for services that Helm installed."""

from __future__ import annotations

from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.github.seed import deployed, reverted
from sandbox.github.services import Service
from sandbox.kubernetes.releases import Releases, by_helm, releases, upgraded
from sandbox.kubernetes.state import Deployment


def follow(sim: Simulation) -> None:
    sim.world.on_change(lambda path, value: _changed(sim, path, value))


def _changed(sim: Simulation, path: str, value: Any) -> None:
    for service in by_helm():
        if path == f"{service.name}.revision":
            _released(sim, service, str(value))


def _released(sim: Simulation, service: Service, tag: str) -> None:
    one: Deployment = sim.kubernetes.deployments[f"{service.name}/{service.name}"]
    if one.image == f"{service.repository}:{tag}":
        return
    now, code, known = sim.clock.now(), sim.github.platform, sim.kubernetes.releases
    play = sim.world.play
    if play is not None and play.started_at == now:
        # A scenario begins again in a used world: what was installed goes back with it.
        reverted(code, service.name, tag, now)
        _forget(known, service)
    else:
        deployed(code, service.name, tag, now)
        upgraded(known, service, tag, now)
    one.image, one.since = f"{service.repository}:{tag}", now
    one.updated, one.rolling = one.replicas, False
    one.generation += 1
    one.touch()


def _forget(known: Releases, service: Service) -> None:
    fresh, name = releases(), service.name
    for held, first in ((known.secrets, fresh.secrets), (known.settings, fresh.settings)):
        for key in [each for each in held if each.startswith(f"{name}/")]:
            del held[key]
        held.update({key: each for key, each in first.items() if key.startswith(f"{name}/")})
