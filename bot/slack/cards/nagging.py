"""A reminder: who is asked, for what, and the button that does it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.events import Nagged, Role
from bot.domain.incident import Incident
from bot.slack.actions import Act, carried
from bot.slack.blocks import Message, actions, press, section


@dataclass(frozen=True)
class _Asked:
    """`says` begins with a small letter: it may stand after a name or in a list."""

    says: str
    push: str
    label: str
    act: Act
    value: str = ""


_ASKED = {
    "acknowledge": _Asked(
        "nobody has acknowledged this page yet. Do you have it?",
        "nobody has acknowledged - do you have it?",
        "Acknowledge the page",
        Act.ACKNOWLEDGE,
    ),
    "commander": _Asked(
        "nobody commands this incident yet. Take it, or ask somebody by name.",
        "no commander yet - take it?",
        "Take command",
        Act.TAKE_ROLE,
        Role.COMMANDER.value,
    ),
    "public": _Asked(
        "customers have not been told yet. A draft is ready to be read and posted.",
        "customers have not been told yet - post?",
        "Post to the status page…",
        Act.STATUSPAGE_FORM,
    ),
    "update": _Asked(
        "the next update is due. Two lines are enough.",
        "an update is due",
        "Post an update…",
        Act.UPDATE_FORM,
    ),
}


def nag(fact: Nagged, incident: Incident, *, grade: str) -> Message:
    """What fell together is a list, the first of it the primary button; never more than three."""
    kinds = [about.split(" ", 1)[0] for about in (fact.about, *fact.also)][:3]
    asked = [_ASKED[kind] for kind in kinds]
    who = fact.person.mention if fact.person else "Nobody on call is known here:"
    text = f"{who} {asked[0].says}"
    if len(asked) > 1:
        text = "\n".join([who, *(f"• {each.says}" for each in asked)])
    buttons = [
        press(
            each.label,
            each.act,
            carried(incident.id, each.value),
            style="" if n else "primary",
        )
        for n, each in enumerate(asked)
    ]
    if "update" in kinds and not incident.snoozed and len(buttons) < 3:
        buttons.append(press("Remind me later, once", Act.SNOOZE_UPDATE, incident.id))
    push = "; ".join(each.push for each in asked)
    return Message(text=f"{grade}: {push}", blocks=(section(text), actions(*buttons)))
