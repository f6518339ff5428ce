"""People doing things in the workspace: what the screens and the control API call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.slack import (
    aiming,
    deliveries,
    filling,
    forms,
    payloads,
    posting,
    rooms,
    shown,
    speaking,
)
from sandbox.slack.aiming import Act, Body, CannotAct, answering
from sandbox.slack.events import tell
from sandbox.slack.payloads import Actor, Target
from sandbox.slack.scopes import workspace_grant
from sandbox.slack.state import BOT_USER, View
from sandbox.slack.validate.blocks import MOST_TEXT, problems_of, text_length

if TYPE_CHECKING:
    from sandbox.core.delivery import Answer
    from sandbox.core.simulation import Simulation

Result = dict[str, Any]

_TROUBLE = {
    "operation_timeout": "{command} failed with the error “operation_timeout”",
    "dispatch_failed": "{command} failed with the error “dispatch_failed”",
}


@answering
async def command(sim: Simulation, body: Body) -> Result:
    """{as, channel, text: "/incident ..."}"""
    actor = aiming.actor(sim, body)
    channel = aiming.place(sim, body, actor.person)
    name, _, text = str(body.get("text", "")).strip().partition(" ")
    known = workspace_grant(sim).commands
    if not name.startswith("/") or (known is not None and name not in known):
        raise CannotAct("invalid_command", f"{name!r} is not a command here")
    text = speaking.escaped(sim, text.strip())
    fields = payloads.command(sim, actor, channel, name=name, text=text)
    answer = await deliveries.command(sim, fields)
    error = deliveries.failure(answer)
    if error:
        said = _TROUBLE[error].format(command=name)
        posting.whisper(sim, channel, user=actor.person.id, text=said, origin="slack")
    else:
        _show_ack(sim, answer, channel_id=channel.id, user=actor.person.id)
    return deliveries.report(answer, trigger_id=fields["trigger_id"], channel=channel.id)


def _show_ack(sim: Simulation, answer: Answer, *, channel_id: str, user: str) -> None:
    """The body of a command's acknowledgement is shown, to the person unless it says so."""
    said = deliveries.said(answer)
    if not said:
        return
    fields = said if isinstance(said, dict) else {"text": str(said)}
    blocks = fields.get("blocks") or []
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if problems_of(blocks, surface="message") or text_length(blocks) > MOST_TEXT:
        blocks = []
    content = {"text": fields.get("text") or "", "blocks": blocks}
    if not any(content.values()):
        return
    channel = sim.slack.channels[channel_id]
    if fields.get("response_type") == "in_channel":
        posting.post(sim, channel, user=BOT_USER, **content)
    else:
        posting.whisper(sim, channel, user=user, origin="ack", **content)


@answering
async def click(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts?, action_id? | text?, value?, view_id? | home?}; confirms by itself."""
    actor = aiming.actor(sim, body)
    target = aiming.target(sim, body, actor.person, clicks=True)
    _may_use(sim, actor, target, body)
    return await _use(sim, actor, target, {}, body)


@answering
async def select(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts?, action_id, value | values}: selects, pickers, boxes, overflow, inputs."""
    actor = aiming.actor(sim, body)
    target = aiming.target(sim, body, actor.person, clicks=False)
    _may_use(sim, actor, target, body)
    wanted = body["values"] if "values" in body else body.get("value")
    state = await filling.choose(sim, actor, target, wanted)
    if target.element["type"] != "overflow":
        filling.keep(actor, target, state)
    if target.block["type"] == "input" and not target.block.get("dispatch_action"):
        _redraw(sim, target)
        return {"ok": True, "status": None, "ms": 0.0, "body": None}
    return await _use(sim, actor, target, state, body)


def _may_use(sim: Simulation, actor: Actor, target: Target, body: Body) -> None:
    if not isinstance(target.holder, View):
        aiming.place(sim, {**body, "channel": target.holder.channel}, actor.person)


async def _use(sim: Simulation, actor: Actor, target: Target, state: Result, body: Body) -> Result:
    if isinstance(target.holder, View) and body.get("typed"):
        # What stands in the other fields of a form on the screen travels along.
        await filling.fill(sim, actor, target.holder, body["typed"])
    payload = payloads.block_actions(sim, actor, target, state)
    answer = await deliveries.interaction(sim, payload)
    if state:
        _redraw(sim, target)
    action_ts = payload["actions"][0]["action_ts"]
    return deliveries.report(answer, trigger_id=payload["trigger_id"], action_ts=action_ts)


def _redraw(sim: Simulation, target: Target) -> None:
    match target.holder:
        case View() as view:
            forms.announce(sim, view)
        case posting.Message() as it:
            posting.announce(sim, it, "changed")
        case it:
            posting.announce_ephemeral(sim, it, "changed")


@answering
async def suggest(sim: Simulation, body: Body) -> Result:
    """{as, view_id? | channel+ts?, action_id, query}: the options of an external select."""
    actor = aiming.actor(sim, body)
    target = aiming.target(sim, body, actor.person, clicks=False)
    options = await filling.suggested(sim, actor, target, str(body.get("query", "")))
    return {"ok": True, "options": options}


