"""Adopting a page that was open before we came."""

from __future__ import annotations

from bot.flow import news
from bot.slack.actions import Act
from bot.slack.handling import Ask, Reply, button
from bot.tools import Tools


@button(Act.ADOPT)
def adopt(tools: Tools, ask: Ask) -> Reply:
    incident = news.adopt(tools, ask.value, by=ask.person)
    name = tools.timeline.read(incident).wanted_name
    return Reply(text=f"Adopted: #{name} opens in a moment.")
