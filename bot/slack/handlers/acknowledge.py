"""Taking the page: PagerDuty hears it from the person who pressed."""

from __future__ import annotations

from bot.flow import alert
from bot.slack.actions import Act
from bot.slack.handling import Ask, button, command
from bot.tools import Tools


@command("ack", usage="ack", explains="acknowledges the page in PagerDuty, as you")
@button(Act.ACKNOWLEDGE)
def acknowledge(tools: Tools, ask: Ask) -> None:
    alert.acknowledge(tools, ask.here(), by=ask.person)
