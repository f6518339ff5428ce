"""Modals and App Home: the stack of forms each person has open, and the right to open one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.slack.ids import new_id, view_hash
from sandbox.slack.posting import with_ids
from sandbox.slack.state import Trigger, View
from sandbox.slack.validate.views import STACK, problems_of_view, too_large

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

# Real seconds, whatever the virtual clock does: this is the bot's own speed that is tested.
TRIGGER_LIVES = 3.0
# For how long a used or expired trigger is still told from one that never was.
REMEMBERED = 600.0


class BadView(Exception):
    """A view that Slack would not show: its error name and what is wrong with it."""

    def __init__(self, error: str, problems: list[str]) -> None:
        super().__init__(error)
        self.error = error
        self.problems = problems


def trigger(sim: Simulation, user: str, *, view_id: str | None = None) -> str:
    """A fresh trigger_id for one thing that a person just did."""
    now = time.time()
    for old in [t.id for t in sim.slack.triggers.values() if t.issued < now - REMEMBERED]:
        del sim.slack.triggers[old]
    made = Trigger(id=new_id(sim, "TR"), user=user, issued=now, view_id=view_id)
    sim.slack.triggers[made.id] = made
    return made.id


def check(sim: Simulation, view: Any, *, surface: str, instead_of: str | None = None) -> None:
    """Raise BadView unless the view is within Slack's limits."""
    if too_large(view):
        raise BadView("view_too_large", [])
    problems = problems_of_view(view, surface=surface)
    if problems:
        raise BadView("invalid_arguments", problems)
    external = view.get("external_id")
    if external and any(v.body.get("external_id") == external for v in _all(sim, instead_of)):
        raise BadView("duplicate_external_id", [])


def _all(sim: Simulation, but: str | None) -> list[View]:
    modals = [v for stack in sim.slack.modals.values() for v in stack]
    return [v for v in [*modals, *sim.slack.homes.values()] if v.id != but]


def show(sim: Simulation, user: str, body: dict[str, Any]) -> View:
    """Put a form on top of what the person has open."""
    stack = sim.slack.modals.setdefault(user, [])
    view_id = new_id(sim, "V")
    it = View(
        id=view_id,
        user=user,
        type="modal",
        body=_named(sim, body),
        hash=view_hash(sim),
        root_view_id=stack[0].id if stack else view_id,
        previous_view_id=stack[-1].id if stack else None,
    )
    stack.append(it)
    announce(sim, it)
    return it


def replace(sim: Simulation, it: View, body: dict[str, Any]) -> View:
    """Show something else in an open view; what was typed stays where its block stays."""
    it.body = _named(sim, body)
    it.hash = view_hash(sim)
    it.errors = {}
    kept = {b.get("block_id") for b in it.body["blocks"]}
    it.values = {name: value for name, value in it.values.items() if name in kept}
    announce(sim, it)
    return it


def publish_home(sim: Simulation, user: str, body: dict[str, Any]) -> View:
    existing = sim.slack.homes.get(user)
    if existing is not None:
        return replace(sim, existing, body)
    view_id = new_id(sim, "V")
    it = View(
        id=view_id,
        user=user,
        type="home",
        body=_named(sim, body),
        hash=view_hash(sim),
        root_view_id=view_id,
    )
    sim.slack.homes[user] = it
    announce(sim, it)
    return it


def close(sim: Simulation, user: str, *, everything: bool = False) -> list[View]:
    """Take the topmost form away, or all of them; returns what was closed, topmost first."""
    stack = sim.slack.modals.get(user, [])
    closed = list(reversed(stack)) if everything else stack[-1:]
    for it in closed:
        stack.remove(it)
        announce(sim, it)
    return closed


def has_room(sim: Simulation, user: str) -> bool:
    return len(sim.slack.modals.get(user, [])) < STACK


def _named(sim: Simulation, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "blocks": with_ids(sim, body["blocks"])}


def announce(sim: Simulation, it: View) -> None:
    topic = "slack.home" if it.type == "home" else "slack.view"
    sim.changes.publish(topic, {"user": it.user, "view": it.id})
