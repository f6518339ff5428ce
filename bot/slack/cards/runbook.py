"""Placeholder until the runbook card is written."""

from bot.domain.incident import Incident
from bot.slack.blocks import Message, section


def card(incident: Incident) -> Message:
    return Message(text="Runbook", blocks=(section("runbook"),))
