"""response_url: five answers within thirty minutes to something a person did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.slack import posting
from sandbox.slack.ids import new_id
from sandbox.slack.state import BOT_USER, Channel, Ephemeral, Hook
from sandbox.slack.validate.blocks import MOST_TEXT, problems_of, text_length
from sandbox.slack.wire import SlackError, arguments

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

LIVES = timedelta(minutes=30)
USES = 5


def issue(
    sim: Simulation, channel: str, user: str, *, ts: str | None = None, ephemeral: bool = False
) -> str:
    """A new response_url, bound to the message (if any) that the person used."""
    hook = Hook(
        id=new_id(sim, "H"),
        user=user,
        channel=channel,
        expires=(sim.clock.now() + LIVES).timestamp(),
        ts=ts,
        is_ephemeral=ephemeral,
    )
    sim.slack.hooks[hook.id] = hook
    return f"{sim.settings.url}/slack/hooks/{hook.id}"


async def respond(sim: Simulation, request: Request) -> Response:
    hook = sim.slack.hooks.get(request.path_params["hook"])
    if hook is None:
        return PlainTextResponse("no_service", status_code=404)
    if sim.clock.now().timestamp() > hook.expires:
        return JSONResponse({"ok": False, "error": "expired_url"}, status_code=404)
    if hook.uses >= USES:
        return JSONResponse({"ok": False, "error": "used_url"}, status_code=404)
    try:
        body = await arguments(request)
        blocks = _checked(body)
    except SlackError as error:
        return PlainTextResponse(error.error, status_code=400)
    channel = sim.slack.channels[hook.channel]
    if channel.archived:
        return PlainTextResponse("is_archived", status_code=403)
    hook.uses += 1
    _apply(sim, hook, channel, {**body, "blocks": blocks})
    return PlainTextResponse("ok")


def _checked(body: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = body.get("blocks") or []
    if problems_of(blocks, surface="message"):
        raise SlackError("invalid_blocks")
    if text_length(blocks) > MOST_TEXT:
        raise SlackError("msg_blocks_too_long")
    removes = body.get("delete_original")
    if not (body.get("text") or blocks or body.get("attachments") or removes):
        raise SlackError("no_text")
    return list(blocks)


def _apply(sim: Simulation, hook: Hook, channel: Channel, body: dict[str, Any]) -> None:
    fields = {
        "text": body.get("text") or "",
        "blocks": body["blocks"],
        "attachments": body.get("attachments") or [],
    }
    original = _ephemeral(sim, hook) if hook.is_ephemeral else None
    message = channel.messages.get(hook.ts or "")
    if body.get("delete_original"):
        if original:
            posting.dismiss(sim, original)
        elif message and message.user == BOT_USER:
            posting.delete(sim, message)
    elif body.get("replace_original") and original:
        posting.rewrite_ephemeral(sim, original, **fields)
    elif body.get("replace_original") and message and message.user == BOT_USER:
        posting.edit(sim, message, by=BOT_USER, **fields)
    elif body.get("response_type") == "in_channel":
        posting.post(sim, channel, user=BOT_USER, thread_ts=body.get("thread_ts"), **fields)
    else:
        thread = body.get("thread_ts") or hook.thread_ts
        made = posting.whisper(
            sim, channel, user=hook.user, thread_ts=thread, origin="response_url", **fields
        )
        # A later replace_original of a command's hook speaks of this answer.
        if hook.ts is None:
            hook.ts, hook.is_ephemeral = made.ts, True


def _ephemeral(sim: Simulation, hook: Hook) -> Ephemeral | None:
    return next((e for e in sim.slack.ephemerals if e.ts == hook.ts), None)
