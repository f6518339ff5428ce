"""The one line in the card's thread for every page that joined, however many there are."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.page import PageStatus
from bot.slack.blocks import Message, clip, escape, section

_SHOWN = 10


def joined_pages(incident: Incident) -> Message | None:
    """None where there is only the page that opened the incident."""
    pages = list(incident.pages.values())
    joined = pages if incident.declared_by else pages[1:]
    if not joined:
        return None
    many = f"{len(joined)} more pages joined" if len(joined) > 1 else "Another page joined"
    lines = [
        f"• <{state.page.address}|{escape(clip(state.page.title, 120))}>"
        f"{' (resolved)' if state.status is PageStatus.RESOLVED else ''}"
        for state in joined[-_SHOWN:]
    ]
    left = len(joined) - len(lines)
    if left:
        lines.insert(0, f"… {left} earlier ones")
    return Message(text=many, blocks=(section("\n".join([f"*{many}*", *lines])),))
