"""The list of systems the demo world plays, and how a world is made, reset and started."""

from types import ModuleType
from typing import Any

from sandbox import (
    argocd,
    cloud,
    github,
    gitrepo,
    jira,
    kubernetes,
    newrelic,
    pagerduty,
    registry,
    slack,
    statuspage,
)
from sandbox.core.clock import START
from sandbox.core.jsonable import jsonable
from sandbox.core.simulation import Settings, Simulation
from sandbox.world import engine

SYSTEMS: dict[str, ModuleType] = {
    "slack": slack,
    "pagerduty": pagerduty,
    "argocd": argocd,
    "newrelic": newrelic,
    "statuspage": statuspage,
    "jira": jira,
    "github": github,
    "git": gitrepo,
    "registry": registry,
    "kubernetes": kubernetes,
    "aws": cloud,
}
"""Each by its prefix and its name on `Simulation`, and each offers `state()` and `routes(sim)`.

One with timers also offers `start(sim)`, called with every fresh, reset or resumed state,
because timers are not part of the state; `control(sim)` adds routes under /_sandbox, and
`dump(sim)` (or `view()` on the state) is what the control API shows of it.
"""


def simulate(settings: Settings) -> Simulation:
    """A fresh world with every system in it, nothing running yet."""
    sim = Simulation(settings)
    _fill(sim)
    return sim


def start(sim: Simulation) -> None:
    """Begin to play: let each system arm its timers and take up what it owes."""
    for each in SYSTEMS.values():
        if hasattr(each, "start"):
            each.start(sim)
    engine.start(sim)


def reset(sim: Simulation, *, keep_clock: bool = False) -> None:
    """Everything as in a fresh world; ids still never repeat (see `Simulation.serial`).

    With a running bot, keep the clock: to the bot time must not go backwards.
    """
    sim.generation += 1
    if keep_clock:
        sim.clock.forget_timers()
    else:
        sim.clock.reset(START)
    sim.traffic.clear()
    sim.faults.clear()
    sim.world.reset()
    _fill(sim)
    start(sim)
    sim.changes.publish("world", {"reset": True})


def dump(sim: Simulation) -> dict[str, Any]:
    """Every system's state for the control API, in its own words where it has some."""
    return {name: jsonable(_shown(sim, name, each)) for name, each in SYSTEMS.items()}


def _shown(sim: Simulation, name: str, system: ModuleType) -> Any:
    state = getattr(sim, name)
    if hasattr(system, "dump"):
        return system.dump(sim)
    # Slack's `view` looks up a form; its state is shown as it is.
    if system is not slack and hasattr(state, "view"):
        return state.view()
    return state


def _fill(sim: Simulation) -> None:
    for name, each in SYSTEMS.items():
        setattr(sim, name, each.state())
