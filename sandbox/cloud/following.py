"""The world's facts and the account follow each other: a move here is a call there, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.cloud.process import Moto
from sandbox.core.simulation import Simulation

FOLLOWED = ("traffic", "waf", "flags", "rds.writer")
"""The paths that AWS has a say in."""
AGAIN = timedelta(seconds=10)


def start(sim: Simulation) -> None:
    """The account is built from the facts, whatever stood in it before."""
    if not sim.settings.aws:
        return
    if sim.moto is None:
        sim.moto = Moto(sim.settings.url, sim.http)
    sim.moto.ready.clear()
    sim.world.on_change(lambda path, value: _moved(sim, path, value))
    sim.spawn(_build(sim), "aws begins")


def followed(path: str) -> bool:
    return any(path == each or path.startswith(f"{each}.") for each in FOLLOWED)


async def look(sim: Simulation) -> None:
    """What the account shows becomes so in the world; asked again until nothing is on its way."""
    moto: Moto = sim.moto
    generation = sim.generation
    async with moto.turn:
        found = await moto.ask("look", sim.clock.now().timestamp())
        if generation != sim.generation:
            return
        for path, value in found["facts"].items():
            if path not in moto.wanted:
                sim.world.set(path, value)
    if not found["settled"]:
        sim.clock.call_at(sim.clock.now() + AGAIN, lambda: _again(sim, generation))


def _again(sim: Simulation, generation: int) -> None:
    if generation == sim.generation:
        sim.spawn(look(sim), "aws looks")


async def _build(sim: Simulation) -> None:
    moto: Moto = sim.moto
    async with moto.turn:
        await moto.begin()
        facts = {path: value for path, value in _leaves(sim) if followed(path)}
        await moto.ask("build", sim.clock.now().timestamp(), {"facts": facts})
        moto.wanted.clear()
        # Moved while it was built.
        late = {path: value for path, value in _leaves(sim) if facts.get(path, value) != value}
        for path, value in late.items():
            await moto.ask("move", sim.clock.now().timestamp(), {"path": path, "value": value})
        moto.ready.set()


def _moved(sim: Simulation, path: str, value: Any) -> None:
    moto: Moto = sim.moto
    if followed(path) and moto.ready.is_set():
        moto.wanted[path] = value
        sim.spawn(_move(sim, path, value), "aws moves")


async def _move(sim: Simulation, path: str, value: Any) -> None:
    moto: Moto = sim.moto
    async with moto.turn:
        if moto.wanted.get(path) != value:
            return
        await moto.ask("move", sim.clock.now().timestamp(), {"path": path, "value": value})
        if moto.wanted.get(path) == value:
            del moto.wanted[path]


def _leaves(sim: Simulation) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = []
    for name, value in sim.world.facts.items():
        inner = value.items() if isinstance(value, dict) else ()
        facts += [(f"{name}.{key}", each) for key, each in inner]
    return facts
