"""Plays a Slack workspace: its Web API, its deliveries to the bot, and people acting in it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sandbox.slack import api
from sandbox.slack.events import resume
from sandbox.slack.methods.chat import arm
from sandbox.slack.seed import seed
from sandbox.slack.state import SlackState

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sandbox.core.simulation import Simulation

__all__ = ["dump", "routes", "start", "state"]

# Slack's own bookkeeping, which nobody in the workspace can see.
_HIDDEN = {"triggers", "hooks", "buckets", "last_micros", "codes", "user_tokens"}


def state() -> SlackState:
    """A fresh workspace."""
    return seed()


def routes(sim: Simulation) -> list[BaseRoute]:
    """Mounted under /slack."""
    return api.routes(sim)


def start(sim: Simulation) -> None:
    """Arm the timers of scheduled messages and of events that an earlier run still owed."""
    resume(sim)
    for waiting in sim.slack.scheduled.values():
        arm(sim, waiting)


def dump(sim: Simulation) -> dict[str, Any]:
    """What the control API shows: the whole workspace, keyed by id, messages by ts."""
    names = [f.name for f in fields(SlackState) if f.name not in _HIDDEN]
    return {name: getattr(sim.slack, name) for name in names}
