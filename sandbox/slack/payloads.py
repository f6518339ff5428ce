"""The JSON that Slack sends for what people do, field by field as Slack sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.slack import forms, hooks, shown
from sandbox.slack.state import APP, Channel, Ephemeral, Message, Person, View
from sandbox.slack.values import chosen_name, current

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

Holder = Message | Ephemeral | View
_TOKEN = "demo-verification-token"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and from which team or organisation they claim to come."""

    person: Person
    team_id: str
    enterprise_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """An element on a message, a form or a home."""

    holder: Holder
    block: dict[str, Any]
    element: dict[str, Any]
    offered: list[dict[str, Any]] | None = field(default=None)


def command(
    sim: Simulation, actor: Actor, channel: Channel, *, name: str, text: str
) -> dict[str, str]:
    """A slash command is a flat form in which even booleans are strings."""
    fields = {
        "token": _TOKEN,
        "team_id": actor.team_id,
        "team_domain": _domain(sim, actor.team_id),
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": actor.person.id,
        "user_name": actor.person.handle,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": hooks.issue(sim, channel.id, actor.person.id),
        "trigger_id": forms.trigger(sim, actor.person.id),
    }
    if actor.enterprise_id:
        fields |= {"enterprise_id": actor.enterprise_id, "enterprise_name": "Forged"}
    return fields


def block_actions(
    sim: Simulation, actor: Actor, target: Target, chosen: dict[str, Any]
) -> dict[str, Any]:
    """`chosen` is empty for a button, else the element's new state."""
    holder = target.holder
    view_id = holder.id if isinstance(holder, View) else None
    payload = _base(sim, actor, "block_actions", view_id=view_id)
    payload["actions"] = [_action(sim, target, chosen)]
    if isinstance(holder, View):
        body = shown.view(holder)
        container = {"type": "view", "view_id": holder.id}
        return payload | {"container": container, "view": body, "state": body["state"]}
    return payload | _on_message(sim, actor, holder)


def _on_message(sim: Simulation, actor: Actor, holder: Message | Ephemeral) -> dict[str, Any]:
    channel = sim.slack.channels[holder.channel]
    ephemeral = isinstance(holder, Ephemeral)
    container = {
        "type": "message",
        "message_ts": holder.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if holder.thread_ts:
        container["thread_ts"] = holder.thread_ts
    url = hooks.issue(sim, channel.id, actor.person.id, ts=holder.ts, ephemeral=ephemeral)
    body: dict[str, Any] = {
        "container": container,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": current(holder.blocks, holder.values_of(actor.person.id))},
        "response_url": url,
    }
    if isinstance(holder, Message):
        # Slack leaves the message out when it was ephemeral.
        body["message"] = shown.message(sim.slack, holder, metadata=True)
    return body


def _action(sim: Simulation, target: Target, chosen: dict[str, Any]) -> dict[str, Any]:
    element = target.element
    action = {
        "action_id": element.get("action_id", ""),
        "block_id": target.block.get("block_id", ""),
        "type": element["type"],
        "action_ts": sim.slack.new_ts(sim.clock.now()),
    }
    for name in ("text", "value", "style", "placeholder", "confirm"):
        if name in element:
            action[name] = element[name]
    name = chosen_name(element["type"])
    return action | ({name: chosen.get(name)} if name else {})


def view_submission(sim: Simulation, actor: Actor, view: View) -> dict[str, Any]:
    payload = _base(sim, actor, "view_submission", view_id=view.id)
    return payload | {"view": shown.view(view), "response_urls": _response_urls(sim, actor, view)}


def _response_urls(sim: Simulation, actor: Actor, view: View) -> list[dict[str, str]]:
    found = []
    state = current(view.body.get("blocks", []), view.values)
    for block in view.body.get("blocks", []):
        element = block.get("element") or {}
        if not element.get("response_url_enabled"):
            continue
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        kept = state.get(ids["block_id"], {}).get(ids["action_id"], {})
        channel = kept.get(chosen_name(element["type"]))
        if channel:
            url = hooks.issue(sim, channel, actor.person.id)
            found.append({**ids, "channel_id": channel, "response_url": url})
    return found


def view_closed(sim: Simulation, actor: Actor, view: View, *, is_cleared: bool) -> dict[str, Any]:
    payload = _base(sim, actor, "view_closed")
    del payload["trigger_id"]
    return payload | {"view": shown.view(view), "is_cleared": is_cleared}


def shortcut(sim: Simulation, actor: Actor, callback_id: str) -> dict[str, Any]:
    payload = _base(sim, actor, "shortcut")
    return payload | {
        "callback_id": callback_id,
        "action_ts": sim.slack.new_ts(sim.clock.now()),
    }


def message_action(
    sim: Simulation, actor: Actor, callback_id: str, message: Message
) -> dict[str, Any]:
    channel = sim.slack.channels[message.channel]
    return _base(sim, actor, "message_action") | {
        "callback_id": callback_id,
        "action_ts": sim.slack.new_ts(sim.clock.now()),
        "message_ts": message.ts,
        "message": shown.message(sim.slack, message, metadata=True),
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "response_url": hooks.issue(sim, channel.id, actor.person.id, ts=message.ts),
    }


def block_suggestion(sim: Simulation, actor: Actor, target: Target, query: str) -> dict[str, Any]:
    payload = _base(sim, actor, "block_suggestion")
    del payload["trigger_id"]
    payload |= {
        "action_id": target.element.get("action_id", ""),
        "block_id": target.block.get("block_id", ""),
        "value": query,
    }
    if isinstance(target.holder, View):
        container = {"type": "view", "view_id": target.holder.id}
        return payload | {"container": container, "view": shown.view(target.holder)}
    on_message = _on_message(sim, actor, target.holder)
    del on_message["response_url"]
    return payload | on_message


def _base(
    sim: Simulation, actor: Actor, kind: str, *, view_id: str | None = None
) -> dict[str, Any]:
    person = actor.person
    team: dict[str, Any] = {"id": actor.team_id, "domain": _domain(sim, actor.team_id)}
    enterprise = None
    if actor.enterprise_id:
        enterprise = {"id": actor.enterprise_id, "name": "Forged"}
        team |= {"enterprise_id": actor.enterprise_id, "enterprise_name": "Forged"}
    return {
        "type": kind,
        "token": _TOKEN,
        "api_app_id": APP,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": actor.team_id,
        },
        "team": team,
        "enterprise": enterprise,
        "is_enterprise_install": False,
        "trigger_id": forms.trigger(sim, person.id, view_id=view_id),
    }


def _domain(sim: Simulation, team_id: str) -> str:
    team = sim.slack.teams.get(team_id)
    return team.domain if team else "elsewhere"


def _channel_name(channel: Channel) -> str:
    if channel.im_with:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
