"""The App Home: rendered anew each time somebody opens it."""

from __future__ import annotations

from bot.flow.objectives import statuses
from bot.slack.cards import home as cards
from bot.slack.cards.objectives import objectives
from bot.slack.handling import Ask, Home, event
from bot.tools import Tools

_RECENT = 50


@event("app_home_opened")
def home(tools: Tools, ask: Ask) -> Home | None:
    """Open ones first; of the recent ended ones only what is the reader's counts."""
    if ask.event.get("tab", "home") != "home":
        return None
    rows = tools.timeline.summaries(limit=_RECENT)
    incidents = [tools.timeline.read(row.id) for row in rows]
    visible = [i for i in incidents if i.visible_to(ask.person)]
    blocks = cards.home(visible, ask.person, command=tools.command)
    return Home(blocks=(*blocks, *objectives(statuses(tools))))
