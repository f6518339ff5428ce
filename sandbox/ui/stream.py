"""Server-sent events: what changed, already drawn for the one person who is looking."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from sandbox.core.changes import Change, Subscription
from sandbox.core.simulation import Simulation
from sandbox.ui.rail import parts
from sandbox.ui.screen import Line, Screen

PULSE = 1.0
"""Seconds between two looks at the metrics while time runs."""

Event = tuple[str, Any]


async def events(sim: Simulation, screen: Screen, request: Request) -> AsyncIterator[str]:
    """Replays what was missed, then follows; ends when the browser goes away."""
    after = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    rail = Rail(sim)
    with sim.changes.subscribe(int(after) if after.isdigit() else None) as subscription:
        yield "retry: 1000\n\n"
        if subscription.gap:
            yield written("reload", {}, sim.changes.seq)
        while not await request.is_disconnected():
            for seq, event in await drawn(screen, subscription):
                yield written(*event, seq)
            if changed := rail.changed():
                yield written("rail", changed)
            yield ": still here\n\n"


async def drawn(screen: Screen, subscription: Subscription) -> list[tuple[int, Event]]:
    """The next burst of changes as events; a message edited five times is drawn once."""
    burst: dict[str, tuple[int, Event]] = {}
    change = await subscription.next(PULSE)
    while change is not None:
        for name, body in translated(screen, change):
            key = f"{name}/{body.get('channel', '')}/{body.get('ts', '')}"
            _, (_, earlier) = burst.pop(key, (0, ("", {})))
            if earlier.get("toast") and not body.get("toast"):
                # Posted and edited in one burst: it is still news.
                body["toast"] = earlier["toast"]
            burst[key] = (change.seq, (name, body))
        change = await subscription.next(0.01) if len(burst) < 50 else None
    return sorted(burst.values(), key=lambda pair: pair[0])


def written(name: str, body: Any, seq: int | None = None) -> str:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(body)}\n\n"


def translated(screen: Screen, change: Change) -> Iterator[Event]:
    """What one change means on this person's screen; nothing, when it is not theirs to see."""
    body = change.body if isinstance(change.body, Mapping) else {}
    match change.topic:
        case "slack.message" | "slack.ephemeral":
            yield from _message(screen, body)
        case "slack.channel":
            yield "sidebar", {"channel": _text(body, "channel", "id")}
        case "slack.view":
            if _text(body, "user") in ("", screen.me.id):
                yield "modal", {}
        case "slack.home":
            if _text(body, "user") in ("", screen.me.id):
                yield "home", {}
        case "world" if body.get("reset"):
            yield "reload", {"reset": True}


def _text(body: Mapping[str, Any], *names: str) -> str:
    return next((str(body[name]) for name in names if body.get(name)), "")


def _message(screen: Screen, body: Mapping[str, Any]) -> Iterator[Event]:
    channel = screen.slack.channels.get(_text(body, "channel"))
    if channel is None or not screen.sees(channel):
        return
    ts = _text(body, "ts")
    whisper = next(
        (e for e in screen.slack.ephemerals if (e.ts, e.user) == (ts, screen.me.id)), None
    )
    if whisper is not None:
        yield "message", _drawn(screen, screen.whisper(whisper), edit=_is_edit(body))
        return
    message = channel.messages.get(ts)
    if message is None:
        # Deleted, or somebody else's ephemeral: either way it is not (or no longer) here.
        yield "gone", {"channel": channel.id, "ts": ts}
        thread = _text(body, "thread_ts")
        message = channel.messages.get(thread) if thread else None
        if message is not None:
            yield "message", _drawn(screen, screen.line(channel, message), edit=True)
        return
    yield "message", _drawn(screen, screen.line(channel, message), edit=_is_edit(body))
    if message.thread_ts and message.thread_ts != ts and message.thread_ts in channel.messages:
        parent = screen.line(channel, channel.messages[message.thread_ts])
        yield "message", _drawn(screen, parent, edit=True)


def _is_edit(body: Mapping[str, Any]) -> bool:
    return body.get("what") != "posted"


def _drawn(screen: Screen, line: Line, *, edit: bool = False) -> dict[str, Any]:
    thread = line.thread_ts if line.thread_ts != line.ts else None
    return {
        "channel": line.channel,
        "ts": line.ts,
        "thread": thread,
        "broadcast": line.broadcast,
        "html": screen.draw_line(line),
        "in_thread": screen.draw_line(line, in_thread=True),
        "toast": None if edit or line.mine or line.notice else screen.toast(line),
        "mine": line.mine,
    }


class Rail:
    """Remembers what the strip beside the chat showed, and sends only what differs."""

    def __init__(self, sim: Simulation):
        self.sim = sim
        self.shown: dict[str, Markup] = {}

    def changed(self) -> dict[str, Any]:
        now = parts(self.sim)
        fresh: dict[str, Any] = {
            name: html for name, html in now.items() if self.shown.get(name) != html
        }
        self.shown = now
        if fresh:
            clock = self.sim.clock
            fresh["clock"] = {
                "now": clock.now().isoformat(),
                "speed": clock.speed,
                "paused": clock.paused,
            }
        return fresh
