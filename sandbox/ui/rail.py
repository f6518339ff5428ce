"""The strip beside the chat: time, tour, metrics, and how the other systems are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sandbox.core.simulation import Simulation
from sandbox.ui import systems
from sandbox.ui.actions import SCENARIO
from sandbox.ui.gauges import gauges
from sandbox.ui.render.pages import page
from sandbox.ui.tour import tour
from sandbox.world import loader
from sandbox.world.engine import advice, missing


@dataclass(frozen=True, kw_only=True)
class Glance:
    """One other system in a line: good, warn, bad or idle, and why."""

    tab: str
    name: str
    state: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A scenario that can be played, or what it lacks; `note` is of one that can be played in part."""

    id: str
    title: str
    lacks: str
    note: str = ""


def parts(sim: Simulation) -> dict[str, Markup]:
    """Each piece of the strip by the name of its place on the page."""
    dials = gauges(sim)
    before = sim.world.play.postmortems_before if sim.world.play else 0
    told = tour(sim, postmortems=len(systems.postmortems(sim)) - before)
    return {
        "strip": page("strip.html", gauges=dials, **playing(sim)),
        "metrics": page("metrics.html", gauges=dials),
        "controls": page("controls.html", **playing(sim)),
        "tour": page(
            "tour.html", steps=told.steps, current=told.current, last=told.last, done=told.done
        ),
        "systems": page("systems.html", systems=[_glance(*row) for row in systems.glances(sim)]),
    }


def playing(sim: Simulation) -> dict[str, Any]:
    play = sim.world.play
    running = play is not None
    return {
        "clock": sim.clock,
        "running": running and play.won_at is None,
        "choices": _choices(sim) if play is None or play.won_at is not None else [],
        "story": sim.world.scenario.title if running else "",
        "news": _news(play.events[-1]) if play and play.events else None,
    }


def _choices(sim: Simulation) -> list[Choice]:
    """The newcomer's scenario first."""
    found = [loader.load(name) for name in sorted(loader.names(), key=lambda n: n != SCENARIO)]
    return [
        Choice(id=each.id, title=each.title, lacks=missing(sim, each), note=advice(each))
        for each in found
    ]


def _news(event: Mapping[str, Any]) -> dict[str, str]:
    """The newest thing the world has to say: a deploy, a page, a wrong move, the win."""
    return {"at": str(event["at"])[11:16], "kind": str(event["kind"]), "text": str(event["text"])}


def _glance(tab: str, name: str, state: str, words: str) -> Glance:
    return Glance(tab=tab, name=name, state=state, words=words)
