"""What a change left behind: listed, put back, kept where it is written down, or settled through git."""

from __future__ import annotations

from bot.flow import aftercare, keeping
from bot.slack.actions import Act
from bot.slack.cards.listing import leftovers as shown
from bot.slack.handling import Ask, Reply, button, command
from bot.tools import Tools

_RECENT = 50


@command("leftovers", usage="leftovers", explains="shows what is temporarily not as it was")
def leftovers(tools: Tools, ask: Ask) -> Reply:
    """Of this incident; outside of any, of all that the asker may see."""
    ids = [ask.incident] if ask.incident else _recent(tools)
    incidents = [tools.timeline.read(one) for one in ids]
    visible = [i for i in incidents if i.visible_to(ask.person)]
    return Reply(text="What is left over", blocks=shown(visible))


def _recent(tools: Tools) -> list[str]:
    return [row.id for row in tools.timeline.summaries(limit=_RECENT)]


@button(Act.CLEAR_LEFTOVER, act="rollback")
def clear(tools: Tools, ask: Ask) -> None:
    aftercare.clear_leftover(tools, ask.here(), ask.value, by=ask.person)


@button(Act.KEEP_LEFTOVER, act="rollback")
def keep(tools: Tools, ask: Ask) -> None:
    keeping.ask_to_keep(tools, ask.here(), ask.value, by=ask.person)


@button(Act.OPEN_REVERT, act="rollback")
def open_revert(tools: Tools, ask: Ask) -> None:
    aftercare.ask_to_revert(tools, ask.here(), by=ask.person, leftover=ask.value)
