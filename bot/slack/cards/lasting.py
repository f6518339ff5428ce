"""What a change left behind, named with its service wherever it is shown."""

from __future__ import annotations

from bot.domain.incident import Incident, Leftover
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, escape, press


def named(incident: Incident, left: Leftover) -> str:
    """`auto-sync is off for lms`; without its change, or where the text says it, the text alone."""
    changed = incident.mitigations.get(left.mitigation)
    if changed is None or changed.plan.service in left.text.split():
        return left.text
    return f"{left.text} for {changed.plan.service}"


def put_back(incident: Incident, left: Leftover, *, action: str = Act.CLEAR_LEFTOVER) -> Block:
    """The button says of what; `action` tells several in one message apart."""
    changed = incident.mitigations.get(left.mitigation)
    of = f" of {changed.plan.service}" if changed else ""
    what = f"Turn auto-sync{of} back on"
    if changed and changed.plan.owned_by:
        what = f"Put {changed.plan.service} back"
    return press(what, action, carried(incident.id, left.id))


def keep(incident: Incident, left: Leftover, *, action: str = Act.KEEP_LEFTOVER) -> list[Block]:
    """A button where somebody else writes it down and nothing was proposed yet."""
    if left.kept or not incident.may_keep(left.id):
        return []
    return [press("Keep it in Terraform (draft)", action, carried(incident.id, left.id))]


def proposed(incident: Incident, left: Leftover) -> str:
    """Where it waits to be kept, as the end of a sentence."""
    owner = incident.mitigation(left.mitigation).plan.owned_by if left.kept else ""
    return f", <{left.kept}|proposed to {escape(owner)}>" if owner else ""
