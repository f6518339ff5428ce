"""What somebody reads who asked for something in a channel that is no incident's."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Summary
from bot.slack.actions import Act
from bot.slack.blocks import Block, Blocks, actions, clip, escape, press, section

_LISTED = 5
_BUTTONS = 3


def elsewhere(
    why: str, rows: Sequence[Summary], *, command: str, typed: str = ""
) -> tuple[str, Blocks]:
    """At most five open incidents, the nearest three with their menu one tap away."""
    declare = f"`{command} declare {escape(typed)}`" if typed else f"`{command} <what is wrong>`"
    if not rows:
        text = f"{why} None is open now: {declare} declares one."
        return text, (section(text),)
    lines = [f"{why} Open now:"]
    lines += [line(row) for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        lines.append(f"and {len(rows) - _LISTED} more: `{command} list`")
    if typed:
        lines.append(f"To declare a new one with these words: {declare}")
    buttons: list[Block] = [
        press(f"Open the menu of {_name(row)}", f"{Act.MENU}:{row.id}", row.id)
        for row in rows[:_BUTTONS]
    ]
    return why, (section("\n".join(lines)), actions(*buttons))


def line(row: Summary) -> str:
    """An incident in one line of a list."""
    where = f"<#{row.channel}>" if row.channel else f"`{row.id}` (its channel is opening)"
    led = f", commander {escape(row.commander)}" if row.commander else ""
    title = escape(clip(row.title, 120))
    return f"• *{row.severity or 'SEV?'}* {where} {title} ({row.stage.value}{led})"


def _name(row: Summary) -> str:
    return clip(f"{row.severity or 'SEV?'} {row.service or row.title}", 50)
