"""Uploads in Slack's three steps, and canvases."""

from __future__ import annotations

from typing import Any

from sandbox.slack import posting, shown
from sandbox.slack.ids import new_id
from sandbox.slack.methods.finding import Function
from sandbox.slack.state import BOT_USER, Channel, File
from sandbox.slack.wire import Call, SlackError

MOST_BYTES = 1_000_000_000
MOST_CHANNELS = 100
CANVAS_BYTES = 1_048_576


def upload_url(call: Call) -> dict[str, Any]:
    length = call.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument")
    if length > MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    it = File(
        id=new_id(call.sim, "F"),
        name=call.text("filename"),
        length=length,
        user=BOT_USER,
        created=int(call.sim.clock.now().timestamp()),
        alt=call.text("alt_txt"),
    )
    call.state.files[it.id] = it
    return {"upload_url": f"{call.sim.settings.url}/slack/upload/{it.id}", "file_id": it.id}


def complete(call: Call) -> dict[str, Any]:
    """Checks everything before anything is shared."""
    wanted = call.parsed("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments")
    files = [_uploaded(call, each) for each in wanted]
    where = [_place(call, c) for c in _channels(call)]
    for it, each in zip(files, wanted, strict=True):
        it.complete = True
        it.title = each.get("title") or it.name
        it.channels = [c.id for c in where]
    for channel in where:
        posting.post(
            call.sim,
            channel,
            user=BOT_USER,
            text=call.text("initial_comment"),
            files=[it.id for it in files],
            thread_ts=call.text("thread_ts") or None,
        )
    return {"files": [shown.file(it) for it in files]}


def _uploaded(call: Call, wanted: Any) -> File:
    found = call.state.files.get(wanted.get("id", "")) if isinstance(wanted, dict) else None
    if found is None or found.content is None:
        raise SlackError("file_not_found")
    if found.complete:
        raise SlackError("file_update_failed")
    return found


def _channels(call: Call) -> list[str]:
    several = call.names("channels")
    if len(several) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    one = [call.text("channel_id")] if call.has("channel_id") else []
    return [*one, *several]


def _place(call: Call, channel_id: str) -> Channel:
    found = call.state.channels.get(channel_id)
    if found is None or (found.is_private and BOT_USER not in found.members):
        raise SlackError("channel_not_found")
    if BOT_USER not in found.members:
        raise SlackError("not_in_channel")
    if found.archived:
        raise SlackError("posting_to_channel_denied")
    return found


def create_canvas(call: Call) -> dict[str, Any]:
    content = call.parsed("document_content") or {}
    markdown = content.get("markdown", "")
    if len(markdown.encode()) > CANVAS_BYTES:
        raise SlackError("canvas_creation_failed")
    canvas = {"id": new_id(call.sim, "F"), "title": call.text("title"), "markdown": markdown}
    canvas["channel"] = call.text("channel_id")
    call.state.canvases[canvas["id"]] = canvas
    return {"canvas_id": canvas["id"]}


METHODS: dict[str, Function] = {
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": complete,
    "canvases.create": create_canvas,
}