@answering
async def submit(sim: Simulation, body: Body) -> Result:
    """{as, view_id?, values: {block_id | action_id | label: value}}"""
    actor = aiming.actor(sim, body)
    view = _open_form(sim, body, actor)
    await filling.fill(sim, actor, view, body.get("values") or {})
    wrong = filling.complaints(view)
    if wrong:
        view.errors = wrong
        forms.announce(sim, view)
        raise CannotAct("invalid_input", "the form itself refuses", errors=wrong)
    view.errors = {}
    payload = payloads.view_submission(sim, actor, view)
    answer = await deliveries.interaction(sim, payload)
    result = deliveries.report(answer, trigger_id=payload["trigger_id"], view_id=view.id)
    if "error" in result:
        return result
    return result | _obey(sim, view, result["body"])


def _open_form(sim: Simulation, body: Body, actor: Actor) -> View:
    stack = sim.slack.modals.get(actor.person.id, [])
    wanted = body.get("view_id")
    if not stack or (wanted and wanted != stack[-1].id):
        raise CannotAct("view_not_found", f"{actor.person.handle} has no such form on top")
    return stack[-1]


def _obey(sim: Simulation, view: View, said: Any) -> Result:
    """Do what the answer to a submission says: close, errors, update, push, clear."""
    action = said.get("response_action") if isinstance(said, dict) else None
    match action:
        case None:
            _close_one(sim, view)
        case "clear":
            forms.close(sim, view.user, everything=True)
        case "errors":
            return _show_errors(sim, view, said.get("errors") or {})
        case "update" | "push":
            return _show_next(sim, view, said)
        case _:
            return _misunderstood(f"unknown response_action {action!r}")
    return {}


def _close_one(sim: Simulation, view: View) -> None:
    # The bot may have changed the stack while it answered.
    stack = sim.slack.modals.get(view.user, [])
    if view in stack:
        stack.remove(view)
        forms.announce(sim, view)


def _show_errors(sim: Simulation, view: View, errors: dict[str, str]) -> Result:
    inputs = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
    if not errors or not set(errors) <= inputs:
        return _misunderstood(f"errors for {sorted(errors)}, but the inputs are {sorted(inputs)}")
    view.errors = errors
    forms.announce(sim, view)
    return {"errors": errors}


def _show_next(sim: Simulation, view: View, said: dict[str, Any]) -> Result:
    replaces = said["response_action"] == "update"
    body = said.get("view")
    body = json.loads(body) if isinstance(body, str) else body
    try:
        forms.check(sim, body, surface="modal", instead_of=view.id if replaces else None)
    except forms.BadView as bad:
        return _misunderstood("; ".join([bad.error, *bad.problems]))
    if replaces:
        return {"view_id": forms.replace(sim, view, body).id}
    if not forms.has_room(sim, view.user):
        return _misunderstood("push_limit_reached")
    return {"view_id": forms.show(sim, view.user, body).id}


def _misunderstood(detail: str) -> Result:
    return {"ok": False, "error": "dispatch_failed", "detail": detail}


@answering
async def close(sim: Simulation, body: Body) -> Result:
    """{as, view_id?, all?}: the person closes the form; the bot hears if it asked to."""
    actor = aiming.actor(sim, body)
    view = _open_form(sim, body, actor)
    everything = bool(body.get("all") or view.body.get("clear_on_close"))
    result: Result = {"ok": True, "status": None, "ms": 0.0, "body": None}
    for each in forms.close(sim, actor.person.id, everything=everything):
        if each.body.get("notify_on_close"):
            payload = payloads.view_closed(sim, actor, each, is_cleared=everything)
            result = deliveries.report(await deliveries.interaction(sim, payload))
    return result


@answering
async def shortcut(sim: Simulation, body: Body) -> Result:
    """{as, callback_id, channel?, ts?}: global without a message, else on that message."""
    actor = aiming.actor(sim, body)
    callback_id = str(body.get("callback_id", ""))
    known = workspace_grant(sim).shortcuts
    if known is not None and callback_id not in known:
        raise CannotAct("invalid_shortcut", f"{callback_id!r} is not in the manifest")
    if body.get("ts"):
        channel = aiming.place(sim, body, actor.person)
        message = aiming.message(sim, body, channel)
        payload = payloads.message_action(sim, actor, callback_id, message)
    else:
        payload = payloads.shortcut(sim, actor, callback_id)
    answer = await deliveries.interaction(sim, payload)
    return deliveries.report(answer, trigger_id=payload["trigger_id"])


@answering
async def home(sim: Simulation, body: Body) -> Result:
    """{as}: the person opens the bot's App Home."""
    actor = aiming.actor(sim, body)
    direct = rooms.direct(sim, actor.person)
    event: Result = {
        "type": "app_home_opened",
        "user": actor.person.id,
        "channel": direct.id,
        "tab": "home",
    }
    existing = sim.slack.homes.get(actor.person.id)
    if existing is not None:
        event["view"] = shown.view(existing)
    tell(sim, event, channel=direct)
    return {"ok": True}


ACTS: dict[str, Act] = {
    "command": command,
    "click": click,
    "select": select,
    "suggest": suggest,
    "submit": submit,
    "close": close,
    "shortcut": shortcut,
    "home": home,
    **speaking.ACTS,
}


async def act(sim: Simulation, verb: str, body: Body) -> Result:
    """Any act by its name in ACTS."""
    return await ACTS[verb](sim, body)


def routes(sim: Simulation) -> list[BaseRoute]:
    """Mounted under /_sandbox/act."""

    async def perform(request: Request) -> JSONResponse:
        verb = request.path_params["verb"]
        if verb not in ACTS:
            return JSONResponse({"ok": False, "error": "unknown_act", "acts": [*ACTS]}, 404)
        return JSONResponse(await act(sim, verb, await request.json()))

    return [Route("/{verb:str}", perform, methods=["POST"])]
