"""Opening, pushing, updating and publishing views."""

from __future__ import annotations

import time
from typing import Any

from sandbox.slack import forms, shown
from sandbox.slack.methods.finding import Function
from sandbox.slack.state import Trigger, View
from sandbox.slack.wire import Call, SlackError


def open_view(call: Call) -> dict[str, Any]:
    body = _checked(call, "modal")
    trigger = _spent(call)
    # views.open starts over: whatever the person had open makes room.
    forms.close(call.sim, trigger.user, everything=True)
    return {"view": shown.view(forms.show(call.sim, trigger.user, body))}


def push(call: Call) -> dict[str, Any]:
    body = _checked(call, "modal")
    trigger = _spent(call)
    if trigger.view_id is None or call.state.top_modal(trigger.user) is None:
        raise SlackError("not_found")
    if not forms.has_room(call.sim, trigger.user):
        raise SlackError("push_limit_reached")
    return {"view": shown.view(forms.show(call.sim, trigger.user, body))}


def update(call: Call) -> dict[str, Any]:
    it = _named(call)
    body = _checked(call, it.type, instead_of=it.id)
    if call.has("hash") and call.text("hash") != it.hash:
        raise SlackError("hash_conflict")
    return {"view": shown.view(forms.replace(call.sim, it, body))}


def publish(call: Call) -> dict[str, Any]:
    user = call.text("user_id")
    person = call.state.people.get(user)
    if person is None or person.is_bot or person.is_stranger:
        raise SlackError("invalid_arguments")
    existing = call.state.homes.get(user)
    body = _checked(call, "home", instead_of=existing and existing.id)
    if call.has("hash") and (existing is None or call.text("hash") != existing.hash):
        raise SlackError("hash_conflict")
    return {"view": shown.view(forms.publish_home(call.sim, user, body))}


def _named(call: Call) -> View:
    if call.has("view_id"):
        found = call.state.view(call.text("view_id"))
    else:
        wanted = call.text("external_id")
        stacks = [v for stack in call.state.modals.values() for v in stack]
        found = next((v for v in stacks if wanted and v.body.get("external_id") == wanted), None)
    if found is None:
        raise SlackError("not_found")
    return found


def _checked(call: Call, surface: str, *, instead_of: str | None = None) -> dict[str, Any]:
    body = call.parsed("view")
    try:
        forms.check(call.sim, body, surface=surface, instead_of=instead_of)
    except forms.BadView as bad:
        messages = [f"[ERROR] {problem}" for problem in bad.problems]
        extra = {"response_metadata": {"messages": messages}} if messages else {}
        raise SlackError(bad.error, **extra) from None
    return dict(body)


def _spent(call: Call) -> Trigger:
    """Use up the trigger: it works once, for three real seconds."""
    found = call.state.triggers.get(call.text("trigger_id"))
    if found is None:
        raise SlackError("invalid_trigger_id")
    if found.used:
        raise SlackError("exchanged_trigger_id")
    if time.time() - found.issued > forms.TRIGGER_LIVES:
        raise SlackError("expired_trigger_id")
    found.used = True
    return found


METHODS: dict[str, Function] = {
    "views.open": open_view,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
