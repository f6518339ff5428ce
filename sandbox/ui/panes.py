"""The large pieces of the page: the shell, a channel, a thread, the sidebar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from sandbox.slack.state import Channel
from sandbox.ui import panels, rail
from sandbox.ui.render.emoji import with_emoji
from sandbox.ui.render.mrkdwn import plain
from sandbox.ui.render.names import inside, safe_link
from sandbox.ui.render.pages import page
from sandbox.ui.screen import Screen

WORKSPACE = "Demo Learning"


def front(screen: Screen, channel: Channel | None, *, thread: str, theme: str) -> Markup:
    """The whole page; without a channel it shows the app's home."""
    sim = screen.sim
    open_thread = thread if channel and thread in channel.messages else ""
    return page(
        "page.html",
        screen=screen,
        workspace=WORKSPACE,
        theme=theme if theme in ("light", "dark") else "",
        title=screen.title(channel) if channel else "Tocsin home",
        seq=sim.changes.seq,
        channel=channel,
        at_home=channel is None,
        pane=channel_pane(screen, channel) if channel else screen.home(),
        thread=thread_pane(screen, channel, open_thread) if channel and open_thread else "",
        modal=screen.modal(),
        tabs=panels.TABS,
        dashboard=f"{sim.settings.bot_url}/",
        now=sim.clock.now(),
        **rail.parts(sim),
        **rail.playing(sim),
    )


def sidebar(screen: Screen, channel: Channel | None) -> Markup:
    return page(
        "sidebar.html",
        screen=screen,
        workspace=WORKSPACE,
        channel=channel,
        at_home=channel is None,
    )


def channel_pane(screen: Screen, channel: Channel) -> Markup:
    lines = screen.lines(channel)
    total = sum(screen.in_channel(m) for m in channel.messages.values())
    shown = sum(not line.ephemeral for line in lines)
    return page("channel.html", lines=lines, hidden=total - shown, **_facts(screen, channel))


def channel_edges(screen: Screen, channel: Channel) -> Markup:
    """What stands above and below the messages."""
    facts = _facts(screen, channel)
    return page("channel_head.html", **facts) + page("channel_foot.html", **facts)


def thread_pane(screen: Screen, channel: Channel, ts: str) -> Markup:
    if ts not in channel.messages:
        return Markup("")
    facts = _facts(screen, channel)
    return page("thread.html", ts=ts, lines=screen.lines(channel, ts), **facts)


def _facts(screen: Screen, channel: Channel) -> dict[str, Any]:
    return {
        "screen": screen,
        "channel": channel,
        "topic": plain(channel.topic),
        "member": screen.me.id in channel.members,
        "members": ", ".join(screen.names.person(user) for user in channel.members),
        "bookmarks": list(_bookmarks(channel)),
    }


def _bookmarks(channel: Channel) -> Iterator[dict[str, Any]]:
    for found in channel.bookmarks:
        href = safe_link(found.link)
        if href is not None:
            yield {
                "title": found.title,
                "href": href,
                "outside": not inside(href),
                "emoji": with_emoji(found.emoji) if found.emoji else "",
            }
