"""What a change left behind, named with its service wherever it is shown."""

from __future__ import annotations

from bot.domain.incident import Incident, Leftover
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, press


def named(incident: Incident, left: Leftover) -> str:
    """`auto-sync is off for lms`; without its change, the text alone."""
    changed = incident.mitigations.get(left.mitigation)
    return f"{left.text} for {changed.plan.service}" if changed else left.text


def put_back(incident: Incident, left: Leftover, *, action: str = Act.CLEAR_LEFTOVER) -> Block:
    """The button says of what; `action` tells several in one message apart."""
    changed = incident.mitigations.get(left.mitigation)
    of = f" of {changed.plan.service}" if changed else ""
    return press(f"Turn auto-sync{of} back on", action, carried(incident.id, left.id))
