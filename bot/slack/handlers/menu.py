"""The bare command and “More…”: everything that can be done in this incident."""

from __future__ import annotations

from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, staffing
from bot.slack.handling import Ask, Reply, command, opens
from bot.tools import Tools


@opens(Act.MENU, act="menu")
def open_menu(tools: Tools, ask: Ask) -> View:
    """Outside any incident the likeliest wish is to declare one."""
    if not ask.incident:
        return staffing.declare()
    return menu.menu(tools.timeline.read(ask.incident))


@command("", usage="", explains="", act="menu")
def short_menu(tools: Tools, ask: Ask) -> Reply:
    """Where no form could be opened."""
    incident = tools.timeline.read(ask.here())
    return Reply(
        text=f"What next? {tools.command} help lists everything.", blocks=menu.short(incident)
    )
