"""The button that takes a suspect back, whatever it changed; it opens a form and changes nothing."""

from __future__ import annotations

from bot.domain.change import Change
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, press

ROLLBACK = "rollback"
LABELS = {
    ROLLBACK: "Roll back",
    "shift_traffic": "Shift traffic of",
    "set_flag": "Set a flag of",
    "block_requests": "Change the firewall",
    "scale": "Scale",
    "suspend_job": "Suspend",
}
"""As the mitigations call themselves; those that can take a change of others back."""


def way_back(change: Change, incident: str) -> Block | None:
    """None where no mitigation can."""
    by, service = change.reversible_by, change.service
    if by not in LABELS or not service:
        return None
    label = f"{LABELS[by]} {service}…"
    if by == ROLLBACK:
        return press(label, f"{Act.ROLLBACK_FORM}:{service}", carried(incident, service))
    about = f"{by} {service}"
    action = f"{Act.CHANGE_FORM}:{about.replace(' ', '-')}"
    return press(label, action, carried(incident, about))
