"""What people do on the screens: in the workspace as somebody, and to the world itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import systems
from sandbox.core.simulation import Simulation
from sandbox.slack import acting, posting
from sandbox.ui.systems import postmortems
from sandbox.world import engine, loader

SCENARIO = "bad-lms-deploy"
SPEEDS = (1.0, 10.0, 60.0)


class Unknown(ValueError):
    """Somebody asked for what the screens do not offer; the text says what."""


async def act(sim: Simulation, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """One act of a person, answered with what the bot said to it."""
    if verb == "dismiss":
        return _dismiss(sim, body)
    if verb not in acting.ACTS:
        raise Unknown(f"Nobody can {verb} here.")
    return await acting.act(sim, verb, body)


def _dismiss(sim: Simulation, body: Mapping[str, Any]) -> dict[str, Any]:
    for each in list(sim.slack.ephemerals):
        if (each.user, each.ts) == (body.get("as"), body.get("ts")):
            posting.dismiss(sim, each)
    return {"ok": True}


async def steer(sim: Simulation, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Time and scenario."""
    match what:
        case "start":
            _start(sim, str(body.get("scenario") or SCENARIO))
        case "pause":
            sim.clock.pause()
        case "resume":
            sim.clock.resume()
        case "speed" if body.get("speed") in SPEEDS:
            sim.clock.set_speed(float(body["speed"]))
        case "reset":
            # The bot is not reset with the world, and its time must not go backwards.
            systems.reset(sim, keep_clock=True)
        case "hint":
            return {"ok": True, "hint": engine.hint(sim) or _before_the_start(sim)}
        case _:
            raise Unknown(f"The world cannot {what}.")
    sim.changes.publish("clock", {"speed": sim.clock.speed, "paused": sim.clock.paused})
    return {"ok": True}


def _start(sim: Simulation, wanted: str) -> None:
    if wanted not in loader.names():
        raise Unknown(f"There is no scenario {wanted}.")
    if lacks := engine.missing(sim, loader.load(wanted)):
        raise Unknown(lacks)
    play = engine.play(sim, wanted)
    play.slows_for_page = True
    play.postmortems_before = len(postmortems(sim))
    sim.clock.resume()


def _before_the_start(sim: Simulation) -> str:
    if sim.world.play is None:
        return "Nothing is wrong yet. Start the scenario and keep an eye on the errors."
    return "There is no hint for this scenario."
